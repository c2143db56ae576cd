import type { Attempt } from '../../chain/dev-parts.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import type { BuiltBlock } from '../../chain/chain.ts'
import type { Agenda } from '../../consensus/simulation/agenda.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Hash } from '../../primitives/hex.ts'
import type { Payloads } from './payloads.ts'
import type { Timekeeper } from './timekeeper.ts'

/** What a sequencer has executed of a block that is not sealed yet. */
interface OpenBlock {
  /** Seconds. */
  readonly timestamp: bigint
  readonly transactions: readonly Transaction[]
  readonly attempt: Attempt
}

/** A part of the open block: the transactions that came to it since the part before. */
export interface MiniBlock {
  /** Counts all mini-blocks since the start. */
  readonly number: number
  /** In its block. */
  readonly index: number
  readonly timestampMicros: number
  readonly built: BuiltBlock
  /** Place of its first transaction in the block. */
  readonly first: number
}

interface MiniBlockParts {
  readonly dev: DevChain
  /** What the next block would hold, with what it holds already in its place. */
  readonly choose: (
    begun: readonly Transaction[],
    timestamp: bigint,
  ) => Promise<readonly Transaction[]>
  /** Milliseconds since the start. */
  readonly now: () => number
}

/**
 * The block in the making, shown part by part: its transactions are executed, in their order for good, before the block is sealed. Each part
 * executes the open block once more, from its parent: so parts take longer the more there is in it.
 */
export class MiniBlocks {
  readonly #parts: MiniBlockParts
  readonly #listeners = new Set<(mini: MiniBlock) => void>()
  #open: OpenBlock | undefined
  /** Of the pool and the head that the last part was made from. */
  #seen = ''
  /** The head whose next block takes no more. */
  #sealedOn: Hash | undefined
  #extending: Promise<void> | undefined
  #count = 0
  #index = 0

  constructor(parts: MiniBlockParts) {
    this.#parts = parts
  }

  /** What is executed beyond the head: what `latest` means to a call. */
  get preview(): BuiltBlock | undefined {
    const built = this.#open?.attempt.built
    const { head } = this.#parts.dev.chain
    // A cheat changed what it was executed on.
    const isCurrent = built?.parent.version === head.version
    return isCurrent && built.parent.block.hash === head.block.hash ? built : undefined
  }

  listen(listener: (mini: MiniBlock) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Executes what has come to the pool since the last part, if anything has. */
  async extend(): Promise<void> {
    const { dev } = this.#parts
    const { hash } = dev.chain.head.block
    const seen = `${dev.pool.revision} ${hash}`
    if (seen === this.#seen || hash === this.#sealedOn || this.#extending !== undefined) return
    this.#seen = seen
    this.#extending = this.#extend()
    try {
      await this.#extending
    } finally {
      this.#extending = undefined
    }
  }

  async #extend(): Promise<void> {
    const { dev, choose, now } = this.#parts
    const { head } = dev.chain
    const open = this.preview === undefined ? undefined : this.#open
    if (open === undefined) this.#index = 0
    const begun = open?.transactions ?? []
    const timestamp = open?.timestamp ?? dev.clock.peek(head.block.header.timestamp)
    const chosen = await choose(begun, timestamp)
    if (chosen.length === begun.length) return
    const attempt = await dev.draft(chosen, { parent: head, timestamp })
    // What did not fit waits in the pool for the next block.
    const { transactions } = attempt.built.executed
    if (transactions.length === begun.length) return
    this.#open = { timestamp, transactions, attempt }
    const told: MiniBlock = {
      number: this.#count++,
      index: this.#index++,
      timestampMicros: Math.round(now() * 1_000),
      built: attempt.built,
      first: begun.length,
    }
    for (const listener of this.#listeners) listener(told)
  }

  /** What is executed on the head is all that the next block gets; undefined for nothing. */
  async seal(): Promise<OpenBlock | undefined> {
    this.#sealedOn = this.#parts.dev.chain.head.block.hash
    await this.#extending
    return this.preview === undefined ? undefined : this.#open
  }

  /** The execution of these transactions, if they are the open block's. */
  attemptOf(transactions: readonly Transaction[]): Attempt | undefined {
    const isOpen = this.preview !== undefined && this.#open?.transactions === transactions
    return isOpen ? this.#open?.attempt : undefined
  }
}

interface Making {
  readonly dev: DevChain
  readonly agenda: Agenda
  readonly time: Pick<Timekeeper, 'now'>
  readonly payloads: Pick<Payloads, 'choose'>
  /** Whether the head is the newest that is ordered, and the sequencer at work. */
  readonly isReady: () => boolean
}

/** Every few milliseconds a part of the next block, when all is ready for it. */
export function openMiniBlocks(
  { dev, agenda, time, payloads, isReady }: Making,
  everyMs: number,
): MiniBlocks {
  const miniBlocks = new MiniBlocks({
    dev,
    choose(begun, timestamp) {
      const number = dev.chain.head.block.header.number + 1n
      return payloads.choose({ number, timestamp, unexecuted: [], begun })
    },
    now: () => time.now,
  })
  const tick = async (): Promise<void> => {
    if (isReady()) await miniBlocks.extend()
    agenda.schedule(Math.max(agenda.now, time.now) + everyMs, tick)
  }
  agenda.schedule(everyMs, tick)
  return miniBlocks
}

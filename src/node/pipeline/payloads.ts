import type { DevChain } from '../../chain/dev-chain.ts'
import type { ReserveRule } from '../../chain/reserve-budget.ts'
import type { Round } from '../../consensus/types.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Hash } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import { whenHere } from '../../state/absent.ts'
import type { OrderedBlock, Payload } from './ledger.ts'
import { type Selection, selectTransactions } from './select.ts'

/** A payload that was proposed and lost is not asked for again. */
const MOST_PAYLOADS = 512

/** Of a sequencer that shows its block part by part. */
interface Sealing {
  /** What was shown of the next block, which takes no more; undefined for nothing. */
  seal(): Promise<Pick<Payload, 'timestamp' | 'transactions'> | undefined>
}

/** What leaders propose, by the hashes that consensus knows it by. */
export class Payloads {
  readonly #dev: DevChain
  readonly #rule: ReserveRule
  readonly #maxTransactions: number
  readonly #byHash = new Map<Hash, Payload>()

  constructor(dev: DevChain, rule: ReserveRule, maxTransactions: number) {
    this.#dev = dev
    this.#rule = rule
    this.#maxTransactions = maxTransactions
  }

  get(hash: Hash): Payload | undefined {
    return this.#byHash.get(hash)
  }

  /**
   * What block `number` gets: of the pool, or what was shown of it already.
   * @param unexecuted its ancestors above the chain's head, oldest first
   */
  async make(
    number: bigint,
    unexecuted: readonly OrderedBlock[],
    miniBlocks: Sealing | undefined,
  ): Promise<Payload> {
    const open = unexecuted.length === 0 ? await miniBlocks?.seal() : undefined
    if (open !== undefined) return this.#keep(`${number}`, open.timestamp, open.transactions)
    const timestamp = this.timestampAfter(unexecuted)
    const transactions = await this.choose({ number, timestamp, unexecuted, begun: [] })
    return this.#keep(`${number}`, timestamp, transactions)
  }

  /** Of the pool, what a block may hold after what it holds already. */
  async choose(
    wanted: Omit<Selection, 'dev' | 'rule' | 'maxTransactions'>,
  ): Promise<readonly Transaction[]> {
    const [dev, rule, maxTransactions] = [this.#dev, this.#rule, this.#maxTransactions]
    return whenHere(() => selectTransactions({ ...wanted, dev, rule, maxTransactions }))
  }

  /** What a leader with two faces proposes beside: nothing, so that what the other holds is mined or goes back to the pool. */
  other(round: Round, hash: Hash): Hash {
    const payload = this.#byHash.get(hash)
    return payload === undefined ? hash : this.#keep(`other ${round}`, payload.timestamp, []).hash
  }

  /** Of a block on these, in seconds. */
  timestampAfter(unexecuted: readonly OrderedBlock[]): bigint {
    const { clock, chain } = this.#dev
    return clock.peek(unexecuted.at(-1)?.payload.timestamp ?? chain.head.block.header.timestamp)
  }

  /** @param name tells it from another of the same transactions */
  #keep(name: string, timestamp: bigint, transactions: readonly Transaction[]): Payload {
    const text = `${name} ${timestamp} ${transactions.map((tx) => tx.hash).join(' ')}`
    const payload = { hash: keccakHash(Buffer.from(text)), timestamp, transactions }
    this.#byHash.set(payload.hash, payload)
    for (const oldest of this.#byHash.keys()) {
      if (this.#byHash.size <= MOST_PAYLOADS) break
      this.#byHash.delete(oldest)
    }
    return payload
  }
}

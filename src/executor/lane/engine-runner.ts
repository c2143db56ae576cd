import type { BlockEnv, Engine, ExecutionOptions, Outcome } from '../../evm/engine.ts'
import { recordOutcome } from '../../evm/wasm/outcome.ts'
import type { Account } from '../../model/account.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import {
  RECORD_HEADER_SIZE,
  RECORD_REJECTED,
  RECORD_SIZE,
  RECORD_STATUS,
} from '../../state/record-layout.ts'
import type { StateView } from '../../state/view.ts'
import type { Need } from './mailbox.ts'
import type { Ran, Runner, Sight } from './runner.ts'
import type { BlockWords } from './shared.ts'
import type { SharedState } from './shared-state.ts'

/** A rejection has no reads here, because it is only believed when it is made in its turn. */
const REJECTION = rejectionRecord()

function rejectionRecord(): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_SIZE)
  const view = new DataView(record.buffer)
  view.setUint32(RECORD_SIZE, RECORD_HEADER_SIZE, true)
  view.setUint32(RECORD_STATUS, RECORD_REJECTED, true)
  return record
}

/** Thrown through an engine to end a run that cannot go on now. */
class GivenUp extends Error {}

/**
 * The shared state as a view, for an engine that knows nothing of it. What was seen once in a run is seen again: lanes merge meanwhile,
 * and a run that saw an account twice would have read two states.
 */
class LaneView implements StateView {
  readonly #shared: SharedState
  readonly #words: BlockWords
  readonly #bring: (need: Need) => void
  readonly #accounts = new Map<Address, Account | undefined>()
  readonly #slots = new Map<string, bigint>()

  constructor(shared: SharedState, words: BlockWords, bring: (need: Need) => void) {
    this.#shared = shared
    this.#words = words
    this.#bring = bring
  }

  account(address: Address): Account | undefined {
    if (this.#accounts.has(address)) return this.#accounts.get(address)
    const found = this.#look(
      () => this.#shared.account(address),
      () => ({ kind: 'account', address }),
    )
    this.#accounts.set(address, found)
    return found
  }

  slot(address: Address, key: Slot): bigint {
    const name = address + key
    const seen = this.#slots.get(name)
    if (seen !== undefined) return seen
    const found = this.#look(
      () => this.#shared.slot(address, key),
      () => ({ kind: 'slot', address, key }),
    )
    this.#slots.set(name, found)
    return found
  }

  code(hash: Hash): Uint8Array {
    const found = this.#look(
      () => this.#shared.code(hash) ?? 'unknown',
      () => ({ kind: 'code', hash }),
    )
    return found.slice()
  }

  hasStorage(address: Address): boolean {
    this.account(address)
    return this.#shared.hasStorage(address)
  }

  #look<T>(find: () => T | 'unknown' | 'wait', need: () => Need): T {
    for (;;) {
      const found = find()
      if (found !== 'unknown' && found !== 'wait') return found
      if (found === 'wait' || this.#words.stop !== undefined) throw new GivenUp()
      this.#bring(need())
    }
  }
}

/** Runs transactions on an engine behind the port: the reference. */
export class EngineRunner implements Runner {
  readonly #engine: Engine
  readonly #env: BlockEnv
  readonly #transactions: readonly Transaction[]
  readonly #optionsOf: (index: number) => ExecutionOptions | undefined
  readonly #shared: SharedState
  readonly #words: BlockWords
  readonly #bring: (need: Need) => void

  constructor(
    engine: Engine,
    env: BlockEnv,
    block: {
      readonly transactions: readonly Transaction[]
      optionsOf(index: number): ExecutionOptions | undefined
    },
    shared: SharedState,
    words: BlockWords,
    bring: (need: Need) => void,
  ) {
    this.#engine = engine
    this.#env = env
    this.#transactions = block.transactions
    this.#optionsOf = (index) => block.optionsOf(index)
    this.#shared = shared
    this.#words = words
    this.#bring = bring
  }

  sender(index: number): Address {
    return this.#transactions[index]!.sender
  }

  async run(index: number, sight: Sight): Promise<Ran> {
    this.#shared.fn.at(index, sight === 'merged' ? 1 : 0)
    const view = new LaneView(this.#shared, this.#words, this.#bring)
    const tx = this.#transactions[index]!
    let outcome: Outcome
    try {
      outcome = await this.#engine.transact(tx, this.#env, view, this.#optionsOf(index))
    } catch (error) {
      if (error instanceof GivenUp) return 'wait'
      throw error
    }
    const record = outcome.kind === 'rejected' ? REJECTION : recordOutcome(outcome)
    const at = this.#shared.keep(record)
    return at === 0 ? 'full' : at
  }
}

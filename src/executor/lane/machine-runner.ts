import type { BlockEnv } from '../../evm/engine.ts'
import { Machine } from '../../evm/wasm/machine.ts'
import {
  DONE,
  NEED,
  NEED_BLOCK_HASH,
  NEED_CODE,
  NEED_PRECOMPILE_RUN,
  NEED_SLOT_VALUE,
  NEED_STATE,
  NEED_STORAGE_KNOWLEDGE,
  NEED_WAIT,
  REFUSED,
} from '../../evm/wasm/status.ts'
import { TX_SENDER } from '../../evm/wasm/transaction-layout.ts'
import type { Address } from '../../primitives/hex.ts'
import { addressIn } from '../../primitives/limbs.ts'
import { whenHere } from '../../state/absent.ts'
import type { Need } from './mailbox.ts'
import type { BlockLimits, Ran, Runner, Sight } from './runner.ts'
import type { BlockWords } from './shared.ts'
import type { TransactionWords } from './transaction-words.ts'
import type { SharedState } from './shared-state.ts'

/** Jumps between two looks at whether the block goes on. */
const FUEL = 100_000

type RanBlock = 'done' | 'refused' | 'full'

/** What else is to be done while a transaction runs. */
interface Beat {
  /** After so many jumps. */
  readonly fuel: number
  readonly attend: () => void
}

/** Runs encoded transactions on a machine that finds state in shared memory by itself. */
export class MachineRunner implements Runner {
  readonly #machine: Machine
  readonly #shared: SharedState
  readonly #words: BlockWords
  readonly #txs: TransactionWords
  readonly #bring: (need: Need) => void | Promise<void>
  readonly #fuel: number
  readonly #attend: (() => void) | undefined

  constructor(
    machine: Machine,
    env: BlockEnv,
    shared: SharedState,
    words: BlockWords,
    txs: TransactionWords,
    bring: (need: Need) => void | Promise<void>,
    beat?: Beat,
  ) {
    this.#machine = machine
    this.#shared = shared
    this.#words = words
    this.#txs = txs
    this.#bring = bring
    this.#fuel = beat?.fuel ?? FUEL
    this.#attend = beat?.attend
    machine.setBlock(env)
  }

  run(index: number, sight: Sight): Ran | Promise<Ran> {
    const shared = this.#shared
    const encoded = this.#txs.encoded(index) || this.#whenPresent(index)
    if (encoded === 0) return 'wait'
    shared.fn.at(index, sight === 'merged' ? 1 : 0)
    this.#machine.startOpened(shared.fn.open(encoded))
    return this.#goOn()
  }

  /** The block's transactions run one after another, in this thread. */
  startBlock({ gas, blobGas }: BlockLimits): void {
    this.#shared.fn.beginOrder(gas, blobGas)
    this.#machine.startBlock()
  }

  /**
   * Runs and merges the transactions from the ticket on.
   * @returns `done` when there is none, or no gas for it; `refused` when the state refuses the one at the ticket; `full` when there is no room
   */
  runBlock(isTimed: boolean): RanBlock | Promise<RanBlock> {
    const machine = this.#machine
    for (;;) {
      const state = machine.runBlock(this.#fuel, isTimed)
      if (state === DONE) return 'done'
      if (state === REFUSED) return this.#shared.fn.kept() === 0 ? 'full' : 'refused'
      if (this.#words.stop !== undefined) return 'full'
      if (state !== NEED) continue
      const loading = this.#serve()
      if (loading instanceof Promise) return loading.then(() => this.runBlock(isTimed))
    }
  }

  sender(index: number): Address {
    return addressIn(this.#shared.memory.u32, (this.#txs.encoded(index) + TX_SENDER) >>> 2)
  }

  /** @returns 0 when the block ends before */
  #whenPresent(index: number): number {
    return this.#words.whenPresent(() => this.#txs.encoded(index))
  }

  #goOn(): Ran | Promise<Ran> {
    const machine = this.#machine
    for (;;) {
      const state = machine.run(this.#fuel)
      if (state === DONE) return this.#keep()
      this.#words.beat()
      this.#attend?.()
      if (this.#words.stop !== undefined) return 'wait'
      if (state !== NEED) continue
      if (machine.need === NEED_WAIT) return 'wait'
      const loading = this.#serve()
      if (loading instanceof Promise) return loading.then(() => this.#goOn())
    }
  }

  /** What is brought into the shared state is found there when the machine runs on. */
  #serve(): Promise<void> | void {
    const machine = this.#machine
    switch (machine.need) {
      case NEED_STATE:
      case NEED_STORAGE_KNOWLEDGE:
        return this.#bring({ kind: 'account', address: machine.neededAddress })
      case NEED_SLOT_VALUE: {
        const { neededAddress: address, neededKey: key } = machine
        return this.#bring({ kind: 'slot', address, key })
      }
      case NEED_CODE:
        this.#bringCode()
        return undefined
      case NEED_BLOCK_HASH:
        return whenHere(() => machine.answerBlockHash(machine.env!.blockHash(machine.neededNumber)))
      case NEED_PRECOMPILE_RUN:
        return machine.runPrecompile()
      default:
        throw new Error(`bug: a lane cannot answer the need ${machine.need}`)
    }
  }

  #bringCode(): void {
    const hash = this.#machine.neededCodeHash
    // A code comes with its account: nobody waits for it alone.
    if (this.#shared.code(hash) === undefined) void this.#bring({ kind: 'code', hash })
    const code = this.#shared.code(hash)
    // Without room, or when the block has ended, the run is given up.
    if (code !== undefined) this.#machine.answerCode(code)
  }

  #keep(): Ran {
    return this.#machine.giveRecord() ? this.#shared.fn.kept() : 'full'
  }
}

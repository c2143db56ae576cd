import type { Engine } from '../evm/engine.ts'
import type { StateView } from '../state/view.ts'
import type { Transaction } from '../model/transaction.ts'
import type { BlockInput, BlockOutcome, Executor } from './executor.ts'
import type { ExpectedIn } from './expected.ts'
import { type ExecutorChoice, createExecutor, poolFor } from './executors.ts'
import type { ChaosPlan } from './lane/chaos.ts'
import type { LanePool } from './lane/pool.ts'

/** An executor, and the faults that come to its lanes. */
export interface ExecutorSettings extends ExecutorChoice {
  readonly faults: ChaosPlan | undefined
}

/** An executor that can be another from the next block on. */
export class SwitchableExecutor implements Executor {
  readonly #engine: Engine
  readonly #entry: URL
  /** The threads it began with. They recover senders too, and stay. */
  readonly #first: LanePool
  #pool: LanePool
  #settings: ExecutorSettings
  #executor: Executor
  #running: Promise<unknown> = Promise.resolve()

  /** @param first threads for `choice`, which are the caller's to close @param entry the built worker */
  constructor(choice: ExecutorChoice, engine: Engine, first: LanePool, entry: URL) {
    this.#engine = engine
    this.#entry = entry
    this.#first = first
    this.#pool = first
    const { executor, workers, forceParallel } = choice
    this.#settings = { executor, workers, forceParallel, faults: undefined }
    this.#executor = createExecutor(this.#settings, engine, first)
  }

  get name(): string {
    return this.#executor.name
  }

  get settings(): ExecutorSettings {
    return this.#settings
  }

  /** A block in the making keeps the executor that it began with. */
  set settings(settings: ExecutorSettings) {
    const before = this.#settings
    this.#settings = settings
    const needsOthers =
      settings.executor !== 'serial' &&
      (settings.workers !== before.workers || before.executor === 'serial')
    if (needsOthers) this.#replacePool(poolFor(settings, this.#entry))
    this.#executor = createExecutor(settings, this.#engine, this.#pool, settings.faults)
  }

  execute(block: BlockInput, base: StateView): Promise<BlockOutcome> {
    const running = this.#executor.execute(block, base)
    this.#running = running.catch(() => undefined)
    return running
  }

  expect(tx: Transaction, where: ExpectedIn): void {
    this.#executor.expect?.(tx, where)
  }

  /** Ends the threads that were started for other settings. */
  async close(): Promise<void> {
    if (this.#pool !== this.#first) await this.#pool.close()
  }

  #replacePool(pool: LanePool): void {
    const old = this.#pool
    this.#pool = pool
    if (old !== this.#first) void this.#running.then(() => old.close())
  }
}

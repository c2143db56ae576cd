import type { Engine } from '../evm/engine.ts'
import type { Executor } from './executor.ts'
import { createInlineExecutor } from './inline.ts'
import type { ChaosPlan } from './lane/chaos.ts'
import { LanePool } from './lane/pool.ts'
import { openSession } from './lane/session.ts'
import type { ExecutorName } from './names.ts'
import { createParallelExecutor } from './parallel.ts'

/** Which executor, and how it uses threads. */
export interface ExecutorChoice {
  readonly executor: ExecutorName
  /** Threads: that run transactions of a parallel executor, and that recover senders. */
  readonly workers: number
  /** No block is sent to serial because it would not gain. */
  readonly forceParallel: boolean
}

/**
 * The threads for an executor: the main thread is one more. It is no lane of blocks on the reference engine, which take a thread in its place.
 * @param entry the built worker
 */
export function poolFor({ executor, workers }: ExecutorChoice, entry: URL): LanePool {
  if (executor === 'serial') return new LanePool(workers - 1, entry)
  return new LanePool(workers - 1, entry, () => openSession(workers), 1)
}

/** The executor that was chosen, on `pool`'s threads if it has any. @param chaos faults for its lanes */
export function createExecutor(
  choice: ExecutorChoice,
  engine: Engine,
  pool: LanePool,
  chaos?: ChaosPlan,
): Executor {
  const { executor, workers: lanes, forceParallel } = choice
  // One lane is serial execution with more to do.
  if (executor === 'serial' || (lanes < 2 && !forceParallel)) return createInlineExecutor(engine)
  const use = forceParallel ? 'always' : 'when it pays'
  return createParallelExecutor({ schedule: executor, lanes, engine, pool, use, chaos })
}

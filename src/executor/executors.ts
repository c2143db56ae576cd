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
 * The threads for an executor. The main thread runs no transactions beside lanes, but recovers senders beside other threads.
 * @param entry the built worker
 */
export function poolFor({ executor, workers }: ExecutorChoice, entry: URL): LanePool {
  if (executor === 'serial') return new LanePool(workers - 1, entry)
  return new LanePool(workers, entry, () => openSession(workers))
}

/** The executor that was chosen, on `pool`'s threads if it has any. @param chaos faults for its lanes */
export function createExecutor(
  choice: ExecutorChoice,
  engine: Engine,
  pool: LanePool,
  chaos?: ChaosPlan,
): Executor {
  const { executor, workers: lanes, forceParallel } = choice
  if (executor === 'serial') return createInlineExecutor(engine)
  const use = forceParallel ? 'always' : 'when it pays'
  return createParallelExecutor({ schedule: executor, lanes, engine, pool, use, chaos })
}

import { loadEngine } from '../../src/evm/load.ts'
import type { Executor } from '../../src/executor/executor.ts'
import type { ChaosPlan } from '../../src/executor/lane/chaos.ts'
import { LanePool } from '../../src/executor/lane/pool.ts'
import type { Schedule } from '../../src/executor/lane/schedules.ts'
import { openSession } from '../../src/executor/lane/session.ts'
import { createParallelExecutor } from '../../src/executor/parallel.ts'
import { createSerialExecutor } from '../../src/executor/serial.ts'

const WORKER = new URL('../../dist/executor/lane/worker.js', import.meta.url)
const engine = await loadEngine('wasm')
const reference = await loadEngine('ethereumjs')
const pools = new Map<number, LanePool>()

export const SCHEDULES: readonly Schedule[] = ['optimistic', 'block-stm', 'dag', 'bal']
export const LANE_COUNTS = [1, 2, 4, 8]
export const oracle: Executor = createSerialExecutor(engine)
export const referenceOracle: Executor = createSerialExecutor(reference)

/** The threads that all subjects with this many lanes share. */
function poolOf(lanes: number): LanePool {
  let pool = pools.get(lanes)
  if (pool === undefined) {
    pool = new LanePool(lanes, WORKER, () => openSession(lanes))
    pools.set(lanes, pool)
  }
  return pool
}

/** An executor that sends nothing to serial which can run in lanes. */
export function subject(schedule: Schedule, lanes: number, chaos?: ChaosPlan): Executor {
  const pool = poolOf(lanes)
  return createParallelExecutor({ schedule, lanes, engine, pool, use: 'always', chaos })
}

/** One whose lanes have arenas of `bytes`. Its pool is the caller's to close. */
export function crampedSubject(schedule: Schedule, bytes: number): [Executor, LanePool] {
  const pool = new LanePool(2, WORKER, () => openSession(2, bytes))
  return [createParallelExecutor({ schedule, lanes: 2, engine, pool, use: 'always' }), pool]
}

export function referenceSubject(schedule: Schedule, lanes: number): Executor {
  const pool = poolOf(lanes)
  return createParallelExecutor({ schedule, lanes, engine: reference, pool, use: 'always' })
}

export async function closePools(): Promise<void> {
  await Promise.all([...pools.values()].map((pool) => pool.close()))
}

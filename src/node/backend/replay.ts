import type { BlockRecord } from '../../chain/block-record.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { type ExecutedTo, firstExecutionDifference } from '../../chain/execution-difference.ts'
import { type Reexecution, reexecute } from '../../chain/reexecute.ts'
import type { Engine } from '../../evm/engine.ts'
import type { Executor } from '../../executor/executor.ts'
import { poolFor } from '../../executor/executors.ts'
import { EXECUTOR_NAMES, type ExecutorName } from '../../executor/names.ts'
import { createParallelExecutor } from '../../executor/parallel.ts'
import { createSerialExecutor } from '../../executor/serial.ts'
import type { SwitchableExecutor } from '../../executor/switchable.ts'
import type { ReplayOptions } from '../../rpc/parallel-port.ts'

/** How often and how long steps of lanes are held up for a seed: enough that other interleavings happen. */
const HELD_UP = { delays: 0.2, delayUs: 50, aborts: 0 }

export interface ReplayParts {
  readonly dev: DevChain
  readonly engine: Engine
  /** The built worker. */
  readonly workerEntry: URL
  /** What the node itself runs blocks with. */
  readonly own: SwitchableExecutor
}

export interface Replayed {
  readonly kind: 'replayed'
  readonly serial: Replay
  /** undefined for the serial executor, and when the block came out so differently that it is none. */
  readonly other: Replay | undefined
  /** How it came out differently. */
  readonly detail: string | undefined
}

type Replay = Extract<Reexecution, { kind: 'executed' }>

/** Executes a mined block again in order, and then by the executor that was asked for, in lanes of its own, forced. Nothing changes. */
export async function replayBlock(
  parts: ReplayParts,
  record: BlockRecord,
  executor: ExecutorName,
  { workers = Math.max(1, parts.own.settings.workers), seed }: ReplayOptions,
): Promise<Replayed | Exclude<Reexecution, { kind: 'executed' }>> {
  const { dev, engine, workerEntry } = parts
  const optionsOf: DevChain['optionsOf'] = (tx) => dev.optionsOf(tx)
  const run = (by: Executor, more: Parameters<typeof reexecute>[4]) =>
    reexecute(dev.chain, by, record, optionsOf, more)
  const inOrder = createSerialExecutor(engine)
  // The first is for its records, the second for its time.
  const recorded = await run(inOrder, { accessLists: 'everyFork' })
  if (recorded.kind !== 'executed') return recorded
  const serial = await run(inOrder, {})
  if (serial.kind !== 'executed') return serial
  if (executor === 'serial')
    return { kind: 'replayed', serial, other: undefined, detail: undefined }
  const { accesses, blockAccessList } = recorded.executed
  const hints = {
    ...(executor === 'dag' && { hintOf: (index: number) => accesses[index] }),
    ...(executor === 'bal' && { accessList: blockAccessList }),
  }
  const pool = poolFor({ executor, workers, forceParallel: true }, workerEntry)
  try {
    const chaos = seed === undefined ? undefined : { seed, ...HELD_UP }
    const lanes = {
      schedule: executor,
      lanes: workers,
      engine,
      pool,
      use: 'always',
      chaos,
    } as const
    const inLanes = createParallelExecutor(lanes)
    // Starting the threads takes longer than most blocks.
    const first = await run(inLanes, hints)
    const other = first.kind === 'executed' ? await run(inLanes, hints) : first
    if (other.kind === 'executed') return { kind: 'replayed', serial, other, detail: undefined }
    if (other.kind !== 'differs') return other
    return { kind: 'replayed', serial, other: undefined, detail: other.detail }
  } finally {
    await pool.close()
  }
}

/** What the run was like, and whether it did what serial does. */
export function showReplay(replayed: Replayed, seed: number | undefined): object {
  const { serial, other } = replayed
  const { runs, inOrder, failure, ...report } = (other ?? serial).executed.report
  return {
    basis: 'measured',
    run: 'again, now',
    seed: (runs && seed) ?? null,
    ...report,
    serialMs: serial.executed.report.ms,
    inOrder: inOrder ?? null,
    failure: failure ?? null,
    equivalence: showDifference(replayed),
    runs: runs ?? [],
  }
}

export function isExecutor(text: string): text is ExecutorName {
  return (EXECUTOR_NAMES as readonly string[]).includes(text)
}

/** Whether an executor does what serial does. */
export function showDifference({ serial, other, detail }: Replayed): object {
  if (detail !== undefined) {
    return { equal: false, difference: { what: 'execution', expected: 'as mined', got: detail } }
  }
  const difference = other && firstExecutionDifference(executedTo(serial), executedTo(other))
  return { equal: difference === undefined, difference: difference ?? null }
}

function executedTo(replay: Replay): ExecutedTo {
  return { executed: replay.executed, stateRoot: replay.stateRoot() }
}

import type { BlockRecord } from '../../chain/block-record.ts'
import {
  type AccessListDifference,
  firstAccessListDifference,
} from '../../chain/check-access-list.ts'
import { accessListFault, dependencyFault, hintsOfAccessList } from '../../chain/check-hints.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { type ExecutedTo, firstExecutionDifference } from '../../chain/execution-difference.ts'
import { type Reexecution, reexecute } from '../../chain/reexecute.ts'
import type { Engine } from '../../evm/engine.ts'
import type { BlockInput, ExecutedBlock, Executor, StepReport } from '../../executor/executor.ts'
import { poolFor } from '../../executor/executors.ts'
import { EXECUTOR_NAMES, type ExecutorName } from '../../executor/names.ts'
import { createParallelExecutor } from '../../executor/parallel.ts'
import { createSerialExecutor } from '../../executor/serial.ts'
import type { SwitchableExecutor } from '../../executor/switchable.ts'
import { accountAccesses } from '../../state/block-access-list.ts'
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
  options: ReplayOptions,
): Promise<Replayed | Unfit | Exclude<Reexecution, { kind: 'executed' }>> {
  const { dev, engine, workerEntry } = parts
  const { workers = Math.max(1, parts.own.settings.workers), seed } = options
  const optionsOf: DevChain['optionsOf'] = (tx) => dev.optionsOf(tx)
  const run = (by: Executor, more: Parameters<typeof reexecute>[4]) =>
    reexecute(dev.chain, by, record, optionsOf, more)
  const inOrder = createSerialExecutor(engine)
  // The first is for its records, the second for its time.
  const recorded = await run(inOrder, { accessLists: 'everyFork' })
  if (recorded.kind !== 'executed') return recorded
  const serial = await run(inOrder, {})
  if (serial.kind !== 'executed') return serial
  const hints = hintsFor(executor, options, recorded.executed)
  if ('kind' in hints) return hints
  if (executor === 'serial')
    return { kind: 'replayed', serial, other: undefined, detail: undefined }
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
    const other =
      first.kind === 'executed' ? await run(inLanes, { ...hints, recorded: true }) : first
    if (other.kind === 'executed') return { kind: 'replayed', serial, other, detail: undefined }
    if (other.kind !== 'differs') return other
    return { kind: 'replayed', serial, other: undefined, detail: other.detail }
  } finally {
    await pool.close()
  }
}

/** What was given of the block is not fit for it. */
interface Unfit {
  readonly kind: 'refused'
  readonly reason: string
}

/** What the executor is told of the block beforehand. */
function hintsFor(
  executor: ExecutorName,
  { hints, dependencies, blockAccessList: given }: ReplayOptions,
  { accesses, blockAccessList: own, transactions: { length } }: ExecutedBlock,
): Pick<BlockInput, 'hintOf' | 'dependencies' | 'accessList'> | Unfit {
  const refused = (reason: string): Unfit => ({ kind: 'refused', reason })
  if (executor !== 'dag' && (hints !== undefined || dependencies !== undefined)) {
    const name = hints === undefined ? 'dependencies' : 'hints'
    return refused(`\`options.${name}\`: only dag takes any, not ${executor}`)
  }
  if (given !== undefined && executor !== 'dag' && executor !== 'bal') {
    return refused(`\`options.blockAccessList\`: only bal and dag take one, not ${executor}`)
  }
  if (dependencies !== undefined && given !== undefined) {
    return refused('`options.dependencies` and `options.blockAccessList`: expected one of them')
  }
  if (executor === 'bal') {
    if (given === undefined || own === undefined) return { accessList: own }
    const difference = firstAccessListDifference(accountAccesses(own), given)
    if (difference === undefined) return { accessList: own }
    return refused(`\`options.blockAccessList\` is not the block's: ${entryText(difference)}`)
  }
  if (executor !== 'dag') return {}
  const fault =
    dependencies === undefined
      ? given && accessListFault(given, length, 'options.blockAccessList')
      : dependencyFault(dependencies, length, 'options.dependencies')
  if (fault !== undefined) return refused(fault)
  if (dependencies !== undefined) return { dependencies }
  if (given !== undefined) {
    const told = hintsOfAccessList(given, length)
    return { hintOf: (index) => told[index] }
  }
  return hints === 'declared' ? {} : { hintOf: (index) => accesses[index] }
}

/** An entry of an access list that is wrong, in one line. */
function entryText(it: AccessListDifference): string {
  const place = [it.address, it.field, it.slot].filter((part) => part !== undefined).join(' ')
  const where = it.index === undefined ? place : `${place} at index ${it.index}`
  switch (it.kind) {
    case 'wrong':
      return `${where}: expected ${it.expected}, got ${it.got}`
    case 'missing':
      return `${where} is missing`
    case 'extra':
      return `${where} is not there`
    case 'misplaced':
      return `${where} stands in the wrong place, or twice`
  }
}

/** What the run was like, and whether it did what serial does. */
export function showReplay(replayed: Replayed, seed: number | undefined): object {
  const { serial, other } = replayed
  const shown = other ?? serial
  const { log, steps, ticks: _ticks, inOrder, failure, ...report } = shown.executed.report
  const root = timedRoot(shown)
  return {
    basis: 'measured',
    run: 'again, now',
    seed: (log && seed) ?? null,
    ...report,
    serialMs: serial.executed.report.ms,
    inOrder: inOrder ?? null,
    failure: failure ?? null,
    equivalence: showDifference(replayed),
    runs: log?.runs ?? [],
    merges: log?.merges ?? [],
    steps: steps === undefined ? [] : [...steps, root],
  }
}

/** Making the state's root, as what came right after the rest. */
function timedRoot(replay: Replay): StepReport {
  const { ms } = replay.executed.report
  const began = performance.now()
  replay.stateRoot()
  return { name: 'root', start: ms, end: ms + performance.now() - began }
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

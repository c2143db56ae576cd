import type { ChaosPlan } from '../../executor/lane/chaos.ts'
import { EXECUTOR_NAMES } from '../../executor/names.ts'
import type { ExecutorSettings } from '../../executor/switchable.ts'
import type { FaultPlan, ParallelConfig, Shown } from '../../rpc/parallel-port.ts'
import { isExecutor } from './replay.ts'

type Decided =
  | { readonly kind: 'decided'; readonly settings: ExecutorSettings }
  | Exclude<Shown, { kind: 'shown' }>

/** What held-up steps wait for at most unless said otherwise, in microseconds. */
const DELAY_US = 50
/** How often steps are held up when only a seed is given: enough that other interleavings happen. */
const DELAYS = 0.2
/** A lane that fails at a step that is drawn does so at one of its first. */
const FIRST_STEPS = 40

/** The settings after a change of them, or why there are none. */
export function changedSettings(before: ExecutorSettings, change: ParallelConfig): Decided {
  const executor = change.executor ?? before.executor
  if (!isExecutor(executor)) {
    return { kind: 'unknownName', name: 'executor', known: EXECUTOR_NAMES }
  }
  const workers = change.workers ?? before.workers
  const forceParallel = change.forceParallel ?? before.forceParallel
  const isFaulty = change.faults !== undefined && Object.keys(change.faults).length > 0
  if (executor === 'serial') {
    if (isFaulty || change.seed !== undefined) {
      const field = isFaulty ? 'faults' : 'seed'
      return {
        kind: 'refused',
        reason: `\`config.${field}\`: serial has no lanes for faults to come to`,
      }
    }
    return { kind: 'decided', settings: { executor, workers, forceParallel, faults: undefined } }
  }
  const lane = change.faults?.failure?.lane
  if (lane !== undefined && lane >= workers) {
    return {
      kind: 'refused',
      reason: `\`config.faults.failure.lane\`: expected a number from 0 to ${workers - 1}, got ${lane}`,
    }
  }
  const faults = faultsAfter(before.faults, change, workers)
  return { kind: 'decided', settings: { executor, workers, forceParallel, faults } }
}

function faultsAfter(
  before: ChaosPlan | undefined,
  { faults, seed }: ParallelConfig,
  workers: number,
): ChaosPlan | undefined {
  if (faults === undefined) {
    if (seed === undefined) return before
    if (before !== undefined) return { ...before, seed }
    return { seed, delays: DELAYS, delayUs: DELAY_US, aborts: 0 }
  }
  if (Object.keys(faults).length === 0) return undefined
  return planOf(faults, seed ?? before?.seed ?? 1, workers)
}

function planOf(
  { delays = 0, delayUs = DELAY_US, aborts = 0, abort, failure }: FaultPlan,
  seed: number,
  workers: number,
): ChaosPlan {
  const drawn = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 8
  return {
    seed,
    delays,
    delayUs,
    aborts,
    forced: abort?.map(({ transaction: tx, incarnation }) => ({ tx, incarnation })),
    failure: failure && {
      lane: failure.lane ?? drawn % workers,
      step: failure.step ?? (failure.at === undefined ? 1 + (drawn % FIRST_STEPS) : 1),
      at: failure.at,
      fault: failure.fault ?? 'throw',
    },
  }
}

/** Faults as they were given, ready for JSON; null for none. */
export function shownFaults(plan: ChaosPlan | undefined): object | null {
  if (plan === undefined) return null
  const { seed: _seed, forced, ...rest } = plan
  const abort = forced?.map(({ tx: transaction, incarnation }) => ({ transaction, incarnation }))
  return abort === undefined ? rest : { ...rest, abort }
}

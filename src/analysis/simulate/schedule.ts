import { listSchedule } from '../list-schedule.ts'
import type { Precedence } from '../precedence.ts'
import type { Attempt, Deferral, Machine, Schedule, Work } from './policy.ts'

/** A schedule of transactions that run once each, in an order that is known before. */
export function orderedSchedule(
  policy: string,
  order: Precedence,
  { costs }: Work,
  machine: Machine,
  rejected: ReadonlyMap<number, number> = new Map(),
  deferred: readonly Deferral[] = [],
): Schedule {
  const { cores, overheads } = machine
  const isOut = new Set(deferred.map(({ tx }) => tx))
  const withClaim = costs.map((cost, tx) => (isOut.has(tx) ? 0 : cost + overheads.claim))
  const { core, start, end, makespan } = listSchedule(order, withClaim, cores)
  const attempts: Attempt[] = []
  for (let tx = 0; tx < costs.length; tx++) {
    if (isOut.has(tx)) continue
    const location = rejected.get(tx)
    attempts.push({
      tx,
      core: core[tx]!,
      start: start[tx]!,
      end: end[tx]!,
      incarnation: 0,
      outcome: location === undefined ? 'kept' : 'rejected',
      cause: location === undefined ? undefined : { location, by: undefined },
    })
  }
  return {
    policy,
    cores,
    attempts: inOrder(attempts),
    deferred,
    makespan: finished(mergedAt(attempts, end, overheads.merge, makespan), machine),
    rounds: 1,
    serialised: 0,
  }
}

/** In the order in which they began. */
export function inOrder(attempts: readonly Attempt[]): readonly Attempt[] {
  return attempts.toSorted(
    (a, b) => a.start - b.start || a.tx - b.tx || a.incarnation - b.incarnation,
  )
}

/** When all are merged, one after another in the order of the block, each not before it has run. */
function mergedAt(
  attempts: readonly Attempt[],
  end: Float64Array,
  merge: number,
  makespan: number,
): number {
  let merged = 0
  for (const { tx } of attempts) merged = Math.max(merged, end[tx]!) + merge
  return Math.max(merged, makespan)
}

/** The root is found after all, each core for a part of the state. */
export function finished(executed: number, { cores, overheads }: Machine): number {
  return executed + overheads.root / cores
}

import { type SeiCounters, seiCounters } from '../formats/sei.ts'
import { ratio } from '../bounds.ts'
import { type Machine, NO_OVERHEADS, type Policy, type Schedule, type Work } from './policy.ts'
import { requireCores, serialTime } from './policy.ts'

/** One policy on so many cores. */
export interface ComparedRun {
  readonly basis: 'modelled'
  readonly policy: string
  readonly standsFor: string
  readonly cores: number
  /** Against one core that runs everything in order. */
  readonly speedup: number
  /** How often transactions ran in all, those that ran again included. */
  readonly executions: number
  readonly aborts: number
  /** Of the time for which cores ran transactions, the share that was for nothing. */
  readonly wasted: number
  readonly rejected: number
  readonly deferred: number
  readonly rounds: number
  /** What Sei's scheduler would log of it; of its policy only. */
  readonly sei?: SeiCounters | undefined
}

/**
 * A row for each policy and number of cores, policies in the order given.
 * @param keyOf names a location by its place; with it Sei's policy has the counters of Sei's scheduler
 * @throws {RangeError} when a number of cores is not 1 to 1024.
 */
export function compare(
  work: Work,
  policies: readonly Policy[],
  cores: readonly number[],
  overheads: Machine['overheads'] = NO_OVERHEADS,
  keyOf?: (location: number) => string,
): readonly ComparedRun[] {
  for (const count of cores) requireCores(count)
  return policies.flatMap((policy) =>
    cores.map((count) => {
      const machine: Machine = { cores: count, overheads }
      const schedule = policy.simulate(work, machine)
      const isSei = policy.name === 'occ-rounds' && keyOf !== undefined
      return {
        ...comparedRun(policy, work, machine, schedule),
        ...(isSei && { sei: seiCounters(schedule, keyOf) }),
      }
    }),
  )
}

function comparedRun(
  policy: Policy,
  work: Work,
  machine: Machine,
  schedule: Schedule,
): ComparedRun {
  let busy = 0
  let lost = 0
  let aborts = 0
  let rejected = 0
  for (const { start, end, outcome } of schedule.attempts) {
    busy += end - start
    if (outcome === 'aborted') {
      aborts++
      lost += end - start
    } else if (outcome === 'rejected') rejected++
  }
  return {
    basis: 'modelled',
    policy: policy.name,
    standsFor: policy.standsFor,
    cores: machine.cores,
    speedup: ratio(serialTime(work, machine), schedule.makespan),
    executions: schedule.attempts.length,
    aborts,
    wasted: busy === 0 ? 0 : lost / busy,
    rejected,
    deferred: schedule.deferred.length,
    rounds: schedule.rounds,
  }
}

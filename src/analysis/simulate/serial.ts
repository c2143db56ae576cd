import type { Attempt, Policy } from './policy.ts'
import { serialTime } from './policy.ts'

/** In order on one core, however many there are. */
export const serial: Policy = {
  name: 'serial',
  standsFor: 'Ethereum today',
  respects: 'dependencies',
  simulate(work, machine) {
    const attempts: Attempt[] = []
    let now = 0
    for (const [tx, cost] of work.costs.entries()) {
      const end = now + cost
      attempts.push({ tx, core: 0, start: now, end, incarnation: 0, outcome: 'kept' })
      now = end + machine.overheads.merge
    }
    return {
      policy: 'serial',
      cores: machine.cores,
      attempts,
      deferred: [],
      makespan: serialTime(work, machine),
      rounds: 1,
      serialised: work.costs.length,
    }
  },
}

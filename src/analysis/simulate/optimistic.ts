import type { Policy } from './policy.ts'
import { speculate } from './speculation.ts'

/** All speculatively in the order of the block, merged in that order, at most one retry each. */
export const optimistic: Policy = {
  name: 'optimistic',
  standsFor: 'Monad',
  respects: 'dependencies',
  simulate(work, machine) {
    const chunks = Array.from({ length: work.costs.length }, (_, tx) => [tx])
    return speculate('optimistic', work, machine, chunks)
  },
}

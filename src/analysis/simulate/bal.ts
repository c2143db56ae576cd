import type { Policy } from './policy.ts'
import { independent } from './independent.ts'
import { orderedSchedule } from './schedule.ts'

/** The block's access list tells every value before it is computed: nothing waits for anything (EIP-7928). */
export const bal: Policy = {
  name: 'bal',
  standsFor: 'EIP-7928 clients',
  respects: 'all',
  simulate: (work, machine) =>
    orderedSchedule('bal', independent(work.costs.length), work, machine),
}

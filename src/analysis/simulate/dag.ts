import { precedenceOf } from '../precedence.ts'
import type { Policy } from './policy.ts'
import { orderedSchedule } from './schedule.ts'

/** Dependencies are known before (from a run at admission, or a list in the block): nothing runs twice. */
export const dag: Policy = {
  name: 'dag',
  standsFor: 'MegaETH as described, Polygon',
  respects: 'dependencies',
  simulate: (work, machine) => orderedSchedule('dag', precedenceOf(work.graph), work, machine),
}

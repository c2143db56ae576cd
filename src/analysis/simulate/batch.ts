import type { Policy, Work } from './policy.ts'
import { speculate } from './speculation.ts'

/** As many at least, and a graphics card's lanes do the same at the same time. */
const WARP = 32

/** Calls of the same code by the same selector run on one core, one after another; the rest is as in `optimistic`. */
export const batch: Policy = {
  name: 'batch',
  standsFor: 'Reddio, GatlingX',
  respects: 'dependencies',
  simulate: (work, machine) => speculate('batch', work, machine, [...groupsOf(work).values()]),
}

/** The share of the cost that is in groups of 32 and more alike: what lanes in lockstep could take. */
export function alikeShare(work: Work): number {
  let total = 0
  let alike = 0
  for (const group of groupsOf(work).values()) {
    let cost = 0
    for (const tx of group) cost += work.costs[tx]!
    total += cost
    if (group.length >= WARP) alike += cost
  }
  return total === 0 ? 0 : alike / total
}

/** In the order of their first transactions. */
function groupsOf({ calls }: Work): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>()
  for (const [tx, call] of calls.entries()) {
    const group = groups.get(call)
    if (group === undefined) groups.set(call, [tx])
    else group.push(tx)
  }
  return groups
}

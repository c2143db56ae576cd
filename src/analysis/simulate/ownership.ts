import type { Location } from '../../state/location.ts'
import { type Ownership, ownershipOf } from '../ownership.ts'
import type { Touch, Touches } from '../touches.ts'
import { type Claim, claimsOf, lockOrder } from './lock-order.ts'
import type { Deferral, Policy, Work } from './policy.ts'
import { orderedSchedule } from './schedule.ts'

/** A transaction that touches nothing shared needs no place in an order; shared locations have a queue each. */
export interface OwnershipOptions {
  /** In the unit of the costs: one whose turn at a shared location would end later is left for another block. */
  readonly budget?: number | undefined
}

export function ownership({ budget = Number.POSITIVE_INFINITY }: OwnershipOptions = {}): Policy {
  return {
    name: 'ownership',
    standsFor: 'Sui',
    respects: 'all',
    simulate(work, machine) {
      const owned = ownershipByTouch(work)
      const claims = claimsOf(work.graph.touches, 'slot', modeOf)
      const deferred = congestion(claims, owned, work, budget)
      const isOut = new Set(deferred.map(({ tx }) => tx))
      const order = lockOrder(claims.map((list, tx) => (isOut.has(tx) ? [] : list)))
      return orderedSchedule('ownership', order, work, machine, new Map(), deferred)
    },
  }
}

/** Transactions that touch nothing that is shared: they take the fast way. */
export function ownedOnly(work: Work): readonly boolean[] {
  const owned = ownershipByTouch(work)
  const claims = claimsOf(work.graph.touches, 'slot', modeOf)
  return claims.map((list) => list.every(({ location }) => owned[location] !== 'shared'))
}

/** Credits make coins of their own there, and there are no nonces. */
function modeOf(touch: Touch, { kind }: Location): Claim['mode'] | undefined {
  if (kind === 'nonce' || touch.write === 'delta' || typeof touch.read === 'object') {
    return undefined
  }
  return touch.write === 'none' ? 'shared' : 'exclusive'
}

/** By the touches that claim something: a credit by others takes nobody's coins away. */
function ownershipByTouch({ graph, senders }: Work): readonly Ownership[] {
  const { touches } = graph
  const of = touches.of.map((list, place) =>
    list.filter((touch) => modeOf(touch, touches.locations[place]!) !== undefined),
  )
  const claimed: Touches = { ...touches, of }
  return ownershipOf(senders, claimed)
}

/** A transaction begins when the last of its shared locations is free, and takes those that it writes until it ends. */
function congestion(
  claims: readonly (readonly Claim[])[],
  owned: readonly Ownership[],
  { costs }: Work,
  budget: number,
): readonly Deferral[] {
  const busyUntil = new Map<number, number>()
  const deferred: Deferral[] = []
  for (const [tx, list] of claims.entries()) {
    const shared = list.filter(({ location }) => owned[location] === 'shared')
    let start = 0
    let last: number | undefined
    for (const { location } of shared) {
      const free = busyUntil.get(location) ?? 0
      if (last === undefined || free > start) [start, last] = [free, location]
    }
    const end = start + costs[tx]!
    if (last !== undefined && end > budget) {
      deferred.push({ tx, location: last })
      continue
    }
    for (const { mode, location } of shared) {
      if (mode === 'exclusive') busyUntil.set(location, end)
    }
  }
  return deferred
}

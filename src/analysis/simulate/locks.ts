import type { Location } from '../../state/location.ts'
import type { Touch } from '../touches.ts'
import { type Claim, type Granularity, claimsOf, lockOrder } from './lock-order.ts'
import type { Policy, Work } from './policy.ts'
import { orderedSchedule } from './schedule.ts'

const STANDS_FOR: Readonly<Record<Granularity, string>> = {
  slot: 'Solana, Eclipse',
  page128: "Monad's MIP-8",
  page256: 'Neon',
  contract: 'Solana, a contract translated as one account',
}

/** Solana: 12 million units for one writable account, of 60 million in a block (SIMD-0256). */
const HOT_ACCOUNT_SHARE = 0.2

/** Locks on all that a transaction reads and writes are declared before; who conflicts keeps the order of the block. */
export function locks(granularity: Granularity): Policy {
  const name = `locks:${granularity}`
  return {
    name,
    standsFor: STANDS_FOR[granularity],
    respects: 'dependencies',
    simulate: (work, machine) =>
      orderedSchedule(name, lockOrder(locksOf(work, granularity)), work, machine),
  }
}

/** A lock and the share of the block's cost that is of transactions which take it exclusively. */
export interface LockShare {
  /** A location under it, by its place. */
  readonly location: number
  readonly share: number
  /** More than one account may have in a block of Solana: the rest would wait for another block. */
  readonly isOverBudget: boolean
}

/** The locks with the greatest shares, the greatest first. */
export function hotLocks(
  work: Work,
  granularity: Granularity,
  most: number = 20,
): readonly LockShare[] {
  const shares = new Map<string, { readonly location: number; cost: number }>()
  let total = 0
  for (const [tx, claims] of locksOf(work, granularity).entries()) {
    total += work.costs[tx]!
    for (const { lock, mode, location } of claims) {
      if (mode === 'shared') continue
      const share = shares.get(lock)
      if (share === undefined) shares.set(lock, { location, cost: work.costs[tx]! })
      else share.cost += work.costs[tx]!
    }
  }
  return [...shares.values()]
    .sort((a, b) => b.cost - a.cost || a.location - b.location)
    .slice(0, most)
    .map(({ location, cost }) => {
      const share = total === 0 ? 0 : cost / total
      return { location, share, isOverBudget: share > HOT_ACCOUNT_SHARE }
    })
}

function locksOf(work: Work, granularity: Granularity): readonly (readonly Claim[])[] {
  return claimsOf(work.graph.touches, granularity, (touch, location) =>
    modeOf(touch, location, work),
  )
}

/** Credits too change the account that gets them; only the fees go a way of their own. */
function modeOf(touch: Touch, { kind, address }: Location, work: Work): Claim['mode'] | undefined {
  const isFee = address === work.beneficiary && touch.write === 'delta' && touch.read === 'none'
  if (isFee && (kind === 'balance' || kind === 'life')) return undefined
  return touch.write === 'none' ? 'shared' : 'exclusive'
}

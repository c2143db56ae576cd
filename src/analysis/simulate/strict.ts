import type { AccessList } from '../../model/transaction.ts'
import type { Address } from '../../primitives/hex.ts'
import { type Location, locationKey } from '../../state/location.ts'
import { type Claim, lockOrder } from './lock-order.ts'
import type { Policy, Work } from './policy.ts'
import { orderedSchedule } from './schedule.ts'

/** Of a declared location that nobody touched. */
const UNTOUCHED = 0xffff_ffff

/**
 * What a transaction may touch is in its access list, and nothing else: a touch that is not declared rejects it. Differs from the serial
 * result by design. What is declared is taken exclusively, for a list does not tell reads from writes.
 */
export const strict: Policy = {
  name: 'strict',
  standsFor: 'Fuel',
  respects: 'all',
  simulate(work, machine) {
    const rejected = new Map<number, number>()
    for (const [tx, locations] of undeclared(work).entries()) {
      if (locations[0] !== undefined) rejected.set(tx, locations[0])
    }
    const claims = work.declared.map((list) => claimsOfList(list, work))
    return orderedSchedule('strict', lockOrder(claims), work, machine, rejected)
  },
}

/** By transaction: the places of slots, and of other accounts than the sender and the one that is called, that it touched undeclared. */
export function undeclared(work: Work): readonly (readonly number[])[] {
  const { touches } = work.graph
  const missing: number[][] = work.costs.length === 0 ? [] : Array.from(work.costs, () => [])
  const declared = work.declared.map(declaredKeys)
  for (const [place, location] of touches.locations.entries()) {
    for (const { tx } of touches.of[place]!) {
      if (!isDeclared(declared[tx]!, location, work, tx)) missing[tx]!.push(place)
    }
  }
  return missing
}

interface Declared {
  readonly accounts: ReadonlySet<Address>
  readonly slots: ReadonlySet<string>
}

function declaredKeys(list: AccessList = []): Declared {
  const slots = list.flatMap(({ address, storageKeys }) =>
    storageKeys.map((key) => locationKey({ kind: 'slot', address, key })),
  )
  return { accounts: new Set(list.map(({ address }) => address)), slots: new Set(slots) }
}

function isDeclared(declared: Declared, location: Location, work: Work, tx: number): boolean {
  if (location.kind === 'slot') return declared.slots.has(locationKey(location))
  const { address } = location
  if (address === work.senders[tx] || address === work.called[tx]) return true
  return address === work.beneficiary || declared.accounts.has(address)
}

function claimsOfList(list: AccessList = [], { graph }: Work): readonly Claim[] {
  const claims = new Map<string, Claim>()
  for (const { address, storageKeys } of list) {
    for (const key of storageKeys) {
      const lock = locationKey({ kind: 'slot', address, key })
      const location = graph.touches.idOf.get(lock) ?? UNTOUCHED
      claims.set(lock, { lock, mode: 'exclusive', location })
    }
  }
  return [...claims.values()]
}

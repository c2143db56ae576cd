import { type Location, locationKey } from '../../state/location.ts'
import { type Precedence, PrecedenceBuilder } from '../precedence.ts'
import type { Touch, Touches } from '../touches.ts'

/** What one lock covers. Pages are runs of so many slots of one account; `contract`: all of an account. */
export type Granularity = 'slot' | 'page128' | 'page256' | 'contract'

const PAGE_BITS = { page128: 7n, page256: 8n } as const

/** The lock of a location, as a key. */
function lockOf(location: Location, granularity: Granularity): string {
  if (granularity === 'contract') return location.address
  if (location.kind !== 'slot' || granularity === 'slot') return locationKey(location)
  return `${location.address}:${BigInt(location.key) >> PAGE_BITS[granularity]}`
}

/** One lock that a transaction takes, alone or with others who only read. */
export interface Claim {
  readonly lock: string
  readonly mode: 'shared' | 'exclusive'
  /** A location that it is for, by its place. */
  readonly location: number
}

/** By transaction: each lock once, exclusively if anything under it is written. `modeOf` undefined: the touch needs no lock. */
export function claimsOf(
  touches: Touches,
  granularity: Granularity,
  modeOf: (touch: Touch, location: Location) => Claim['mode'] | undefined,
): readonly (readonly Claim[])[] {
  const claims: Map<string, Claim>[] = Array.from(
    { length: touches.transactions },
    () => new Map<string, Claim>(),
  )
  for (const [place, location] of touches.locations.entries()) {
    const lock = lockOf(location, granularity)
    for (const touch of touches.of[place]!) {
      const mode = modeOf(touch, location)
      if (mode === undefined) continue
      const known = claims[touch.tx]!.get(lock)
      if (known === undefined || (known.mode === 'shared' && mode === 'exclusive')) {
        claims[touch.tx]!.set(lock, { lock, mode, location: place })
      }
    }
  }
  return claims.map((byLock) => [...byLock.values()])
}

/**
 * Who takes a lock waits for the last who took it exclusively before, and exclusively also for all who share it since: an edge only to
 * the next conflict, so there are no more edges than claims.
 */
export function lockOrder(claims: readonly (readonly Claim[])[]): Precedence {
  const builder = new PrecedenceBuilder(claims.length)
  const owners = new Map<string, number>()
  const sharers = new Map<string, number[]>()
  for (const [tx, list] of claims.entries()) {
    for (const { lock, mode, location } of list) {
      const owner = owners.get(lock)
      if (owner !== undefined) builder.add(owner, location)
      if (mode === 'shared') {
        const sharing = sharers.get(lock)
        if (sharing === undefined) sharers.set(lock, [tx])
        else sharing.push(tx)
        continue
      }
      for (const sharer of sharers.get(lock) ?? []) builder.add(sharer, location)
      sharers.delete(lock)
      owners.set(lock, tx)
    }
    builder.next()
  }
  return builder.build()
}

import type { Address, Slot } from '../primitives/hex.ts'

/**
 * The unit of reading and writing. `life` is existence and storage generation: every slot read depends on it,
 * creation and destruction write it.
 */
export type Location =
  | { readonly kind: 'balance' | 'nonce' | 'code' | 'life'; readonly address: Address }
  | { readonly kind: 'slot'; readonly address: Address; readonly key: Slot }

const LETTER = { balance: 'b', nonce: 'n', code: 'c', life: 'l' } as const

/** A key for maps, the same for equal locations: `b:0x..`, `s:0x..:0x..`. */
export function locationKey(location: Location): string {
  return location.kind === 'slot'
    ? `s:${location.address}:${location.key}`
    : `${LETTER[location.kind]}:${location.address}`
}

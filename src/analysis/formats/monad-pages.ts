import { type Address, type Hex, type Slot, toQuantity } from '../../primitives/hex.ts'
import type { AccessSet } from '../../state/access.ts'

/** Slots that one cold charge warms together (MIP-8): runs of 128 from multiples of 128. */
const PAGE_BITS = 7n

/** A page that a transaction touched. */
export interface MonadPage {
  readonly address: Address
  /** The page's number: its first slot divided by 128. */
  readonly page: Hex
  readonly slots: readonly Slot[]
}

/** In the order in which they were met; as many cold charges as pages, where there would be as many as slots. */
export function monadPages({ reads, writes }: AccessSet): readonly MonadPage[] {
  const pages = new Map<
    string,
    { readonly address: Address; readonly page: Hex; readonly slots: Set<Slot> }
  >()
  const add = (address: Address, slots: Iterable<Slot>): void => {
    for (const slot of slots) {
      const page = toQuantity(BigInt(slot) >> PAGE_BITS)
      const key = `${address}:${page}`
      let known = pages.get(key)
      if (known === undefined) pages.set(key, (known = { address, page, slots: new Set() }))
      known.slots.add(slot)
    }
  }
  for (const [address, { slots }] of reads) add(address, slots?.keys() ?? [])
  for (const [address, { slots }] of writes.accounts) add(address, slots?.keys() ?? [])
  return [...pages.values()].map(({ address, page, slots }) => ({
    address,
    page,
    slots: [...slots].sort(),
  }))
}

import type { AccessList } from '../../model/transaction.ts'
import { type Address, type Hex, type Slot, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { AccessSet } from '../../state/access.ts'

/** Slots that one cold charge warms together (MIP-8): runs of 128 from multiples of 128. */
const PAGE_BITS = 7n

/** A page that a transaction declares or uses. */
interface MonadPage {
  readonly address: Address
  /** The page's number: its first slot divided by 128. */
  readonly page: Hex
  readonly declared: readonly Slot[]
  readonly used: readonly Slot[]
}

interface MonadPages {
  readonly declaredPages: number
  /** As many cold charges, where there would be as many as slots. */
  readonly usedPages: number
  /** By address, then by number. */
  readonly pages: readonly MonadPage[]
}

/** The slots that a transaction uses, and those of its access list, by page. */
export function monadPages(
  { reads, writes }: Pick<AccessSet, 'reads' | 'writes'>,
  accessList: AccessList = [],
): MonadPages {
  const found = new Map<
    string,
    Pick<MonadPage, 'address' | 'page'> & Record<'declared' | 'used', Set<Slot>>
  >()
  const add = (how: 'declared' | 'used', address: Address, slots: Iterable<Slot>): void => {
    for (const slot of slots) {
      const number = BigInt(slot) >> PAGE_BITS
      const key = `${address}:${slotOf(number)}`
      let known = found.get(key)
      if (known === undefined) {
        found.set(
          key,
          (known = { address, page: toQuantity(number), declared: new Set(), used: new Set() }),
        )
      }
      known[how].add(slot)
    }
  }
  for (const [address, { slots }] of reads) add('used', address, slots?.keys() ?? [])
  for (const [address, { slots }] of writes.accounts) add('used', address, slots?.keys() ?? [])
  for (const { address, storageKeys } of accessList) add('declared', address, storageKeys)
  const inOrder = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const pages = inOrder.map(([, { declared, used, ...where }]) => ({
    ...where,
    declared: [...declared].toSorted(),
    used: [...used].toSorted(),
  }))
  return {
    declaredPages: pages.filter(({ declared }) => declared.length > 0).length,
    usedPages: pages.filter(({ used }) => used.length > 0).length,
    pages,
  }
}

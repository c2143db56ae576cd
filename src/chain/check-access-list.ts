import type { AccountAccess, StepChange } from '../model/block-access-list.ts'
import { type Address, type Slot, bytesToHex, slotOf, toQuantity } from '../primitives/hex.ts'

type Field = keyof Omit<AccountAccess, 'address'>

/** One entry of a block access list: an account, a slot of it, or a value after a step. */
interface AccessListEntry {
  readonly address: Address
  /** undefined for the account itself. */
  readonly field: Field | undefined
  readonly slot: Slot | undefined
  readonly index: number | undefined
}

/** `misplaced`: it stands after one that it should stand before, or twice. Values are as in JSON. */
export type AccessListDifference = AccessListEntry &
  (
    | { readonly kind: 'wrong'; readonly expected: string; readonly got: string }
    | { readonly kind: 'missing'; readonly expected: string | undefined }
    | { readonly kind: 'extra'; readonly got: string | undefined }
    | { readonly kind: 'misplaced' }
  )

interface KeyedEntry extends AccessListEntry {
  /** Sorts as the canonical encoding does. */
  readonly key: string
  readonly value: string | undefined
}

/** The first entry, in canonical order, in which `given` is not `expected`; undefined when they are the same. */
export function firstAccessListDifference(
  expected: readonly AccountAccess[],
  given: readonly AccountAccess[],
): AccessListDifference | undefined {
  const wanted = entriesOf(expected)
  let before = ''
  let at = 0
  for (const entry of entriesOf(given)) {
    const { key: _key, value: got, ...place } = entry
    if (entry.key <= before) return { kind: 'misplaced', ...place }
    before = entry.key
    const want = wanted[at]
    if (want === undefined || entry.key < want.key) return { kind: 'extra', ...place, got }
    if (entry.key > want.key) return missing(want)
    if (want.value !== undefined && got !== undefined && want.value !== got) {
      return { kind: 'wrong', ...place, expected: want.value, got }
    }
    at++
  }
  const left = wanted[at]
  return left && missing(left)
}

function missing({ key: _key, value, ...place }: KeyedEntry): AccessListDifference {
  return { kind: 'missing', ...place, expected: value }
}

function entriesOf(accounts: readonly AccountAccess[]): readonly KeyedEntry[] {
  return accounts.flatMap((account) => [
    entry(account.address),
    ...account.storageChanges.flatMap(({ key, changes }) => [
      entry(account.address, 'storageChanges', key),
      ...steps(account.address, 'storageChanges', changes, slotOf, key),
    ]),
    ...account.storageReads.map((key) => entry(account.address, 'storageReads', key)),
    ...steps(account.address, 'balanceChanges', account.balanceChanges, toQuantity),
    ...steps(account.address, 'nonceChanges', account.nonceChanges, toQuantity),
    ...steps(account.address, 'codeChanges', account.codeChanges, bytesToHex),
  ])
}

const FIELDS: readonly Field[] = [
  'storageChanges',
  'storageReads',
  'balanceChanges',
  'nonceChanges',
  'codeChanges',
]

function entry(
  address: Address,
  field?: Field,
  slot?: Slot,
  index?: number,
  value?: string,
): KeyedEntry {
  const order = field === undefined ? '' : FIELDS.indexOf(field)
  const step = index === undefined ? '' : index.toString(16).padStart(16, '0')
  const key = `${address}/${order}/${slot ?? ''}/${step}`
  return { key, address, field, slot, index, value }
}

function steps<T>(
  address: Address,
  field: Field,
  changes: readonly StepChange<T>[],
  text: (value: T) => string,
  slot?: Slot,
): readonly KeyedEntry[] {
  return changes.map(({ index, value }) => entry(address, field, slot, index, text(value)))
}

import { EMPTY_ACCOUNT } from '../../model/account.ts'
import { type Address, type Slot, bytesToHex, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { AccountWrites, ChangeSet } from '../../state/access.ts'
import { Overlay } from '../../state/overlay.ts'
import type { StateView } from '../../state/view.ts'

/** `=` unchanged, `+` came to be, `-` is gone, `*` changed. */
type Delta =
  | '='
  | { readonly '+': string }
  | { readonly '-': string }
  | { readonly '*': { readonly from: string; readonly to: string } }

interface Shown {
  readonly balance: string
  readonly code: string
  readonly nonce: string
}

/** What `changes` make of the accounts of `before`, as Parity's `stateDiff` has it; accounts that stay as they were are not in it. */
export function stateDiff(changes: ChangeSet, before: StateView): object {
  const after = new Overlay(before)
  after.apply(changes)
  const addresses = [...changes.accounts.keys()].sort()
  return Object.fromEntries(
    addresses.flatMap((address) => {
      const diff = accountDiff(address, changes.accounts.get(address)!, before, after)
      return diff === undefined ? [] : [[address, diff]]
    }),
  )
}

function accountDiff(
  address: Address,
  writes: AccountWrites,
  before: StateView,
  after: StateView,
): object | undefined {
  const [old, now] = [shown(address, before), shown(address, after)]
  if (old === undefined && now === undefined) return undefined
  const delta = (field: keyof Shown): Delta => deltaOf(old?.[field], now?.[field])
  const fields = { balance: delta('balance'), code: delta('code'), nonce: delta('nonce') }
  const storage: Record<Slot, Delta> = {}
  for (const key of [...(writes.slots?.keys() ?? [])].sort()) {
    const [from, to] = [before.slot(address, key), after.slot(address, key)]
    if (from === to || now === undefined) continue
    storage[key] = old === undefined ? { '+': slotOf(to) } : deltaOf(slotOf(from), slotOf(to))
  }
  const isSame = Object.values(fields).every((each) => each === '=')
  return isSame && Object.keys(storage).length === 0 ? undefined : { ...fields, storage }
}

function shown(address: Address, view: StateView): Shown | undefined {
  const account = view.account(address)
  if (account === undefined) return undefined
  const { balanceWei, nonce, codeHash } = account
  const code = codeHash === EMPTY_ACCOUNT.codeHash ? '0x' : bytesToHex(view.code(codeHash))
  return { balance: toQuantity(balanceWei), nonce: toQuantity(nonce), code }
}

function deltaOf(from: string | undefined, to: string | undefined): Delta {
  if (from === to) return '='
  if (from === undefined) return { '+': to! }
  if (to === undefined) return { '-': from }
  return { '*': { from, to } }
}

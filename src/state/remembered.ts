import type { Account } from '../model/account.ts'
import type { Address } from '../primitives/hex.ts'
import type { StateView } from './view.ts'

/** So many accounts are remembered at most. */
const MOST = 20_000

/**
 * A view of a state that does not change, with the accounts that were asked for: who submits a transaction, has it ordered and has it mined
 * asks for the same ones three times.
 */
export function rememberAccounts(view: StateView): StateView {
  const known = new Map<Address, Account | undefined>()
  return {
    ...view,
    account(address) {
      const found = known.get(address)
      if (found !== undefined || known.has(address)) return found
      const account = view.account(address)
      if (known.size >= MOST) known.clear()
      known.set(address, account)
      return account
    },
  }
}

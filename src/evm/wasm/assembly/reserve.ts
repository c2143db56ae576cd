/** Monad's reserve balance: what accounts that can send keep for the fees of blocks that were ordered and not executed. */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_BASE_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_LATER,
  CREATED,
  DESTROYED,
  FIRST_ACCOUNT,
  HAS_RESERVE,
  LOADED,
  NETWORK_RULES,
  RESERVE,
} from '../layout'
import { IS_SYSTEM_CALL, MAY_DIP, MEASURES_GAS, SKIPS_BALANCE, TX_SENDER, TX_UPFRONT } from '../transaction-layout'
import { add, isLess, sub } from '../../../primitives/assembly/u256'
import { covers, flagsOf, hasCode } from './accounts'
import { isDelegation } from './codes'
import { accountIn, has, tx } from './encoded'

const WORK: usize = memory.data(32)

/** Whether the transaction, as far as it has come, leaves an account with less than it must keep. */
export function dips(): bool {
  if ((load<u32>(NETWORK_RULES) & HAS_RESERVE) == 0) return false
  if (has(IS_SYSTEM_CALL) || has(SKIPS_BALANCE)) return false
  const sender = accountIn(tx + TX_SENDER)
  let account: usize = load<u32>(FIRST_ACCOUNT)
  while (account != 0) {
    if ((flagsOf(account) & LOADED) != 0 && maySend(account)) {
      if (account == sender ? senderDips(sender) : hasDipped(account)) return true
    }
    account = load<u32>(account, ACCOUNT_LATER)
  }
  return false
}

/** Whether there is no code at an account but a delegation, and none is coming. */
function maySend(account: usize): bool {
  if (hasCode(account)) return isDelegated(account)
  const gone = CREATED | DESTROYED
  return (flagsOf(account) & gone) != gone
}

function isDelegated(account: usize): bool {
  const code: usize = load<u32>(account, ACCOUNT_CODE)
  return code != 0 && isDelegation(code)
}

/** What was taken counts, as a check of the balance before: the reserve of a smaller balance is all of it. */
function hasDipped(account: usize): bool {
  const balance = account + ACCOUNT_BALANCE
  return isLess(balance, account + ACCOUNT_BASE_BALANCE) && !covers(account, RESERVE)
}

/** The fees come out of the reserve, all else must not. */
function senderDips(sender: usize): bool {
  if (has(MAY_DIP) && !(hasCode(sender) && isDelegated(sender))) return false
  const fees = tx + TX_UPFRONT
  // An estimate tries more gas than it comes to: its fees are not what is spent.
  if (isLess(RESERVE, fees)) return !has(MEASURES_GAS)
  add(WORK, sender + ACCOUNT_BALANCE, fees)
  if (!isLess(WORK, sender + ACCOUNT_BASE_BALANCE)) return false
  sub(WORK, RESERVE, fees)
  return !covers(sender, WORK)
}

/** What comes after a transaction's frame: refunds, what is paid back, what the beneficiary gets. */
import { ACCOUNT_BALANCE, ACCOUNT_FLAGS, CHARGES_GAS_LIMIT, COINBASE, EXISTS, NETWORK_RULES, RESULT_GAS, RESULT_REFUND, RESULT_STATUS, TOUCHED } from '../layout'
import { LONDON, REVERTED } from '../status'
import { IS_SYSTEM_CALL, MEASURES_GAS, TX_FLOOR_GAS, TX_GAS_LIMIT, TX_PRICE, TX_TIP } from '../transaction-layout'
import { add, isLess, mul, set64, sub } from '../../../primitives/assembly/u256'
import { accountOf, flagsOf, isLoaded } from './accounts'
import { has, tx } from './encoded'
import { needState } from './needs'
import { LENT, beyond, sender } from './prepare'
import { fork } from './registers'

/** What is paid for, and what was given back. */
export let gasUsed: u64 = 0
export let gasRefunded: u64 = 0

const AMOUNT: usize = memory.data(32)

export function resetGas(): void {
  gasUsed = 0
  gasRefunded = 0
}

/** @returns 0 or PARKED */
export function settle(): i32 {
  const isHalted = load<i32>(RESULT_STATUS) > REVERTED
  const kept = isHalted ? 0 : beyond
  const spent = load<u64>(tx, TX_GAS_LIMIT) - kept - load<u64>(RESULT_GAS)
  if (has(IS_SYSTEM_CALL)) {
    gasUsed = spent
    return 0
  }
  const beneficiary = accountOf(COINBASE)
  if (!isLoaded(beneficiary)) return needState(beneficiary)
  const most = spent / (fork >= LONDON ? 5 : 2)
  const isWhole = (load<u32>(NETWORK_RULES) & CHARGES_GAS_LIMIT) != 0
  const counted = isWhole ? 0 : load<u64>(RESULT_REFUND)
  gasUsed = spent - (counted < most ? counted : most)
  const floor = load<u64>(tx, TX_FLOOR_GAS)
  if (gasUsed < floor) gasUsed = floor
  if (isWhole && !has(MEASURES_GAS)) gasUsed = load<u64>(tx, TX_GAS_LIMIT)
  gasRefunded = spent > gasUsed ? spent - gasUsed : 0
  payBack(load<u64>(tx, TX_GAS_LIMIT) - gasUsed)
  reward(beneficiary)
  return 0
}

function payBack(gas: u64): void {
  const balance = sender + ACCOUNT_BALANCE
  set64(AMOUNT, gas)
  mul(AMOUNT, AMOUNT, tx + TX_PRICE)
  add(balance, balance, AMOUNT)
  // What was lent goes back as far as it is still there.
  if (isLess(balance, LENT)) set64(balance, 0)
  else sub(balance, balance, LENT)
}

function reward(beneficiary: usize): void {
  set64(AMOUNT, gasUsed)
  mul(AMOUNT, AMOUNT, tx + TX_TIP)
  const balance = beneficiary + ACCOUNT_BALANCE
  add(balance, balance, AMOUNT)
  // An empty one is swept away (EIP-161).
  store<u32>(beneficiary, flagsOf(beneficiary) | TOUCHED | EXISTS, ACCOUNT_FLAGS)
}

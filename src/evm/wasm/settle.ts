import { isActive } from '../../model/fork.ts'
import { floorGas } from '../../model/validity.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import type { Address } from '../../primitives/hex.ts'
import type { Executable, Outcome } from '../engine.ts'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_FLAGS,
  EXISTS,
  RESULT_GAS,
  RESULT_OUTPUT,
  RESULT_OUTPUT_SIZE,
  RESULT_REFUND,
  SCRATCH,
  RESULT_CREATED,
  TOUCHED,
} from './layout.ts'
import { accessOf, endedWith, logsOf } from './outcome.ts'
import type { KnownAccount, Session } from './session.ts'

/** What was paid for before a transaction ran. Wei, and wei per gas. */
export interface Bill {
  readonly sender: KnownAccount
  /** What the sender got to be able to pay. */
  readonly lentWei: bigint
  /** Gas that the engine was not told of, because there was too much. */
  readonly beyondGas: bigint
  readonly gasPriceWei: bigint
  /** The part of the price that is burnt. */
  readonly paidBaseFeeWei: bigint
}

/** Gives gas back, pays the beneficiary, and says what happened. */
export function settle(session: Session, tx: Executable, bill: Bill): Outcome {
  const { instance, env } = session
  const { rules } = env
  const error = endedWith(session)
  const beyond = error?.kind === 'halt' ? 0n : bill.beyondGas
  const spent = tx.gasLimit - beyond - instance.u64[RESULT_GAS >>> 3]!
  const counted = BigInt.asIntN(64, instance.u64[RESULT_REFUND >>> 3]!)
  const most = spent / (isActive(rules, 'london') ? 5n : 2n)
  const floor = floorGas(tx, rules)
  let gasUsed = spent - (counted < most ? counted : most)
  if (gasUsed < floor) gasUsed = floor
  pay(session, tx, bill, gasUsed)
  const executed = {
    gasUsed,
    gasRefunded: spent > gasUsed ? spent - gasUsed : 0n,
    access: accessOf(session),
  }
  if (error?.kind === 'halt') {
    return { kind: 'halt', reason: error.reason, output: EMPTY_BYTES, ...executed }
  }
  const output = instance.copyOut(
    instance.pointer(RESULT_OUTPUT),
    instance.pointer(RESULT_OUTPUT_SIZE),
  )
  if (error !== undefined) return { kind: 'revert', output, ...executed }
  let created: Address | null = null
  if (tx.to === null) {
    instance.fn.addressBytes(instance.pointer(RESULT_CREATED))
    created = instance.hex(SCRATCH, 20) as Address
  }
  return { kind: 'success', output, logs: logsOf(session), created, ...executed }
}

function pay(session: Session, tx: Executable, bill: Bill, gasUsed: bigint): void {
  const { instance, env } = session
  const { sender, lentWei, gasPriceWei, paidBaseFeeWei } = bill
  const backWei = (tx.gasLimit - gasUsed) * gasPriceWei
  const balanceAt = sender.at + ACCOUNT_BALANCE
  if (backWei !== 0n || lentWei !== 0n) {
    const heldWei = instance.word(balanceAt) + backWei - lentWei
    instance.setWord(balanceAt, heldWei > 0n ? heldWei : 0n)
  }
  const rewardWei = gasUsed * (gasPriceWei - paidBaseFeeWei)
  const { at } = session.load(env.header.beneficiary)
  if (rewardWei !== 0n) {
    instance.setWord(at + ACCOUNT_BALANCE, instance.word(at + ACCOUNT_BALANCE) + rewardWei)
  }
  const exists = rewardWei !== 0n || !isActive(env.rules, 'spuriousDragon')
  instance.u32[(at + ACCOUNT_FLAGS) >>> 2]! |= exists ? EXISTS | TOUCHED : TOUCHED
}

import { maxCost, maxGasPrice } from '../model/fees.ts'
import type { Rules } from '../model/fork.ts'
import type { Account } from '../model/account.ts'
import { EMPTY_ACCOUNT } from '../model/account.ts'
import { networkOf } from '../model/network.ts'
import type { Rejection } from '../model/rejection.ts'
import { isImpersonated } from '../model/signer.ts'
import type { Transaction } from '../model/transaction.ts'
import { checkTransaction } from '../model/validity.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { StateView } from '../state/view.ts'

/** Whether a transaction is let into the pool: what can be told before it runs. */

export interface Admission {
  /** Rules of the next block. */
  readonly rules: Rules
  readonly chainId: bigint
  readonly view: StateView
  readonly nextBaseFeeWei: bigint | undefined
  readonly blockGasLimit: bigint
  readonly minGasPriceWei: bigint
  readonly enforceTxGasCap: boolean
  readonly checkBalance: boolean
  readonly unlimitedCodeSize: boolean
}

/**
 * Why `tx` cannot be mined now or later; undefined when it can. A nonce ahead of the account's waits. Code at the sender is no obstacle
 * when its signature was not asked for (EIP-3607).
 */
export function admissionFault(tx: Transaction, admission: Admission): Rejection | undefined {
  return (
    checkTransaction(tx, admission.rules, admission.chainId, {
      skipGasCap: !admission.enforceTxGasCap,
      unlimitedCodeSize: admission.unlimitedCodeSize,
    }) ??
    accountFault(tx, admission.view.account(tx.sender) ?? EMPTY_ACCOUNT, admission) ??
    priceFault(tx, admission)
  )
}

function accountFault(
  tx: Transaction,
  account: Account,
  admission: Admission,
): Rejection | undefined {
  const { sender, nonce } = tx
  if (nonce < account.nonce) {
    return { kind: 'nonceTooLow', sender, expected: account.nonce, got: nonce }
  }
  const isValueLate = networkOf(admission.rules).valueIsLate
  const costWei = isValueLate ? maxCost(tx) - tx.valueWei : maxCost(tx)
  if (admission.checkBalance && account.balanceWei < costWei) {
    return { kind: 'insufficientFunds', sender, balanceWei: account.balanceWei, costWei }
  }
  if (!isImpersonated(tx.signature) && holdsCode(account, admission.view)) {
    return { kind: 'senderHasCode', sender }
  }
  return undefined
}

/** Code other than an EIP-7702 delegation. */
function holdsCode(account: Account, view: StateView): boolean {
  if (account.codeHash === EMPTY_CODE_HASH) return false
  const code = view.code(account.codeHash)
  return !(code.length === 23 && code[0] === 0xef && code[1] === 0x01 && code[2] === 0x00)
}

function priceFault(tx: Transaction, admission: Admission): Rejection | undefined {
  if (tx.gasLimit > admission.blockGasLimit) {
    const availableGas = admission.blockGasLimit
    return { kind: 'gasLimitAboveBlock', gasLimit: tx.gasLimit, availableGas }
  }
  const maxFeeWei = maxGasPrice(tx)
  const { nextBaseFeeWei: baseFeeWei, minGasPriceWei } = admission
  if (baseFeeWei === undefined) {
    if (maxFeeWei >= minGasPriceWei) return undefined
    const detail = `transaction underpriced: gas price ${maxFeeWei}, minimum needed ${minGasPriceWei}`
    return { kind: 'invalid', detail }
  }
  if (maxFeeWei >= baseFeeWei) return undefined
  return { kind: 'feeCapBelowBaseFee', sender: tx.sender, maxFeeWei, baseFeeWei }
}

import { type Account, EMPTY_ACCOUNT } from '../model/account.ts'
import { blobBaseFee, effectiveGasPrice, maxCost, maxGasPrice } from '../model/fees.ts'
import { isActive } from '../model/fork.ts'
import { networkOf } from '../model/network.ts'
import type { Rejection } from '../model/rejection.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { StateView } from '../state/view.ts'
import type { BlockEnv, Executable, Switches } from './engine.ts'

const MAX_NONCE = 2n ** 64n - 1n

/** The prices a transaction runs at, in wei per gas. */
export interface Prices {
  /** The base fee that is paid. */
  readonly baseFeeWei: bigint | undefined
  /** What BASEFEE reads. */
  readonly shownBaseFeeWei: bigint | undefined
  /** The blob price, paid and shown. */
  readonly blobFeeWei: bigint | undefined
}

const pricesOfBlocks = new WeakMap<BlockEnv, Prices>()

/** The prices of the block itself. */
export function blockPrices(env: BlockEnv): Prices {
  let prices = pricesOfBlocks.get(env)
  if (prices === undefined) {
    prices = findPrices(env)
    pricesOfBlocks.set(env, prices)
  }
  return prices
}

function findPrices({ rules, header, blobBaseFeeWei }: BlockEnv): Prices {
  const baseFeeWei = isActive(rules, 'london') ? (header.baseFeePerGasWei ?? 0n) : undefined
  const blobFeeWei =
    rules.blob === undefined
      ? undefined
      : (blobBaseFeeWei ?? blobBaseFee(header.excessBlobGas ?? 0n, rules.blob))
  return { baseFeeWei, shownBaseFeeWei: baseFeeWei, blobFeeWei }
}

/** With `skipFees`, caps below the block's prices bring the prices down, and a price of zero is shown as zero unless `showBaseFee` is set. */
export function pricesOf(tx: Executable, env: BlockEnv, switches: Switches): Prices {
  const prices = blockPrices(env)
  if (switches.skipFees !== true) return prices
  const { baseFeeWei, blobFeeWei } = prices
  const cap = maxGasPrice(tx)
  return {
    baseFeeWei: baseFeeWei === undefined || baseFeeWei < cap ? baseFeeWei : cap,
    shownBaseFeeWei:
      baseFeeWei !== undefined && cap === 0n && switches.showBaseFee !== true ? 0n : baseFeeWei,
    blobFeeWei:
      tx.type === 3 && blobFeeWei !== undefined && tx.maxFeePerBlobGasWei < blobFeeWei
        ? tx.maxFeePerBlobGasWei
        : blobFeeWei,
  }
}

/**
 * Why `tx` cannot run now, for all that depends on the state and the block; what the transaction alone shows is
 * `checkTransaction`'s. The order is Geth's.
 */
export function checkAdmission(
  tx: Executable,
  env: BlockEnv,
  view: StateView,
  switches: Switches,
): Rejection | undefined {
  const account = view.account(tx.sender) ?? EMPTY_ACCOUNT
  return (
    checkNonce(tx, account, switches) ??
    checkCode(tx, env, view, account, switches) ??
    checkTerms(tx, env, switches) ??
    checkFunds(tx, env, account, switches)
  )
}

/** What of it the block's prices and gas limit decide. */
export function checkTerms(
  tx: Executable,
  env: BlockEnv,
  switches: Switches,
): Rejection | undefined {
  return checkFees(tx, env, switches) ?? checkGas(tx, env, switches)
}

/** What the sender lacks to cover what the transaction reserves, in wei. */
export function missingFunds(tx: Executable, view: StateView): bigint {
  const missing = maxCost(tx) - (view.account(tx.sender)?.balanceWei ?? 0n)
  return missing > 0n ? missing : 0n
}

/** The same transaction with its caps at what it pays, so that no more is reserved than is paid. */
export function atPrices(tx: Executable, prices: Prices): Executable {
  if (tx.type === 0 || tx.type === 1) return tx
  const maxFeePerGasWei = effectiveGasPrice(tx, prices.baseFeeWei)
  if (tx.type !== 3) return { ...tx, maxFeePerGasWei }
  return { ...tx, maxFeePerGasWei, maxFeePerBlobGasWei: prices.blobFeeWei ?? 0n }
}

/** The price of the whole gas limit, in wei. */
function feesOf(tx: Executable, env: BlockEnv, switches: Switches): bigint {
  return tx.gasLimit * effectiveGasPrice(tx, pricesOf(tx, env, switches).baseFeeWei)
}

function checkNonce(tx: Executable, account: Account, switches: Switches): Rejection | undefined {
  const { sender, nonce: got } = tx
  const expected = account.nonce
  if (switches.skipNonce === true) return undefined
  if (got < expected) return { kind: 'nonceTooLow', sender, expected, got }
  if (got > expected) return { kind: 'nonceTooHigh', sender, expected, got }
  return expected >= MAX_NONCE ? { kind: 'nonceMax', sender } : undefined
}

function checkCode(
  tx: Executable,
  env: BlockEnv,
  view: StateView,
  account: Account,
  switches: Switches,
): Rejection | undefined {
  if (switches.skipSenderCode === true || account.codeHash === EMPTY_CODE_HASH) return undefined
  if (isActive(env.rules, 'prague') && isDelegation(view.code(account.codeHash))) return undefined
  return { kind: 'senderHasCode', sender: tx.sender }
}

function checkFees(tx: Executable, env: BlockEnv, switches: Switches): Rejection | undefined {
  if (switches.skipFees === true) return undefined
  const { baseFeeWei, blobFeeWei } = blockPrices(env)
  const maxFeeWei = maxGasPrice(tx)
  if (baseFeeWei !== undefined && maxFeeWei < baseFeeWei) {
    return { kind: 'feeCapBelowBaseFee', sender: tx.sender, maxFeeWei, baseFeeWei }
  }
  if (tx.type === 3 && blobFeeWei !== undefined && tx.maxFeePerBlobGasWei < blobFeeWei) {
    const cap = tx.maxFeePerBlobGasWei
    return { kind: 'blobFeeCapTooLow', maxFeeWei: cap, blobBaseFeeWei: blobFeeWei }
  }
  return undefined
}

function checkGas(tx: Executable, env: BlockEnv, switches: Switches): Rejection | undefined {
  if (switches.skipGasCap === true || tx.gasLimit <= env.header.gasLimit) return undefined
  const { gasLimit: availableGas } = env.header
  return { kind: 'gasLimitAboveBlock', gasLimit: tx.gasLimit, availableGas }
}

function checkFunds(
  tx: Executable,
  env: BlockEnv,
  account: Account,
  switches: Switches,
): Rejection | undefined {
  const costWei = networkOf(env.rules).valueIsLate ? feesOf(tx, env, switches) : maxCost(tx)
  const { balanceWei } = account
  if (switches.skipBalance === true || balanceWei >= costWei) return undefined
  return { kind: 'insufficientFunds', sender: tx.sender, balanceWei, costWei }
}

/** EIP-7702: code that names another account's. */
export function isDelegation(code: Uint8Array): boolean {
  return code.length === 23 && code[0] === 0xef && code[1] === 0x01 && code[2] === 0x00
}

import { invariant } from '../primitives/invariant.ts'
import type { Header } from './block.ts'
import { type BlobParams, type ChainConfig, type Rules, isActive } from './fork.ts'
import { type BaseFeeRules, networkOf } from './network.ts'
import type { TransactionFields } from './transaction.ts'

/** Fee arithmetic: EIP-1559, EIP-4844, EIP-7918. Prices in wei per gas. */

export const INITIAL_BASE_FEE_WEI = 1_000_000_000n
/** EIP-1559: a block aims at its gas limit divided by this. */
export const ELASTICITY = 2n
const BASE_FEE_MAX_CHANGE_DENOMINATOR = 8n

export const GAS_PER_BLOB = 131_072n
const MIN_BLOB_BASE_FEE_WEI = 1n
/** EIP-7918: the gas that a blob's execution is taken to cost at least. */
const BLOB_BASE_COST = 8_192n

/**
 * The base fee of the block after `parent`, in wei per gas (EIP-1559, or as the network has it); a parent without one is the last before London.
 * @param rules those of the new block
 */
export function nextBaseFee(
  parent: Pick<Header, 'baseFeePerGasWei' | 'gasLimit' | 'gasUsed'>,
  rules: Partial<Pick<ChainConfig, 'network'>> = {},
): bigint {
  const baseFee = parent.baseFeePerGasWei
  if (baseFee === undefined) return INITIAL_BASE_FEE_WEI
  const own = networkOf(rules).baseFee
  if (own !== undefined) return exponentialBaseFee(baseFee, parent, own)
  const target = parent.gasLimit / ELASTICITY
  if (parent.gasUsed === target || target === 0n) return baseFee
  if (parent.gasUsed > target) {
    const rise = (baseFee * (parent.gasUsed - target)) / target / BASE_FEE_MAX_CHANGE_DENOMINATOR
    return baseFee + (rise > 1n ? rise : 1n)
  }
  return baseFee - (baseFee * (target - parent.gasUsed)) / target / BASE_FEE_MAX_CHANGE_DENOMINATOR
}

function exponentialBaseFee(
  baseFeeWei: bigint,
  { gasLimit, gasUsed }: Pick<Header, 'gasLimit' | 'gasUsed'>,
  { targetPercent, stepDenominator, minWei, maxWei }: BaseFeeRules,
): bigint {
  const target = (gasLimit * targetPercent) / 100n
  const room = gasLimit - target
  const next =
    room > 0n ? fakeExponential(baseFeeWei, gasUsed - target, stepDenominator * room) : baseFeeWei
  if (next < minWei) return minWei
  return next > maxWei ? maxWei : next
}

/**
 * The excess blob gas of the block after `parent` (EIP-4844, 7691), with the price floor of EIP-7918 from Osaka on.
 * @param rules those of the new block, Cancun or later; an excess that the parent lacks counts as zero
 */
export function nextExcessBlobGas(
  parent: Pick<Header, 'excessBlobGas' | 'blobGasUsed' | 'baseFeePerGasWei'>,
  rules: Rules,
): bigint {
  const { blob } = rules
  invariant(blob !== undefined, 'blob gas exists since Cancun')
  const excess = parent.excessBlobGas ?? 0n
  const used = parent.blobGasUsed ?? 0n
  const target = BigInt(blob.target) * GAS_PER_BLOB
  if (excess + used < target) return 0n
  if (isActive(rules, 'osaka')) {
    const reserveWei = BLOB_BASE_COST * (parent.baseFeePerGasWei ?? 0n)
    if (reserveWei > GAS_PER_BLOB * blobBaseFee(excess, blob)) {
      return excess + (used * BigInt(blob.max - blob.target)) / BigInt(blob.max)
    }
  }
  return excess + used - target
}

/** The price of blob gas at this excess (EIP-4844). Wei per gas. */
export function blobBaseFee(excessBlobGas: bigint, params: BlobParams): bigint {
  return fakeExponential(MIN_BLOB_BASE_FEE_WEI, excessBlobGas, params.baseFeeUpdateFraction)
}

/** factor * e ** (numerator / denominator) by Taylor's series, as EIP-4844 rounds it. */
export function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  let output = 0n
  let term = factor * denominator
  for (let i = 1n; term !== 0n; i++) {
    output += term
    term = (term * numerator) / (denominator * i)
  }
  return output / denominator
}

/** Blob gas of a transaction: zero for all but type 3. */
export function blobGasOf(tx: TransactionFields): bigint {
  return tx.type === 3 ? GAS_PER_BLOB * BigInt(tx.blobVersionedHashes.length) : 0n
}

/** The highest price per gas that the sender agrees to: its balance must cover it for the whole gas limit. */
export function maxGasPrice(tx: TransactionFields): bigint {
  return tx.type === 0 || tx.type === 1 ? tx.gasPriceWei : tx.maxFeePerGasWei
}

/** What the sender pays per gas in a block with this base fee; before London there is none. */
export function effectiveGasPrice(tx: TransactionFields, baseFeeWei: bigint | undefined): bigint {
  if (tx.type === 0 || tx.type === 1) return tx.gasPriceWei
  const price = (baseFeeWei ?? 0n) + tx.maxPriorityFeePerGasWei
  return price < tx.maxFeePerGasWei ? price : tx.maxFeePerGasWei
}

/** What the beneficiary gets per gas; negative when the fee cap is below the base fee. */
export function effectiveTip(tx: TransactionFields, baseFeeWei: bigint | undefined): bigint {
  return effectiveGasPrice(tx, baseFeeWei) - (baseFeeWei ?? 0n)
}

/** What the sender's balance must hold before execution: value, and gas and blob gas at their caps. */
export function maxCost(tx: TransactionFields): bigint {
  const costWei = tx.valueWei + tx.gasLimit * maxGasPrice(tx)
  return tx.type === 3 ? costWei + blobGasOf(tx) * tx.maxFeePerBlobGasWei : costWei
}

import type { ExecutionOptions } from '../evm/engine.ts'
import type { Block, Withdrawal } from '../model/block.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { BlockPlan } from './assemble.ts'

/** What a developer sets of the blocks to come; part of a snapshot. */
export interface BlockSettings {
  readonly coinbase: Address
  readonly gasLimit: bigint
  /** Of the next block only. */
  readonly nextBaseFeeWei: bigint | undefined
  readonly nextPrevRandao: Hash | undefined
  readonly extraData: Uint8Array
  /** That wait for a block (EIP-4895), the oldest first. */
  readonly withdrawals: readonly Withdrawal[]
  readonly minGasPriceWei: bigint
  readonly impersonated: ReadonlySet<Address>
  readonly autoImpersonate: boolean
}

/** Of withdrawals, as on Ethereum. */
const MAX_IN_BLOCK = 16

/** What holds for the chain's whole life. */
export interface DevRules {
  readonly order: 'fees' | 'fifo'
  readonly enforceTxGasCap: boolean
  readonly unlimitedCodeSize: boolean
  readonly poolBalanceChecks: boolean
  readonly maxPoolTransactions: number
  /** That one block takes of the pool. */
  readonly maxBlockTransactions: number
}

/** How transactions run. @param impersonated code at the sender is no obstacle (EIP-3607) */
export function optionsBy(rules: DevRules, impersonated: boolean): ExecutionOptions {
  const switches = {
    skipSenderCode: impersonated,
    skipGasCap: !rules.enforceTxGasCap,
    unlimitedCodeSize: rules.unlimitedCodeSize,
  }
  return { switches }
}

/** @param timestamp of the next block, in seconds */
export function planBy(settings: BlockSettings, timestamp: bigint): BlockPlan {
  const { coinbase, gasLimit, nextBaseFeeWei, nextPrevRandao, extraData } = settings
  return {
    timestamp,
    beneficiary: coinbase,
    gasLimit,
    baseFeeWei: nextBaseFeeWei,
    prevRandao: nextPrevRandao,
    extraData,
    withdrawals: settings.withdrawals.slice(0, MAX_IN_BLOCK),
  }
}

/** Without what was set for this block only; what was set while it was made stays for the next. */
export function withoutUsed(
  settings: BlockSettings,
  { header: { baseFeePerGasWei, mixHash }, withdrawals: used = [] }: Block,
): BlockSettings {
  const { nextBaseFeeWei, nextPrevRandao, withdrawals } = settings
  const isAsBefore = nextBaseFeeWei === undefined && nextPrevRandao === undefined
  if (isAsBefore && used.length === 0) return settings
  return {
    ...settings,
    nextBaseFeeWei: nextBaseFeeWei === baseFeePerGasWei ? undefined : nextBaseFeeWei,
    nextPrevRandao: nextPrevRandao === mixHash ? undefined : nextPrevRandao,
    withdrawals: withdrawals.filter((one) => !used.includes(one)),
  }
}

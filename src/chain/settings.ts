import type { ExecutionOptions } from '../evm/engine.ts'
import type { Header } from '../model/block.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { BlockPlan } from './assemble.ts'

/** What a developer sets of the blocks to come; part of a snapshot. */
export interface BlockSettings {
  readonly coinbase: Address
  readonly gasLimit: bigint
  /** Of the next block only. */
  readonly nextBaseFeeWei: bigint | undefined
  readonly nextPrevRandao: Hash | undefined
  readonly minGasPriceWei: bigint
  readonly impersonated: ReadonlySet<Address>
  readonly autoImpersonate: boolean
}

/** What holds for the chain's whole life. */
export interface DevRules {
  readonly order: 'fees' | 'fifo'
  readonly enforceTxGasCap: boolean
  readonly unlimitedCodeSize: boolean
  readonly poolBalanceChecks: boolean
  readonly maxPoolTransactions: number
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
  const { coinbase, gasLimit, nextBaseFeeWei, nextPrevRandao } = settings
  return {
    timestamp,
    beneficiary: coinbase,
    gasLimit,
    baseFeeWei: nextBaseFeeWei,
    prevRandao: nextPrevRandao,
  }
}

/** Without what was set for the block with this header only; what was set while it was made stays for the next. */
export function withoutUsed(
  settings: BlockSettings,
  { baseFeePerGasWei, mixHash }: Header,
): BlockSettings {
  const { nextBaseFeeWei, nextPrevRandao } = settings
  if (nextBaseFeeWei === undefined && nextPrevRandao === undefined) return settings
  return {
    ...settings,
    nextBaseFeeWei: nextBaseFeeWei === baseFeePerGasWei ? undefined : nextBaseFeeWei,
    nextPrevRandao: nextPrevRandao === mixHash ? undefined : nextPrevRandao,
  }
}

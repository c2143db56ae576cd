import type { Address, Hash } from '../primitives/hex.ts'

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

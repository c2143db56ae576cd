import type { Address, Hash, Slot } from '../primitives/hex.ts'
import type { AccessList, Authorization } from './transaction.ts'

/** What eth_call, eth_estimateGas and eth_sendTransaction name of a transaction; the node fills in the rest. */
export interface CallFields {
  readonly type?: number | undefined
  readonly chainId?: bigint | undefined
  readonly from?: Address | undefined
  /** null and undefined create a contract. */
  readonly to?: Address | null | undefined
  readonly nonce?: bigint | undefined
  readonly gas?: bigint | undefined
  readonly valueWei?: bigint | undefined
  readonly data?: Uint8Array | undefined
  readonly gasPriceWei?: bigint | undefined
  readonly maxFeePerGasWei?: bigint | undefined
  readonly maxPriorityFeePerGasWei?: bigint | undefined
  readonly accessList?: AccessList | undefined
  readonly authorizationList?: readonly Authorization[] | undefined
  readonly maxFeePerBlobGasWei?: bigint | undefined
  readonly blobVersionedHashes?: readonly Hash[] | undefined
  readonly blobs?: readonly Uint8Array[] | undefined
}

/** What eth_call pretends of one account. */
export interface AccountOverride {
  readonly balanceWei?: bigint | undefined
  readonly nonce?: bigint | undefined
  readonly code?: Uint8Array | undefined
  /** `replace`: these slots and no others (`state`); `diff`: these on top (`stateDiff`). */
  readonly storage?:
    | { readonly kind: 'replace' | 'diff'; readonly slots: ReadonlyMap<Slot, bigint> }
    | undefined
  /** Only of a precompile: where it answers instead. */
  readonly movePrecompileTo?: Address | undefined
}
export type StateOverrides = ReadonlyMap<Address, AccountOverride>

/** What eth_call pretends of the block. Times are seconds. */
export interface BlockOverrides {
  readonly number?: bigint | undefined
  readonly timestamp?: bigint | undefined
  readonly gasLimit?: bigint | undefined
  readonly beneficiary?: Address | undefined
  readonly prevRandao?: Hash | undefined
  readonly difficulty?: bigint | undefined
  readonly baseFeePerGasWei?: bigint | undefined
  readonly blobBaseFeeWei?: bigint | undefined
  readonly blockHashes?: ReadonlyMap<bigint, Hash> | undefined
}

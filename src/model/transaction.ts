import type { Address, Hash, Slot } from '../primitives/hex.ts'

/** Transactions of all five types. Wei and gas are bigint; a field holds exactly what is signed. */

export interface AccessListEntry {
  readonly address: Address
  readonly storageKeys: readonly Slot[]
}
export type AccessList = readonly AccessListEntry[]

/** A signature over secp256k1. For a legacy transaction `v` is derived from `yParity` and `chainId`. */
export interface Signature {
  readonly yParity: 0 | 1
  readonly r: bigint
  readonly s: bigint
}

/** EIP-7702: lets `address`'s code run for the account that signed. A bad one is skipped, never an error. */
export interface Authorization {
  readonly chainId: bigint
  readonly address: Address
  readonly nonce: bigint
  /** As signed: anything but 0 and 1 makes the authorisation void. */
  readonly yParity: bigint
  readonly r: bigint
  readonly s: bigint
}

interface CommonFields {
  readonly nonce: bigint
  readonly gasLimit: bigint
  /** null creates a contract. */
  readonly to: Address | null
  readonly valueWei: bigint
  readonly data: Uint8Array
}

interface FeeMarketFields {
  readonly maxPriorityFeePerGasWei: bigint
  readonly maxFeePerGasWei: bigint
}

export interface LegacyFields extends CommonFields {
  readonly type: 0
  /** Absent before EIP-155: the transaction is valid on every chain. */
  readonly chainId: bigint | undefined
  readonly gasPriceWei: bigint
}

/** EIP-2930 */
export interface AccessListFields extends CommonFields {
  readonly type: 1
  readonly chainId: bigint
  readonly gasPriceWei: bigint
  readonly accessList: AccessList
}

/** EIP-1559 */
export interface FeeMarketTransactionFields extends CommonFields, FeeMarketFields {
  readonly type: 2
  readonly chainId: bigint
  readonly accessList: AccessList
}

/** EIP-4844 */
export interface BlobFields extends CommonFields, FeeMarketFields {
  readonly type: 3
  readonly chainId: bigint
  readonly to: Address
  readonly accessList: AccessList
  readonly maxFeePerBlobGasWei: bigint
  readonly blobVersionedHashes: readonly Hash[]
}

/** EIP-7702 */
export interface SetCodeFields extends CommonFields, FeeMarketFields {
  readonly type: 4
  readonly chainId: bigint
  readonly to: Address
  readonly accessList: AccessList
  readonly authorizationList: readonly Authorization[]
}

export type TransactionFields =
  | LegacyFields
  | AccessListFields
  | FeeMarketTransactionFields
  | BlobFields
  | SetCodeFields
export type TransactionType = TransactionFields['type']

/** Blobs with their commitments. Version 0: one proof a blob (EIP-4844). Version 1: 128 cell proofs a blob (EIP-7594). */
export interface BlobSidecar {
  readonly version: 0 | 1
  readonly blobs: readonly Uint8Array[]
  readonly commitments: readonly Uint8Array[]
  readonly proofs: readonly Uint8Array[]
}

/** A signed transaction whose sender is known. `raw` is the EIP-2718 encoding as blocks hold it, without a sidecar. */
export type Transaction = TransactionFields & {
  readonly signature: Signature
  readonly sender: Address
  readonly hash: Hash
  readonly raw: Uint8Array
  readonly sidecar?: BlobSidecar | undefined
}

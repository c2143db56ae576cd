import type { Address, Hash } from '../primitives/hex.ts'
import type { Transaction } from './transaction.ts'

/** A block header. Fields of later forks are absent before them. */
export interface Header {
  readonly parentHash: Hash
  readonly ommersHash: Hash
  readonly beneficiary: Address
  readonly stateRoot: Hash
  readonly transactionsRoot: Hash
  readonly receiptsRoot: Hash
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly difficulty: bigint
  readonly number: bigint
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  /** Seconds since 1970. */
  readonly timestamp: bigint
  /** At most 32 bytes. */
  readonly extraData: Uint8Array
  /** PREVRANDAO since the merge. */
  readonly mixHash: Hash
  /** 8 bytes. */
  readonly nonce: Uint8Array
  /** EIP-1559, London */
  readonly baseFeePerGasWei?: bigint | undefined
  /** EIP-4895, Shanghai */
  readonly withdrawalsRoot?: Hash | undefined
  /** EIP-4844, Cancun */
  readonly blobGasUsed?: bigint | undefined
  readonly excessBlobGas?: bigint | undefined
  /** EIP-4788, Cancun */
  readonly parentBeaconBlockRoot?: Hash | undefined
  /** EIP-7685, Prague */
  readonly requestsHash?: Hash | undefined
  /** EIP-7928, Amsterdam */
  readonly blockAccessListHash?: Hash | undefined
  /** EIP-7843, Amsterdam */
  readonly slotNumber?: bigint | undefined
}

/** EIP-4895 */
export interface Withdrawal {
  readonly index: bigint
  readonly validatorIndex: bigint
  readonly address: Address
  readonly amountGwei: bigint
}

export interface Block {
  readonly hash: Hash
  readonly header: Header
  readonly transactions: readonly Transaction[]
  readonly ommers: readonly Header[]
  /** Absent before Shanghai. */
  readonly withdrawals?: readonly Withdrawal[] | undefined
  /** Length of the block's RLP, in bytes. */
  readonly sizeBytes: number
}

import type { Address, Hash } from '../primitives/hex.ts'
import type { Block, Withdrawal } from './block.ts'
import type { Rejection } from './rejection.ts'
import type { BlobSidecar } from './transaction.ts'

/** Blocks as a consensus client orders them, and gets them (the engine API's payloads). */

/** What a payload has of the consensus side. Times are seconds. */
export interface PayloadAttributes {
  readonly timestamp: bigint
  readonly prevRandao: Hash
  readonly feeRecipient: Address
  readonly withdrawals: readonly Withdrawal[]
  readonly parentBeaconBlockRoot?: Hash | undefined
  /** Where the gas limit goes, as far as one block may move it. */
  readonly targetGasLimit?: bigint | undefined
  readonly extraData?: Uint8Array | undefined
}

/** A block that no chain has yet. */
export interface Payload {
  readonly block: Block
  /** What its beneficiary earns in tips, in wei. */
  readonly valueWei: bigint
  readonly sidecars: readonly BlobSidecar[]
  /** EIP-7685: each its type byte and data; none before Prague. */
  readonly requests: readonly Uint8Array[]
  /** EIP-7928: RLP; undefined before Amsterdam. */
  readonly blockAccessList: Uint8Array | undefined
}

export type PayloadOutcome =
  | { readonly kind: 'built'; readonly payload: Payload }
  | { readonly kind: 'unknownParent' }
  /** Not after its parent. */
  | { readonly kind: 'tooEarly'; readonly parentTimestamp: bigint }
  | { readonly kind: 'undecodable'; readonly index: number; readonly detail: string }
  | { readonly kind: 'rejected'; readonly index: number; readonly rejection: Rejection }

/** What came of a payload that should be the next block. */
export type CommitOutcome =
  | { readonly kind: 'committed'; readonly hash: Hash }
  | { readonly kind: 'refused'; readonly detail: string }
  | Exclude<PayloadOutcome, { kind: 'built' }>

import type { Rejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Version } from '../state/world.ts'
import type { BlockRecord, LiveRecord } from './block-record.ts'
import type { BuiltBlock } from './chain.ts'
import type { Origin } from './origin.ts'
import type { Snapshot } from './snapshots.ts'

/** What became of a transaction that was sent. */
export type SubmitAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'alreadyKnown' }
  | { readonly kind: 'underpriced'; readonly neededFeeWei: bigint }
  | { readonly kind: 'full'; readonly limit: number }

/** A chain from elsewhere. */
export interface LoadedChain {
  /** Oldest first, each upon its parent. */
  readonly blocks: readonly BlockRecord[]
  /** The state of the last. */
  readonly version: Version
}

/** Another beginning of a chain, with the clock and settings that go with it. */
export type Start = { readonly origin: Origin } & Pick<Snapshot, 'clock' | 'settings'>

/** The block that would be mined, as long as head, pool and time are those of `key` and the state is `version`. */
export interface PendingBlock {
  readonly key: string
  readonly version: Version
  readonly built: Promise<BuiltBlock>
}

/** A block made of what the pool offered. */
export interface Attempt {
  readonly offered: readonly Transaction[]
  readonly built: BuiltBlock
}

/** Where a draft stands. */
export interface Draft {
  readonly parent: LiveRecord
  /** Seconds: later than the parent's. */
  readonly timestamp: bigint
}

/** What a block leaves out of one more try: it may fit a later one. */
const WAITS: ReadonlySet<Rejection['kind']> = new Set([
  'gasLimitAboveBlock',
  'blobGasAboveBlock',
  'blockFull',
  'nonceTooHigh',
  'feeCapBelowBaseFee',
  'blobFeeCapTooLow',
])

export function mayFitLater({ rejection }: { readonly rejection: Rejection }): boolean {
  return WAITS.has(rejection.kind)
}

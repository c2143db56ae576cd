import type { Block } from '../model/block.ts'
import type { Log, Receipt } from '../model/receipt.ts'
import type { Hash } from '../primitives/hex.ts'
import type { Version } from '../state/world.ts'

/** A block of the canonical chain with what came of it. */
export interface BlockRecord {
  readonly block: Block
  readonly receipts: readonly Receipt[]
  readonly totalDifficulty: bigint
  /**
   * The state after it, with the cheats made while it was the head: what the next block runs on.
   * undefined when states so old are not kept any longer (`--history`).
   */
  readonly version: Version | undefined
}

/** A block whose state is there: the head, and what can be built on. */
export interface LiveRecord extends BlockRecord {
  readonly version: Version
}

/** Where a transaction was mined. */
export interface TransactionPlace {
  readonly record: BlockRecord
  readonly index: number
}

/** A log and its place in the chain. */
export interface LogEntry {
  readonly log: Log
  readonly blockHash: Hash
  readonly blockNumber: bigint
  readonly blockTimestamp: bigint
  readonly transactionHash: Hash
  readonly transactionIndex: number
  readonly logIndex: number
  readonly removed: boolean
}

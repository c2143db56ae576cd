import type { Address, Hash } from '../primitives/hex.ts'
import type { Version } from '../state/world.ts'
import type { BlockRecord } from './block-record.ts'
import type { Term } from './log-terms.ts'

/** A transaction's place: how far above the first block, and the index in the block. */
export interface Place {
  readonly at: number
  readonly index: number
}

/**
 * Where the canonical chain lies: blocks, receipts and states by their distance from the first block. Everything is seen at once;
 * whether it is durable is another matter.
 */
export interface Archive {
  /** The number of the first block. */
  readonly first: bigint
  /** How many blocks there are. */
  readonly length: number
  /** How many blocks' states are kept, the head's included. */
  readonly keptStates: number
  /** Begins anew at the number `first`, once every block is cut. */
  restart(first: bigint): void
  /** @param record without a state when there is none @param changes its change set, if it is known; asked for where it is kept */
  append(record: BlockRecord, changes?: () => Uint8Array | undefined): void
  /** Forgets the newest blocks, all of `removed`, oldest first. */
  cut(removed: readonly BlockRecord[]): void
  hash(at: number): Hash | undefined
  /** As `encodeStoredBlock` made it. */
  body(at: number): Uint8Array | undefined
  /** The same; to be copied by who holds it beyond the next change of the chain. */
  receipts(at: number): Uint8Array | undefined
  /** The change set of the block (`state/change-log.ts`), where it was kept. */
  changes(at: number): Uint8Array | undefined
  /** undefined when it is older than what is kept; that of the first block always is. */
  state(at: number): Version | undefined
  setState(at: number, version: Version): void
  find(hash: Hash): number | undefined
  place(transaction: Hash): Place | undefined
  /** The newest transaction of `sender` with that nonce. */
  placeOf(sender: Address, nonce: bigint): Place | undefined
  /** Logs of a block, counted without reading it. */
  logCount(at: number): number
  /** Places of all logs that have one term of each list, and perhaps of others, in order. Blocks `from` to `to`, both included. */
  candidates(asked: readonly (readonly Term[])[], from: number, to: number): LogPlaces
}

/** Logs by block and index: two numbers each, flat. */
export type LogPlaces = readonly number[]

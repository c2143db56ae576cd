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

/** Shared by the records of one block, so that they are made once; how they are made is then forgotten. */
class LazyReceipts {
  #make: (() => readonly Receipt[]) | undefined
  #made: readonly Receipt[] | undefined

  constructor(make: () => readonly Receipt[]) {
    this.#make = make
  }

  get made(): readonly Receipt[] {
    this.#made ??= this.#make!()
    this.#make = undefined
    return this.#made
  }
}

/**
 * A record whose receipts are made when they are first asked for, and whose state is looked up: getters of a class, which a spread leaves out.
 * With getters of its own it would take 3 us to make, and a block has three.
 */
class LazyRecord<State extends Version | undefined> implements BlockRecord {
  readonly block: Block
  readonly totalDifficulty: bigint
  readonly lazy: LazyReceipts
  readonly #version: () => State

  constructor(
    { block, totalDifficulty }: Pick<BlockRecord, 'block' | 'totalDifficulty'>,
    receipts: LazyReceipts,
    version: () => State,
  ) {
    this.block = block
    this.totalDifficulty = totalDifficulty
    this.lazy = receipts
    this.#version = version
  }

  get receipts(): readonly Receipt[] {
    return this.lazy.made
  }

  get version(): State {
    return this.#version()
  }
}

/** A record whose receipts are made when they are first asked for, and whose state is looked up. */
export function lazyRecord<State extends Version | undefined>(
  of: Pick<BlockRecord, 'block' | 'totalDifficulty'>,
  receipts: () => readonly Receipt[],
  version: () => State,
): BlockRecord & { readonly version: State } {
  return new LazyRecord(of, new LazyReceipts(receipts), version)
}

/** The same record with a state that is looked up. It does not hold what `record` holds of its own. */
export function withVersion<State extends Version | undefined>(
  record: BlockRecord,
  version: () => State,
): BlockRecord & { readonly version: State } {
  if (record instanceof LazyRecord) return new LazyRecord(record, record.lazy, version)
  const { receipts } = record
  return lazyRecord(record, () => receipts, version)
}

/** All of a record as it is now: what was looked up is its own. @param version in place of the one it has */
export function standalone<State extends Version | undefined>(
  record: BlockRecord,
  version: State,
): BlockRecord & { readonly version: State } {
  const { block, receipts, totalDifficulty } = record
  return { block, receipts, totalDifficulty, version }
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

import type { Address, Hash } from '../primitives/hex.ts'
import type { Version } from '../state/world.ts'
import type { Archive, LogPlaces, Place } from './archive.ts'
import type { BlockRecord } from './block-record.ts'
import { ByteLog } from './byte-log.ts'
import { LogIndex } from './log-index.ts'
import type { Term } from './log-terms.ts'
import { NonceIndex } from './nonce-index.ts'
import { encodeStoredBlock, storedLogCount, storedLogs } from './stored-block.ts'

/** A transaction's block and index in one number: a block has fewer transactions than this. */
const INDEXES = 2 ** 20
/** Blocks whose logs wait for a question before they are indexed. */
const MOST_UNINDEXED = 1_024

/** A chain that lives as long as the process: encoded blocks and receipts, and states that share what they have in common. */
export class MemoryArchive implements Archive {
  readonly keptStates: number
  #first: bigint
  readonly #bodies = new ByteLog()
  readonly #receipts = new ByteLog()
  readonly #hashes: Hash[] = []
  readonly #byHash = new Map<Hash, number>()
  readonly #places = new Map<Hash, number>()
  readonly #nonces = new NonceIndex()
  readonly #states = new Map<number, Version>()
  readonly #logs = new LogIndex()

  constructor(first: bigint, keptStates: number = Number.POSITIVE_INFINITY) {
    this.#first = first
    this.keptStates = keptStates
  }

  get first(): bigint {
    return this.#first
  }

  get length(): number {
    return this.#hashes.length
  }

  restart(first: bigint): void {
    this.#first = first
  }

  append(record: BlockRecord): void {
    const at = this.length
    const { block } = record
    const stored = encodeStoredBlock(record)
    this.#bodies.push(stored.body)
    this.#receipts.push(stored.receipts)
    this.#hashes.push(block.hash)
    this.#byHash.set(block.hash, at)
    for (const [index, tx] of block.transactions.entries()) {
      this.#places.set(tx.hash, at * INDEXES + index)
    }
    this.#nonces.add(record, at)
    // So that the first question never pays for a long chain at once.
    if (this.length - this.#logs.end >= MOST_UNINDEXED) this.#catchUp()
    if (record.version !== undefined) this.#states.set(at, record.version)
    // That of the first block stays: anvil_reset goes back to it.
    if (at > this.keptStates) this.#states.delete(at - this.keptStates)
  }

  cut(removed: readonly BlockRecord[]): void {
    const count = this.length - removed.length
    for (const record of removed.toReversed()) {
      this.#byHash.delete(record.block.hash)
      for (const tx of record.block.transactions) this.#places.delete(tx.hash)
      this.#nonces.remove(record)
    }
    for (let at = count; at < this.length; at++) this.#states.delete(at)
    this.#hashes.length = count
    this.#bodies.cut(count)
    this.#receipts.cut(count)
    this.#logs.cut(count)
  }

  hash(at: number): Hash | undefined {
    return this.#hashes[at]
  }

  body(at: number): Uint8Array | undefined {
    return this.#bodies.at(at)
  }

  receipts(at: number): Uint8Array | undefined {
    return this.#receipts.view(at)
  }

  state(at: number): Version | undefined {
    return this.#states.get(at)
  }

  setState(at: number, version: Version): void {
    this.#states.set(at, version)
  }

  find(hash: Hash): number | undefined {
    return this.#byHash.get(hash)
  }

  place(transaction: Hash): Place | undefined {
    const place = this.#places.get(transaction)
    return place === undefined
      ? undefined
      : { at: Math.floor(place / INDEXES), index: place % INDEXES }
  }

  placeOf(sender: Address, nonce: bigint): Place | undefined {
    return this.#nonces.find(sender, nonce)
  }

  logCount(at: number): number {
    const receipts = this.receipts(at)
    return receipts === undefined ? 0 : storedLogCount(receipts)
  }

  candidates(asked: readonly (readonly Term[])[], from: number, to: number): LogPlaces {
    this.#catchUp()
    return this.#logs.candidates(asked, from, to)
  }

  /** Takes the logs of the blocks since the last question into the index. Many a chain is never asked. */
  #catchUp(): void {
    for (let at = this.#logs.end; at < this.length; at++) {
      this.#logs.add(storedLogs(this.#receipts.view(at)!))
    }
  }
}

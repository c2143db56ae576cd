import type { Address, Hash } from '../primitives/hex.ts'
import type { Version } from '../state/world.ts'
import type { Archive, LogPlaces, Place } from './archive.ts'
import { type BlockRecord, withVersion } from './block-record.ts'
import { ByteLog } from './byte-log.ts'
import { LogIndex } from './log-index.ts'
import type { Term } from './log-terms.ts'
import { NonceIndex } from './nonce-index.ts'
import { encodeStoredBlock, storedLogCount, storedLogs } from './stored-block.ts'

/** A transaction's block and index in one number: a block has fewer transactions than this. */
const INDEXES = 2 ** 20
/** Blocks whose logs wait for a question before they are indexed. */
const MOST_UNINDEXED = 1_024
/** Blocks that wait for a question before they are encoded, and transactions in them: as many as `history.ts` keeps decoded. */
const MOST_WAITING = 512
const MOST_WAITING_TRANSACTIONS = 20_000
/** Blocks that are encoded at a time when too many wait. */
const PIECE = 16

/**
 * A chain that lives as long as the process: encoded blocks and receipts, and states that share what they have in common. The newest
 * blocks are encoded when somebody asks for their bytes, or when they are too many: until then who mined them has them decoded.
 */
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
  /** The newest blocks, not encoded yet. */
  #waiting: BlockRecord[] = []
  #waitingTransactions = 0

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
    // Its state is not its own: it goes when it is too old.
    this.#waiting.push(withVersion(record, () => undefined))
    this.#waitingTransactions += block.transactions.length
    this.#hashes.push(block.hash)
    this.#byHash.set(block.hash, at)
    for (const [index, tx] of block.transactions.entries()) {
      this.#places.set(tx.hash, at * INDEXES + index)
    }
    this.#encodeSome()
    // There is nothing to decode of an empty one, and its header was just encoded.
    if (block.transactions.length === 0 && this.#waiting.length === 1) this.#encodeUpTo(at)
    // So that the first question never pays for a long chain at once.
    if (this.#encoded - this.#logs.end >= MOST_UNINDEXED) this.#catchUp(this.#encoded)
    if (record.version !== undefined) this.#states.set(at, record.version)
    // That of the first block stays: anvil_reset goes back to it.
    if (at > this.keptStates) this.#states.delete(at - this.keptStates)
  }

  cut(removed: readonly BlockRecord[]): void {
    const count = this.length - removed.length
    for (const [index, { block }] of removed.toReversed().entries()) {
      this.#byHash.delete(block.hash)
      for (const tx of block.transactions) this.#places.delete(tx.hash)
      if (this.length - 1 - index < this.#encoded) this.#nonces.remove(block)
    }
    for (let at = count; at < this.length; at++) this.#states.delete(at)
    this.#hashes.length = count
    while (this.#waiting.length > 0 && this.#encoded + this.#waiting.length > count) {
      this.#waitingTransactions -= this.#waiting.pop()!.block.transactions.length
    }
    this.#bodies.cut(count)
    this.#receipts.cut(count)
    this.#logs.cut(count)
  }

  hash(at: number): Hash | undefined {
    return this.#hashes[at]
  }

  body(at: number): Uint8Array | undefined {
    this.#encodeUpTo(at)
    return this.#bodies.at(at)
  }

  receipts(at: number): Uint8Array | undefined {
    this.#encodeUpTo(at)
    return this.#receipts.view(at)
  }

  /** How many blocks are encoded. */
  get #encoded(): number {
    return this.#bodies.length
  }

  /** Encodes blocks until the one at `at` is. */
  #encodeUpTo(at: number): void {
    const ripe = this.#waiting.splice(0, Math.max(0, at + 1 - this.#encoded))
    for (const record of ripe) this.#encode(record)
  }

  /** Encodes the oldest while too many wait. Of several at once, since taking one from the front moves all others. */
  #encodeSome(): void {
    const most = MOST_WAITING_TRANSACTIONS
    if (this.#waiting.length > MOST_WAITING) this.#encodeUpTo(this.#encoded + PIECE - 1)
    while (this.#waitingTransactions > most && this.#waiting.length > 1) {
      this.#encodeUpTo(this.#encoded)
    }
  }

  #encode(record: BlockRecord): void {
    this.#nonces.add(record.block, this.#encoded)
    const { body, receipts } = encodeStoredBlock(record)
    this.#bodies.push(body)
    this.#receipts.push(receipts)
    this.#waitingTransactions -= record.block.transactions.length
  }

  /** None: the newest blocks' records say it, or running them again. */
  changes(): undefined {
    return undefined
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
    this.#encodeUpTo(this.length - 1)
    return this.#nonces.find(sender, nonce)
  }

  logCount(at: number): number {
    const receipts = this.receipts(at)
    return receipts === undefined ? 0 : storedLogCount(receipts)
  }

  candidates(asked: readonly (readonly Term[])[], from: number, to: number): LogPlaces {
    this.#catchUp(this.length)
    return this.#logs.candidates(asked, from, to)
  }

  /** Takes the logs of the blocks since the last question, up to `end`, into the index. Many a chain is never asked. */
  #catchUp(end: number): void {
    for (let at = this.#logs.end; at < end; at++) {
      this.#logs.add(storedLogs(this.receipts(at)!))
    }
  }
}

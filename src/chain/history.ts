import type { Address, Hash } from '../primitives/hex.ts'
import { invariant } from '../primitives/invariant.ts'
import type { Version } from '../state/world.ts'
import type { Archive, Place } from './archive.ts'
import {
  type BlockRecord,
  type LiveRecord,
  type LogEntry,
  type TransactionPlace,
  lazyRecord,
  standalone,
  withVersion,
} from './block-record.ts'
import { type LogFilter, matchesFilter } from './log-filter.ts'
import { LogTable } from './log-table.ts'
import { termsOfFilter } from './log-terms.ts'
import { decodeReceiptsOf, decodeStoredBody, logTableBytes } from './stored-block.ts'

/** Blocks that stay decoded, and transactions in them: of the newest and of those read lately. */
const DECODED_BLOCKS = 512
const DECODED_TRANSACTIONS = 20_000

/** Blocks that are taken back at a time when all are. */
const PIECE = 1000

/** The canonical chain from genesis to head, read from its archive on demand. */
export class History {
  readonly #archive: Archive
  /** By distance from the first block; the newest use last. */
  readonly #decoded = new Map<number, BlockRecord>()
  #transactions = 0
  #genesis: BlockRecord
  #head: LiveRecord

  /** @param genesis begins the chain in an archive that is empty */
  constructor(archive: Archive, genesis: () => LiveRecord) {
    this.#archive = archive
    if (archive.length === 0) archive.append(genesis())
    this.#genesis = this.#read(0)!
    this.#head = this.#live(archive.length - 1)
  }

  get genesis(): BlockRecord {
    return this.#genesis
  }

  get head(): LiveRecord {
    return this.#head
  }

  /** How many blocks' states are kept. */
  get keptStates(): number {
    return this.#archive.keptStates
  }

  /** All records from `from` to `to`, both included; numbers beyond the chain are left out. */
  *range(from: bigint, to: bigint): Generator<BlockRecord> {
    const last = to < this.head.block.header.number ? to : this.head.block.header.number
    for (let number = from; number <= last; number++) {
      const record = this.byNumber(number)
      if (record !== undefined) yield record
    }
  }

  byNumber(number: bigint): BlockRecord | undefined {
    return this.#read(this.#at(number))
  }

  /** The hash of a block, without reading it. */
  hashOf(number: bigint): Hash | undefined {
    if (number < this.#archive.first || number > this.head.block.header.number) return undefined
    return this.#archive.hash(this.#at(number))
  }

  byHash(hash: Hash): BlockRecord | undefined {
    if (hash === this.#head.block.hash) return this.#head
    const at = this.#archive.find(hash)
    return at === undefined ? undefined : this.#read(at)
  }

  /** Whether the block is part of the chain, without reading it. */
  has(hash: Hash): boolean {
    return hash === this.#head.block.hash || this.#archive.find(hash) !== undefined
  }

  place(transaction: Hash): TransactionPlace | undefined {
    return this.#located(this.#archive.place(transaction))
  }

  /** Whether the transaction is part of the chain, without reading it. */
  hasTransaction(hash: Hash): boolean {
    return this.#archive.place(hash) !== undefined
  }

  /** Newest first: the transaction that `sender` mined with `nonce`. */
  bySenderAndNonce(sender: Address, nonce: bigint): TransactionPlace | undefined {
    return this.#located(this.#archive.placeOf(sender, nonce))
  }

  /** @param changes the block's change set, if it is known */
  append(record: LiveRecord, changes?: () => Uint8Array | undefined): void {
    invariant(
      record.block.header.parentHash === this.head.block.hash,
      'a block is appended to its parent',
    )
    this.#archive.append(record, changes)
    this.#rememberHead(record)
  }

  /** The change set that was kept with the block. */
  changesOf(number: bigint): Uint8Array | undefined {
    return this.#archive.changes(this.#at(number))
  }

  /** The head's state becomes `version`: a cheat. */
  setHeadState(version: Version): void {
    const at = this.#archive.length - 1
    this.#archive.setState(at, version)
    this.#head = withVersion(this.#head, () => version)
  }

  /** Whether the state of a block is kept. */
  hasState(number: bigint): boolean {
    return this.#archive.state(this.#at(number)) !== undefined
  }

  /**
   * Takes back the blocks above `number`: they are returned, oldest first.
   * @param version of the block that is then the head, when not the one it has
   */
  truncate(number: bigint, version?: Version): readonly BlockRecord[] {
    const last = this.#at(number)
    const removed: BlockRecord[] = []
    for (let at = last + 1; at < this.#archive.length; at++) {
      const record = this.#read(at)!
      removed.push(standalone(record, record.version))
    }
    if (removed.length > 0) this.#cut(removed)
    if (version !== undefined) this.#archive.setState(last, version)
    this.#head = this.#live(last)
    return removed
  }

  /** Puts another chain in the place of this one: from its first block on, each upon its parent. `head` is the last. */
  replace(before: Iterable<BlockRecord>, head: LiveRecord): void {
    while (this.#archive.length > 0) {
      const removed: BlockRecord[] = []
      const first = Math.max(0, this.#archive.length - PIECE)
      for (let at = first; at < this.#archive.length; at++) removed.push(this.#read(at)!)
      this.#cut(removed)
    }
    const archive = this.#archive
    const put = (record: BlockRecord): void => {
      if (archive.length === 0) archive.restart(record.block.header.number)
      archive.append(record)
    }
    for (const record of before) put(record)
    put(head)
    this.#genesis = this.#read(0)!
    this.#rememberHead(head)
  }

  /** Logs of the blocks `from` to `to` that match, in order. */
  logs(from: bigint, to: bigint, filter: LogFilter): LogEntry[] {
    const { first, length } = this.#archive
    const begin = from > first ? this.#at(from) : 0
    const end = to > this.head.block.header.number ? length - 1 : this.#at(to)
    const asked = termsOfFilter(filter)
    return asked.length === 0
      ? this.#everyLog(begin, end, filter)
      : this.#foundLogs(this.#archive.candidates(asked, begin, end), filter)
  }

  #everyLog(begin: number, end: number, filter: LogFilter): LogEntry[] {
    // Positions without a wish still ask for so many topics.
    const isAny = filter.topics.length === 0
    const found: LogEntry[] = []
    for (let at = begin; at <= end; at++) {
      const count = this.#archive.logCount(at)
      if (count === 0) continue
      const table = this.#table(at)
      for (let index = 0; index < count; index++) {
        const entry = table.entry(index)
        if (isAny || matchesFilter(entry.log, filter)) found.push(entry)
      }
    }
    return found
  }

  #foundLogs(places: readonly number[], filter: LogFilter): LogEntry[] {
    const found: LogEntry[] = []
    let table: LogTable | undefined
    let tableAt = -1
    for (let next = 0; next < places.length; next += 2) {
      const at = places[next]!
      const index = places[next + 1]!
      if (table === undefined || at !== tableAt) [table, tableAt] = [this.#table(at), at]
      if (index >= table.count) continue
      const log = table.log(index)
      if (matchesFilter(log, filter)) found.push(table.entry(index, log))
    }
    return found
  }

  #table(at: number): LogTable {
    const bytes = this.#archive.receipts(at)
    invariant(bytes !== undefined, 'a block of the chain has its receipts')
    return new LogTable(logTableBytes(bytes), this.#archive.first + BigInt(at))
  }

  #located(place: Place | undefined): TransactionPlace | undefined {
    const record = place && this.#read(place.at)
    return record && { record, index: place.index }
  }

  #at(number: bigint): number {
    return Number(number - this.#archive.first)
  }

  #read(at: number): BlockRecord | undefined {
    const known = this.#decoded.get(at)
    if (known !== undefined) {
      // The newest use comes last.
      this.#decoded.delete(at)
      this.#decoded.set(at, known)
      return known
    }
    const body = this.#archive.body(at)
    if (body === undefined) return undefined
    const record = storedRecord(this.#archive, at, body)
    this.#remember(at, record)
    return record
  }

  #live(at: number): LiveRecord {
    const record = this.#read(at)!
    const version = this.#archive.state(at)
    invariant(version !== undefined, 'the state of the head is kept')
    return withVersion(record, () => version)
  }

  #rememberHead(record: LiveRecord): void {
    const archive = this.#archive
    const at = archive.length - 1
    // Without its state, which would live as long as this.
    this.#remember(
      at,
      withVersion(record, () => archive.state(at)),
    )
    this.#head = record
  }

  #cut(removed: readonly BlockRecord[]): void {
    const length = this.#archive.length
    for (let at = length - removed.length; at < length; at++) this.#forget(at)
    this.#archive.cut(removed)
  }

  #remember(at: number, record: BlockRecord): void {
    this.#forget(at)
    this.#decoded.set(at, record)
    this.#transactions += record.block.transactions.length
    for (const oldest of this.#decoded.keys()) {
      const isFull =
        this.#decoded.size > DECODED_BLOCKS || this.#transactions > DECODED_TRANSACTIONS
      if (!isFull || this.#decoded.size <= 1) return
      this.#forget(oldest)
    }
  }

  #forget(at: number): void {
    const record = this.#decoded.get(at)
    if (record === undefined) return
    this.#decoded.delete(at)
    this.#transactions -= record.block.transactions.length
  }
}

function storedRecord(archive: Archive, at: number, body: Uint8Array): BlockRecord {
  const what = `block ${archive.first + BigInt(at)}`
  const decoded = decodeStoredBody(body, what)
  // Another chain may hash its headers in a way of its own: a fork begins with such a block.
  const hash = at === 0 ? archive.hash(0)! : decoded.block.hash
  const block = hash === decoded.block.hash ? decoded.block : { ...decoded.block, hash }
  return lazyRecord(
    { ...decoded, block },
    () => decodeReceiptsOf(archive.receipts(at)!.slice(), what),
    () => archive.state(at),
  )
}

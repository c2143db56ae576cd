import { bigIntToBytes, bigIntToFixedBytes, bytesToBigInt } from '../primitives/bytes.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import { ZERO_HASH, bytesToHash, hexToBytes } from '../primitives/hex.ts'
import { encodeRlp } from '../primitives/rlp.ts'
import type { CodeStore } from '../state/codes.ts'
import type { Version } from '../state/world.ts'
import { type Kv, KvError, type KvWrite } from '../store/kv.ts'
import type { Archive, LogPlaces, Place } from './archive.ts'
import type { BlockRecord } from './block-record.ts'
import { LogIndex } from './log-index.ts'
import { LogSections, SECTION } from './log-sections.ts'
import type { Term } from './log-terms.ts'
import { openState, takeStateWrites } from './state-records.ts'
import { decodeReceiptsOf, encodeStoredBlock, fieldsOf } from './stored-block.ts'
import type { WriteBehind } from './write-behind.ts'

/** First bytes of keys; those of states are lower case. */
const HEAD_KEY = Uint8Array.of(0x4d) // M
const BODY = 0x42 // B
const RECEIPTS = 0x52 // R
/** State root and block hash. */
const ROOT = 0x53 // S
const HASH = 0x48 // H
const TRANSACTION = 0x54 // T
const NONCE = 0x4e // N
const FORMAT = 1n

/** States that stay open in memory; older ones are opened from disk by their root. */
const OPEN_STATES = 128

interface Extent {
  readonly first: bigint
  readonly length: number
}

export interface KvArchiveParts {
  readonly kv: Kv
  /** Before `kv`. */
  readonly behind: WriteBehind
  readonly codes: CodeStore
  /** What the chain was started with: another one cannot go on with it. undefined to look at any. */
  readonly identity: string | undefined
  readonly keptStates: number
}

/**
 * A chain on disk. A block is written in the background with its state, receipts, places and the pointer to the head, all in one
 * batch: whatever is on disk after a crash is the chain as it was after some block or cheat. Opening reads one record.
 */
export class KvArchive implements Archive {
  readonly keptStates: number
  readonly #parts: KvArchiveParts
  #extent: Extent
  /** Each with the writes that it takes to open it from disk. */
  readonly #open = new Map<number, { readonly version: Version; readonly writes: number }>()
  readonly #logs: LogIndex
  readonly #sections: LogSections

  /** @throws {KvError} when the store holds another chain, or one that this version cannot read */
  constructor(parts: KvArchiveParts, first: bigint) {
    this.#parts = parts
    this.keptStates = parts.keptStates
    this.#extent = readExtent(parts) ?? { first, length: 0 }
    this.#logs = new LogIndex(sectionStart(this.length))
    this.#sections = new LogSections((key) => parts.behind.get(key))
  }

  get first(): bigint {
    return this.#extent.first
  }

  get length(): number {
    return this.#extent.length
  }

  restart(first: bigint): void {
    this.#logs.restart(0)
    this.#sections.forget(0)
    this.#put({ first, length: 0 }, [])
  }

  append(record: BlockRecord): void {
    const at = this.length
    const { block, version } = record
    const stored = encodeStoredBlock(record)
    const writes: KvWrite[] = [
      { key: atKey(BODY, at), value: stored.body },
      { key: atKey(RECEIPTS, at), value: stored.receipts },
      { key: prefixed(HASH, hexToBytes(block.hash)), value: numberBytes(at) },
      this.#rootWrite(at, version, block.hash),
    ]
    for (const [index, tx] of block.transactions.entries()) {
      const place = placeBytes(at, index)
      writes.push({ key: prefixed(TRANSACTION, hexToBytes(tx.hash)), value: place })
      writes.push({ key: nonceKey(tx.sender, tx.nonce), value: place })
    }
    writes.push(...this.#index(record, at))
    const hidden = version === undefined ? [] : takeStateWrites(version, this.#parts.codes)
    this.#put({ ...this.#extent, length: at + 1 }, writes, hidden)
    if (version !== undefined) this.#keepOpen(at, version)
  }

  cut(removed: readonly BlockRecord[]): void {
    const length = this.length - removed.length
    const writes: KvWrite[] = []
    for (const [index, { block }] of removed.entries()) {
      const at = length + index
      this.#open.delete(at)
      writes.push(...this.#forgetting(at))
      for (const tx of block.transactions) {
        writes.push({ key: prefixed(TRANSACTION, hexToBytes(tx.hash)), value: undefined })
        writes.push({ key: nonceKey(tx.sender, tx.nonce), value: undefined })
      }
    }
    if (length < this.#logs.first) {
      this.#logs.restart(sectionStart(length))
      this.#sections.forget(length / SECTION)
    } else {
      this.#logs.cut(length)
    }
    this.#put({ ...this.#extent, length }, writes)
  }

  hash(at: number): Hash | undefined {
    const bytes = this.#parts.behind.get(atKey(ROOT, at))
    return bytes && bytesToHash(bytes.subarray(32))
  }

  body(at: number): Uint8Array | undefined {
    return this.#parts.behind.get(atKey(BODY, at))
  }

  receipts(at: number): Uint8Array | undefined {
    return this.#parts.behind.get(atKey(RECEIPTS, at))
  }

  state(at: number): Version | undefined {
    const open = this.#open.get(at)
    if (open !== undefined) return open.version
    const isOld = at < this.length - this.keptStates
    if (at < 0 || at >= this.length || (isOld && at !== 0)) return undefined
    const bytes = this.#parts.behind.get(atKey(ROOT, at))
    const root = bytes && bytesToHash(bytes.subarray(0, 32))
    return root === undefined || root === ZERO_HASH ? undefined : openState(this.#parts.kv, root)
  }

  setState(at: number, version: Version): void {
    const hash = this.hash(at)
    if (hash === undefined)
      throw new KvError(`the data folder lacks block ${this.first + BigInt(at)}`)
    const hidden = takeStateWrites(version, this.#parts.codes)
    this.#parts.behind.put([this.#rootWrite(at, version, hash)], hidden)
    this.#keepOpen(at, version)
  }

  find(hash: Hash): number | undefined {
    const bytes = this.#parts.behind.get(prefixed(HASH, hexToBytes(hash)))
    return bytes && Number(bytesToBigInt(bytes))
  }

  place(transaction: Hash): Place | undefined {
    return placeIn(this.#parts.behind.get(prefixed(TRANSACTION, hexToBytes(transaction))))
  }

  placeOf(sender: Address, nonce: bigint): Place | undefined {
    return placeIn(this.#parts.behind.get(nonceKey(sender, nonce)))
  }

  logCount(at: number): number {
    if (at < this.#logs.first) return this.#sections.logCount(at)
    this.#catchUp()
    return this.#logs.logCount(at)
  }

  candidates(asked: readonly (readonly Term[])[], from: number, to: number): LogPlaces {
    const found: number[] = []
    const append = (places: readonly number[]): void => {
      for (const place of places) found.push(place)
    }
    for (
      let start = sectionStart(from);
      start < this.#logs.first && start <= to;
      start += SECTION
    ) {
      append(this.#sections.candidates(start / SECTION, asked, from, to))
    }
    if (to < this.#logs.first) return found
    this.#catchUp()
    append(this.#logs.candidates(asked, from, to))
    return found
  }

  /** Reads into the index what it lacks of the section that is not complete: after a start, and after blocks were taken back. */
  #catchUp(): void {
    for (let at = this.#logs.end; at < this.length; at++) {
      const bytes = this.receipts(at)
      const what = `block ${this.first + BigInt(at)}`
      if (bytes === undefined) throw new KvError(`the data folder lacks the receipts of ${what}`)
      this.#logs.add(decodeReceiptsOf(bytes, what))
    }
  }

  /** Takes in the logs of the newest block; the records of a section that is now complete. */
  #index({ receipts }: BlockRecord, at: number): readonly KvWrite[] {
    const isLast = (at + 1) % SECTION === 0
    if (isLast) this.#catchUp()
    if (this.#logs.end === at) this.#logs.add(receipts)
    if (!isLast) return []
    const writes = this.#sections.seal(Math.floor(at / SECTION), this.#logs)
    this.#logs.restart(at + 1)
    return writes
  }

  #put(extent: Extent, writes: readonly KvWrite[], hidden: readonly KvWrite[] = []): void {
    this.#extent = extent
    const value = encodeRlp([
      bigIntToBytes(FORMAT),
      bigIntToBytes(extent.first),
      bigIntToBytes(BigInt(extent.length)),
      Buffer.from(this.#parts.identity ?? ''),
    ])
    this.#parts.behind.put([...writes, { key: HEAD_KEY, value }], hidden)
  }

  #keepOpen(at: number, version: Version): void {
    const { taken, written } = this.#parts.behind
    this.#open.delete(at)
    this.#open.set(at, { version, writes: taken })
    this.#open.delete(at - this.keptStates)
    for (const [old, { writes }] of this.#open) {
      if (old > at - OPEN_STATES || writes > written) return
      this.#open.delete(old)
    }
  }

  /** No state: a root of zeros. */
  #rootWrite(at: number, version: Version | undefined, hash: Hash): KvWrite {
    const value = hexToBytes(`${version?.stateRoot ?? ZERO_HASH}${hash.slice(2)}`)
    return { key: atKey(ROOT, at), value }
  }

  #forgetting(at: number): KvWrite[] {
    const hash = this.hash(at)
    const writes = [BODY, RECEIPTS, ROOT].map((prefix) => ({
      key: atKey(prefix, at),
      value: undefined,
    }))
    if (hash === undefined) return writes
    return [...writes, { key: prefixed(HASH, hexToBytes(hash)), value: undefined }]
  }
}

function readExtent({ behind, identity }: KvArchiveParts): Extent | undefined {
  const head = behind.get(HEAD_KEY)
  if (head === undefined) return undefined
  const [format, first, length, name] = fieldsOf(head, 'the head')
  if (bytesToBigInt(format!) !== FORMAT) {
    throw new KvError('the data folder is of another version of heddle: start with a new one')
  }
  const stored = Buffer.from(name!).toString()
  if (identity !== undefined && stored !== identity) {
    throw new KvError(`the data folder holds another chain: it was started with ${stored}`)
  }
  return { first: bytesToBigInt(first!), length: Number(bytesToBigInt(length!)) }
}

function sectionStart(at: number): number {
  return Math.floor(at / SECTION) * SECTION
}

function prefixed(prefix: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(rest.length + 1)
  key[0] = prefix
  key.set(rest, 1)
  return key
}

function atKey(prefix: number, at: number): Uint8Array {
  const key = new DataView(new ArrayBuffer(5))
  key.setUint8(0, prefix)
  key.setUint32(1, at)
  return new Uint8Array(key.buffer)
}

function nonceKey(sender: Address, nonce: bigint): Uint8Array {
  const key = new Uint8Array(29)
  key[0] = NONCE
  key.set(hexToBytes(sender), 1)
  key.set(bigIntToFixedBytes(nonce, 8), 21)
  return key
}

function numberBytes(at: number): Uint8Array {
  return bigIntToFixedBytes(BigInt(at), 4)
}

function placeBytes(at: number, index: number): Uint8Array {
  const place = new DataView(new ArrayBuffer(8))
  place.setUint32(0, at)
  place.setUint32(4, index)
  return new Uint8Array(place.buffer)
}

function placeIn(bytes: Uint8Array | undefined): Place | undefined {
  if (bytes === undefined) return undefined
  const place = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { at: place.getUint32(0), index: place.getUint32(4) }
}

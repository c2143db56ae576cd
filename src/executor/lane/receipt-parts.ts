import { BLOOM_BYTES } from '../../model/bloom.ts'
import {
  type EncodedReceipts,
  type LogsPart,
  type PartReceipts,
  type ReceiptPart,
  bloomOfPart,
  encodePart,
  encodeReceipts,
  logPartsOf,
  partsOf,
  rootOfParts,
} from '../record-receipts.ts'
import type { BlockRecords } from '../recorded.ts'
import { MOST_BLOOMS, RECEIPT_BLOOMS, RECEIPT_LEAVES, RECEIPT_PARTS } from './layout.ts'

/** How many are taken, and how many of those made: of the parts of receipts, and of those of logs. */
const PARTS = RECEIPT_PARTS >>> 2
const LOGS = PARTS + 2
const BLOOM = RECEIPT_PARTS + 16
const SPINS = 10_000
/** Milliseconds without a part made after which nobody waits any more for who took one: it ended, or will not end. */
const PATIENCE_MS = 2_000

/** A block's receipts as they are shared out: the same for all who have its records. */
interface Shares {
  readonly parts: readonly ReceiptPart[]
  readonly logs: readonly LogsPart[]
  /** The transactions that have parts of logs, by which their blooms are found. */
  readonly long: readonly number[]
}

/**
 * A block's receipts in parts, which the lane that makes them and the main thread take in turns once that has nothing else to do: of some
 * blocks they take longer than the transactions, and of some one receipt does. Who takes a part makes it.
 */
export class ReceiptParts {
  readonly #i32: Int32Array
  readonly #bytes: Uint8Array
  readonly #patienceMs: number

  constructor(memory: WebAssembly.Memory, patienceMs: number = PATIENCE_MS) {
    this.#patienceMs = patienceMs
    this.#i32 = new Int32Array(memory.buffer)
    this.#bytes = new Uint8Array(memory.buffer)
  }

  /** A new block. When nobody runs. */
  clear(): void {
    this.#i32.fill(0, PARTS, LOGS + 2)
    this.#bytes.fill(0, BLOOM, BLOOM + BLOOM_BYTES)
    this.#bytes.fill(0, RECEIPT_BLOOMS, RECEIPT_BLOOMS + MOST_BLOOMS * BLOOM_BYTES)
  }

  /** Makes parts until all are taken. @returns how many there are of receipts */
  work(records: BlockRecords, types: Uint8Array): number {
    const shares = sharesOf(records)
    const { parts, logs } = shares
    if (parts.length < 2 && logs.length === 0) return parts.length
    for (let part = this.takeLogs(logs); part !== undefined; part = this.takeLogs(logs)) {
      this.putLogs(shares, part, bloomOfPart(records, part))
    }
    for (let part = this.take(parts); part !== undefined; part = this.take(parts)) {
      this.put(part, encodePart(records, types, part, this.#bloomsIn(part, shares)))
    }
    return parts.length
  }

  /** The next part is the caller's to make. @returns undefined when all are taken */
  take(parts: readonly ReceiptPart[]): ReceiptPart | undefined {
    return parts[Atomics.add(this.#i32, PARTS, 1)]
  }

  /** By who took it. */
  put({ from }: ReceiptPart, { hashes, logsBloom }: PartReceipts): void {
    this.#bytes.set(hashes, RECEIPT_LEAVES + 32 * from)
    this.#unite(BLOOM, logsBloom)
    this.#count(PARTS + 1)
  }

  /** As `take`, of logs. */
  takeLogs(logs: readonly LogsPart[]): LogsPart | undefined {
    return logs[Atomics.add(this.#i32, LOGS, 1)]
  }

  /** By who took them. */
  putLogs({ long }: Shares, { tx }: LogsPart, bloom: Uint8Array): void {
    this.#unite(bloomAt(long.indexOf(tx)), bloom)
    this.#count(LOGS + 1)
  }

  /** All of the receipts, when all parts are made. By the lane that makes them. */
  make(records: BlockRecords, types: Uint8Array): EncodedReceipts {
    const parts = this.work(records, types)
    if (Atomics.load(this.#i32, PARTS) === 0) return encodeReceipts(records, types)
    if (!this.#awaitAll(PARTS + 1, parts)) return encodeReceipts(records, types)
    const end = RECEIPT_LEAVES + 32 * types.length
    return {
      receiptsRoot: rootOfParts(this.#bytes.slice(RECEIPT_LEAVES, end)),
      logsBloom: this.#bytes.slice(BLOOM, BLOOM + BLOOM_BYTES),
    }
  }

  /** Of the receipts in a part that have one before they are made: when all logs are done, those of the other thread too. If not, none has. */
  #bloomsIn({ from, to }: ReceiptPart, { long, logs }: Shares): Map<number, Uint8Array> {
    const blooms = new Map<number, Uint8Array>()
    for (const [place, tx] of long.entries()) {
      if (tx < from || tx >= to) continue
      if (!this.#awaitAll(LOGS + 1, logs.length)) return new Map()
      const at = bloomAt(place)
      blooms.set(tx, this.#bytes.slice(at, at + BLOOM_BYTES))
    }
    return blooms
  }

  #unite(at: number, bloom: Uint8Array): void {
    const bits = new Int32Array(bloom.buffer, bloom.byteOffset, BLOOM_BYTES / 4)
    for (const [i, word] of bits.entries()) Atomics.or(this.#i32, (at >>> 2) + i, word)
  }

  /** A part is there before it is counted. */
  #count(word: number): void {
    Atomics.add(this.#i32, word, 1)
    Atomics.notify(this.#i32, word)
  }

  /** @returns whether all came */
  #awaitAll(word: number, count: number): boolean {
    for (let i = 0; i < SPINS && Atomics.load(this.#i32, word) < count; i++) {
      // The other one is about to end.
    }
    for (;;) {
      const done = Atomics.load(this.#i32, word)
      if (done >= count) return true
      if (Atomics.wait(this.#i32, word, done, this.#patienceMs) === 'timed-out') return false
    }
  }
}

/** Of a block's records. */
export function sharesOf(records: BlockRecords): Shares {
  const all = logPartsOf(records)
  const long = [...new Set(all.map(({ tx }) => tx))].slice(0, MOST_BLOOMS)
  const last = long.at(-1) ?? -1
  return { parts: partsOf(records), logs: all.filter(({ tx }) => tx <= last), long }
}

function bloomAt(place: number): number {
  return RECEIPT_BLOOMS + place * BLOOM_BYTES
}

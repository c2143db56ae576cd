import { BLOOM_BYTES } from '../../model/bloom.ts'
import {
  type EncodedReceipts,
  type PartReceipts,
  type ReceiptPart,
  encodePart,
  encodeReceipts,
  partsOf,
  rootOfParts,
} from '../record-receipts.ts'
import type { BlockRecords } from '../recorded.ts'
import { RECEIPT_LEAVES, RECEIPT_PARTS } from './layout.ts'

const TAKEN = RECEIPT_PARTS >>> 2
const DONE = TAKEN + 1
const BLOOM = TAKEN + 2
const SPINS = 10_000

/**
 * A block's receipts in parts, which the lane that makes them and the main thread take in turns once that has nothing else to do: of some
 * blocks they take longer than the transactions. Who takes a part makes it.
 */
export class ReceiptParts {
  readonly #i32: Int32Array
  readonly #bytes: Uint8Array

  constructor(memory: WebAssembly.Memory) {
    this.#i32 = new Int32Array(memory.buffer)
    this.#bytes = new Uint8Array(memory.buffer)
  }

  /** A new block. When nobody runs. */
  clear(): void {
    this.#i32.fill(0, TAKEN, DONE + 1)
    this.#i32.fill(0, BLOOM, BLOOM + BLOOM_BYTES / 4)
  }

  /** Makes parts until all are taken. @returns how many parts there are */
  work(records: BlockRecords, types: Uint8Array): number {
    const parts = partsOf(records)
    if (parts.length < 2) return parts.length
    for (let part = this.take(parts); part !== undefined; part = this.take(parts)) {
      this.put(part, encodePart(records, types, part))
    }
    return parts.length
  }

  /** The next part is the caller's to make. @returns undefined when all are taken */
  take(parts: readonly ReceiptPart[]): ReceiptPart | undefined {
    return parts[Atomics.add(this.#i32, TAKEN, 1)]
  }

  /** All of the receipts, when all parts are made. By the lane that makes them. */
  make(records: BlockRecords, types: Uint8Array): EncodedReceipts {
    const parts = this.work(records, types)
    if (parts < 2) return encodeReceipts(records, types)
    this.#awaitAll(parts)
    const bloom = BLOOM << 2
    return {
      receiptsRoot: rootOfParts(
        this.#bytes.slice(RECEIPT_LEAVES, RECEIPT_LEAVES + 32 * types.length),
      ),
      logsBloom: this.#bytes.slice(bloom, bloom + BLOOM_BYTES),
    }
  }

  /** By who took it. */
  put({ from }: ReceiptPart, { hashes, logsBloom }: PartReceipts): void {
    this.#bytes.set(hashes, RECEIPT_LEAVES + 32 * from)
    const bits = new Int32Array(logsBloom.buffer, logsBloom.byteOffset, BLOOM_BYTES / 4)
    for (const [i, word] of bits.entries()) Atomics.or(this.#i32, BLOOM + i, word)
    // A part is there before it is counted.
    Atomics.add(this.#i32, DONE, 1)
    Atomics.notify(this.#i32, DONE)
  }

  #awaitAll(parts: number): void {
    for (let i = 0; i < SPINS && Atomics.load(this.#i32, DONE) < parts; i++) {
      // The other one is about to end.
    }
    for (;;) {
      const done = Atomics.load(this.#i32, DONE)
      if (done >= parts) return
      Atomics.wait(this.#i32, DONE, done)
    }
  }
}

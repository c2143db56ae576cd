import { BLOOM_BYTES } from '../../model/bloom.ts'
import { bytesToHash } from '../../primitives/hex.ts'
import type { EncodedReceipts } from '../record-receipts.ts'
import { RECEIPTS } from './layout.ts'

// A block without receipts' root; a lane makes it; it is there; the main thread makes it itself.
const NONE = 0
const BEGUN = 1
const THERE = 2
const GIVEN_UP = 3

const STATE = RECEIPTS >>> 2
const ROOT = RECEIPTS + 8
const SPINS = 10_000
/** Milliseconds that the main thread waits for a lane that has begun: longer than any block takes, shorter than anybody notices twice. */
const PATIENCE_MS = 2_000

/** Where a lane leaves the root and bloom of the block's receipts, which it makes while the main thread takes what the block changed. */
export class ReceiptBox {
  readonly #i32: Int32Array
  readonly #bytes: Uint8Array

  constructor(memory: WebAssembly.Memory) {
    this.#i32 = new Int32Array(memory.buffer)
    this.#bytes = new Uint8Array(memory.buffer)
  }

  /** A new block. When nobody runs. */
  clear(): void {
    Atomics.store(this.#i32, STATE, NONE)
  }

  /** @returns whether the lane that asks is to make them */
  begin(): boolean {
    return Atomics.compareExchange(this.#i32, STATE, NONE, BEGUN) === NONE
  }

  /** By who began. */
  put({ receiptsRoot, logsBloom }: EncodedReceipts): void {
    this.#bytes.set(Buffer.from(receiptsRoot.slice(2), 'hex'), ROOT)
    this.#bytes.set(logsBloom, ROOT + 32)
    // They are written before it is said that they are there.
    Atomics.compareExchange(this.#i32, STATE, BEGUN, THERE)
    Atomics.notify(this.#i32, STATE)
  }

  /** By who began, and cannot make them. */
  giveUp(): void {
    Atomics.compareExchange(this.#i32, STATE, BEGUN, GIVEN_UP)
    Atomics.notify(this.#i32, STATE)
  }

  /**
   * What a lane made, after it has ended if it is at it; undefined when no lane began, or it does not end: none will from now on.
   * @param help called before a lane that is at it is waited for
   */
  take(help: () => void = () => undefined): EncodedReceipts | undefined {
    const state = Atomics.compareExchange(this.#i32, STATE, NONE, GIVEN_UP)
    if (state === NONE) return undefined
    if (state === BEGUN) help()
    for (let i = 0; i < SPINS && Atomics.load(this.#i32, STATE) === BEGUN; i++) {
      // Mostly it is about to end.
    }
    Atomics.wait(this.#i32, STATE, BEGUN, PATIENCE_MS)
    if (Atomics.compareExchange(this.#i32, STATE, BEGUN, GIVEN_UP) !== THERE) return undefined
    return {
      receiptsRoot: bytesToHash(this.#bytes.slice(ROOT, ROOT + 32)),
      logsBloom: this.#bytes.slice(ROOT + 32, ROOT + 32 + BLOOM_BYTES),
    }
  }
}

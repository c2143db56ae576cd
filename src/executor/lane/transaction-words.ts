import {
  MERGED as MERGED_STATUS,
  STATUS_MASK,
  TRANSACTIONS,
  TX_AFTER,
  TX_BLOBS,
  TX_ENCODED,
  TX_FORETOLD,
  TX_GAS_LIMIT,
  TX_RECORD,
  TX_STATUS,
  TX_WORDS,
} from './layout.ts'

// A transaction's words, as indices from its start.
const STATUS = TX_STATUS >>> 2
const RECORD = TX_RECORD >>> 2
const ENCODED = TX_ENCODED >>> 2
const AFTER = TX_AFTER >>> 2
const FORETOLD = TX_FORETOLD >>> 2
const BLOBS = TX_BLOBS >>> 2
/** f64: its gas limit, or 2^53 if it is more. */
const GAS_LIMIT = TX_GAS_LIMIT >>> 2

/**
 * A transaction is ready, executing, executed, merging, and then settled: merged or skipped. From executed it can be taken back by whoever
 * finds that it read what is no more (`aborting`), and is ready again. The status word carries how often it was.
 */
export type Status =
  | 'ready'
  | 'executing'
  | 'executed'
  | 'aborting'
  | 'merging'
  | 'merged'
  | 'skipped'
const NUMBERS: Readonly<Record<Status, number>> = {
  ready: 0,
  executing: 1,
  executed: 2,
  aborting: 3,
  merging: 4,
  merged: MERGED_STATUS,
  skipped: 6,
}
const STATUSES = Object.keys(NUMBERS) as readonly Status[]
const STATUS_BITS = 3

/** What is known of each transaction of the block. */
export class TransactionWords {
  readonly #i32: Int32Array
  readonly #f64: Float64Array

  constructor(memory: WebAssembly.Memory) {
    this.#i32 = new Int32Array(memory.buffer)
    this.#f64 = new Float64Array(memory.buffer)
  }

  /**
   * Before the lanes begin.
   * @param encoded where its bytes are, 0 when they are not there yet, or the lanes have it otherwise
   * @param after it waits until those before this one are merged
   */
  set(index: number, encoded: number, gasLimit: number, blobGas: number, after: number): void {
    const at = placeOf(index)
    this.#i32[at + ENCODED] = encoded
    this.#i32[at + AFTER] = after
    this.#i32[at + BLOBS] = blobGas
    this.#f64[(at + GAS_LIMIT) >>> 1] = gasLimit
  }

  /** 0 before it is there. */
  encoded(index: number): number {
    return Atomics.load(this.#i32, placeOf(index) + ENCODED)
  }

  /** It is there. Its bytes are written before. */
  present(index: number, encoded: number): void {
    Atomics.store(this.#i32, placeOf(index) + ENCODED, encoded)
  }

  after(index: number): number {
    return this.#i32[placeOf(index) + AFTER]!
  }

  gasLimit(index: number): number {
    return this.#f64[(placeOf(index) + GAS_LIMIT) >>> 1]!
  }

  blobGas(index: number): number {
    return this.#i32[placeOf(index) + BLOBS]!
  }

  /** A record of what it is said to write; 0 when nothing is said. */
  foretold(index: number): number {
    return this.#i32[placeOf(index) + FORETOLD]!
  }

  foretell(index: number, record: number): void {
    this.#i32[placeOf(index) + FORETOLD] = record
  }

  /** Where its last record is; 0 before it ran. Written before the status that says that it ran. */
  record(index: number): number {
    return Atomics.load(this.#i32, placeOf(index) + RECORD)
  }

  keep(index: number, record: number): void {
    Atomics.store(this.#i32, placeOf(index) + RECORD, record)
  }

  status(index: number): Status {
    return STATUSES[Atomics.load(this.#i32, placeOf(index) + STATUS) & STATUS_MASK]!
  }

  /** How often it was taken back. */
  incarnation(index: number): number {
    return Atomics.load(this.#i32, placeOf(index) + STATUS) >>> STATUS_BITS
  }

  /** Moves on if it is at `from`. @returns whether this call did it */
  move(index: number, from: Status, to: Status): boolean {
    const at = placeOf(index) + STATUS
    const seen = Atomics.load(this.#i32, at)
    if ((seen & STATUS_MASK) !== NUMBERS[from]) return false
    const next = (seen & ~STATUS_MASK) | NUMBERS[to]
    return Atomics.compareExchange(this.#i32, at, seen, next) === seen
  }

  /** It runs once more where it is. By whoever merges it. */
  again(index: number): void {
    Atomics.add(this.#i32, placeOf(index) + STATUS, 1 << STATUS_BITS)
  }

  /** It will run once more. By whoever moved it to `aborting`. */
  renew(index: number): void {
    const at = placeOf(index) + STATUS
    const incarnation = (Atomics.load(this.#i32, at) >>> STATUS_BITS) + 1
    Atomics.store(this.#i32, at, incarnation << STATUS_BITS)
  }
}

function placeOf(index: number): number {
  return (TRANSACTIONS + index * TX_WORDS) >>> 2
}

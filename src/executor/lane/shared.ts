import { invariant } from '../../primitives/invariant.ts'
import { Bell } from './bell.ts'
import {
  MAX_TRANSACTIONS,
  MERGED as MERGED_STATUS,
  SCHEDULER,
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
  WORD_BLOB_GAS,
  WORD_COUNT,
  WORD_GAS,
  WORD_MERGED,
  WORD_STOP,
} from './layout.ts'

/**
 * The words that lanes and the main thread share, each behind the moves that are legal for it. All offsets and atomics of the host are in
 * this file and in `mailbox.ts`; those of the state are the module's (`assembly/`).
 */

// Words of the scheduler, as indices from its start.
const STOP = (WORD_STOP - SCHEDULER) >>> 2
const NEXT = 1
const MERGED = (WORD_MERGED - SCHEDULER) >>> 2
const LOCK = 3
const COUNT = (WORD_COUNT - SCHEDULER) >>> 2
const BEATS = 5
const EXECUTION = 6
const VALIDATION = 7
/** How many lanes sleep until the ticket moves, and whether the main thread does. */
const SLEEPERS = 8
const WATCHED = 9
/** How many of the long transactions are taken, and from `LONG` on which they are, each plus one. */
const LONG_TAKEN = 10
const LONG = 24
const MOST_LONG = 8
/** Gas from which on a transaction may be a long one. */
const LONG_GAS = 500_000
/** Behind those that each block begins with as zeros: the number of the block that is set up. */
const OPENED = 66
/** f64s: gas and blob gas of what is merged; both below 2^53. */
const GAS = (WORD_GAS - SCHEDULER) >>> 2
const BLOB_GAS = (WORD_BLOB_GAS - SCHEDULER) >>> 2

// A transaction's words, as indices from its start.
const STATUS = TX_STATUS >>> 2
const RECORD = TX_RECORD >>> 2
const ENCODED = TX_ENCODED >>> 2
const AFTER = TX_AFTER >>> 2
const FORETOLD = TX_FORETOLD >>> 2
const BLOBS = TX_BLOBS >>> 2
/** f64: its gas limit, or 2^53 if it is more. */
const GAS_LIMIT = TX_GAS_LIMIT >>> 2

/** What ended a block before its last transaction: a rejection that stops it, or a failure that the main thread answers for. */
export type Stop = 'rejected' | 'abandoned'
const STOPS: readonly (Stop | undefined)[] = [undefined, 'rejected', 'abandoned']

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

/** How long a lane looks again before it sleeps: a wake-up costs more than most transactions. */
const SPINS = 2_000
const SPINS_BETWEEN = 64

/** The block in execution: who may take what next, how far it is merged, whether it goes on. */
export class BlockWords {
  readonly #i32: Int32Array
  readonly #f64: Float64Array
  readonly #base: number
  readonly bell: Bell

  constructor(memory: WebAssembly.Memory) {
    this.#i32 = new Int32Array(memory.buffer)
    this.#f64 = new Float64Array(memory.buffer)
    this.#base = SCHEDULER >>> 2
    this.bell = new Bell(memory)
  }

  /** A new block. When nobody runs. */
  begin(count: number): void {
    invariant(count <= MAX_TRANSACTIONS, `a block in lanes has at most ${MAX_TRANSACTIONS}`)
    this.#i32.fill(0, this.#base, this.#base + 64)
    this.#i32.fill(0, TRANSACTIONS >>> 2, (TRANSACTIONS + count * TX_WORDS) >>> 2)
    Atomics.store(this.#i32, this.#base + COUNT, count)
  }

  /** The number of the block that was set up last for lanes; 0 before the first. */
  get opened(): number {
    return Atomics.load(this.#i32, this.#base + OPENED)
  }

  /** Lanes that wait for the block with this number find it set up. */
  open(number: number): void {
    Atomics.store(this.#i32, this.#base + OPENED, number)
    Atomics.notify(this.#i32, this.#base + OPENED)
  }

  /** Waits until the block with this number is set up, or a later one. */
  awaitOpen(number: number): void {
    const at = this.#base + OPENED
    for (let i = 0; i < SPINS && Atomics.load(this.#i32, at) < number; i++) {
      // Mostly it is about to be.
    }
    for (;;) {
      const seen = Atomics.load(this.#i32, at)
      if (seen >= number) return
      Atomics.wait(this.#i32, at, seen)
    }
  }

  /** How many transactions there are. */
  get count(): number {
    return this.#i32[this.#base + COUNT]!
  }

  get stop(): Stop | undefined {
    return STOPS[Atomics.load(this.#i32, this.#base + STOP)]
  }

  /** Ends the block; the first reason stands. Whoever sleeps wakes up and sees it. */
  end(why: Stop): void {
    Atomics.compareExchange(this.#i32, this.#base + STOP, 0, STOPS.indexOf(why))
    Atomics.notify(this.#i32, this.#base + MERGED)
    this.bell.ring()
  }

  /** Takes the next transaction that nobody took, which may be beyond the last one. */
  claim(): number {
    return Atomics.add(this.#i32, this.#base + NEXT, 1)
  }

  /** Which transactions are taken before all others: those with the highest gas limits, if they are high. Before the lanes begin. */
  setLong(gasLimits: readonly number[]): void {
    const long = [...gasLimits.keys()].filter((index) => gasLimits[index]! >= LONG_GAS)
    long.sort((one, other) => gasLimits[other]! - gasLimits[one]!)
    for (const [place, index] of long.slice(0, MOST_LONG).entries()) {
      this.#i32[this.#base + LONG + place] = index + 1
    }
  }

  /** Takes the next of them. @returns undefined when there is none any more */
  claimLong(): number | undefined {
    const at = this.#base + LONG_TAKEN
    if (Atomics.load(this.#i32, at) >= MOST_LONG) return undefined
    const place = Atomics.add(this.#i32, at, 1)
    if (place >= MOST_LONG) return undefined
    const next = this.#i32[this.#base + LONG + place]!
    return next === 0 ? undefined : next - 1
  }

  /** The first that nobody took. */
  get next(): number {
    return Atomics.load(this.#i32, this.#base + NEXT)
  }

  /** Passes over a transaction that is taken; only by one step, so that none is lost. */
  pass(index: number): void {
    Atomics.compareExchange(this.#i32, this.#base + NEXT, index, index + 1)
  }

  /** The first transaction that is not settled: the ticket. */
  get merged(): number {
    return Atomics.load(this.#i32, this.#base + MERGED)
  }

  /** Settles the transaction at the ticket. Only the lane that holds it may. */
  advance(): void {
    Atomics.add(this.#i32, this.#base + MERGED, 1)
    // After the step: who is about to sleep says so first and then compares, so no wake-up is lost.
    if (Atomics.load(this.#i32, this.#base + SLEEPERS) !== 0) {
      Atomics.notify(this.#i32, this.#base + MERGED)
    }
    this.#tellWatcher()
  }

  /** Takes the ticket if nobody holds it: one lane merges at a time. */
  take(): boolean {
    return Atomics.compareExchange(this.#i32, this.#base + LOCK, 0, 1) === 0
  }

  giveBack(): void {
    Atomics.store(this.#i32, this.#base + LOCK, 0)
  }

  /** Waits until the ticket is beyond `merged`, the block ends, or `ms` are over. */
  await(merged: number, ms: number): void {
    for (let i = 0; i < SPINS; i++) if (this.merged !== merged || this.stop !== undefined) return
    Atomics.add(this.#i32, this.#base + SLEEPERS, 1)
    if (this.stop === undefined) Atomics.wait(this.#i32, this.#base + MERGED, merged, ms)
    Atomics.sub(this.#i32, this.#base + SLEEPERS, 1)
  }

  /**
   * The same for the main thread, whose event loop goes on meanwhile: until the ticket is beyond `merged`, there may be something else to
   * do, the block ends, or `ms` are over. @param attend called while it still looks itself, and before it sleeps
   */
  async watch(merged: number, ms: number, attend: () => void): Promise<void> {
    for (let i = 0; i < SPINS; i++) {
      if (this.merged !== merged || this.stop !== undefined) return
      if (i % SPINS_BETWEEN === 0) attend()
    }
    const { rung } = this.bell
    Atomics.store(this.#i32, this.#base + WATCHED, 1)
    attend()
    if (this.merged === merged && this.stop === undefined) await this.bell.ringing(rung, ms)
    Atomics.store(this.#i32, this.#base + WATCHED, 0)
  }

  #tellWatcher(): void {
    if (Atomics.load(this.#i32, this.#base + WATCHED) !== 0) this.bell.ring()
  }

  /** A sign of life. */
  beat(): void {
    Atomics.add(this.#i32, this.#base + BEATS, 1)
  }

  get beats(): number {
    return Atomics.load(this.#i32, this.#base + BEATS)
  }

  /** Gas of what is merged. Whoever holds the ticket reads and adds. */
  get gas(): number {
    return this.#f64[(this.#base + GAS) >>> 1]!
  }

  get blobGas(): number {
    return this.#f64[(this.#base + BLOB_GAS) >>> 1]!
  }

  spend(gas: number, blobGas: number): void {
    this.#f64[(this.#base + GAS) >>> 1]! += gas
    this.#f64[(this.#base + BLOB_GAS) >>> 1]! += blobGas
  }

  /** Block-STM's two counters: the next to execute, and the next to validate. */
  get execution(): number {
    return Atomics.load(this.#i32, this.#base + EXECUTION)
  }

  get validation(): number {
    return Atomics.load(this.#i32, this.#base + VALIDATION)
  }

  takeExecution(): number {
    return Atomics.add(this.#i32, this.#base + EXECUTION, 1)
  }

  takeValidation(): number {
    return Atomics.add(this.#i32, this.#base + VALIDATION, 1)
  }

  /** Sends execution back to `index` if it is further. */
  lowerExecution(index: number): void {
    this.#lower(EXECUTION, index)
  }

  /** Sends validation back to `index` if it is further. */
  lowerValidation(index: number): void {
    this.#lower(VALIDATION, index)
  }

  #lower(word: number, to: number): void {
    const at = this.#base + word
    let seen = Atomics.load(this.#i32, at)
    while (seen > to) {
      const now = Atomics.compareExchange(this.#i32, at, seen, to)
      if (now === seen) return this.#tellWatcher()
      seen = now
    }
  }
}

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
   * @param encoded where its bytes are, 0 when the lanes have it otherwise
   * @param after it waits until those before this one are merged
   */
  set(index: number, encoded: number, gasLimit: number, blobGas: number, after: number): void {
    const at = placeOf(index)
    this.#i32[at + ENCODED] = encoded
    this.#i32[at + AFTER] = after
    this.#i32[at + BLOBS] = blobGas
    this.#f64[(at + GAS_LIMIT) >>> 1] = gasLimit
  }

  encoded(index: number): number {
    return this.#i32[placeOf(index) + ENCODED]!
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

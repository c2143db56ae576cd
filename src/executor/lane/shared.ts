import { invariant } from '../../primitives/invariant.ts'
import { Bell } from './bell.ts'
import {
  MAX_TRANSACTIONS,
  SCHEDULER,
  TRANSACTIONS,
  TX_WORDS,
  WORD_BLOB_GAS,
  WORD_COUNT,
  WORD_GAS,
  WORD_MERGED,
  WORD_STOP,
} from './layout.ts'

/**
 * The words that lanes and the main thread share, each behind the moves that are legal for it. All offsets and atomics of the host are in
 * this file, in `transaction-words.ts`, `mailbox.ts` and those of receipts; those of the state are the module's (`assembly/`).
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
/** How often it was told that a transaction is there, and how many lanes sleep until then. */
const PRESENT = 11
const EARLY = 12
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

/** What ended a block before its last transaction: a rejection that stops it, or a failure that the main thread answers for. */
export type Stop = 'rejected' | 'abandoned'
const STOPS: readonly (Stop | undefined)[] = [undefined, 'rejected', 'abandoned']

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
    this.tellPresent()
    this.bell.ring()
  }

  /** Takes the next transaction that nobody took, which may be beyond the last one. */
  claim(): number {
    return Atomics.add(this.#i32, this.#base + NEXT, 1)
  }

  /**
   * Which transactions are taken before all others: those with the highest gas limits, if they are high. Before the lanes begin.
   * @returns them
   */
  setLong(gasLimits: readonly number[]): readonly number[] {
    const long: number[] = []
    for (let index = 0; index < gasLimits.length; index++) {
      const gas = gasLimits[index]!
      if (gas < LONG_GAS) continue
      const place = long.findLastIndex((other) => gasLimits[other]! >= gas) + 1
      if (place === MOST_LONG) continue
      long.splice(place, 0, index)
      if (long.length > MOST_LONG) long.pop()
    }
    for (const [place, index] of long.entries()) {
      this.#i32[this.#base + LONG + place] = index + 1
    }
    return long
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

  /** One more transaction is there, or none will be. */
  tellPresent(): void {
    Atomics.add(this.#i32, this.#base + PRESENT, 1)
    if (Atomics.load(this.#i32, this.#base + EARLY) !== 0) {
      Atomics.notify(this.#i32, this.#base + PRESENT)
    }
  }

  /** Where a transaction is, by `find`: after it was put there, if that is still done. 0 when the block ends before. */
  whenPresent(find: () => number): number {
    for (let i = 0; ; i++) {
      const seen = Atomics.load(this.#i32, this.#base + PRESENT)
      const at = find()
      if (at !== 0 || this.stop !== undefined) return at
      // Mostly it is about to be.
      if (i < SPINS) continue
      Atomics.add(this.#i32, this.#base + EARLY, 1)
      Atomics.wait(this.#i32, this.#base + PRESENT, seen)
      Atomics.sub(this.#i32, this.#base + EARLY, 1)
    }
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

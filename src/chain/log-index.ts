import type { Log } from '../model/receipt.ts'
import { type Term, termsOfLog } from './log-terms.ts'

/** Of an entry: its term, the entry before it of the same term plus one, block, log, and how many there are of the term up to it. */
const FIELDS = 5
const [TERM, BEFORE, BLOCK, LOG, COUNT] = [0, 1, 2, 3, 4] as const

/**
 * Which logs have an address or a topic: for each term a list from its newest log to its oldest, through one array that only
 * grows at its end. Taking blocks back takes their entries off that end. 20 bytes for each address and topic of a log.
 */
export class LogIndex {
  #entries = new Uint32Array(FIELDS * 1024)
  #length = 0
  readonly #newest = new Map<Term, number>()
  /** Logs of each block, from the first block of the index. */
  #counts = new Uint32Array(1024)
  #blocks = 0
  #first: number

  /** @param first the block that comes first */
  constructor(first = 0) {
    this.#first = first
  }

  /** The first block that is not in the index. */
  get end(): number {
    return this.#first + this.#blocks
  }

  get first(): number {
    return this.#first
  }

  /** Takes in the next block: all its logs. */
  add(logs: Iterable<Log>): void {
    const block = this.end
    let log = 0
    for (const each of logs) {
      for (const term of termsOfLog(each)) this.#push(term, block, log)
      log++
    }
    this.#counts = grown(this.#counts, this.#blocks + 1)
    this.#counts[this.#blocks++] = log
  }

  #push(term: Term, block: number, log: number): void {
    this.#entries = grown(this.#entries, this.#length + FIELDS)
    const entries = this.#entries
    const before = this.#newest.get(term)
    const at = this.#length
    entries[at + TERM] = term
    entries[at + BEFORE] = before === undefined ? 0 : before + 1
    entries[at + BLOCK] = block
    entries[at + LOG] = log
    entries[at + COUNT] = before === undefined ? 1 : entries[before + COUNT]! + 1
    this.#newest.set(term, at)
    this.#length += FIELDS
  }

  /** Forgets `block` and those above it. */
  cut(block: number): void {
    const entries = this.#entries
    while (this.#length > 0 && entries[this.#length - FIELDS + BLOCK]! >= block) {
      this.#length -= FIELDS
      const term = entries[this.#length + TERM]!
      const before = entries[this.#length + BEFORE]!
      if (before === 0) this.#newest.delete(term)
      else this.#newest.set(term, before - 1)
    }
    this.#blocks = Math.max(0, Math.min(this.#blocks, block - this.#first))
  }

  /** Forgets all, and begins at `first`. */
  restart(first: number): void {
    this.#first = first
    this.#blocks = 0
    this.#length = 0
    this.#newest.clear()
  }

  logCount(block: number): number {
    return block < this.#first || block >= this.end ? 0 : this.#counts[block - this.#first]!
  }

  /** Block and log of what has one of the terms of the shortest list, in the blocks `from` to `to`, in order. */
  candidates(asked: readonly (readonly Term[])[], from: number, to: number): number[] {
    let shortest: readonly Term[] = []
    let length = Number.POSITIVE_INFINITY
    for (const terms of asked) {
      const estimate = this.#estimate(terms)
      if (estimate < length) [shortest, length] = [terms, estimate]
    }
    return merged(shortest.map((term) => this.#list(term, from, to)))
  }

  #estimate(terms: readonly Term[]): number {
    let sum = 0
    for (const term of terms) {
      const newest = this.#newest.get(term)
      if (newest !== undefined) sum += this.#entries[newest + COUNT]!
    }
    return sum
  }

  #list(term: Term, from: number, to: number): number[] {
    const entries = this.#entries
    const found: number[] = []
    let next = this.#newest.get(term)
    while (next !== undefined) {
      const block = entries[next + BLOCK]!
      if (block < from) break
      if (block <= to) found.push(entries[next + LOG]!, block)
      const before: number = entries[next + BEFORE]!
      next = before === 0 ? undefined : before - 1
    }
    return found.reverse()
  }

  /** All entries: term, block, log, in order. */
  *entries(): Generator<readonly [term: Term, block: number, log: number]> {
    for (let at = 0; at < this.#length; at += FIELDS) {
      yield [this.#entries[at + TERM]!, this.#entries[at + BLOCK]!, this.#entries[at + LOG]!]
    }
  }
}

/** Lists of block and log as one in order, each place once. */
export function merged(lists: readonly number[][]): number[] {
  if (lists.length === 1) return lists[0]!
  const places: (readonly [number, number])[] = []
  for (const list of lists) {
    for (let at = 0; at < list.length; at += 2) places.push([list[at]!, list[at + 1]!])
  }
  places.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const out: number[] = []
  for (const [block, log] of places) {
    if (out.at(-2) === block && out.at(-1) === log) continue
    out.push(block, log)
  }
  return out
}

function grown(array: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  if (needed <= array.length) return array
  const larger = new Uint32Array(2 * array.length)
  larger.set(array)
  return larger
}

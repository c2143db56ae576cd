import type { Account } from '../../model/account.ts'
import type { Address, Slot } from '../../primitives/hex.ts'

/** What a run was found to have read that is no more. `chance` is a fault that a test put in. */
export type Cause =
  | { readonly kind: 'balance' | 'nonce' | 'code' | 'life'; readonly address: Address }
  | { readonly kind: 'slot'; readonly address: Address; readonly key: Slot }
  | { readonly kind: 'estimate' | 'rejected' | 'chance' }

/** One run of one transaction. Times are milliseconds since the epoch. */
export interface Attempt {
  readonly tx: number
  readonly incarnation: number
  readonly lane: number
  readonly start: number
  readonly end: number
  /** It was broken off where it saw what is to be written again, and begins anew as the same incarnation. */
  readonly isBrokenOff: boolean
}

/** That a transaction took effect, or was left out, in its turn: with the run again inside, if there was one. Times as of `Attempt`. */
export interface Merge {
  readonly tx: number
  readonly lane: number
  readonly start: number
  readonly end: number
}

const FIELDS = 5
// The last field.
const RUN = 0
const BROKEN_OFF = 1
const MERGE = 2

/** A lane's attempts, and merges where somebody wants them, as numbers: an object for each would cost as much as many a transaction. */
export class AttemptLog {
  #fields = new Float64Array(64 * FIELDS)
  #end = 0

  push(tx: number, incarnation: number, start: number, end: number, isBrokenOff: boolean): void {
    this.#push(tx, incarnation, start, end, isBrokenOff ? BROKEN_OFF : RUN)
  }

  /** @returns `end`: merges in a row need one look at the clock each */
  pushMerge(tx: number, start: number, end: number): number {
    this.#push(tx, 0, start, end, MERGE)
    return end
  }

  #push(tx: number, incarnation: number, start: number, end: number, kind: number): void {
    if (this.#end === this.#fields.length) {
      const wider = new Float64Array(2 * this.#end)
      wider.set(this.#fields)
      this.#fields = wider
    }
    const fields = this.#fields
    const at = this.#end
    fields[at] = tx
    fields[at + 1] = incarnation
    fields[at + 2] = start
    fields[at + 3] = end
    fields[at + 4] = kind
    this.#end = at + FIELDS
  }

  /** For `attemptsIn` and `mergesIn`. */
  packed(): Float64Array {
    return this.#fields.slice(0, this.#end)
  }
}

/** What a lane's log holds. */
export function attemptsIn(packed: Float64Array, lane: number): Attempt[] {
  const attempts: Attempt[] = []
  for (let at = 0; at < packed.length; at += FIELDS) {
    const [tx, incarnation, start, end, kind] = packed.subarray(at, at + FIELDS)
    if (kind === MERGE) continue
    attempts.push({
      tx: tx!,
      incarnation: incarnation!,
      lane,
      start: start!,
      end: end!,
      isBrokenOff: kind === BROKEN_OFF,
    })
  }
  return attempts
}

export function mergesIn(packed: Float64Array, lane: number): Merge[] {
  const merges: Merge[] = []
  for (let at = 0; at < packed.length; at += FIELDS) {
    if (packed[at + 4] !== MERGE) continue
    merges.push({ tx: packed[at]!, lane, start: packed[at + 2]!, end: packed[at + 3]! })
  }
  return merges
}

/** How many of a log's attempts came to their end. */
export function runsIn(packed: Float64Array): number {
  let runs = 0
  for (let at = 4; at < packed.length; at += FIELDS) if (packed[at] === RUN) runs++
  return runs
}

/** A run that was taken back. */
export interface Abort {
  readonly tx: number
  readonly incarnation: number
  readonly cause: Cause
}

/** A transaction that cannot be in the block: there is no gas left for it, or the state refuses it, with its sender as it was then. */
export interface LeftOut {
  readonly tx: number
  readonly why: 'gas' | 'state'
  readonly sender: Account | undefined
}

const ORIGIN_MS = performance.timeOrigin

/** Milliseconds since the epoch. */
export function nowMs(): number {
  return ORIGIN_MS + performance.now()
}

/** What the last runs of all transactions took together, in milliseconds. @param logs of all lanes */
export function lastRunsMs(logs: readonly Float64Array[]): number {
  const last: number[] = []
  const took: number[] = []
  for (const log of logs) {
    for (let at = 0; at < log.length; at += FIELDS) {
      const tx = log[at]!
      if (log[at + 4] !== RUN || log[at + 1]! < (last[tx] ?? 0)) continue
      last[tx] = log[at + 1]!
      took[tx] = log[at + 3]! - log[at + 2]!
    }
  }
  return took.reduce((sum, ms) => sum + ms, 0)
}

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

const FIELDS = 5

/** A lane's attempts as numbers: an object for each would cost as much as many a transaction. */
export class AttemptLog {
  #fields = new Float64Array(64 * FIELDS)
  #end = 0

  push(tx: number, incarnation: number, start: number, end: number, isBrokenOff: boolean): void {
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
    fields[at + 4] = isBrokenOff ? 1 : 0
    this.#end = at + FIELDS
  }

  /** For `attemptsIn`. */
  packed(): Float64Array {
    return this.#fields.slice(0, this.#end)
  }
}

/** What a lane's log holds. */
export function attemptsIn(packed: Float64Array, lane: number): Attempt[] {
  const attempts: Attempt[] = []
  for (let at = 0; at < packed.length; at += FIELDS) {
    const [tx, incarnation, start, end] = packed.subarray(at, at + 4)
    const isBrokenOff = packed[at + 4] === 1
    attempts.push({
      tx: tx!,
      incarnation: incarnation!,
      lane,
      start: start!,
      end: end!,
      isBrokenOff,
    })
  }
  return attempts
}

/** How many of a log's attempts came to their end. */
export function runsIn(packed: Float64Array): number {
  let runs = 0
  for (let at = 4; at < packed.length; at += FIELDS) if (packed[at] === 0) runs++
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

export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

/** What the last runs of all transactions took together, in milliseconds. @param logs of all lanes */
export function lastRunsMs(logs: readonly Float64Array[]): number {
  const last: number[] = []
  const took: number[] = []
  for (const log of logs) {
    for (let at = 0; at < log.length; at += FIELDS) {
      const tx = log[at]!
      if (log[at + 4] !== 0 || log[at + 1]! < (last[tx] ?? 0)) continue
      last[tx] = log[at + 1]!
      took[tx] = log[at + 3]! - log[at + 2]!
    }
  }
  return took.reduce((sum, ms) => sum + ms, 0)
}

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

import type { BlockOverrides, CallFields, StateOverrides } from '../model/call.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { BlockRef } from './block-ref.ts'

/** Transactions that are looked at together. */
export type Subject =
  | ({ readonly kind: 'block'; readonly ref: BlockRef } & WindowOptions)
  | ({ readonly kind: 'blocks'; readonly from: BlockRef; readonly to: BlockRef } & WindowOptions)
  /** The newest so many that are no deployments. */
  | ({ readonly kind: 'last'; readonly count: number } & WindowOptions)
  /** Those of a window that are named. */
  | ({ readonly kind: 'hashes'; readonly hashes: readonly Hash[] } & WindowOptions)
  | ({ readonly kind: 'bundle' } & Bundle)

export interface WindowOptions {
  /** Run once more as one block on the state that the first found. */
  readonly asBlock: boolean
  /** Each with a sender of its own; only as one block. */
  readonly spreadSenders: boolean
}

/** Transactions that were never sent, one after another on a block's state. Deployments run, but do not count. */
export interface Bundle {
  readonly transactions: readonly CallFields[]
  /** Run before them and do not count. */
  readonly setup: readonly CallFields[]
  readonly at: BlockRef
  readonly stateOverrides: StateOverrides | undefined
  readonly blockOverrides: BlockOverrides | undefined
}

/** A transaction of the chain, or one that might be sent. */
export type Asked =
  | { readonly kind: 'hash'; readonly hash: Hash }
  | { readonly kind: 'call'; readonly call: CallFields; readonly at: BlockRef }

/** What is answered, ready for JSON. `refused`: the request cannot be met as it is. `missing`: what it names is not there. */
export type Profile =
  | { readonly kind: 'shown'; readonly value: object }
  | { readonly kind: 'refused' | 'missing'; readonly reason: string }

export interface Gate {
  /** Names that may conflict; undefined when all may. */
  readonly allow: readonly string[] | undefined
  readonly minSpeedup: { readonly times: number; readonly cores: number } | undefined
}

export interface BundleOptions {
  /** Other orders to try: all, or so many drawn by a fixed seed; none unless asked for. */
  readonly orders: 'given' | 'all' | number
  /** Cores to say a speed-up for. */
  readonly workers: readonly number[] | undefined
}

export interface ContractOptions {
  readonly callers: number
  /** How many of the newest transactions are looked through for calls of it. */
  readonly last: number
}

export const ACCESS_FORMATS = ['named', 'eip2930', 'bal', 'monad-pages'] as const
export type AccessFormat = (typeof ACCESS_FORMATS)[number]

/** What orders transactions: variables by name, lines, bounds. Everything is run once more for it, and nothing changes. */
export interface ProfilerPort {
  contention(subject: Subject): Promise<Profile>
  /** Why the second depends on the first. */
  explain(a: Hash, b: Hash): Promise<Profile>
  compare(
    subject: Subject,
    options: {
      readonly cores: readonly number[] | undefined
      readonly policies: readonly string[] | undefined
    },
  ): Promise<Profile>
  simulateBundle(bundle: Bundle, options: BundleOptions): Promise<Profile>
  accessSet(asked: Asked, format: AccessFormat): Promise<Profile>
  checkAccessList(asked: Asked): Promise<Profile>
  assertNoConflict(subject: Subject, gate: Gate): Promise<Profile>
  explainContract(contract: Address, options: ContractOptions): Promise<Profile>
}

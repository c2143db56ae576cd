import type { AccountAccess } from '../model/block-access-list.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import type { BlockRef } from './block-ref.ts'

/** Why there is nothing to show of a block. */
export type NotRerun =
  | { readonly kind: 'unknownBlock' }
  /** The first block of a chain: nothing was executed for it. */
  | { readonly kind: 'first' }
  /** The state that it ran on is not kept any longer. */
  | { readonly kind: 'noState' }
  /** It does not come out as it did, because settings of the chain have changed since. */
  | { readonly kind: 'differs'; readonly detail: string }
  /** The engine does not record what is asked for. */
  | { readonly kind: 'notRecorded' }

/** Made for JSON. `unknownName`: what the option `name` is not one of. `refused`: it would be about nothing. */
export type Shown =
  | { readonly kind: 'shown'; readonly value: object }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknownName'; readonly name: string; readonly known: readonly string[] }

/** An entry of a block access list that is not as it must be. `field` is undefined for an account. Values are as in JSON. */
export interface AccessListDifference {
  readonly kind: 'wrong' | 'missing' | 'extra' | 'misplaced'
  readonly address: Address
  readonly field: string | undefined
  readonly slot: Slot | undefined
  readonly index: number | undefined
  readonly expected?: string | undefined
  readonly got?: string | undefined
}

/** Block access lists and what `parallel_*` shows: mined blocks are executed once more for it, and nothing changes. */
export interface ParallelPort {
  /** EIP-7928, of a mined block of any fork. `encoded` is RLP, whose Keccak-256 Amsterdam's header has. */
  accessList(ref: BlockRef): Promise<
    | {
        readonly kind: 'listed'
        readonly accounts: readonly AccountAccess[]
        readonly encoded: Uint8Array
      }
    | NotRerun
  >
  /** The first entry in which `given` is not the block's list. */
  checkAccessList(
    ref: BlockRef,
    given: readonly AccountAccess[],
  ): Promise<
    { readonly kind: 'checked'; readonly difference: AccessListDifference | undefined } | NotRerun
  >
  /** Who depends on whom, in a mined block or in the pending one. */
  dependencies(ref: BlockRef, format: string): Promise<Shown | NotRerun>
  blockReport(ref: BlockRef): Promise<Shown | NotRerun>
  /** How a mined block was executed when it came to be, as it is kept: nothing runs for it. */
  execution(ref: BlockRef): Shown | NotRerun
  transactionReport(hash: Hash): Promise<Shown | NotRerun>
  /** Runs a mined block once more by an executor and measures it; nothing changes. */
  replay(ref: BlockRef, options: ReplayOptions): Promise<Shown | NotRerun>
  /** The first thing in which an executor's run is not the serial one's. */
  diffExecution(ref: BlockRef, options: ReplayOptions): Promise<Shown | NotRerun>
  /** Chrome's Trace Event Format: of a measured run in lanes, or of a modelled schedule when a policy is named. */
  exportTrace(ref: BlockRef, options: TraceExportOptions): Promise<Shown | NotRerun>
  /** What the block's execution rests on, to be checked without an EVM; with proofs of what it left in the state. */
  certificate(ref: BlockRef, options: { readonly proofs: boolean }): Promise<Shown | NotRerun>
  config(): object
  /** Changes how blocks are executed from the next one on. What is left out stays. */
  setConfig(config: ParallelConfig): Shown
}

/** How blocks are executed, and the faults that lanes are to meet. */
export interface ParallelConfig {
  readonly executor?: string | undefined
  readonly workers?: number | undefined
  readonly forceParallel?: boolean | undefined
  /** Of how many blocks, the newest, it is kept how they were executed. */
  readonly record?: number | undefined
  /** Of the faults. */
  readonly seed?: number | undefined
  /** In place of those before; empty for none. */
  readonly faults?: FaultPlan | undefined
}

export interface FaultPlan {
  /** Of 1: how many steps are held up, and for how long at most, in microseconds. */
  readonly delays?: number | undefined
  readonly delayUs?: number | undefined
  /** Of 1: how many valid runs are taken back. */
  readonly aborts?: number | undefined
  /** Runs that are taken back, by place in the block. */
  readonly abort?:
    | readonly { readonly transaction: number; readonly incarnation: number }[]
    | undefined
  /** A lane that fails: at its `step`-th step, of those named `at` if that is given. What is left out is drawn. */
  readonly failure?:
    | {
        readonly lane?: number | undefined
        readonly step?: number | undefined
        readonly at?: LaneStep | undefined
        readonly fault?: 'throw' | 'exit' | 'hang' | undefined
      }
    | undefined
}

type LaneStep =
  | 'claimed'
  | 'executed'
  | 'published'
  | 'taken'
  | 'merging'
  | 'again'
  | 'merged'
  | 'given'
  | 'validated'

/** Without a name the node's own executor. The same seed draws the same delays for lanes; the threads' order is still their own. */
export interface ReplayOptions {
  readonly executor?: string | undefined
  /** Lanes. */
  readonly workers?: number | undefined
  readonly seed?: number | undefined
  /** For `dag`: what was recorded of the block (the default), or only what transactions declare (EIP-2930). */
  readonly hints?: 'recorded' | 'declared' | undefined
  /** For `dag`, in place of hints: for each transaction the places of the earlier ones that it waits for. */
  readonly dependencies?: readonly (readonly number[])[] | undefined
  /** EIP-7928. For `bal` it must be the block's; for `dag` it is a hint. */
  readonly blockAccessList?: readonly AccountAccess[] | undefined
}

interface TraceExportOptions extends ReplayOptions {
  /** Of the simulator. */
  readonly policy?: string | undefined
  readonly cores?: number | undefined
}

/** Names of events: Monad's, and two of ours. */
export const PARALLEL_EVENTS = [
  'BLOCK_START',
  'BLOCK_PERF_EVM_ENTER',
  'BLOCK_PERF_EVM_EXIT',
  'BLOCK_END',
  'TXN_HEADER_START',
  'TXN_REJECT',
  'TXN_PERF_EVM_ENTER',
  'TXN_PERF_EVM_EXIT',
  'TXN_EVM_OUTPUT',
  'TXN_LOG',
  'TXN_END',
  'ACCOUNT_ACCESS_LIST_HEADER',
  'ACCOUNT_ACCESS',
  'STORAGE_ACCESS',
  'EVM_ERROR',
  'HEDDLE_CONFIG',
  'HEDDLE_PLACE',
] as const
export type ParallelEventName = (typeof PARALLEL_EVENTS)[number]

/**
 * What subscriptions to parallel execution follow: a summary of each block, what happened in it, what pooled transactions will wait
 * for; and what changes in consensus, first how it is.
 */
export type ParallelFeed =
  | 'parallelBlocks'
  | 'parallelEvents'
  | 'parallelPending'
  | 'parallelConsensus'

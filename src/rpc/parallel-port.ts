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
}

/** Without a name the node's own executor. The same seed draws the same delays for lanes; the threads' order is still their own. */
export interface ReplayOptions {
  readonly executor?: string | undefined
  /** Lanes. */
  readonly workers?: number | undefined
  readonly seed?: number | undefined
}

interface TraceExportOptions extends ReplayOptions {
  /** Of the simulator. */
  readonly policy?: string | undefined
  readonly cores?: number | undefined
}

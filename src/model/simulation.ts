import type { Address, Hash } from '../primitives/hex.ts'
import type { Block, Withdrawal } from './block.ts'
import type { BlockOverrides, CallFields, StateOverrides } from './call.ts'
import type { Log } from './receipt.ts'
import type { Rejection } from './rejection.ts'

/** Blocks that might follow, as eth_simulateV1 asks for them, and what came of them. Wei and gas are bigint, times are seconds. */

/** What a simulated block has otherwise than its parent and the rules would give it. */
export interface SimulatedBlockOverrides extends BlockOverrides {
  readonly withdrawals?: readonly Withdrawal[] | undefined
  readonly parentBeaconBlockRoot?: Hash | undefined
}

/** One block to simulate: the state is overridden before its calls. */
export interface BlockStateCalls {
  readonly blockOverrides?: SimulatedBlockOverrides | undefined
  readonly stateOverrides?: StateOverrides | undefined
  readonly calls: readonly CallFields[]
}

export interface SimulationRequest {
  readonly blocks: readonly BlockStateCalls[]
  /** Transfers of ether are logs too, of {@link TRANSFER_LOG_ADDRESS}. */
  readonly traceTransfers: boolean
  /** The nonce and the fees count as in a block; otherwise a call may be free, as eth_call has it. */
  readonly validation: boolean
}

/** ERC-7528: who logs a transfer of ether. */
export const TRANSFER_LOG_ADDRESS = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee' as Address

export interface SimulatedCall {
  readonly outcome:
    | { readonly kind: 'success'; readonly output: Uint8Array }
    | { readonly kind: 'revert'; readonly output: Uint8Array }
    | { readonly kind: 'halt'; readonly reason: string }
  /** Those of its receipt, with transfers of ether among them when asked for. */
  readonly logs: readonly Log[]
  readonly gasUsed: bigint
  /** The most that was spent at any time: before refunds. */
  readonly maxUsedGas: bigint
}

/** A block with its own header, body and hash; its transactions are unsigned. One call for each transaction. */
export interface SimulatedBlock {
  readonly block: Block
  readonly calls: readonly SimulatedCall[]
}

/** Why there is no simulation. */
export type SimulationFault =
  | { readonly kind: 'numberOrder'; readonly number: bigint; readonly previous: bigint }
  | { readonly kind: 'timestampOrder'; readonly timestamp: bigint; readonly previous: bigint }
  | { readonly kind: 'tooManyBlocks'; readonly limit: number }
  | { readonly kind: 'tooManyCalls'; readonly count: number; readonly limit: number }
  /** All calls together may use no more. */
  | { readonly kind: 'gasSpent'; readonly limit: bigint }
  | { readonly kind: 'notPrecompile'; readonly address: Address }
  | { readonly kind: 'movedOntoItself'; readonly address: Address }
  | { readonly kind: 'movedOntoOverride'; readonly address: Address }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The protocol's own steps failed. */
  | { readonly kind: 'invalidBlock'; readonly detail: string }

export type Simulation =
  | { readonly kind: 'simulated'; readonly blocks: readonly SimulatedBlock[] }
  | { readonly kind: 'refused'; readonly fault: SimulationFault }

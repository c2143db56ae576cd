import type { BlockOverrides, StateOverrides } from '../model/call.ts'
import type { Rejection } from '../model/rejection.ts'
import type { BlockRef } from './block-ref.ts'

export type CallFailure =
  | { readonly kind: 'revert'; readonly output: Uint8Array }
  | { readonly kind: 'halt'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'noState' }

export interface CallContext {
  readonly at: BlockRef
  readonly stateOverrides?: StateOverrides | undefined
  readonly blockOverrides?: BlockOverrides | undefined
}

/** Geth's tracer options; the result is Geth's JSON for that tracer. */
export interface TraceOptions {
  /** undefined: the struct logger. */
  readonly tracer?: string | undefined
  readonly tracerConfig?: Readonly<Record<string, unknown>> | undefined
  readonly disableStorage?: boolean | undefined
  readonly disableStack?: boolean | undefined
  readonly enableMemory?: boolean | undefined
  readonly enableReturnData?: boolean | undefined
  readonly limit?: number | undefined
}
export type TraceResult =
  | { readonly kind: 'traced'; readonly result: unknown }
  | { readonly kind: 'unknownTracer'; readonly known: readonly string[] }
  | { readonly kind: 'notFound' }
  | CallFailure

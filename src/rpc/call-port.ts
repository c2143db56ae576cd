import type { BlockOverrides, StateOverrides } from '../model/call.ts'
import type { Rejection } from '../model/rejection.ts'
import type { BlockRef } from './block-ref.ts'

/** What a failure means in the words of the sources, as far as artefacts of them are known. */
export interface FailureMeaning {
  /** What revert data does not say for itself: a custom error's name and values, or why there is none. */
  readonly text: string | undefined
  /** `at Token.transfer (src/Token.sol:12)`, the innermost first. */
  readonly stack: readonly string[]
}

export type CallFailure =
  | {
      readonly kind: 'revert'
      readonly output: Uint8Array
      readonly meaning?: FailureMeaning | undefined
    }
  | {
      readonly kind: 'halt'
      readonly reason: string
      readonly meaning?: FailureMeaning | undefined
    }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'noState' }

export interface CallContext {
  readonly at: BlockRef
  readonly stateOverrides?: StateOverrides | undefined
  readonly blockOverrides?: BlockOverrides | undefined
}

/** Geth's tracer options; the result is Geth's JSON for that tracer. */
export interface TraceOptions {
  /** A name, or a tracer in JavaScript; undefined: the struct logger. */
  readonly tracer?: string | undefined
  readonly tracerConfig?: Readonly<Record<string, unknown>> | undefined
  readonly disableStorage?: boolean | undefined
  readonly disableStack?: boolean | undefined
  readonly enableMemory?: boolean | undefined
  readonly enableReturnData?: boolean | undefined
  readonly limit?: number | undefined
  /** For tracers in JavaScript; the others end with the transaction. */
  readonly timeoutMs?: number | undefined
}
export type TraceResult =
  | { readonly kind: 'traced'; readonly result: unknown }
  | { readonly kind: 'unknownTracer'; readonly known: readonly string[] }
  /** One in JavaScript that is wrong, threw, or took too long. */
  | { readonly kind: 'failedTracer'; readonly message: string }
  | { readonly kind: 'notFound' }
  | CallFailure

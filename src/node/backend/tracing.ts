import type { Outcome } from '../../evm/engine.ts'
import { type TraceContext, TraceTooLarge, type Tracer } from '../../evm/tracer/tracer.ts'
import { createTracer } from '../../evm/tracer/tracers.ts'
import type { CallFailure, TraceOptions, TraceResult } from '../../rpc/call-port.ts'

export type MadeTracer =
  | { readonly kind: 'tracer'; readonly tracer: Tracer }
  | Exclude<TraceResult, { kind: 'traced' }>

/** The tracer that `options` name, or what RPC is told instead. */
export function tracerFor(options: TraceOptions, context: TraceContext): MadeTracer {
  const created = createTracer(options, context)
  switch (created.kind) {
    case 'tracer':
      return { kind: 'tracer', tracer: created }
    case 'unknownTracer':
      return created
    case 'invalidConfig':
      return invalid(created.detail)
  }
}

export function traceResult(
  tracer: Tracer,
  outcome: Exclude<Outcome, { kind: 'rejected' }>,
): TraceResult {
  try {
    return { kind: 'traced', result: tracer.result(outcome) }
  } catch (error) {
    if (error instanceof TraceTooLarge) return invalid(error.message)
    throw error
  }
}

function invalid(detail: string): CallFailure {
  return { kind: 'rejected', rejection: { kind: 'invalid', detail } }
}

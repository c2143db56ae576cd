import type { Tracer } from './tracer.ts'

/** Geth's `noopTracer`: what tracing costs without a trace. */
export function createNoopTracer(): Tracer {
  return { observer: {}, result: () => ({}) }
}

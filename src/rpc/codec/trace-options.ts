import type { CallContext, TraceOptions } from '../call-port.ts'
import { type Decoder, boolean, fieldsOf, mapped, record, text } from './decoder.ts'
import { blockOverrides, stateOverrides } from './overrides.ts'
import { count, durationMs } from './scalar.ts'

const shared = {
  tracer: text,
  tracerConfig: record,
  disableStorage: boolean,
  disableStack: boolean,
  enableMemory: boolean,
  enableReturnData: boolean,
  limit: count(Number.MAX_SAFE_INTEGER),
  timeout: durationMs,
}

/** Geth's options of debug_trace*. */
export const traceOptions: Decoder<TraceOptions> = mapped(
  fieldsOf(shared),
  ({ timeout: timeoutMs, ...options }) => ({ ...options, timeoutMs }),
)

/** The options of debug_traceCall: those of a trace, and overrides. */
export const traceCallOptions: Decoder<{
  readonly options: TraceOptions
  readonly overrides: Omit<CallContext, 'at'>
}> = mapped(fieldsOf({ ...shared, stateOverrides, blockOverrides }), (read) => {
  const { stateOverrides: states, blockOverrides: block, timeout, ...rest } = read
  const options = { ...rest, timeoutMs: timeout }
  return { options, overrides: { stateOverrides: states, blockOverrides: block } }
})

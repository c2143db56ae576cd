import type { Schedule } from '../simulate/policy.ts'

/** One event of the Trace Event Format that Perfetto and chrome://tracing read. Times are in microseconds. */
interface TraceEvent {
  readonly name: string
  readonly cat: string
  readonly ph: 'X' | 'M'
  readonly ts: number
  readonly dur?: number
  readonly pid: number
  readonly tid: number
  readonly args: Readonly<Record<string, unknown>>
}

export interface ChromeTrace {
  readonly traceEvents: readonly TraceEvent[]
  readonly otherData: { readonly basis: 'modelled'; readonly policy: string }
}

/** A track for each core. `microseconds` is how long a unit of cost shows as: 1000 for milliseconds, 1 shows gas as microseconds. */
export function toChromeTrace(
  { attempts, policy, cores }: Schedule,
  nameOf: (tx: number) => string,
  causeOf: (location: number) => string,
  microseconds: number = 1,
): ChromeTrace {
  const used = new Set(attempts.map(({ core }) => core))
  const tracks = [...used]
    .sort((a, b) => a - b)
    .map((core): TraceEvent => {
      const name = `core ${core} of ${cores}`
      return { name: 'thread_name', cat: '', ph: 'M', ts: 0, pid: 1, tid: core, args: { name } }
    })
  const runs = attempts.map(
    ({ tx, core, start, end, incarnation, outcome, cause }): TraceEvent => ({
      name: nameOf(tx),
      cat: outcome,
      ph: 'X',
      ts: start * microseconds,
      dur: (end - start) * microseconds,
      pid: 1,
      tid: core,
      args: {
        tx,
        incarnation,
        outcome,
        ...(cause && { because: causeOf(cause.location), by: cause.by }),
      },
    }),
  )
  return { traceEvents: [...tracks, ...runs], otherData: { basis: 'modelled', policy } }
}

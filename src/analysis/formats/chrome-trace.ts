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
  readonly otherData: { readonly basis: 'modelled' | 'measured'; readonly policy: string }
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
    .map((core) => trackOf(core, `core ${core} of ${cores}`))
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

/** One run of a transaction in a lane, as it was measured: milliseconds from the start of the block's execution. */
export interface MeasuredRun {
  readonly index: number
  readonly incarnation: number
  readonly lane: number
  readonly start: number
  readonly end: number
  readonly outcome: string
  readonly cause?: { readonly kind: string } | undefined
}

/** A track for each lane. @param executor whose runs they are */
export function runsToChromeTrace(
  runs: readonly MeasuredRun[],
  executor: string,
  nameOf: (tx: number) => string,
): ChromeTrace {
  const lanes = [...new Set(runs.map(({ lane }) => lane))].toSorted((a, b) => a - b)
  const tracks = lanes.map((lane) => trackOf(lane, `lane ${lane}`))
  const events = runs.map(
    ({ index, lane, start, end, incarnation, outcome, cause }): TraceEvent => ({
      name: nameOf(index),
      cat: outcome,
      ph: 'X',
      ts: start * 1000,
      dur: (end - start) * 1000,
      pid: 1,
      tid: lane,
      args: { tx: index, incarnation, outcome, ...(cause && { because: cause }) },
    }),
  )
  return { traceEvents: [...tracks, ...events], otherData: { basis: 'measured', policy: executor } }
}

function trackOf(tid: number, name: string): TraceEvent {
  return { name: 'thread_name', cat: '', ph: 'M', ts: 0, pid: 1, tid, args: { name } }
}

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
interface MeasuredRun {
  readonly index: number
  readonly incarnation: number
  readonly lane: number
  readonly start: number
  readonly end: number
  readonly outcome: string
  readonly cause?: { readonly kind: string } | undefined
}

/** How a block ran in lanes, as it was measured. */
interface MeasuredExecution {
  readonly executor: string
  readonly runs: readonly MeasuredRun[]
  /** When transactions took effect. */
  readonly merges?: readonly Omit<MeasuredRun, 'incarnation' | 'outcome' | 'cause'>[] | undefined
  /** What the time went to. */
  readonly steps?: readonly MeasuredStep[] | undefined
}

interface MeasuredStep {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** A track for each lane, where a merge has the run again inside it that it took, and one for the steps of the block as a whole. */
export function runsToChromeTrace(
  { executor, runs, merges = [], steps = [] }: MeasuredExecution,
  nameOf: (tx: number) => string,
): ChromeTrace {
  const lanes = [...new Set(runs.map(({ lane }) => lane))].toSorted((a, b) => a - b)
  const block = Math.max(-1, ...lanes) + 1
  const tracks = [
    ...lanes.map((lane) => trackOf(lane, `lane ${lane}`)),
    ...(steps.length === 0 ? [] : [trackOf(block, 'block')]),
  ]
  const events = runs.map(({ index, lane, start, end, incarnation, outcome, cause }) =>
    spanOf(nameOf(index), outcome, { start, end }, lane, {
      tx: index,
      incarnation,
      outcome,
      ...(cause && { because: cause }),
    }),
  )
  const took = merges.map(({ index, lane, start, end }) =>
    spanOf(`merge of ${nameOf(index)}`, 'merge', { start, end }, lane, { tx: index }),
  )
  const whole = steps.map((step) => spanOf(step.name, 'block', step, block, {}))
  return {
    traceEvents: [...tracks, ...events, ...took, ...whole],
    otherData: { basis: 'measured', policy: executor },
  }
}

/** @param span in milliseconds */
function spanOf(
  name: string,
  cat: string,
  span: { readonly start: number; readonly end: number },
  tid: number,
  args: TraceEvent['args'],
): TraceEvent {
  const ts = span.start * 1000
  return { name, cat, ph: 'X', ts, dur: span.end * 1000 - ts, pid: 1, tid, args }
}

function trackOf(tid: number, name: string): TraceEvent {
  return { name: 'thread_name', cat: '', ph: 'M', ts: 0, pid: 1, tid, args: { name } }
}

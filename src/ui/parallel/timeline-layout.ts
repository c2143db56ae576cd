import { type Lanes, type View, barAt, byLane } from './timeline-view.ts'

/** One run of one transaction in a lane: milliseconds from the start of the block's execution. */
export interface LaneRun {
  readonly index: number
  readonly incarnation: number
  readonly lane: number
  readonly start: number
  readonly end: number
  readonly outcome: 'merged' | 'left out' | 'taken back' | 'broken off'
}

/** A transaction taking effect in its turn. */
export type LaneMerge = Pick<LaneRun, 'index' | 'lane' | 'start' | 'end'>

/** What the time of the block as a whole went to. */
export interface BlockStep {
  readonly name: 'setup' | 'lanes' | 'receipts' | 'root' | 'commit'
  readonly start: number
  readonly end: number
}

/** How a block ran in lanes. */
export interface Execution<Run extends LaneRun = LaneRun> {
  readonly runs: readonly Run[]
  readonly merges: readonly LaneMerge[]
  readonly steps: readonly BlockStep[]
}

/** What can be pointed at. */
export type Mark =
  | { readonly kind: 'run'; readonly bar: LaneRun }
  | { readonly kind: 'merge'; readonly bar: LaneMerge }
  | { readonly kind: 'step'; readonly bar: BlockStep }

/** A row for each lane, runs above and merges below, and one for the block. */
export interface Drawing {
  readonly lanes: number
  /** Milliseconds. */
  readonly extent: number
  readonly runs: Lanes<LaneRun>
  readonly merges: Lanes<LaneMerge>
  readonly steps: readonly BlockStep[]
}

/** In pixels: rows with runs above and merges below, under an axis and right of their names. */
export const SIZES = {
  lane: 34,
  row: 42,
  axis: 24,
  left: 58,
  run: 22,
  mergeTop: 25,
  merge: 7,
} as const
const REACH_PX = 4
/** A block of the pipeline is committed long after it was executed: that is told and not drawn. */
const FAR = 2

export function drawingOf({ runs, merges, steps }: Execution): Drawing {
  const lanes = lanesIn(runs)
  const ran = Math.max(0.01, ...runs.map(({ end }) => end), ...merges.map(({ end }) => end))
  const shown: BlockStep[] = []
  let extent = ran
  for (const step of steps) {
    if (step.start > FAR * extent) break
    extent = Math.max(extent, step.end)
    shown.push(step)
  }
  return { lanes, extent, runs: byLane(runs, lanes), merges: byLane(merges, lanes), steps: shown }
}

function lanesIn(runs: readonly LaneRun[]): number {
  return Math.max(-1, ...runs.map(({ lane }) => lane)) + 1
}

/** In pixels. */
export function heightOf({ lanes, steps }: Drawing): number {
  return SIZES.axis + (lanes + (steps.length === 0 ? 0 : 1)) * SIZES.row
}

/** Between milliseconds and pixels from the left. */
export interface Scale {
  readonly pxPerMs: number
  readonly xOf: (ms: number) => number
  readonly msAt: (x: number) => number
}

/** @param width of the drawing in pixels */
export function scaleIn(width: number, view: View): Scale {
  const { left } = SIZES
  const pxPerMs = Math.max(1, width - left) / (view.to - view.from)
  return {
    pxPerMs,
    xOf: (ms) => left + (ms - view.from) * pxPerMs,
    msAt: (x) => view.from + (x - left) / pxPerMs,
  }
}

/** What is at a place of the canvas, and where a text on it goes. */
export function markAt(
  { lanes, runs, merges, steps }: Drawing,
  scale: Scale,
  x: number,
  y: number,
): { readonly mark: Mark; readonly below: number } | undefined {
  const row = Math.floor((y - SIZES.axis) / SIZES.row)
  const [ms, slack] = [scale.msAt(x), REACH_PX / scale.pxPerMs]
  const below = SIZES.axis + row * SIZES.row + SIZES.lane
  if (row === lanes) {
    const bar = barAt(steps, ms, slack)
    return bar && { mark: { kind: 'step', bar }, below }
  }
  const run = barAt(runs[row] ?? [], ms, slack)
  const merge = barAt(merges[row] ?? [], ms, slack)
  const isLow = y - SIZES.axis - row * SIZES.row >= SIZES.mergeTop - 1
  if (merge !== undefined && (isLow || run === undefined)) {
    return { mark: { kind: 'merge', bar: merge }, below }
  }
  return run && { mark: { kind: 'run', bar: run }, below }
}

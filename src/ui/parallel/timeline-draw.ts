import type { Colours } from './colours.ts'
import {
  type BlockStep,
  type Drawing,
  type LaneMerge,
  type LaneRun,
  type Mark,
  SIZES,
  type Scale,
  scaleIn,
} from './timeline-layout.ts'
import { type View, ticks, visible } from './timeline-view.ts'
import { duration } from './words.ts'

export const RUN_FILL: Readonly<Record<LaneRun['outcome'], keyof Colours>> = {
  merged: '--chart-1',
  'taken back': '--chart-2',
  'broken off': '--chart-4',
  'left out': '--chart-7',
}
export const MERGE_FILL = '--chart-5'
export const STEP_FILL: Readonly<Record<BlockStep['name'], keyof Colours>> = {
  setup: '--chart-7',
  lanes: '--chart-6',
  receipts: '--accent',
  root: '--chart-3',
  commit: '--chart-7',
}

/** @param writer of a run that is pointed at: the one that it lost to */
export function draw(
  canvas: HTMLCanvasElement,
  drawing: Drawing,
  view: View,
  colours: Colours,
  pointed: Mark['bar'] | undefined,
  writer: LaneRun | undefined,
): void {
  const { clientWidth: width, clientHeight: height } = canvas
  const ratio = window.devicePixelRatio
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio
    canvas.height = height * ratio
  }
  const context = canvas.getContext('2d')
  if (context === null) return
  const scale = scaleIn(width, view)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  context.font = '11px system-ui, sans-serif'
  context.textBaseline = 'middle'
  for (const mark of ticks(view, width / 110)) {
    const x = Math.round(scale.xOf(mark)) + 0.5
    context.fillStyle = colours['--line']
    context.fillRect(x, SIZES.axis - 6, 1, height)
    context.fillStyle = colours['--text-soft']
    context.fillText(mark === 0 ? '0' : duration(mark), x + 3, SIZES.axis / 2)
  }
  const pen = { context, scale, colours, pointed }
  for (let lane = 0; lane < drawing.lanes; lane++) {
    inRow(pen, width, lane, `lane ${lane}`, (top) => {
      drawRuns(pen, visible(drawing.runs[lane]!, view), top)
      drawMerges(pen, visible(drawing.merges[lane]!, view), top)
    })
  }
  if (drawing.steps.length > 0) {
    inRow(pen, width, drawing.lanes, 'block', (top) =>
      drawSteps(pen, visible(drawing.steps, view), top),
    )
  }
  if (pointed !== undefined && 'lane' in pointed && writer !== undefined) {
    drawArrow(pen, writer, pointed)
  }
}

interface Pen {
  readonly context: CanvasRenderingContext2D
  readonly scale: Scale
  readonly colours: Colours
  readonly pointed: Mark['bar'] | undefined
}

function inRow(
  { context, colours }: Pen,
  width: number,
  row: number,
  name: string,
  fill: (top: number) => void,
): void {
  const top = SIZES.axis + row * SIZES.row
  context.fillStyle = colours['--raised']
  context.fillRect(SIZES.left, top, width - SIZES.left, SIZES.lane)
  context.fillStyle = colours['--text-soft']
  context.fillText(name, 10, top + SIZES.lane / 2)
  context.save()
  context.beginPath()
  context.rect(SIZES.left, top, width - SIZES.left, SIZES.lane)
  context.clip()
  fill(top)
  context.restore()
}

/** Runs that are less than a pixel wide are drawn once a pixel, a run that was for nothing before others. */
function drawRuns(pen: Pen, runs: readonly LaneRun[], top: number): void {
  const { context, colours } = pen
  let filledTo = -Infinity
  for (const run of runs) {
    const { x, width } = spanOf(pen, run)
    const isLost = run.outcome !== 'merged'
    if (x + width <= filledTo && !isLost) continue
    filledTo = Math.max(filledTo, Math.floor(x + width))
    const inset = isLost ? 4 : 2
    const isHollow = run.outcome === 'broken off' && width > 5
    context.fillStyle = colours[RUN_FILL[run.outcome]]
    context.fillRect(x, top + inset, width, SIZES.run - 2 * inset + 2)
    if (isHollow) {
      context.fillStyle = colours['--raised']
      context.fillRect(x + 2, top + inset + 2, width - 4, SIZES.run - 2 * inset - 2)
    }
    outlineIfPointed(pen, run, x, width, top + 1, SIZES.run + 1)
    if (width < 26) continue
    context.fillStyle = isHollow ? colours['--text'] : colours['--surface']
    context.fillText(`${run.index}`, x + 4, top + SIZES.run / 2 + 1)
  }
}

function drawMerges(pen: Pen, merges: readonly LaneMerge[], top: number): void {
  const { context, colours } = pen
  context.fillStyle = colours[MERGE_FILL]
  let filledTo = -Infinity
  for (const merge of merges) {
    const { x, width } = spanOf(pen, merge)
    if (x + width <= filledTo) continue
    filledTo = Math.max(filledTo, Math.floor(x + width))
    context.fillRect(x, top + SIZES.mergeTop, width, SIZES.merge)
  }
  const pointed = merges.find((merge) => merge === pen.pointed)
  if (pointed === undefined) return
  const { x, width } = spanOf(pen, pointed)
  outlineIfPointed(pen, pointed, x, width, top + SIZES.mergeTop - 1, SIZES.merge + 2)
}

function drawSteps(pen: Pen, steps: readonly BlockStep[], top: number): void {
  const { context, colours } = pen
  for (const step of steps) {
    const { x, width } = spanOf(pen, step)
    context.fillStyle = colours[STEP_FILL[step.name]]
    context.fillRect(x, top + 4, width, SIZES.lane - 8)
    outlineIfPointed(pen, step, x, width, top + 3, SIZES.lane - 6)
    if (width < context.measureText(step.name).width + 8) continue
    context.fillStyle = colours['--surface']
    context.fillText(step.name, Math.max(x, SIZES.left) + 4, top + SIZES.lane / 2)
  }
}

/** From whole pixel to whole pixel: edges between two would have to be blended, which takes most of the time. */
function spanOf({ scale }: Pen, { start, end }: { readonly start: number; readonly end: number }) {
  const x = Math.round(scale.xOf(start))
  return { x, width: Math.max(1, Math.round(scale.xOf(end) - 0.5) - x) }
}

function outlineIfPointed(
  { context, colours, pointed }: Pen,
  bar: Mark['bar'],
  x: number,
  width: number,
  top: number,
  height: number,
): void {
  if (bar !== pointed) return
  context.save()
  context.strokeStyle = colours['--text']
  context.lineWidth = 2
  context.strokeRect(x - 1, top, width + 2, height)
  context.restore()
}

function drawArrow({ context, scale: { xOf }, colours }: Pen, from: LaneRun, to: LaneMerge): void {
  const middleOf = (lane: number): number => SIZES.axis + lane * SIZES.row + SIZES.run / 2
  const [x1, y1, x2, y2] = [xOf(from.end), middleOf(from.lane), xOf(to.end), middleOf(to.lane)]
  context.strokeStyle = colours['--chart-2']
  context.fillStyle = colours['--chart-2']
  context.lineWidth = 2
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x2, y2)
  context.stroke()
  context.beginPath()
  context.arc(x2, y2, 3.5, 0, 2 * Math.PI)
  context.fill()
}

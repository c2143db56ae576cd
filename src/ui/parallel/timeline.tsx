import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'

import { type Colours, useColours } from './colours.ts'
import { saveCanvas } from './export.ts'
import { type Lanes, type View, barAt, byLane, pan, ticks, visible, zoom } from './timeline-view.ts'
import { duration } from './words.ts'

/** One run of one transaction in a lane: milliseconds from the start of the block's execution. */
export interface LaneRun {
  readonly index: number
  readonly incarnation: number
  readonly lane: number
  readonly start: number
  readonly end: number
  readonly outcome: 'merged' | 'left out' | 'taken back' | 'broken off'
}

/** What is told of a run that is pointed at. */
export interface Told {
  readonly title: string
  /** Why it ran again, by name and line. */
  readonly cause?: string | undefined
  /** The run that it lost to. */
  readonly writer?: LaneRun | undefined
}

const LANE = 34
const GAP = 8
const AXIS = 24
const LEFT = 58
const REACH_PX = 4

const FILL: Readonly<Record<LaneRun['outcome'], keyof Colours>> = {
  merged: '--chart-1',
  'taken back': '--chart-2',
  'broken off': '--chart-4',
  'left out': '--chart-7',
}

interface Pointed {
  readonly run: LaneRun
  readonly x: number
  readonly y: number
}

/** What each lane ran when: drag and the arrow keys move, the wheel with Ctrl and `+` `-` zoom, `0` shows all. */
export function Timeline({
  runs,
  lanes,
  tell,
}: {
  readonly runs: readonly LaneRun[]
  readonly lanes: number
  readonly tell: (run: LaneRun) => Told
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const colours = useColours()
  const drawn = useMemo(() => byLane(runs, lanes), [runs, lanes])
  const extent = useMemo(() => Math.max(0.01, ...runs.map(({ end }) => end)), [runs])
  const view = useRef<View>({ from: 0, to: extent })
  const frame = useRef(0)
  const drag = useRef<{ readonly x: number; readonly view: View }>(undefined)
  const [pointed, setPointed] = useState<Pointed>()
  const told = pointed && tell(pointed.run)
  const writer = told?.writer

  const paint = useRef(() => undefined as void)
  paint.current = () => {
    cancelAnimationFrame(frame.current)
    frame.current = requestAnimationFrame(() => {
      if (canvas.current !== null) {
        draw(canvas.current, drawn, view.current, colours, pointed?.run, writer)
      }
    })
  }
  useEffect(() => {
    view.current = { from: 0, to: extent }
  }, [extent])
  useEffect(() => paint.current())
  useEffect(() => {
    const element = canvas.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => paint.current())
    observer.observe(element)
    // React's own wheel listeners cannot keep the page from scrolling.
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey && event.deltaX === 0) return
      event.preventDefault()
      const scale = scaleOf(element, view.current)
      view.current =
        event.ctrlKey || event.metaKey
          ? zoom(view.current, extent, 2 ** (-event.deltaY / 200), scale.msAt(event.offsetX))
          : pan(view.current, extent, event.deltaX / scale.pxPerMs)
      paint.current()
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => {
      observer.disconnect()
      element.removeEventListener('wheel', wheel)
    }
  }, [extent])

  const show = (next: View): void => {
    view.current = next
    paint.current()
  }
  const middle = (): number => (view.current.from + view.current.to) / 2
  const by = (factor: number): void => show(zoom(view.current, extent, factor, middle()))
  const step = (share: number): void =>
    show(pan(view.current, extent, share * (view.current.to - view.current.from)))
  const press = (event: KeyboardEvent): void => {
    const act = {
      ArrowLeft: () => step(-0.15),
      ArrowRight: () => step(0.15),
      '+': () => by(1.5),
      '=': () => by(1.5),
      '-': () => by(1 / 1.5),
      '0': () => show({ from: 0, to: extent }),
    }[event.key]
    if (act === undefined || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    act()
  }
  const move = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { offsetX: x, offsetY: y } = event.nativeEvent
    const scale = scaleOf(event.currentTarget, view.current)
    if (drag.current !== undefined) {
      show(pan(drag.current.view, extent, (drag.current.x - x) / scale.pxPerMs))
      return
    }
    const lane = Math.floor((y - AXIS) / (LANE + GAP))
    const run = barAt(drawn[lane] ?? [], scale.msAt(x), REACH_PX / scale.pxPerMs)
    setPointed(run && { run, x, y: AXIS + lane * (LANE + GAP) + LANE })
  }
  return (
    <div className="timeline">
      <div className="timeline-tools">
        <span className="timeline-legend">
          {Object.entries(FILL).map(([outcome, colour]) => (
            <span key={outcome}>
              <span
                className="swatch"
                style={{ background: `var(${colour})` }}
                data-outcome={outcome}
              />
              {outcome}
            </span>
          ))}
        </span>
        <button type="button" aria-label="Nearer" onClick={() => by(2)}>
          +
        </button>
        <button type="button" aria-label="Farther" onClick={() => by(0.5)}>
          −
        </button>
        <button type="button" onClick={() => show({ from: 0, to: extent })}>
          All
        </button>
        <button
          type="button"
          onClick={() => canvas.current !== null && saveCanvas('lanes.png', canvas.current)}
        >
          Save as PNG
        </button>
      </div>
      <div className="timeline-drawing">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={`Timeline of ${runs.length} runs in ${lanes} lanes; the table below has them`}
          style={{ height: AXIS + lanes * (LANE + GAP) }}
          onKeyDown={press}
          onPointerDown={(event) => {
            drag.current = { x: event.nativeEvent.offsetX, view: view.current }
            event.currentTarget.setPointerCapture(event.pointerId)
            setPointed(undefined)
          }}
          onPointerUp={() => (drag.current = undefined)}
          onPointerCancel={() => (drag.current = undefined)}
          onPointerMove={move}
          onPointerLeave={() => setPointed(undefined)}
        />
        {pointed === undefined ? null : (
          <div className="timeline-tip" role="status" style={{ left: pointed.x, top: pointed.y }}>
            <strong>{told?.title}</strong>
            <span>
              {pointed.run.outcome}, {duration(pointed.run.end - pointed.run.start)}, run{' '}
              {pointed.run.incarnation + 1}
            </span>
            {told?.cause === undefined ? null : <span>{told.cause}</span>}
          </div>
        )}
      </div>
    </div>
  )
}

function scaleOf(canvas: HTMLCanvasElement, view: View) {
  const pxPerMs = Math.max(1, canvas.clientWidth - LEFT) / (view.to - view.from)
  return {
    pxPerMs,
    xOf: (ms: number): number => LEFT + (ms - view.from) * pxPerMs,
    msAt: (x: number): number => view.from + (x - LEFT) / pxPerMs,
  }
}

function draw(
  canvas: HTMLCanvasElement,
  lanes: Lanes<LaneRun>,
  view: View,
  colours: Colours,
  pointed: LaneRun | undefined,
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
  const { pxPerMs, xOf } = scaleOf(canvas, view)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  context.font = '11px system-ui, sans-serif'
  context.textBaseline = 'middle'
  for (const mark of ticks(view, width / 110)) {
    const x = Math.round(xOf(mark)) + 0.5
    context.fillStyle = colours['--line']
    context.fillRect(x, AXIS - 6, 1, height)
    context.fillStyle = colours['--text-soft']
    context.fillText(mark === 0 ? '0' : duration(mark), x + 3, AXIS / 2)
  }
  for (const [place, lane] of lanes.entries()) {
    const top = AXIS + place * (LANE + GAP)
    context.fillStyle = colours['--raised']
    context.fillRect(LEFT, top, width - LEFT, LANE)
    context.fillStyle = colours['--text-soft']
    context.fillText(`lane ${place}`, 10, top + LANE / 2)
    context.save()
    context.beginPath()
    context.rect(LEFT, top, width - LEFT, LANE)
    context.clip()
    drawLane(context, visible(lane, view), top, pxPerMs, xOf, colours, pointed)
    context.restore()
  }
  if (pointed !== undefined && writer !== undefined) {
    drawArrow(context, xOf, writer, pointed, colours['--chart-2'])
  }
}

/** Runs that are less than a pixel wide are drawn once a pixel, a run that was for nothing before others. */
function drawLane(
  context: CanvasRenderingContext2D,
  runs: readonly LaneRun[],
  top: number,
  pxPerMs: number,
  xOf: (ms: number) => number,
  colours: Colours,
  pointed: LaneRun | undefined,
): void {
  let filledTo = -Infinity
  for (const run of runs) {
    const x = xOf(run.start)
    const width = Math.max(1, (run.end - run.start) * pxPerMs - (pxPerMs > 0 ? 0.5 : 0))
    const isLost = run.outcome !== 'merged'
    if (x + width <= filledTo && !isLost) continue
    filledTo = Math.max(filledTo, Math.floor(x + width))
    context.fillStyle = colours[FILL[run.outcome]]
    context.fillRect(x, top + (isLost ? 5 : 2), width, LANE - (isLost ? 10 : 4))
    if (run === pointed) {
      context.strokeStyle = colours['--text']
      context.lineWidth = 2
      context.strokeRect(x - 1, top + 1, width + 2, LANE - 2)
    }
    if (width < 26) continue
    context.fillStyle = colours['--surface']
    context.fillText(`${run.index}`, x + 4, top + LANE / 2)
  }
}

function drawArrow(
  context: CanvasRenderingContext2D,
  xOf: (ms: number) => number,
  from: LaneRun,
  to: LaneRun,
  colour: string,
): void {
  const middleOf = (lane: number): number => AXIS + lane * (LANE + GAP) + LANE / 2
  const [x1, y1, x2, y2] = [xOf(from.end), middleOf(from.lane), xOf(to.end), middleOf(to.lane)]
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = 2
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x2, y2)
  context.stroke()
  context.beginPath()
  context.arc(x2, y2, 3.5, 0, 2 * Math.PI)
  context.fill()
}

import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'

import { useColours } from './colours.ts'
import { saveCanvas } from './export.ts'
import { MERGE_FILL, RUN_FILL, STEP_FILL, draw } from './timeline-draw.ts'
import {
  type Execution,
  type LaneRun,
  type Mark,
  type Scale,
  drawingOf,
  heightOf,
  markAt,
  scaleIn,
} from './timeline-layout.ts'
import { type View, pan, zoom } from './timeline-view.ts'
import { duration } from './words.ts'

/** What is told of what is pointed at. */
export interface Told {
  readonly title: string
  /** Why it ran again, by name and line. */
  readonly cause?: string | undefined
  /** The run that it lost to. */
  readonly writer?: LaneRun | undefined
}

const LEGEND: readonly (readonly [name: string, colour: string])[] = [
  ...Object.entries(RUN_FILL),
  ['merge', MERGE_FILL],
  ['root', STEP_FILL.root],
]

interface Pointed {
  readonly mark: Mark
  readonly x: number
  readonly y: number
}

/** What each lane ran and merged when, and what the block's time went to: drag and the arrow keys move, the wheel with Ctrl and `+` `-` zoom, `0` shows all. */
export function Timeline({
  execution,
  tell,
}: {
  readonly execution: Execution
  readonly tell: (mark: Mark) => Told
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const colours = useColours()
  const drawing = useMemo(() => drawingOf(execution), [execution])
  const { extent, lanes } = drawing
  const view = useRef<View>({ from: 0, to: extent })
  const frame = useRef(0)
  const drag = useRef<{ readonly x: number; readonly view: View }>(undefined)
  const [pointed, setPointed] = useState<Pointed>()
  const told = pointed && tell(pointed.mark)
  const writer = told?.writer

  const paint = useRef(() => undefined as void)
  paint.current = () => {
    cancelAnimationFrame(frame.current)
    frame.current = requestAnimationFrame(() => {
      if (canvas.current !== null) {
        draw(canvas.current, drawing, view.current, colours, pointed?.mark.bar, writer)
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
    const found = markAt(drawing, scale, x, y)
    setPointed((before) =>
      found?.mark.bar === before?.mark.bar
        ? before
        : found && { mark: found.mark, x, y: found.below },
    )
  }
  return (
    <div className="timeline">
      <div className="timeline-tools">
        <span className="timeline-legend">
          {LEGEND.map(([outcome, colour]) => (
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
          aria-label={`Timeline of ${execution.runs.length} runs in ${lanes} lanes; the table below has them`}
          style={{ height: heightOf(drawing) }}
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
            <span>{inWords(pointed.mark)}</span>
            {told?.cause === undefined ? null : <span>{told.cause}</span>}
          </div>
        )}
      </div>
    </div>
  )
}

function scaleOf(canvas: HTMLCanvasElement, view: View): Scale {
  return scaleIn(canvas.clientWidth, view)
}

function inWords({ kind, bar }: Mark): string {
  const took = `${duration(bar.end - bar.start)}, from ${duration(bar.start)}`
  switch (kind) {
    case 'run':
      return `${bar.outcome}, ${took}, run ${bar.incarnation + 1}`
    case 'merge':
      return `takes effect by lane ${bar.lane}, ${took}`
    case 'step':
      return took
  }
}

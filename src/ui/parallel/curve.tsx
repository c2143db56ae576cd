import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

import { OriginMark } from '../parts/figure.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { type Colours, useColours } from './colours.ts'
import { saveCanvas } from './export.ts'
import { times } from './words.ts'

/** How many times faster than in order, for each number of cores. */
export interface Line {
  readonly name: string
  /** Its executor: what is modelled and what was measured of one have one colour. */
  readonly policy?: string
  /** Whose executor it stands for. */
  readonly standsFor?: string
  readonly points: readonly { readonly cores: number; readonly speedup: number }[]
  /** Drawn thick or dashed, and always. */
  readonly isBound?: boolean
  /** Drawn as rings: measured, where all else is modelled. */
  readonly isMeasured?: boolean
}

const PALETTE = [
  '--chart-1',
  '--chart-2',
  '--chart-3',
  '--chart-4',
  '--chart-5',
  '--chart-6',
  '--chart-7',
] as const

/** The others can be added: more would not be told apart at first sight. */
const FIRST_SHOWN: ReadonlySet<string> = new Set(['optimistic', 'block-stm', 'dag', 'occ-rounds'])
const HEIGHT = 300
const FONT = '12px system-ui, sans-serif'

/** Speed-up by cores: modelled, a line for each executor, and what was measured as rings. */
export default function Curve({ lines }: { readonly lines: readonly Line[] }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () =>
      new Set(
        lines
          .filter(
            ({ name, isBound, isMeasured }) =>
              isBound !== true && isMeasured !== true && !FIRST_SHOWN.has(name),
          )
          .map(({ name }) => name),
      ),
  )
  const place = useRef<HTMLDivElement>(null)
  const colours = useColours()
  const shown = useMemo(() => lines.filter(({ name }) => !hidden.has(name)), [lines, hidden])
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const plot = new uPlot(optionsOf(shown, colours, element.clientWidth), dataOf(shown), element)
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [shown, colours])
  const toggle = (name: string): void => {
    const next = new Set(hidden)
    if (!next.delete(name)) next.add(name)
    setHidden(next)
  }
  return (
    <div className="curve">
      <div
        ref={place}
        className="curve-plot"
        role="img"
        aria-label="Speed-up by cores; the table below has the figures"
      />
      <fieldset className="curve-lines">
        <legend className="heard">Lines that are drawn</legend>
        {lines.map((line) => (
          <label key={line.name} title={line.standsFor}>
            <input
              type="checkbox"
              checked={!hidden.has(line.name)}
              onChange={() => toggle(line.name)}
            />
            <span
              className="swatch"
              style={{
                background: hidden.has(line.name) ? undefined : colourOf(line, shown, colours),
              }}
              data-bound={line.isBound === true}
              data-measured={line.isMeasured === true}
            />
            {line.name}
          </label>
        ))}
      </fieldset>
      <div className="graph-foot">
        <button
          type="button"
          onClick={() => {
            const canvas = place.current?.querySelector('canvas')
            if (canvas) saveCanvas('speedup.png', canvas)
          }}
        >
          Save as PNG
        </button>
        <details>
          <summary>As a table</summary>
          <CurveTable lines={lines} />
        </details>
      </div>
    </div>
  )
}

function CurveTable({ lines }: { readonly lines: readonly Line[] }) {
  const cores = coresOf(lines)
  const columns: readonly Column<Line>[] = [
    { name: 'Executor', cell: ({ name, policy }) => policy ?? name },
    {
      name: 'Origin',
      cell: ({ isMeasured }) => (
        <OriginMark origin={isMeasured === true ? 'measured' : 'modelled'} />
      ),
    },
    { name: 'stands for', wide: true, cell: ({ standsFor }) => standsFor ?? '' },
    ...cores.map((count): Column<Line> => ({
      name: `${count}`,
      kind: 'number',
      cell: ({ points }) => {
        const point = points.find((each) => each.cores === count)
        return point === undefined ? '' : times(point.speedup)
      },
    })),
  ]
  return (
    <Table caption="Speed-up by cores" columns={columns} rows={lines} keyOf={({ name }) => name} />
  )
}

function coresOf(lines: readonly Line[]): readonly number[] {
  const all = new Set(lines.flatMap(({ points }) => points.map(({ cores }) => cores)))
  return [...all].sort((a, b) => a - b)
}

function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  const cores = coresOf(lines)
  const columns = lines.map(({ points }) =>
    cores.map((count) => points.find((each) => each.cores === count)?.speedup ?? null),
  )
  return [[...cores], ...columns]
}

function colourOf(line: Line, shown: readonly Line[], colours: Colours): string {
  if (line.isBound) return colours['--text-soft']
  const policies = new Set(shown.filter(({ isBound }) => !isBound).map(({ policy }) => policy))
  return colours[PALETTE[[...policies].indexOf(line.policy) % PALETTE.length]!]
}

function optionsOf(shown: readonly Line[], colours: Colours, width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colours['--text-soft'],
    grid: { stroke: colours['--line'], width: 1 },
    ticks: { show: false },
    font: FONT,
  }
  let bounds = 0
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: false, distr: 3, log: 2 },
      y: { range: (_, __, most) => [0, most * 1.05] },
    },
    axes: [
      {
        ...axis,
        label: 'cores',
        labelSize: 20,
        labelFont: FONT,
        values: (_, marks) =>
          marks.map((mark) => (Number.isInteger(Math.log2(mark)) ? `${mark}` : '')),
      },
      { ...axis, size: 56, values: (_, marks) => marks.map((mark) => `${mark}x`) },
    ],
    series: [
      {},
      ...shown.map((line) => ({
        label: line.name,
        stroke: colourOf(line, shown, colours),
        width: line.isBound ? 1.5 : 2,
        spanGaps: true,
        ...(line.isBound && { dash: bounds++ === 0 ? [6, 4] : [2, 3] }),
        ...(line.isMeasured
          ? {
              paths: () => null,
              points: { show: true, size: 11, width: 2.5, fill: colours['--surface'] },
            }
          : { points: { size: 5 } }),
      })),
    ],
  }
}

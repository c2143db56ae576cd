import { useMemo } from 'react'

import type { Contention } from '../../client/answers.ts'
import { formatCount } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import type { BlockStep, Execution, LaneRun, Mark } from './timeline-layout.ts'
import { Timeline, type Told } from './timeline.tsx'
import { duration } from './words.ts'

export type Run = LaneRun & { readonly cause?: Readonly<Record<string, unknown>> }
type Location = Contention['fixFirst'][number]['location']

const LISTED = 200

/** How lanes ran a block, drawn and as tables. */
export function Lanes({
  execution,
  report,
}: {
  readonly execution: Execution<Run>
  readonly report: Contention
}) {
  const { runs, merges, steps } = execution
  const tell = useMemo(() => teller(runs, report), [runs, report])
  const merged = useMemo(() => new Map(merges.map((merge) => [merge.index, merge])), [merges])
  if (runs.length === 0) return null
  const toldOf = (bar: Run): Told => tell({ kind: 'run', bar })
  const mergeOf = (run: Run) => (run.outcome === 'merged' ? merged.get(run.index) : undefined)
  const columns: readonly Column<Run>[] = [
    { name: 'Transaction', cell: (run) => toldOf(run).title },
    { name: 'Lane', kind: 'number', cell: ({ lane }) => lane },
    { name: 'Run', kind: 'number', cell: ({ incarnation }) => incarnation + 1 },
    { name: 'From', kind: 'number', wide: true, cell: ({ start }) => duration(start) },
    { name: 'For', kind: 'number', cell: ({ start, end }) => duration(end - start) },
    { name: 'Outcome', cell: ({ outcome }) => outcome },
    {
      name: 'Merged at',
      kind: 'number',
      wide: true,
      cell: (run) => {
        const merge = mergeOf(run)
        return merge && `${duration(merge.end)}, by lane ${merge.lane}`
      },
    },
    { name: 'Because of', cell: (run) => toldOf(run).cause ?? '' },
  ]
  return (
    <>
      <Timeline execution={execution} tell={tell} />
      <div className="graph-foot">
        <details>
          <summary>As a table</summary>
          {steps.length === 0 ? null : (
            <Table
              caption="What the block’s time went to, measured"
              columns={STEP_COLUMNS}
              rows={steps}
              keyOf={({ name }) => name}
            />
          )}
          <Table
            caption="Runs in lanes, measured"
            columns={columns}
            rows={runs.slice(0, LISTED)}
            keyOf={(run) => `${run.index}-${run.incarnation}-${run.lane}-${run.start}`}
          />
          {runs.length > LISTED ? (
            <p className="soft">
              The first {LISTED} of {formatCount(runs.length)}.
            </p>
          ) : null}
        </details>
      </div>
    </>
  )
}

const STEP_WORDS: Readonly<Record<BlockStep['name'], string>> = {
  setup: 'until lanes begin',
  lanes: 'transactions in lanes',
  receipts: 'receipts, their root, and what the protocol does last',
  root: 'root of the state',
  commit: 'commit to the chain',
}

const STEP_COLUMNS: readonly Column<BlockStep>[] = [
  { name: 'Step', cell: ({ name }) => STEP_WORDS[name] },
  { name: 'From', kind: 'number', cell: ({ start }) => duration(start) },
  { name: 'For', kind: 'number', cell: ({ start, end }) => duration(end - start) },
]

/** What is told of a run: the call, and for a run that was taken back the variable, its line and the run that wrote it. */
function teller(runs: readonly Run[], report: Contention): (mark: Mark) => Told {
  const places = new Map(
    report.dependencies.locations.map(({ location }, place) => [keyOf(location), place]),
  )
  const lines = new Map(
    report.fixFirst.map(({ location, sites }) => [
      keyOf(location),
      sites.find(({ line }) => line !== undefined)?.line,
    ]),
  )
  const merged = new Map(
    runs.filter(({ outcome }) => outcome === 'merged').map((run) => [run.index, run]),
  )
  const titleOf = (index: number): string => {
    const call = report.calls[index]
    return call === undefined ? `transaction ${index}` : `${index} · ${call.label}`
  }
  return ({ kind, bar }) => {
    if (kind === 'step') return { title: STEP_WORDS[bar.name] }
    if (kind === 'merge') {
      const again = runs.find((run) => run.index === bar.index && run.cause !== undefined)
      const isInside = runs.some(
        ({ index, lane, start, end }) =>
          index === bar.index && lane === bar.lane && start >= bar.start && end <= bar.end,
      )
      const cause =
        isInside && again !== undefined ? `ran again in it: ${causeOf(again).text}` : undefined
      return { title: `merge of ${titleOf(bar.index)}`, cause }
    }
    const run: Run = bar
    if (run.cause === undefined) return { title: titleOf(run.index) }
    const { text, place } = causeOf(run)
    const edge = report.dependencies.edges.find(
      ({ to, location }) => to === run.index && location === place,
    )
    return { title: titleOf(run.index), cause: text, writer: edge && merged.get(edge.from) }
  }

  function causeOf(run: Run): { readonly text: string; readonly place: number | undefined } {
    const key = keyOf(run.cause as unknown as Location)
    const place = places.get(key)
    if (place === undefined) {
      return {
        text: CAUSES[String(run.cause?.['kind'])] ?? `${String(run.cause?.['kind'])} had changed`,
        place,
      }
    }
    const line = lines.get(key)
    const { name } = report.dependencies.locations[place]!
    return { text: `${name} had changed${line === undefined ? '' : ` (${line})`}`, place }
  }
}

/** Causes that are no location. */
const CAUSES: Readonly<Record<string, string>> = {
  estimate: 'it had read what an earlier transaction is to write again',
  rejected: 'it was refused before its turn',
  chance: 'a fault that was put in took it back',
}

export function keyOf(location: Location): string {
  return [location.kind, location.address, 'key' in location ? location.key : ''].join(':')
}

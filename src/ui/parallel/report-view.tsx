import { type ComponentProps, useState } from 'react'

import type { Contention } from '../../client/answers.ts'
import type { Replay } from '../../client/block-answers.ts'
import { Figure, Figures } from '../parts/figure.tsx'
import { formatCount, formatShare } from '../parts/format.ts'
import { Later, useLoaded } from '../parts/later.tsx'
import { Panel } from '../parts/panel.tsx'
import { Empty, Loading } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import type { default as CurveOf, Line } from './curve.tsx'
import { FixFirst, HotTable } from './fix-first.tsx'
import type { default as GraphOf, Waiting } from './graph.tsx'
import { LocationName } from './location-name.tsx'
import { MeasuredTable } from './measured.tsx'
import { fasterBy, measurementsOf } from './measurements.ts'
import { NotCounted } from './not-counted.tsx'
import { callName, times } from './words.ts'

const importCurve = () => import('./curve.tsx')
const importGraph = () => import('./graph.tsx')

/** Loads the code of the charts, while the node computes what they show. */
export function preloadCharts(): void {
  // Who shows them tells that it failed.
  for (const load of [importCurve, importGraph]) load().catch(() => undefined)
}

/** What a chain's executor would make of the transactions. */
export interface ExecutorRun {
  readonly policy: string
  readonly standsFor: string
  readonly cores: number
  readonly speedup: number
}

/** All that is said of a window: the live page and the report in a file are made of it. */
export function ReportView({
  report,
  runs,
  why,
  lanes,
  replays = [],
  measure,
  rerun,
}: {
  readonly report: Contention
  /** Undefined while they are computed. */
  readonly runs: readonly ExecutorRun[] | undefined
  /** Explains a dependency that was picked, where a node can be asked. */
  readonly why?: (waiting: Waiting) => React.ReactNode
  /** Where lanes ran. */
  readonly lanes?: React.ReactNode
  /** The block once more on real lanes. */
  readonly replays?: readonly Replay[]
  /** Has it run, where a node can be asked. */
  readonly measure?: React.ReactNode
  readonly rerun?: ((location: Contention['fixFirst'][number]['location']) => number) | undefined
}) {
  const [picked, setPicked] = useState<Waiting>()
  if (report.transactions === 0) {
    return (
      <Empty title="No transactions">
        The window holds none, or only deployments, which do not count.
      </Empty>
    )
  }
  return (
    <>
      <Headline report={report} />
      <Panel title="Fix first">
        <FixFirst report={report} />
      </Panel>
      <Panel
        title="Speed-up by cores"
        aside={replays.length === 0 ? 'modelled' : 'lines modelled, rings measured'}
      >
        <Later instead={<Loading />}>
          <Curve
            lines={linesOf(report, runs ?? [], replays)}
            key={runs === undefined ? 'bounds' : 'all'}
          />
        </Later>
      </Panel>
      {measure === undefined && replays.length === 0 ? null : (
        <Panel title="Serial against parallel" aside="measured">
          {measure}
          <MeasuredTable replays={replays} />
        </Panel>
      )}
      {lanes === undefined ? null : <Panel title="Lanes">{lanes}</Panel>}
      <Panel title="Who waits for whom" aside="measured">
        <Later instead={<Loading />}>
          <DependencyGraph report={report} onPick={setPicked} />
        </Later>
        {picked === undefined ? null : (
          <div className="why" role="region" aria-label="Why these two conflict" aria-live="polite">
            <h3>Why do these two conflict?</h3>
            {why?.(picked) ?? <PickedNames report={report} waiting={picked} />}
            <button type="button" onClick={() => setPicked(undefined)}>
              Close
            </button>
          </div>
        )}
      </Panel>
      <Panel title="Hot locations">
        <Later instead={<Loading />}>
          <HotTable report={report} rerun={rerun} />
        </Later>
      </Panel>
      <div className="columns">
        <Panel title="Not counted">
          <NotCounted report={report} />
        </Panel>
        <Panel title="The longest chain" aside={`${report.criticalPath.byGas.length} transactions`}>
          <Later instead={<Loading />}>
            <CriticalPath report={report} />
          </Later>
        </Panel>
      </div>
    </>
  )
}

function Curve(props: ComponentProps<typeof CurveOf>) {
  const code = useLoaded(importCurve)
  return code === undefined ? <Loading /> : <code.default {...props} />
}

function DependencyGraph(props: ComponentProps<typeof GraphOf>) {
  const code = useLoaded(importGraph)
  return code === undefined ? <Loading /> : <code.default {...props} />
}

function Headline({ report }: { readonly report: Contention }) {
  const { bound, curve, shape, coverage, criticalPath } = report
  const eight = curve.find(({ cores }) => cores === 8)
  return (
    <Figures>
      <Figure name="At most" origin="modelled">
        {times(bound.byGas)}
      </Figure>
      {eight === undefined ? null : (
        <Figure name="On 8 cores" origin="modelled">
          {times(eight.scheduled)}
        </Figure>
      )}
      <Figure name="Waiting" origin="measured">
        {formatShare(shape.dependentShare)}
      </Figure>
      <Figure name="Gas in order" origin="measured">
        {formatCount(report.serialGas)}
      </Figure>
      <Figure name="Longest chain" origin="measured">
        {formatCount(criticalPath.gas)} gas
      </Figure>
      <Figure name="Names" origin="measured">
        {coverage.named} of {coverage.slots} slots
      </Figure>
    </Figures>
  )
}

function linesOf(
  { curve }: Contention,
  runs: readonly ExecutorRun[],
  replays: readonly Replay[],
): readonly Line[] {
  const most = Math.max(64, ...runs.map(({ cores }) => cores))
  const shown = curve.filter(({ cores }) => cores <= most)
  const bounds: readonly Line[] = [
    {
      name: 'bound by dependencies',
      isBound: true,
      points: shown.map(({ cores, bound }) => ({ cores, speedup: bound })),
    },
    {
      name: 'a plain schedule',
      isBound: true,
      points: shown.map(({ cores, scheduled }) => ({ cores, speedup: scheduled })),
    },
  ]
  const policies = new Set(runs.map(({ policy }) => policy))
  policies.delete('serial')
  const inLanes = measurementsOf(replays).filter(({ inOrder }) => inOrder === null)
  return [
    ...bounds,
    ...[...policies].map((name): Line => {
      const points = runs.filter(({ policy }) => policy === name)
      return { name, policy: name, standsFor: points[0]!.standsFor, points }
    }),
    ...[...new Set(inLanes.map(({ executor }) => executor))].map((policy): Line => ({
      name: `${policy}, measured`,
      policy,
      standsFor: 'this node on this machine',
      isMeasured: true,
      points: inLanes
        .filter(({ executor }) => executor === policy)
        .map((each) => ({ cores: each.workers, speedup: fasterBy(each) })),
    })),
  ]
}

function PickedNames({
  report,
  waiting,
}: {
  readonly report: Contention
  readonly waiting: Waiting
}) {
  const { edges, locations } = report.dependencies
  const names = edges
    .filter(({ from, to }) => from === waiting.from && to === waiting.to)
    .map(({ location }) => locations[location]!.name)
  return (
    <p>
      {callName(report.calls[waiting.to]!)} waits for {callName(report.calls[waiting.from]!)} by{' '}
      <code>{names.join(', ')}</code>
    </p>
  )
}

type Step = Contention['criticalPath']['byGas'][number]
const STEPS_SHOWN = 20

function CriticalPath({ report }: { readonly report: Contention }) {
  const columns: readonly Column<Step>[] = [
    { name: 'Transaction', cell: ({ tx }) => callName(report.calls[tx]!) },
    { name: 'Gas', kind: 'number', cell: ({ tx }) => formatCount(report.calls[tx]!.gasUsed) },
    {
      name: 'waited for',
      cell: ({ name }) => (name === undefined ? '' : <LocationName name={name} />),
    },
  ]
  const steps = report.criticalPath.byGas
  return (
    <>
      <Table
        caption="The longest chain of transactions, by gas"
        columns={columns}
        rows={steps.slice(0, STEPS_SHOWN)}
        keyOf={({ tx }) => `${tx}`}
      />
      {steps.length > STEPS_SHOWN ? (
        <p className="graph-note">
          The first {STEPS_SHOWN} of {formatCount(steps.length)}.
        </p>
      ) : null}
    </>
  )
}

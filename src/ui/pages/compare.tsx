import { type ChangeEvent, useState } from 'react'

import type { Contention } from '../../client/answers.ts'
import { type Difference, reportDifferences } from '../../client/report-difference.ts'
import { client } from '../net/client.ts'
import { Executors } from '../parallel/executors.tsx'
import { LocationName } from '../parallel/location-name.tsx'
import { type Window, FIRST_WINDOW, readWindow, subjectOf } from '../parallel/window.ts'
import { WindowPicker } from '../parallel/window-picker.tsx'
import { times } from '../parallel/words.ts'
import { OriginMark } from '../parts/figure.tsx'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Empty, Failure } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import type { PageProps } from '../routes.ts'
import '../parallel/parallel.css'

/** The same transactions under all executors, and two windows or reports against each other. */
export default function ComparePage({ query }: PageProps) {
  const window = readWindow(query)
  return (
    <>
      <div className="page-head">
        <h1>Compare</h1>
        {'wrong' in window ? null : <WindowPicker window={window} />}
      </div>
      {'wrong' in window ? (
        <Empty title="No such window">{window.wrong}</Empty>
      ) : (
        <Executors window={window} />
      )}
      <BeforeAfter />
    </>
  )
}

/** A report, and what it is of. */
interface Side {
  readonly from: string
  readonly report: Contention
}

function BeforeAfter() {
  const [before, setBefore] = useState<Side>()
  const [after, setAfter] = useState<Side>()
  return (
    <Panel title="Before and after a change">
      <div className="sides">
        <SidePicker name="Before" side={before} onSide={setBefore} />
        <SidePicker name="After" side={after} onSide={setAfter} />
      </div>
      {before === undefined || after === undefined ? (
        <p className="graph-note">
          Choose two windows of this chain, or reports that were saved as JSON here or by{' '}
          <code>heddle report --json</code>.
        </p>
      ) : (
        <Differences before={before.report} after={after.report} />
      )}
    </Panel>
  )
}

function SidePicker({
  name,
  side,
  onSide,
}: {
  readonly name: string
  readonly side: Side | undefined
  readonly onSide: (side: Side) => void
}) {
  const [error, setError] = useState<unknown>()
  const take = (load: Promise<Side>): void => {
    load.then(
      (loaded) => {
        setError(undefined)
        onSide(loaded)
      },
      (failure: unknown) => setError(failure),
    )
  }
  const ask = async (window: Window): Promise<Side> => {
    const report = await client.getContention(subjectOf(window))
    return { from: report.subject.text, report }
  }
  return (
    <section className="side" aria-label={name}>
      <h3>
        {name}
        {side === undefined ? null : <span className="soft">: {side.from}</span>}
      </h3>
      <WindowPicker window={FIRST_WINDOW} label={name} onPick={(window) => take(ask(window))} />
      <label className="side-file">
        <span className="soft">or a report</span>
        <input
          type="file"
          accept=".json,application/json"
          aria-label={`${name}: a report in a file`}
          onChange={({ target }: ChangeEvent<HTMLInputElement>) => {
            const [file] = target.files ?? []
            if (file !== undefined) take(readReport(file))
          }}
        />
      </label>
      {error === undefined ? null : <Failure error={error} />}
    </section>
  )
}

/** @throws {Error} when the file is no report */
async function readReport(file: File): Promise<Side> {
  const report = parse(await file.text()) as Partial<Contention> | undefined
  if (report?.fixFirst === undefined || report.bound === undefined || report.curve === undefined) {
    throw new Error(`${file.name} is no report: keep one with heddle report --json > FILE`)
  }
  return { from: file.name, report: report as Contention }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const CORES = [2, 4, 8, 16, 64] as const

function Differences({
  before,
  after,
}: {
  readonly before: Contention
  readonly after: Contention
}) {
  const found = reportDifferences(before, after)
  const at = (report: Contention, cores: number): string => {
    const point = report.curve.find((each) => each.cores === cores)
    return point === undefined ? '' : times(point.scheduled)
  }
  const rows = [
    ['at most', times(before.bound.byGas), times(after.bound.byGas), 'modelled'],
    ...CORES.map((cores) => [
      `on ${cores} cores`,
      at(before, cores),
      at(after, cores),
      'modelled' as const,
    ]),
    ['gas in order', formatCount(before.serialGas), formatCount(after.serialGas), 'measured'],
    ['transactions', formatCount(before.transactions), formatCount(after.transactions), 'measured'],
  ] as const
  return (
    <>
      {found.length === 0 ? (
        <p className="graph-note">The same dependencies by the same names.</p>
      ) : (
        <Table
          caption="What orders other transactions than before"
          columns={CHANGED}
          rows={found}
          keyOf={({ name }) => name}
        />
      )}
      <Table
        caption="Both in figures"
        columns={FIGURES}
        rows={rows.map((row) => [...row])}
        keyOf={([name]) => name!}
      />
    </>
  )
}

const CHANGED: readonly Column<Difference>[] = [
  { name: 'Variable', cell: ({ name }) => <LocationName name={name} /> },
  { name: 'Waits before', kind: 'number', cell: ({ dependencies: [a] }) => formatCount(a) },
  { name: 'after', kind: 'number', cell: ({ dependencies: [, b] }) => formatCount(b) },
  { name: 'Gas behind before', kind: 'number', cell: ({ gasBehind: [a] }) => formatCount(a) },
  { name: 'after ', kind: 'number', cell: ({ gasBehind: [, b] }) => formatCount(b) },
]

const FIGURES: readonly Column<readonly string[]>[] = [
  { name: 'Figure', cell: ([name]) => name },
  { name: 'Before', kind: 'number', cell: ([, before]) => before },
  { name: 'After', kind: 'number', cell: ([, , after]) => after },
  {
    name: 'Origin',
    cell: ([, , , origin]) => (
      <OriginMark origin={origin === 'measured' ? 'measured' : 'modelled'} />
    ),
  },
]

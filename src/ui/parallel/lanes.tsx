import { useMutation } from '@tanstack/react-query'
import { useMemo, useState } from 'react'

import type { Contention } from '../../client/answers.ts'
import type { Replay } from '../../client/block-answers.ts'
import { client } from '../net/client.ts'
import { useFixed } from '../net/live.ts'
import { Figure, Figures, OriginMark } from '../parts/figure.tsx'
import { formatCount } from '../parts/format.ts'
import { Answer, Failure } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { save } from './export.ts'
import { type LaneRun, Timeline, type Told } from './timeline.tsx'
import { duration, times } from './words.ts'

type Run = LaneRun & { readonly cause?: Readonly<Record<string, unknown>> }
type Location = Contention['fixFirst'][number]['location']

const LISTED = 200

/** How lanes ran a block: as it was mined, or run once more now by an executor of one's choice, with the proof that all came out as in order. */
export function BlockLanes({
  block,
  report,
}: {
  readonly block: number
  readonly report: Contention
}) {
  const mined = useFixed(['block report', block], () => client.getBlockReport(block))
  const again = useMutation({
    mutationFn: ({ executor, workers }: { executor: string; workers: number }) =>
      client.replayBlock(block, { executor, workers }),
  })
  return (
    <>
      <RunForm
        isBusy={again.isPending}
        onRun={(executor, workers) => again.mutate({ executor, workers })}
      />
      {again.error === null ? null : <Failure error={again.error} />}
      {again.data === undefined ? (
        <Answer query={mined} what="Asking how it ran">
          {({ measured }) =>
            measured.basis === 'unavailable' ? (
              <p className="graph-note">Not measured: {measured.why}.</p>
            ) : measured.inOrder === null && measured.runs.length > 0 ? (
              <>
                <p className="graph-note">
                  As it was mined, by {measured.executor} in {duration(measured.ms)}{' '}
                  <OriginMark origin="measured" />
                </p>
                <Runs runs={measured.runs} report={report} />
              </>
            ) : (
              <p className="graph-note">
                When it was mined it ran in order
                {measured.inOrder === null ? '' : `: ${measured.inOrder}`}. Run it on lanes to see
                what they would do.
              </p>
            )
          }
        </Answer>
      ) : (
        <Again replay={again.data} report={report} />
      )}
      <div className="graph-foot">
        <button type="button" onClick={() => void saveTrace(block)}>
          Save for Perfetto and speedscope
        </button>
      </div>
    </>
  )
}

async function saveTrace(block: number): Promise<void> {
  const trace = await client
    .exportTrace(block)
    .catch(() => client.exportTrace(block, { policy: 'optimistic', cores: 4 }))
  save(`block-${block}-trace.json`, JSON.stringify(trace))
}

function RunForm({
  isBusy,
  onRun,
}: {
  readonly isBusy: boolean
  readonly onRun: (executor: string, workers: number) => void
}) {
  const config = useFixed(['parallel config'], () => client.getParallelConfig())
  const [executor, setExecutor] = useState('optimistic')
  const [workers, setWorkers] = useState(2)
  const names = config.data?.executors ?? [executor]
  return (
    <form
      className="window-picker"
      onSubmit={(event) => {
        event.preventDefault()
        onRun(executor, workers)
      }}
    >
      <label>
        <span className="soft">Executor</span>
        <select value={executor} onChange={({ target }) => setExecutor(target.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span className="soft">Lanes</span>
        <input
          type="number"
          min={1}
          max={16}
          value={workers}
          onChange={({ target }) =>
            setWorkers(Math.max(1, Math.min(16, target.valueAsNumber || 1)))
          }
        />
      </label>
      <button type="submit" disabled={isBusy}>
        {isBusy ? 'Running…' : 'Run it again now'}
      </button>
      <span className="soft">changes nothing on the chain</span>
    </form>
  )
}

function Again({ replay, report }: { readonly replay: Replay; readonly report: Contention }) {
  const { equivalence } = replay
  return (
    <>
      <Figures>
        <Figure name={`${replay.executor}, ${replay.workers} lanes`} origin="measured">
          {duration(replay.ms)}
        </Figure>
        <Figure name="In order" origin="measured">
          {duration(replay.serialMs)}
        </Figure>
        <Figure name="Faster" origin="measured">
          {times(replay.ms === 0 ? 1 : replay.serialMs / replay.ms)}
        </Figure>
        <Figure name="Runs for nothing" origin="measured">
          {formatCount(replay.aborts)}
        </Figure>
        <Figure name="Same as in order" origin="measured">
          {equivalence.equal ? 'yes: receipts, gas, state root' : 'NO'}
        </Figure>
      </Figures>
      <p className="graph-note">One run each: the first runs of a process are slower.</p>
      {equivalence.difference === null ? null : (
        <Failure
          error={`${equivalence.difference.what}: expected ${equivalence.difference.expected}, got ${equivalence.difference.got}`}
        />
      )}
      {replay.inOrder === null ? null : (
        <p className="graph-note">It ran in order: {replay.inOrder}.</p>
      )}
      <Runs runs={replay.runs} report={report} />
    </>
  )
}

function Runs({ runs, report }: { readonly runs: readonly Run[]; readonly report: Contention }) {
  const lanes = useMemo(() => Math.max(0, ...runs.map(({ lane }) => lane)) + 1, [runs])
  const tell = useMemo(() => teller(runs, report), [runs, report])
  if (runs.length === 0) return null
  const columns: readonly Column<Run>[] = [
    { name: 'Transaction', cell: (run) => tell(run).title },
    { name: 'Lane', kind: 'number', cell: ({ lane }) => lane },
    { name: 'Run', kind: 'number', cell: ({ incarnation }) => incarnation + 1 },
    { name: 'From', kind: 'number', wide: true, cell: ({ start }) => duration(start) },
    { name: 'For', kind: 'number', cell: ({ start, end }) => duration(end - start) },
    { name: 'Outcome', cell: ({ outcome }) => outcome },
    { name: 'Because of', cell: (run) => tell(run).cause ?? '' },
  ]
  return (
    <>
      <Timeline runs={runs} lanes={lanes} tell={tell} />
      <div className="graph-foot">
        <details>
          <summary>As a table</summary>
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

/** What is told of a run: the call, and for a run that was taken back the variable, its line and the run that wrote it. */
function teller(runs: readonly Run[], report: Contention): (run: LaneRun) => Told {
  const keys = report.dependencies.locations.map(({ location }) => keyOf(location))
  const lines = new Map(
    report.fixFirst.map(({ location, sites }) => [
      keyOf(location),
      sites.find(({ line }) => line !== undefined)?.line,
    ]),
  )
  const merged = new Map(
    runs.filter(({ outcome }) => outcome === 'merged').map((run) => [run.index, run]),
  )
  return (run: Run) => {
    const call = report.calls[run.index]
    const title = call === undefined ? `transaction ${run.index}` : `${run.index} · ${call.label}`
    if (run.cause === undefined) return { title }
    const place = keys.indexOf(keyOf(run.cause as unknown as Location))
    if (place < 0) return { title, cause: `${String(run.cause['kind'])} had changed` }
    const line = lines.get(keys[place]!)
    const edge = report.dependencies.edges.find(
      ({ to, location }) => to === run.index && location === place,
    )
    return {
      title,
      cause: `${report.dependencies.locations[place]!.name} had changed${line === undefined ? '' : ` (${line})`}`,
      writer: edge && merged.get(edge.from),
    }
  }
}

export function keyOf(location: Location): string {
  return [location.kind, location.address, 'key' in location ? location.key : ''].join(':')
}

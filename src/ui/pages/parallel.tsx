import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import type { Contention } from '../../client/answers.ts'
import { client } from '../net/client.ts'
import { useFixed, useHead } from '../net/live.ts'
import { save } from '../parallel/export.ts'
import { keyOf } from '../parallel/lane-runs.tsx'
import { BlockLanes } from '../parallel/lanes.tsx'
import { MeasureButton } from '../parallel/measured.tsx'
import { replayByAll, useReplays } from '../parallel/replays.ts'
import { reportQuery } from '../parallel/report-query.ts'
import { type ExecutorRun, ReportView, preloadCharts } from '../parallel/report-view.tsx'
import { Why } from '../parallel/why.tsx'
import { type Window, readWindow, subjectOf, writeWindow } from '../parallel/window.ts'
import { WindowPicker } from '../parallel/window-picker.tsx'
import { formatCount } from '../parts/format.ts'
import { Answer, Empty } from '../parts/state.tsx'
import { Link } from '../router.tsx'
import type { PageProps } from '../routes.ts'
import '../parallel/parallel.css'

const CORES = [1, 2, 4, 8, 16, 32, 64] as const

/** Why the transactions of a window do or do not run in parallel. */
export default function ParallelPage({ query }: PageProps) {
  const window = readWindow(query)
  if ('wrong' in window) {
    return (
      <>
        <h1>Parallelism</h1>
        <Empty title="No such window">{window.wrong}</Empty>
      </>
    )
  }
  return <Reported key={writeWindow(window)} window={window} />
}

function Reported({ window }: { readonly window: Window }) {
  const head = useHead()
  const [round, setRound] = useState(0)
  const answer = useQuery(reportQuery(window, round))
  useEffect(preloadCharts, [])
  const behind =
    head === undefined || answer.data === undefined ? 0n : head.number - answer.data.askedAt
  return (
    <>
      <div className="page-head">
        <h1>Parallelism</h1>
        <WindowPicker window={window} />
      </div>
      <Answer query={answer} what="Running the window once more">
        {({ report }) => (
          <>
            <p className="subject">
              <span>
                {report.subject.text}
                {report.subject.deploymentsLeftOut > 0
                  ? `, ${formatCount(report.subject.deploymentsLeftOut)} deployments left out`
                  : ''}
                {report.subject.failed > 0 ? `, ${formatCount(report.subject.failed)} failed` : ''}
              </span>
              {window.kind === 'last' && behind > 0n ? (
                <button type="button" onClick={() => setRound(round + 1)}>
                  {formatCount(behind)} blocks since: look again
                </button>
              ) : null}
              <button
                type="button"
                onClick={() => save('report.json', JSON.stringify(report, undefined, 2))}
              >
                Save as JSON
              </button>
            </p>
            <LiveReport key={round} window={window} round={round} report={report} />
          </>
        )}
      </Answer>
    </>
  )
}

/** The report with what else a node can be asked. That comes after it: the node answers one question at a time. */
function LiveReport({
  window,
  round,
  report,
}: {
  readonly window: Window
  readonly round: number
  readonly report: Contention
}) {
  const block = window.kind === 'block' ? window.block : undefined
  const mined = useFixed(['execution', block], async () =>
    block === undefined ? null : client.getExecution(block),
  )
  const compared = useFixed(['compared', writeWindow(window), round], async () => {
    const { runs } = await client.compareExecutors(subjectOf(window), { cores: CORES })
    return runs as unknown as readonly ExecutorRun[]
  })
  const replays = useReplays(block)
  const measured = mined.data?.measured
  const causes =
    measured?.basis === 'measured' && measured.inOrder === null
      ? measured.runs.flatMap(({ cause }) => (cause === undefined ? [] : [keyOf(cause as never)]))
      : undefined
  return (
    <ReportView
      report={report}
      runs={compared.data}
      why={({ from, to }) => <Why earlier={report.calls[from]!} later={report.calls[to]!} />}
      {...(block === undefined
        ? { lanes: <ChooseBlock report={report} /> }
        : {
            lanes: <BlockLanes block={block} report={report} />,
            replays,
            measure: <MeasureButton measure={() => replayByAll(block)} />,
          })}
      rerun={causes && ((location) => causes.filter((each) => each === keyOf(location)).length)}
    />
  )
}

/** Lanes run a block at a time. */
function ChooseBlock({ report }: { readonly report: Contention }) {
  const { toBlock } = report.subject
  return (
    <p className="graph-note">
      Lanes run one block at a time: look at{' '}
      <Link href={`/parallel?block=${toBlock}`}>block {formatCount(toBlock)}</Link>, or choose
      another above, to see how they ran it and what they gain.
    </p>
  )
}

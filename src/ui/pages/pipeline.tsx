import { useEffect } from 'react'

import type { ConsensusTimeline, PipelineStatus, TimelineBlock } from '../../rpc/consensus-port.ts'
import { client, socket } from '../net/client.ts'
import { queries, useLive } from '../net/live.ts'
import { Figure, Figures } from '../parts/figure.tsx'
import { formatCount } from '../parts/format.ts'
import { Hex } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answer, Empty, Failure } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { duration } from '../parallel/words.ts'
import { PipelineDrawing, RoundStrip } from '../pipeline/drawing.tsx'
import { AdvanceForm, FaultForm } from '../pipeline/faults.tsx'
import '../parallel/parallel.css'
import '../pipeline/pipeline.css'

const SHOWN = 24
/** Blocks change their states several times a second. */
const PACE_MS = 250

/** Blocks on their way from proposed to committed, validators and rounds, and faults at hand. */
export default function PipelinePage() {
  const query = useLive(['pipeline'], async () => {
    const [status, timeline] = await Promise.all([
      client.getConsensusStatus(),
      client.getConsensusTimeline({ last: SHOWN }),
    ])
    return { status, timeline }
  })
  const isPipeline = query.data?.status.kind === 'pipeline'
  useEffect(() => (isPipeline ? followStates() : undefined), [isPipeline])
  return (
    <>
      <h1>Pipeline</h1>
      <Answer query={query}>
        {({ status, timeline }) =>
          status.kind === 'miner' ? (
            <Empty title={`No validators: --consensus ${status.preset}`}>
              {status.timing}. To rehearse blocks that are ordered first and executed later, start
              the node with --consensus monad, megaeth or twin-turbo.
            </Empty>
          ) : (
            <Running status={status} timeline={timeline} />
          )
        }
      </Answer>
    </>
  )
}

/** All that happens is told of, rounds that fail too. @returns what ends it */
function followStates(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = socket.subscribe(['parallelConsensus'], () => {
    timer ??= setTimeout(() => {
      timer = undefined
      void queries.invalidateQueries({ queryKey: ['live', 'pipeline'] })
    }, PACE_MS)
  })
  return () => {
    clearTimeout(timer)
    end()
  }
}

function Running({
  status,
  timeline,
}: {
  readonly status: PipelineStatus
  readonly timeline: ConsensusTimeline
}) {
  const { blocks, execution } = status
  return (
    <>
      <p className="subject">
        {status.preset}: {String(status.settings['protocol'])}, {status.validators.length}{' '}
        validators, at most {String(status.settings['faulty'])} faulty. Timing: {status.timing}; gas
        rules: {status.rules}. Signatures are stand-ins.
      </p>
      {status.standsStill === null ? null : <Failure error={status.standsStill} />}
      <Figures>
        <Figure name="Proposed">{formatCount(blocks.proposed)}</Figure>
        <Figure name="Executed">{formatCount(blocks.executed)}</Figure>
        <Figure name="Voted (safe)">{formatCount(blocks.voted)}</Figure>
        <Figure name="Finalized">{formatCount(blocks.finalized)}</Figure>
        <Figure name="Root certified">{formatCount(blocks.verified)}</Figure>
        <Figure name="Blocks to execute">
          {execution.lag} of {execution.mostLag}
          {execution.isBehind ? ', waits' : ''}
        </Figure>
        <Figure name="Withdrawn">{formatCount(status.withdrawnBlocks)}</Figure>
        <Figure name="In the pool">{formatCount(status.pooled)}</Figure>
      </Figures>
      <Panel title="Faults" aside={`${status.faults.length} active`}>
        {status.settings['clock'] === 'virtual' ? <AdvanceForm /> : null}
        <FaultForm status={status} />
      </Panel>
      <Panel title="Blocks on their way" aside={`at ${duration(timeline.nowMs)}`}>
        {timeline.blocks.length === 0 ? (
          <Empty title="No block yet" />
        ) : (
          <PipelineDrawing blocks={timeline.blocks} nowMs={timeline.nowMs} />
        )}
        <div className="graph-foot">
          <details>
            <summary>As a table</summary>
            <Table
              caption="When each block came to each state"
              columns={BLOCKS}
              rows={timeline.blocks.toReversed()}
              keyOf={({ id }) => id}
            />
          </details>
        </div>
      </Panel>
      <Panel title="Rounds" aside="by leader">
        <RoundStrip rounds={timeline.rounds} />
      </Panel>
      <Panel title="Validators">
        <Table
          caption="Validators"
          columns={validatorColumns(status)}
          rows={status.validators}
          keyOf={({ id }) => `${id}`}
        />
      </Panel>
    </>
  )
}

function moment(ms: number | null): string {
  return ms === null ? '' : `${(ms / 1000).toFixed(3)} s`
}

const BLOCKS: readonly Column<TimelineBlock>[] = [
  { name: 'Block', kind: 'number', cell: ({ number }) => formatCount(number) },
  { name: 'Id', cell: ({ id }) => <Hex value={id} what="block id" /> },
  { name: 'State', cell: ({ state }) => state },
  { name: 'Round', kind: 'number', cell: ({ round }) => formatCount(round) },
  { name: 'Leader', kind: 'number', cell: ({ leader }) => leader },
  { name: 'Proposed', kind: 'number', cell: ({ times }) => moment(times.proposed) },
  { name: 'Voted', kind: 'number', cell: ({ times }) => moment(times.voted) },
  { name: 'Finalized', kind: 'number', cell: ({ times }) => moment(times.finalized) },
  { name: 'Executed', kind: 'number', cell: ({ times }) => moment(times.executed) },
  { name: 'Committed', kind: 'number', cell: ({ times }) => moment(times.committed) },
  { name: 'Withdrawn', kind: 'number', cell: ({ times }) => moment(times.withdrawn) },
  {
    name: 'Carries the root of',
    kind: 'number',
    cell: ({ delayedRoot }) => (delayedRoot === null ? '' : formatCount(delayedRoot.number)),
  },
]

function validatorColumns({
  leader,
}: PipelineStatus): readonly Column<PipelineStatus['validators'][number]>[] {
  return [
    { name: 'Validator', cell: ({ id }) => `${id}${id === leader ? ', leads' : ''}` },
    { name: 'Stake', kind: 'number', wide: true, cell: ({ stake }) => formatCount(stake) },
    { name: 'Round', kind: 'number', cell: ({ round }) => formatCount(round) },
    { name: 'Voted in', kind: 'number', cell: ({ votedRound }) => formatCount(votedRound) },
    {
      name: 'Finalized',
      kind: 'number',
      cell: ({ finalizedBlock }) => formatCount(finalizedBlock),
    },
    { name: 'Faults', cell: ({ faults }) => (faults.length === 0 ? 'none' : faults.join(', ')) },
  ]
}

import { client } from '../net/client.ts'
import { useFixed } from '../net/live.ts'
import { formatCount, formatShare } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Answer } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { MeasureButton, MeasuredTable } from './measured.tsx'
import { replayByAll, useReplays } from './replays.ts'
import { type Window, subjectOf, writeWindow } from './window.ts'
import { times } from './words.ts'

const CORES = [2, 4, 8, 16, 64] as const

interface Run {
  readonly policy: string
  readonly standsFor: string
  readonly cores: number
  readonly speedup: number
  readonly wasted: number
  readonly rejected: number
  readonly deferred: number
}

interface Row {
  readonly policy: string
  readonly runs: readonly Run[]
}

/** One window under every chain's executor, side by side; a block also on real lanes. */
export function Executors({ window }: { readonly window: Window }) {
  const key = writeWindow(window)
  const query = useFixed(['executors', key], async () => {
    const { runs } = await client.compareExecutors(subjectOf(window), { cores: CORES })
    return runs as unknown as readonly Run[]
  })
  return (
    <>
      <Panel title="All executors" aside="modelled, a gas a tick">
        <Answer query={query} what="Running the window once more">
          {(runs) => (
            <Table
              caption="Speed-up of each executor by cores, modelled"
              columns={COLUMNS}
              rows={rowsOf(runs)}
              keyOf={({ policy }) => policy}
            />
          )}
        </Answer>
      </Panel>
      {window.kind === 'block' ? <Measured key={window.block} block={window.block} /> : null}
    </>
  )
}

function rowsOf(runs: readonly Run[]): readonly Row[] {
  return [...new Set(runs.map(({ policy }) => policy))].map((policy) => ({
    policy,
    runs: runs.filter((run) => run.policy === policy),
  }))
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Executor', cell: ({ policy }) => policy },
  { name: 'stands for', wide: true, cell: ({ runs }) => runs[0]?.standsFor },
  ...CORES.map((cores): Column<Row> => ({
    name: `${cores} cores`,
    kind: 'number',
    cell: ({ runs }) => times(runs.find((run) => run.cores === cores)?.speedup ?? 0),
  })),
  {
    name: 'Wasted at 64',
    kind: 'number',
    cell: ({ runs }) => {
      const wasted = runs.at(-1)?.wasted ?? 0
      return wasted === 0 ? '' : formatShare(wasted)
    },
  },
  {
    name: 'Left out',
    kind: 'number',
    cell: ({ runs }) => {
      const last = runs.at(-1)
      const out = (last?.rejected ?? 0) + (last?.deferred ?? 0)
      return out === 0 ? '' : formatCount(out)
    },
  },
]

/** A block run once more by each of the node's own executors. */
function Measured({ block }: { readonly block: number }) {
  const replays = useReplays(block)
  return (
    <Panel title="On real lanes" aside="measured">
      <MeasureButton measure={() => replayByAll(block)} />
      <MeasuredTable replays={replays} />
    </Panel>
  )
}

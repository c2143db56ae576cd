import { useMutation } from '@tanstack/react-query'

import type { Replay } from '../../client/block-answers.ts'
import { client } from '../net/client.ts'
import { useFixed } from '../net/live.ts'
import { formatCount, formatShare } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Answer, Failure } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { type Window, subjectOf, writeWindow } from './window.ts'
import { duration, times } from './words.ts'

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

const LANES = [1, 2, 4] as const

/** A block run once more by each of the node's own executors, one after another so that they do not disturb each other. */
function Measured({ block }: { readonly block: number }) {
  const run = useMutation({
    mutationFn: async () => {
      const { executors } = await client.getParallelConfig()
      const found: Replay[] = []
      for (const executor of executors) {
        for (const workers of executor === 'serial' ? [1] : LANES) {
          found.push(await client.replayBlock(block, { executor, workers }))
        }
      }
      return found
    },
  })
  return (
    <Panel title="On real lanes" aside="measured">
      <div className="window-picker">
        <button type="button" disabled={run.isPending} onClick={() => run.mutate()}>
          {run.isPending ? 'Running…' : 'Run each executor now'}
        </button>
        <span className="soft">changes nothing on the chain; one run each</span>
      </div>
      {run.error === null ? null : <Failure error={run.error} />}
      {run.data === undefined ? null : (
        <Table
          caption="Each executor on real lanes, measured"
          columns={MEASURED}
          rows={run.data}
          keyOf={({ executor, workers }) => `${executor} ${workers}`}
        />
      )}
    </Panel>
  )
}

const MEASURED: readonly Column<Replay>[] = [
  { name: 'Executor', cell: ({ executor }) => executor },
  { name: 'Lanes', kind: 'number', cell: ({ workers }) => workers },
  { name: 'Took', kind: 'number', cell: ({ ms }) => duration(ms) },
  { name: 'In order', kind: 'number', cell: ({ serialMs }) => duration(serialMs) },
  {
    name: 'Faster',
    kind: 'number',
    cell: ({ ms, serialMs }) => times(ms === 0 ? 1 : serialMs / ms),
  },
  { name: 'Runs for nothing', kind: 'number', cell: ({ aborts }) => formatCount(aborts) },
  { name: 'Same as in order', cell: ({ equivalence }) => (equivalence.equal ? 'yes' : 'NO') },
  { name: 'Note', cell: ({ inOrder }) => (inOrder === null ? '' : `in order: ${inOrder}`) },
]

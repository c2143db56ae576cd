import { useMutation } from '@tanstack/react-query'
import { useMemo } from 'react'

import type { Replay } from '../../client/block-answers.ts'
import { formatCount } from '../parts/format.ts'
import { Failure } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { type Measurement, fasterBy, measurementsOf } from './measurements.ts'
import { duration, times } from './words.ts'

/** Has a block run by each executor on real lanes. */
export function MeasureButton({ measure }: { readonly measure: () => Promise<void> }) {
  const run = useMutation({ mutationFn: measure })
  return (
    <>
      <div className="window-picker">
        <button type="button" disabled={run.isPending} onClick={() => run.mutate()}>
          {run.isPending ? 'Running…' : 'Run each executor now'}
        </button>
        <span className="soft">changes nothing on the chain; medians of three runs each</span>
      </div>
      {run.error === null ? null : <Failure error={run.error} />}
    </>
  )
}

/** What runs on real lanes took, against the same block in order, and whether all came out the same. */
export function MeasuredTable({ replays }: { readonly replays: readonly Replay[] }) {
  const rows = useMemo(() => measurementsOf(replays), [replays])
  if (rows.length === 0) return null
  return (
    <Table
      caption="Each executor against serial, measured"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ executor, workers }) => `${executor} ${workers}`}
    />
  )
}

const COLUMNS: readonly Column<Measurement>[] = [
  { name: 'Executor', cell: ({ executor }) => executor },
  { name: 'Lanes', kind: 'number', cell: ({ workers }) => workers },
  { name: 'Faster', kind: 'number', cell: (row) => times(fasterBy(row)) },
  { name: 'Took', kind: 'number', cell: ({ ms }) => duration(ms) },
  { name: 'In order', kind: 'number', cell: ({ serialMs }) => duration(serialMs) },
  { name: 'Same as in order', cell: sameAsInOrder },
  { name: 'Runs for nothing', kind: 'number', cell: ({ aborts }) => formatCount(aborts) },
  { name: 'Runs', kind: 'number', cell: ({ runs }) => runs },
  { name: 'Note', cell: ({ inOrder }) => (inOrder === null ? '' : `in order: ${inOrder}`) },
]

function sameAsInOrder({ equal, difference }: Measurement): string {
  if (equal) return 'yes'
  return difference === undefined ? 'NO' : `NO: ${difference}`
}

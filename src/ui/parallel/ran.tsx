import type { Contention } from '../../client/answers.ts'
import type { BlockExecution, Replay } from '../../client/block-answers.ts'
import { Figure, Figures, OriginMark } from '../parts/figure.tsx'
import { formatCount } from '../parts/format.ts'
import { Failure } from '../parts/state.tsx'
import { Lanes } from './lane-runs.tsx'
import { fasterBy } from './measurements.ts'
import { duration, times } from './words.ts'

/** How a block was run when it was mined. */
export function AsMined({
  measured,
  report,
}: {
  readonly measured: BlockExecution['measured']
  readonly report: Contention
}) {
  if (measured.basis === 'unavailable') {
    return <p className="graph-note">Not measured: {measured.why}.</p>
  }
  if (measured.inOrder !== null || measured.merges.length === 0) {
    return (
      <p className="graph-note">
        When it was mined it ran in order
        {measured.inOrder === null ? '' : `: ${measured.inOrder}`}, in {duration(measured.ms)}{' '}
        <OriginMark origin="measured" />
      </p>
    )
  }
  return (
    <>
      <p className="graph-note">
        As it was mined, by {measured.executor} in {duration(measured.ms)}{' '}
        <OriginMark origin="measured" />
      </p>
      <Lanes execution={measured} report={report} />
    </>
  )
}

/** A block run once more, with the proof that all came out as in order. */
export function Again({ run, report }: { readonly run: Replay; readonly report: Contention }) {
  const { equivalence } = run
  return (
    <>
      <Figures>
        <Figure name={`${run.executor}, ${run.workers} lanes`} origin="measured">
          {duration(run.ms)}
        </Figure>
        <Figure name="In order" origin="measured">
          {duration(run.serialMs)}
        </Figure>
        <Figure name="Faster" origin="measured">
          {times(fasterBy(run))}
        </Figure>
        <Figure name="Runs for nothing" origin="measured">
          {formatCount(run.aborts)}
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
      {run.inOrder === null ? null : <p className="graph-note">It ran in order: {run.inOrder}.</p>}
      <Lanes execution={run} report={report} />
    </>
  )
}

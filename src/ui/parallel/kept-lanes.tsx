import { useState } from 'react'

import type { Contention } from '../../client/answers.ts'
import type { BlockExecution, Replay } from '../../client/block-answers.ts'
import { Again, AsMined } from './ran.tsx'

/** How a block ran in lanes when it was mined and when a report of it was made: one of these at a time. */
export function KeptLanes({
  measured,
  replays,
  report,
}: {
  readonly measured: BlockExecution['measured']
  readonly replays: readonly Replay[]
  readonly report: Contention
}) {
  const inLanes = lastOfEach(replays.filter(({ merges }) => merges.length > 0))
  const ranInLanes = measured.basis === 'measured' && measured.merges.length > 0
  const [shown, setShown] = useState(ranInLanes ? -1 : 0)
  const run = inLanes[shown]
  return (
    <>
      <div className="window-picker">
        <label>
          <span className="soft">Run</span>
          <select
            value={run === undefined ? -1 : shown}
            onChange={({ target }) => setShown(Number(target.value))}
          >
            <option value={-1}>as it was mined</option>
            {inLanes.map(({ executor, workers }, place) => (
              <option key={executor} value={place}>
                again, by {executor} in {workers} lanes
              </option>
            ))}
          </select>
        </label>
      </div>
      {run === undefined ? (
        <AsMined measured={measured} report={report} />
      ) : (
        <Again key={shown} run={run} report={report} />
      )}
    </>
  )
}

function lastOfEach(replays: readonly Replay[]): readonly Replay[] {
  return [...new Map(replays.map((each) => [each.executor, each])).values()]
}

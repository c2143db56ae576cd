import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import type { Contention } from '../../client/answers.ts'
import { client } from '../net/client.ts'
import { useFixed } from '../net/live.ts'
import { Answer, Failure } from '../parts/state.tsx'
import { save } from './export.ts'
import { replay } from './replays.ts'
import { Again, AsMined } from './ran.tsx'

/** How lanes ran a block: as it was mined, or run once more now by an executor of one's choice, with the proof that all came out as in order. */
export function BlockLanes({
  block,
  report,
}: {
  readonly block: number
  readonly report: Contention
}) {
  const mined = useFixed(['execution', block], () => client.getExecution(block))
  const again = useMutation({
    mutationFn: ({ executor, workers }: { executor: string; workers: number }) =>
      replay(block, executor, workers),
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
          {({ measured }) => <AsMined measured={measured} report={report} />}
        </Answer>
      ) : (
        <Again run={again.data} report={report} />
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
  const [chosen, setExecutor] = useState<string>()
  const [workers, setWorkers] = useState(2)
  const names = config.data?.executors ?? ['optimistic']
  const own = config.data?.executor
  const executor = chosen ?? (own === undefined || own === 'serial' ? 'optimistic' : own)
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

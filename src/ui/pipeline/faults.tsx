import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import type { FaultInput, PipelineStatus } from '../../rpc/consensus-port.ts'
import { client } from '../net/client.ts'
import { refresh } from '../net/live.ts'
import { Failure } from '../parts/state.tsx'

const KINDS = [
  ['silence', 'sends nothing'],
  ['crash', 'stops'],
  ['equivocate', 'proposes two blocks'],
  ['wrongRoot', 'states a wrong root'],
  ['delay', 'is late'],
  ['slowExecutor', 'executes slowly'],
] as const
type Kind = (typeof KINDS)[number][0]

const NEEDS_MS: ReadonlySet<Kind> = new Set(['delay', 'slowExecutor'])

/** Breaks validators, and heals them. */
export function FaultForm({ status }: { readonly status: PipelineStatus }) {
  const [kind, setKind] = useState<Kind>('silence')
  const [who, setWho] = useState('leader')
  const [forMs, setForMs] = useState('2000')
  const [byMs, setByMs] = useState('500')
  const inject = useMutation({
    mutationFn: (fault: FaultInput) => client.injectFault(fault),
    onSettled: refresh,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    inject.mutate({
      kind,
      validator: who === 'leader' ? who : Number(who),
      ...(forMs.trim() !== '' && { forMs: Number(forMs) }),
      ...(NEEDS_MS.has(kind) && { byMs: Number(byMs) }),
    })
  }
  const others = status.validators.map(({ id }) => id)
  const half = others.slice(0, Math.floor(others.length / 2))
  return (
    <>
      <form className="window-picker" onSubmit={submit} aria-label="Fault">
        <label>
          <span className="soft">Validator</span>
          <select value={who} onChange={({ target }) => setWho(target.value)}>
            <option value="leader">the next leader</option>
            {others.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <select
          aria-label="Fault"
          value={kind}
          onChange={({ target }) => setKind(target.value as Kind)}
        >
          {KINDS.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
        {NEEDS_MS.has(kind) ? (
          <label>
            <span className="soft">by</span>
            <input size={5} value={byMs} onChange={({ target }) => setByMs(target.value)} /> ms
          </label>
        ) : null}
        <label title="Empty: until it is healed">
          <span className="soft">for</span>
          <input size={6} value={forMs} onChange={({ target }) => setForMs(target.value)} /> ms
        </label>
        <button type="submit" disabled={inject.isPending}>
          Break
        </button>
        <button
          type="button"
          disabled={inject.isPending || half.length === 0}
          onClick={() => inject.mutate({ kind: 'partition', groups: [half] })}
        >
          Cut the network in two
        </button>
        <button
          type="button"
          disabled={inject.isPending || status.faults.length === 0}
          onClick={() => inject.mutate({ kind: 'heal' })}
        >
          Heal all
        </button>
      </form>
      {inject.error === null ? null : <Failure error={inject.error} />}
    </>
  )
}

/** Moves a virtual clock. */
export function AdvanceForm() {
  const [ms, setMs] = useState('1000')
  const advance = useMutation({
    mutationFn: (by: number) => client.advanceConsensus({ ms: by }),
    onSettled: refresh,
  })
  return (
    <form
      className="window-picker"
      aria-label="Clock"
      onSubmit={(event) => {
        event.preventDefault()
        advance.mutate(Number(ms))
      }}
    >
      <label>
        <span className="soft">The clock stands still: move it by</span>
        <input size={6} value={ms} onChange={({ target }) => setMs(target.value)} /> ms
      </label>
      <button type="submit" disabled={advance.isPending}>
        Advance
      </button>
      {advance.error === null ? null : <Failure error={advance.error} />}
    </form>
  )
}

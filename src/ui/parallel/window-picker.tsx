import { type FormEvent, useState } from 'react'

import { navigate } from '../router.tsx'
import { type Window, readWindow, writeWindow } from './window.ts'

const KINDS = [
  { kind: 'last', name: 'Newest transactions', example: '50' },
  { kind: 'blocks', name: 'Blocks', example: '4..9' },
  { kind: 'block', name: 'One block', example: '7' },
] as const

/** Chooses what is looked at; the address bar has the choice, so that it can be kept and passed on. */
export function WindowPicker({
  window,
  onPick = (picked) => navigate(`${location.pathname}?${writeWindow(picked)}`),
  label = 'Window',
}: {
  readonly window: Window
  readonly onPick?: (window: Window) => void
  readonly label?: string
}) {
  const [kind, setKind] = useState(window.kind)
  const [text, setText] = useState(textOf(window))
  const [wrong, setWrong] = useState<string>()
  const [asBlock, setAsBlock] = useState(window.asBlock)
  const [spread, setSpread] = useState(window.spreadSenders)
  const { example, name } = KINDS.find((each) => each.kind === kind)!
  const pick = (event: FormEvent): void => {
    event.preventDefault()
    const query = new URLSearchParams({ [kind]: text.trim() })
    if (asBlock) query.set('as-block', '')
    if (spread) query.set('spread-senders', '')
    const read = readWindow(query)
    setWrong('wrong' in read ? read.wrong : undefined)
    if (!('wrong' in read)) onPick(read)
  }
  return (
    <form className="window-picker" onSubmit={pick} aria-label={label}>
      <select
        aria-label={`${label}: what it spans`}
        value={kind}
        onChange={({ target }) => {
          const next = KINDS.find((each) => each.kind === target.value)!
          setKind(next.kind)
          setText(next.example)
        }}
      >
        {KINDS.map((each) => (
          <option key={each.kind} value={each.kind}>
            {each.name}
          </option>
        ))}
      </select>
      <input
        aria-label={name}
        aria-invalid={wrong !== undefined}
        value={text}
        size={8}
        placeholder={example}
        onChange={({ target }) => setText(target.value)}
      />
      <label title="Run the recorded transactions again, as one block on the state that the first found">
        <input
          type="checkbox"
          checked={asBlock || spread}
          disabled={spread}
          onChange={({ target }) => setAsBlock(target.checked)}
        />
        as one block
      </label>
      <label title="Each transaction from a sender of its own: a script sends from one key, users do not">
        <input
          type="checkbox"
          checked={spread}
          onChange={({ target }) => setSpread(target.checked)}
        />
        spread senders
      </label>
      <button type="submit">Look</button>
      {wrong === undefined ? null : (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      )}
    </form>
  )
}

function textOf(window: Window): string {
  switch (window.kind) {
    case 'last':
      return `${window.count}`
    case 'block':
      return `${window.block}`
    case 'blocks':
      return `${window.from}..${window.to}`
  }
}

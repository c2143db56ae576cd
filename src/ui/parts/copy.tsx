import { useEffect, useState } from 'react'

const SHOWN_MS = 1_500

/** Copies a text. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return undefined
    const timer = setTimeout(() => setState('idle'), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [state])
  const copy = (): void => {
    // Browsers have no clipboard for a page of another machine's by http.
    const done = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))
    done.then(
      () => setState('copied'),
      () => setState('failed'),
    )
  }
  const label = { idle: `Copy ${what}`, copied: 'Copied', failed: 'Could not copy' }[state]
  return (
    <button
      type="button"
      className="copy"
      data-state={state}
      onClick={copy}
      aria-label={label}
      title={label}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {state === 'copied' ? (
          <path d="M3 8.5l3.2 3.2L13 4.8" />
        ) : (
          <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />
        )}
      </svg>
    </button>
  )
}

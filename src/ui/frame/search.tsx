import {
  type FormEvent,
  type KeyboardEvent,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'

import { useQuery } from '@tanstack/react-query'
import { type Hit, search } from '../net/search.ts'
import { isPageKey } from './keys.ts'
import { navigate } from '../router.tsx'

const SETTLED_MS = 120

/** Finds by number, hash, address or contract name. `/` or Ctrl-K goes to it. */
export function Search() {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const [at, setAt] = useState(0)
  useShortcut(input)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [text])
  const { data: hits = [], isFetching } = useQuery({
    queryKey: ['live', 'search', asked],
    queryFn: () => search(asked),
    enabled: asked !== '',
  })
  const isOpen = text.trim() !== ''
  const close = (): void => {
    setText('')
    setAt(0)
    input.current?.blur()
  }
  const go = ({ href }: Hit): void => {
    close()
    navigate(href)
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const isSettled = asked === text.trim() && hits.length > 0
    const found = isSettled ? hits : await search(text.trim())
    const hit = found[at] ?? found[0]
    if (hit !== undefined) go(hit)
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close()
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined || hits.length === 0) return
    event.preventDefault()
    setAt((at + step + hits.length) % hits.length)
  }
  return (
    <form className="search" role="search" onSubmit={(event) => void submit(event)}>
      <input
        ref={input}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKey}
        placeholder="Block, hash, address, contract"
        aria-label="Search: block number, hash, address or contract name"
        aria-keyshortcuts="/ Control+K"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls="search-hits"
        aria-activedescendant={isOpen && hits.length > 0 ? `search-hit-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
      />
      <kbd aria-hidden="true">/</kbd>
      <ul id="search-hits" role="listbox" aria-label="Found" hidden={!isOpen}>
        {hits.map((hit, index) => (
          <li
            key={hit.href}
            id={`search-hit-${index}`}
            role="option"
            aria-selected={index === at}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault()
              go(hit)
            }}
          >
            <span className="soft">{hit.kind}</span> <span className="hit-text">{hit.text}</span>
          </li>
        ))}
        {isOpen && hits.length === 0 ? (
          <li role="option" aria-selected={false} aria-disabled="true" className="soft">
            {isFetching || asked !== text.trim() ? 'Searching…' : 'Nothing found'}
          </li>
        ) : null}
      </ul>
    </form>
  )
}

function useShortcut(input: { readonly current: HTMLInputElement | null }): void {
  useLayoutEffect(() => {
    const focus = (event: globalThis.KeyboardEvent): void => {
      const isSlash = event.key === '/' && isPageKey(event)
      const isCtrlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)
      if (!isSlash && !isCtrlK) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    window.addEventListener('keydown', focus)
    return () => window.removeEventListener('keydown', focus)
  }, [input])
}

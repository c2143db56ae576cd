import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'

import { navigate, usePlace } from '../router.tsx'

interface Tab {
  /** In the address: `?tab=storage`. */
  readonly id: string
  readonly label: ReactNode
  readonly content: () => ReactNode
}

/** One of several parts of a page, kept in the address; arrow keys go through them. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const { path, query } = usePlace()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const wanted = query.get('tab')
  const at = Math.max(
    0,
    tabs.findIndex((tab) => tab.id === wanted),
  )
  const open = (index: number): void => {
    const next = new URLSearchParams(query)
    next.set('tab', tabs[index]?.id ?? '')
    navigate(`${path}?${next}`, { replace: true })
  }
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const next = (at + step + tabs.length) % tabs.length
    open(next)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus()
  }
  return (
    <section className="panel" aria-label={label} tabIndex={-1}>
      <div className="tabs" role="tablist" aria-label={label} onKeyDown={onKey} ref={list}>
        {tabs.map((tab, index) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => open(index)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${tabs[at]?.id}`}
        tabIndex={0}
      >
        {tabs[at]?.content()}
      </div>
    </section>
  )
}

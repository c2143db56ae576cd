import type { ReactNode } from 'react'

/** A word in a frame: a state, a kind. */
export function Tag({
  kind = 'plain',
  children,
}: {
  readonly kind?: 'plain' | 'good' | 'bad' | 'warn'
  readonly children: ReactNode
}) {
  return (
    <span className="tag" data-kind={kind}>
      {children}
    </span>
  )
}

import type { ReactNode } from 'react'

/** Where a figure comes from: seen while it ran, or computed from what was seen. */
export type Origin = 'measured' | 'modelled'

/** One number that matters, with its name and, where that is a question, where it comes from. */
export function Figure({
  name,
  children,
  origin,
}: {
  readonly name: ReactNode
  readonly children: ReactNode
  readonly origin?: Origin
}) {
  return (
    <div className="figure">
      <dt>
        {name}
        {origin === undefined ? null : <OriginMark origin={origin} />}
      </dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Figures in a row. */
export function Figures({ children }: { readonly children: ReactNode }) {
  return <dl className="figures">{children}</dl>
}

export function OriginMark({ origin }: { readonly origin: Origin }) {
  return (
    <span className="origin" data-origin={origin}>
      {origin}
    </span>
  )
}

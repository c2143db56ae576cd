import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { isLostMessage } from '../net/socket.ts'

/** While an answer is awaited: nothing moves, and after a moment it says so. */
export function Loading({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <p className="loading" role="status">
      {what}…
    </p>
  )
}

/** That there is nothing, and why. */
export function Empty({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ReactNode
}) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  )
}

/** What went wrong, in the node's own words. */
export function Failure({
  error,
  retry,
}: {
  readonly error: unknown
  readonly retry?: () => void
}) {
  return (
    <div className="failure" role="alert">
      <p>{messageOf(error)}</p>
      {retry === undefined ? null : (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

/** viem's errors hold the node's sentence below a text of their own. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { details, shortMessage } = error as Error & { details?: string; shortMessage?: string }
  return details ?? shortMessage ?? error.message
}

/**
 * An answer in its three states. What is being asked again stays shown meanwhile, and while the node is away; not when the node now says
 * that there is no such thing, as after blocks were taken back.
 */
export function Answer<T>({
  query,
  children,
  what,
}: {
  readonly query: UseQueryResult<T>
  readonly children: (data: T) => ReactNode
  /** What is loaded: `Blocks`. */
  readonly what?: string
}) {
  const isRefused = query.error !== null && !isLostMessage(messageOf(query.error))
  if (query.data !== undefined && !isRefused) return children(query.data)
  if (query.error !== null) {
    return <Failure error={query.error} retry={() => void query.refetch()} />
  }
  return what === undefined ? <Loading /> : <Loading what={what} />
}

import { type ReactNode, useEffect, useState } from 'react'

/** A browser that is never idle shows it then. */
const LATEST_MS = 400

/** Shows its content once the browser has painted what it was asked for before and is idle: what is seen first comes first. */
export function Later({
  instead = null,
  children,
}: {
  readonly instead?: ReactNode
  readonly children: ReactNode
}) {
  const [isDue, setDue] = useState(false)
  useEffect(() => whenIdle(() => setDue(true)), [])
  return isDue ? children : instead
}

/** @returns what calls it off */
function whenIdle(act: () => void): () => void {
  // Safari has none.
  if (typeof window.requestIdleCallback !== 'function') {
    const timer = setTimeout(act, 60)
    return () => clearTimeout(timer)
  }
  const idle = window.requestIdleCallback(act, { timeout: LATEST_MS })
  return () => window.cancelIdleCallback(idle)
}

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

/** What was loaded, by what loads it. */
const loaded = new WeakMap<() => Promise<unknown>, unknown>()

/**
 * Code that is loaded when it is needed: at once if it is there already. React's own `lazy` shows what stands in for it first, and then
 * keeps that for 300 ms.
 *
 * @param load the same function each time
 * @returns undefined until it is loaded. @throws why it could not be
 */
export function useLoaded<T>(load: () => Promise<T>): T | undefined {
  const [failure, setFailure] = useState<{ readonly error: unknown }>()
  const [, showAgain] = useState(0)
  const code = loaded.get(load) as T | undefined
  useEffect(() => {
    if (code !== undefined) return undefined
    let isShown = true
    load().then(
      (module) => {
        loaded.set(load, module)
        if (isShown) showAgain((times) => times + 1)
      },
      (error: unknown) => isShown && setFailure({ error }),
    )
    return () => {
      isShown = false
    }
  }, [load, code])
  if (failure !== undefined) throw failure.error
  return code
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

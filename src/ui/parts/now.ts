import { useSyncExternalStore } from 'react'

const TICK_MS = 1_000
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let seconds = Math.floor(Date.now() / 1000)

function listen(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    seconds = Math.floor(Date.now() / 1000)
    for (const one of listeners) one()
  }, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** This machine's time in seconds since 1970: one clock for all ages that are shown. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => seconds)
}

import type { Observer } from '../observer.ts'

/** One observer that tells each of `observers` in order; it listens only to what one of them listens to. */
export function combineObservers(observers: readonly Observer[]): Observer {
  const [only] = observers
  if (only !== undefined && observers.length === 1) return only
  const combined: Observer = {}
  if (observers.some((each) => each.frameStart !== undefined)) {
    combined.frameStart = (frame) => {
      for (const each of observers) each.frameStart?.(frame)
    }
  }
  if (observers.some((each) => each.frameEnd !== undefined)) {
    combined.frameEnd = (end) => {
      for (const each of observers) each.frameEnd?.(end)
    }
  }
  if (observers.some((each) => each.step !== undefined)) {
    combined.step = (step) => {
      for (const each of observers) each.step?.(step)
    }
  }
  if (observers.some((each) => each.log !== undefined)) {
    combined.log = (log) => {
      for (const each of observers) each.log?.(log)
    }
  }
  if (observers.some((each) => each.hashed !== undefined)) {
    combined.hashed = (hashed) => {
      for (const each of observers) each.hashed?.(hashed)
    }
  }
  if (observers.some((each) => each.volatileRead !== undefined)) {
    combined.volatileRead = (read) => {
      for (const each of observers) each.volatileRead?.(read)
    }
  }
  return combined
}

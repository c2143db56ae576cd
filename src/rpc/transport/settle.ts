import { setTimeout as wait } from 'node:timers/promises'

const STEP_MS = 5

/** Resolves when `isDone` says so, or after `limitMs`. */
export async function settle(isDone: () => boolean, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs
  while (!isDone() && performance.now() < until) await wait(STEP_MS)
}

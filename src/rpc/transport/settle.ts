import { setTimeout as wait } from 'node:timers/promises'

const STEP_MS = 5

/** Resolves when `isDone` says so, or after `limitMs` in which this process had its turns: while the machine stands still no client is late. */
export async function settle(isDone: () => boolean, limitMs: number): Promise<void> {
  for (let leftMs = limitMs; !isDone() && leftMs > 0; leftMs -= STEP_MS) await wait(STEP_MS)
}

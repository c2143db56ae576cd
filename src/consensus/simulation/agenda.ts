import { EventQueue } from './queue.ts'

/** What is to be done at a time. A promise: it is done when that resolves, and whoever owns the clock may wait for it. */
export type Job = () => void | Promise<void>

/** Jobs in the order of their times, in milliseconds from a start. The clock is whose it is: `now` is the time of the newest job that was taken. */
export class Agenda {
  readonly #queue = new EventQueue<Job>()
  #now = 0
  #onSchedule: () => void = () => undefined

  get now(): number {
    return this.#now
  }

  get nextMs(): number | undefined {
    return this.#queue.nextMs
  }

  /** @param told of each job that is put here; there is one listener */
  listen(told: () => void): void {
    this.#onSchedule = told
  }

  /** What is late is done next. */
  schedule(atMs: number, job: Job): void {
    this.#queue.push(atMs, job)
    this.#onSchedule()
  }

  /** The earliest job, whose time it is now; undefined when nothing is left. */
  take(): Job | undefined {
    const next = this.#queue.pop()
    if (next !== undefined) this.pass(next.atMs)
    return next?.item
  }

  /** It is later now, though nothing happened. */
  pass(toMs: number): void {
    this.#now = Math.max(this.#now, toMs)
  }
}

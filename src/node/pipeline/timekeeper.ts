import type { Agenda } from '../../consensus/simulation/agenda.ts'

/** Timers hold 31 bits. */
const LONGEST_MS = 2 ** 31 - 1
/** A process that slept goes on from where it was, and does not make up for it. */
const MOST_LATE_MS = 2_000

/**
 * Does the jobs of an agenda when it is time, on the real clock or on one that stands still until it is advanced. Advancing waits for each
 * job in turn, so that what comes out is the same each time; the real clock waits for none.
 */
export class Timekeeper {
  readonly #agenda: Agenda
  readonly #isReal: boolean
  readonly #onError: (error: unknown) => void
  readonly #onDone: () => void
  /** Real time minus the agenda's. */
  #offsetMs = performance.now()
  #timer: NodeJS.Timeout | undefined
  #advancing: Promise<unknown> = Promise.resolve()
  #isAdvancing = false
  #isClosed = false
  readonly #running = new Set<Promise<void>>()

  /** @param onDone called after each job */
  constructor(
    agenda: Agenda,
    clock: 'real' | 'virtual',
    onError: (error: unknown) => void,
    onDone: () => void,
  ) {
    this.#agenda = agenda
    this.#isReal = clock === 'real'
    this.#onError = onError
    this.#onDone = onDone
    agenda.listen(() => this.#arm())
  }

  /** Milliseconds since the start. */
  get now(): number {
    const { now } = this.#agenda
    if (!this.#isReal || this.#isAdvancing) return now
    return Math.max(now, performance.now() - this.#offsetMs)
  }

  /** Does what is due in the next `ms` milliseconds, at once. */
  advance(ms: number): Promise<void> {
    return this.advanceWhile(() => true, ms)
  }

  /** Goes on to the next job as long as `goOn` says so, for at most `ms`. */
  advanceWhile(goOn: () => boolean, ms: number): Promise<void> {
    const turn = this.#advancing.then(() => this.#advance(goOn, ms))
    this.#advancing = turn.catch(() => undefined)
    return turn
  }

  async #advance(goOn: () => boolean, ms: number): Promise<void> {
    const agenda = this.#agenda
    agenda.pass(this.now)
    const untilMs = agenda.now + ms
    this.#isAdvancing = true
    try {
      while (!this.#isClosed && goOn()) {
        await Promise.all(this.#running)
        if ((agenda.nextMs ?? Infinity) > untilMs) {
          agenda.pass(untilMs)
          break
        }
        await agenda.take()!()
        this.#onDone()
      }
    } finally {
      this.#isAdvancing = false
      this.#offsetMs = performance.now() - agenda.now
      this.#arm()
    }
  }

  #arm(): void {
    if (!this.#isReal || this.#isAdvancing || this.#isClosed) return
    clearTimeout(this.#timer)
    const { nextMs } = this.#agenda
    if (nextMs === undefined) return
    const waitMs = Math.min(Math.max(nextMs - this.now, 0), LONGEST_MS)
    this.#timer = setTimeout(() => this.#doDue(), waitMs)
  }

  #doDue(): void {
    if (this.#isAdvancing || this.#isClosed) return
    const lateMs = this.now - (this.#agenda.nextMs ?? Infinity)
    if (lateMs > MOST_LATE_MS) this.#offsetMs += lateMs
    const untilMs = this.now
    this.#agenda.listen(() => undefined)
    try {
      while ((this.#agenda.nextMs ?? Infinity) <= untilMs) this.#start()
    } finally {
      this.#agenda.listen(() => this.#arm())
      this.#arm()
    }
  }

  #start(): void {
    try {
      const done = this.#agenda.take()!()
      if (done === undefined) return this.#onDone()
      const told = done.catch(this.#onError).finally(() => {
        this.#running.delete(told)
        this.#onDone()
      })
      this.#running.add(told)
    } catch (error) {
      this.#onError(error)
    }
  }

  /** No job is done any longer; resolves when those that run are done. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#advancing
    await Promise.all(this.#running)
  }
}

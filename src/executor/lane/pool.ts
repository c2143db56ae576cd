import type { Piscina } from 'piscina'

import type { LaneSealing } from '../../state/lane-sealer.ts'
import type { LaneAnswer, LaneTask } from './protocol.ts'
import type { Session } from './session.ts'
import { SignatureQueue } from './signature-queue.ts'

const ANSWERS = { recover: 'recovered', block: 'worked', seal: 'sealed' } as const
type AnswerTo<T extends LaneTask> = Extract<LaneAnswer, { kind: (typeof ANSWERS)[T['kind']] }>

/** The threads. They start with the first task, and none is held busy between tasks. */
export class LanePool {
  readonly threads: number
  readonly #entry: URL
  readonly #openSession: (() => Promise<Session>) | undefined
  readonly #spare: number
  #starting: Promise<Piscina> | undefined
  #piscina: Piscina | undefined
  #session: Promise<Session> | undefined
  /** A thread died without a task: Piscina would start another, and that one too. */
  #broken = false
  /** All threads have started, and none of them ended. */
  #isWarm = false
  #isWarming = false
  #isClosed = false
  /** Tasks that are not answered. */
  #running = 0
  /** Those of them that are parts of blocks. */
  readonly #parts = new Set<Promise<unknown>>()
  #hasFailedPart = false

  /**
   * @param threads beside the main one @param entry the built worker
   * @param openSession what the threads share; without it they run no blocks
   * @param spare so many more may start, when there are tasks for them
   */
  constructor(threads: number, entry: URL, openSession?: () => Promise<Session>, spare = 0) {
    this.threads = threads
    this.#entry = entry
    this.#openSession = openSession
    this.#spare = spare
  }

  get isBroken(): boolean {
    return this.#broken
  }

  /** What the threads share from now until `replace`. */
  async session(): Promise<Session> {
    if (this.#openSession === undefined) throw new Error('bug: these threads share nothing')
    return (this.#session ??= this.#openSession())
  }

  /** Once the threads are there a task is on its way when this returns. @throws {Error} when the thread fails */
  run<T extends LaneTask>(task: T): Promise<AnswerTo<T>> {
    this.#running++
    const answer = this.#piscina?.run(task) ?? this.#start().then((piscina) => piscina.run(task))
    const ended = answer.finally(() => this.#running--) as Promise<AnswerTo<T>>
    if (task.kind === 'block') this.#follow(ended)
    return ended
  }

  /** Has a thread help to hash a state, if one is free. @returns whether it is on its way: it may fail, or come late */
  helpToSeal(task: LaneSealing): boolean {
    if (this.free === 0) return false
    this.run({ kind: 'seal', task }).catch(() => undefined)
    return true
  }

  #follow(part: Promise<unknown>): void {
    this.#parts.add(part)
    const forget = (): boolean => this.#parts.delete(part)
    part.then(forget, () => {
      if (forget()) this.#hasFailedPart = true
    })
  }

  /**
   * Waits until no thread is at a block: lanes have left it before their tasks are answered.
   * @param ms that is waited at most @returns whether all ended, and well: else the threads are to be replaced
   */
  async partsEnded(ms: number): Promise<boolean> {
    if (this.#parts.size > 0) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)))
      await Promise.race([Promise.allSettled(this.#parts), late])
      clearTimeout(timer)
    }
    return this.#parts.size === 0 && !this.#hasFailedPart
  }

  /** Whether all threads are there and have nothing to do: a task begins at once. If not, they are started. */
  get isReady(): boolean {
    return this.free === this.threads
  }

  /** How many threads would begin a task at once. They are started if they are not there and not closed: until all are, it is none. */
  get free(): number {
    if (this.#isWarm) return Math.max(0, this.threads - this.#running)
    const mayStart = !this.#isWarming && !this.#broken && !this.#isClosed
    if (this.threads > 0 && mayStart) void this.#warmUp()
    return 0
  }

  async #warmUp(): Promise<void> {
    this.#isWarming = true
    const task = { kind: 'recover', queue: new SignatureQueue().memory } as const
    const all = Array.from({ length: this.threads }, () => this.run(task))
    const answers = await Promise.allSettled(all)
    this.#isWarming = false
    this.#isWarm = answers.every(({ status }) => status === 'fulfilled')
  }

  /** Ends all threads, whatever they do, and drops what they shared. The next task starts others. */
  async replace(): Promise<void> {
    const starting = this.#starting
    this.#isWarm = false
    this.#parts.clear()
    this.#hasFailedPart = false
    this.#starting = undefined
    this.#piscina = undefined
    this.#session = undefined
    if (starting !== undefined) await destroy(await starting)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.replace()
  }

  #start(): Promise<Piscina> {
    if (this.#starting !== undefined) return this.#starting
    const starting = this.#startAll()
    this.#starting = starting
    return starting.then((piscina) => {
      if (this.#starting === starting) this.#piscina = piscina
      return piscina
    })
  }

  async #startAll(): Promise<Piscina> {
    const [{ Piscina: Pool }, session] = await Promise.all([
      import('piscina'),
      this.#openSession && this.session(),
    ])
    const piscina = new Pool({
      filename: this.#entry.href,
      minThreads: 0,
      maxThreads: this.threads + this.#spare,
      idleTimeout: 30_000,
      workerData: session,
      recordTiming: false,
    })
    piscina.on('workerDestroy', () => (this.#isWarm = false))
    piscina.on('error', () => {
      this.#broken = true
      // Its open tasks are refused, and so done elsewhere.
      void destroy(piscina)
    })
    return piscina
  }
}

async function destroy(piscina: Piscina): Promise<void> {
  await piscina.destroy().catch(() => undefined)
}

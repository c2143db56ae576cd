import type { Piscina } from 'piscina'

import type { LaneAnswer, LaneTask } from './protocol.ts'
import type { Session } from './session.ts'

type AnswerTo<T extends LaneTask> = Extract<
  LaneAnswer,
  { kind: T['kind'] extends 'recover' ? 'recovered' : 'worked' }
>

interface Opened {
  readonly piscina: Piscina
  readonly session: Session | undefined
}

/** The threads. They start with the first task, and none is held busy between tasks. */
export class LanePool {
  readonly threads: number
  readonly #entry: URL
  readonly #openSession: (() => Promise<Session>) | undefined
  #opened: Promise<Opened> | undefined
  /** A thread died without a task: Piscina would start another, and that one too. */
  #broken = false

  /**
   * @param threads beside the main one @param entry the built worker
   * @param openSession what the threads share; without it they run no blocks
   */
  constructor(threads: number, entry: URL, openSession?: () => Promise<Session>) {
    this.threads = threads
    this.#entry = entry
    this.#openSession = openSession
  }

  get isBroken(): boolean {
    return this.#broken
  }

  /** What the threads share from now until `replace`. */
  async session(): Promise<Session> {
    const { session } = await this.#open()
    if (session === undefined) throw new Error('bug: these threads share nothing')
    return session
  }

  /** @throws {Error} when the thread fails */
  async run<T extends LaneTask>(task: T): Promise<AnswerTo<T>> {
    const { piscina } = await this.#open()
    return piscina.run(task) as Promise<AnswerTo<T>>
  }

  /** Ends all threads, whatever they do, and drops what they shared. The next task starts others. */
  async replace(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    if (opened !== undefined) await destroy((await opened).piscina)
  }

  async close(): Promise<void> {
    await this.replace()
  }

  #open(): Promise<Opened> {
    return (this.#opened ??= this.#start())
  }

  async #start(): Promise<Opened> {
    const [{ Piscina: Pool }, session] = await Promise.all([
      import('piscina'),
      this.#openSession?.(),
    ])
    const piscina = new Pool({
      filename: this.#entry.href,
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: 30_000,
      workerData: session,
    })
    piscina.on('error', () => {
      this.#broken = true
      // Its open tasks are refused, and so done elsewhere.
      void destroy(piscina)
    })
    return { piscina, session }
  }
}

async function destroy(piscina: Piscina): Promise<void> {
  await piscina.destroy().catch(() => undefined)
}

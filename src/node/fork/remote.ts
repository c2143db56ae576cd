import { setTimeout as delay } from 'node:timers/promises'

import type { Json } from '../../rpc/backend.ts'
import { Line } from './line.ts'
import { maskUrl } from './mask-url.ts'
import {
  type Posted,
  type RemoteAnswer,
  type RemoteFault,
  type RemoteRequest,
  post,
} from './post.ts'

/** The remote chain did not answer, or said that it cannot: one sentence that names it. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  /** What it said, when it is JSON-RPC's error. */
  readonly fault: RemoteFault | undefined

  constructor(message: string, fault?: RemoteFault) {
    super(message)
    this.fault = fault
  }
}

/** Nobody answered, or not in a way that can be read. */
export class RemoteSilence extends RemoteError {}

export interface RemoteOptions {
  /** In order of preference. */
  readonly urls: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Rounds over all endpoints after the first. */
  readonly retries: number
  readonly backoffMs: number
  /** Once the remote has complained, requests are sent at this pace; Infinity for no pace. */
  readonly computeUnitsPerSecond: number
}

interface Waiting extends RemoteRequest {
  readonly resolve: (result: Json) => void
  readonly reject: (error: unknown) => void
}

const LARGEST_BATCH = 50
const BATCHES_AT_ONCE = 8
/** Of an average request, by Alchemy's table. */
const COMPUTE_UNITS = 17

/**
 * Asks the remote chain: what is asked for in one turn of the event loop goes as one batch, what is asked twice goes once, and failures
 * are tried again, at the next endpoint first.
 */
export class Remote {
  #options: RemoteOptions
  #preferred = 0
  #largestBatch = LARGEST_BATCH
  #queue: Waiting[] = []
  #sending = 0
  #isScheduled = false
  #isPaced = false
  /** When the next request may go, in milliseconds of `performance.now()`. */
  #free = 0
  readonly #ended = new AbortController()
  readonly #asked = new Map<string, Promise<Json>>()
  /** Connections that stay, by their URLs. */
  readonly #lines = new Map<string, Line>()

  constructor(options: RemoteOptions) {
    this.#options = options
  }

  get urls(): readonly string[] {
    return this.#options.urls
  }

  get backoffMs(): number {
    return this.#options.backoffMs
  }

  /** Where the same chain is to be asked from now on. */
  setUrls(urls: readonly string[]): void {
    this.#options = { ...this.#options, urls }
    this.#preferred = 0
    this.#largestBatch = LARGEST_BATCH
    this.#isPaced = false
  }

  /** Who is asked, as it may be shown. */
  get name(): string {
    return maskUrl(this.#url(0))
  }

  #url(turn: number): string {
    const { urls } = this.#options
    return urls[(this.#preferred + turn) % urls.length]!
  }

  /** @returns the result @throws {RemoteError} */
  ask(method: string, params: readonly Json[]): Promise<Json> {
    const key = JSON.stringify([method, params])
    const asked = this.#asked.get(key)
    if (asked !== undefined) return asked
    const asking = new Promise<Json>((resolve, reject) => {
      this.#queue.push({ method, params, resolve, reject })
      this.#schedule()
    }).finally(() => this.#asked.delete(key))
    this.#asked.set(key, asking)
    return asking
  }

  close(): void {
    this.#ended.abort()
    for (const line of this.#lines.values()) line.close()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#queue.length > 0 && this.#sending < BATCHES_AT_ONCE) {
      const batch = this.#queue.splice(0, this.#largestBatch)
      this.#sending++
      void this.#send(batch).finally(() => {
        this.#sending--
        this.#flush()
      })
    }
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const { retries, backoffMs, timeoutMs } = this.#options
    let left = batch
    let trouble = 'no endpoint'
    for (let round = 0; round <= retries && left.length > 0; round++) {
      let waitMs = backoffMs
      for (let turn = 0; turn < this.urls.length && left.length > 0; turn++) {
        const url = this.#url(turn)
        const posted = await this.#post(url, left)
        if (posted.kind === 'noBatch') {
          this.#largestBatch = Math.max(1, Math.floor(left.length / 2))
          this.#queue.unshift(...left)
          return
        }
        if (posted.kind === 'answered') {
          left = this.#settle(url, left, posted.answers)
          if (left.length === 0) {
            if (turn > 0) this.#preferred = this.urls.indexOf(url)
            return
          }
        }
        const reason = reasonOf(posted)
        trouble = `${maskUrl(url)}: ${reason}`
        if (this.#ended.signal.aborted) return this.#fail(left, 'it is not asked any more')
        if (posted.kind === 'refused' && this.urls.length === 1) return this.#fail(left, trouble)
        if (isLimited(posted)) {
          this.#isPaced = true
          const asked = posted.kind === 'limited' ? posted.retryAfterMs : undefined
          waitMs = Math.min(timeoutMs, Math.max(waitMs, asked ?? backoffMs * 2 ** round))
        }
      }
      if (round < retries) await this.#pause(waitMs)
    }
    const times = retries === 0 ? '' : ` (asked ${retries + 1} times)`
    this.#fail(left, `${trouble}${times}`)
  }

  async #pause(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.#ended.signal })
    } catch {
      // Ended meanwhile: the next attempt says so.
    }
  }

  async #post(url: string, batch: readonly Waiting[]): Promise<Posted> {
    const { headers, timeoutMs, computeUnitsPerSecond } = this.#options
    if (this.#isPaced) {
      const now = performance.now()
      const turn = Math.max(now, this.#free)
      this.#free = turn + (batch.length * COMPUTE_UNITS * 1000) / computeUnitsPerSecond
      if (turn > now) await this.#pause(turn - now)
    }
    const requests = batch.map(({ method, params }) => ({ method, params }))
    const { signal } = this.#ended
    const isHttp = /^https?:/i.test(url)
    if (isHttp) return post(url, requests, headers, timeoutMs, signal)
    let line = this.#lines.get(url)
    if (line === undefined) this.#lines.set(url, (line = new Line(url, headers)))
    return line.post(requests, timeoutMs, signal)
  }

  /** @returns what is to be asked again */
  #settle(
    url: string,
    batch: readonly Waiting[],
    answers: readonly RemoteAnswer[],
  ): readonly Waiting[] {
    return batch.filter((waiting, index) => {
      const answer = answers[index]!
      if (answer.kind === 'missing') return true
      if (answer.kind === 'error' && isRateLimit(answer.error)) return true
      if (answer.kind === 'result') waiting.resolve(answer.result)
      else {
        const { error } = answer
        const text = `the remote chain at ${maskUrl(url)} refuses ${waiting.method}: ${error.message}`
        waiting.reject(new RemoteError(text, error))
      }
      return false
    })
  }

  #fail(left: readonly Waiting[], trouble: string): void {
    for (const { reject } of left) {
      reject(new RemoteSilence(`the remote chain does not answer: ${trouble}`))
    }
  }
}

function reasonOf(posted: Posted): string {
  if (posted.kind === 'answered') return 'too many requests, or no answer to some of a batch'
  return posted.kind === 'noBatch' ? 'no batches' : posted.reason
}

/** Requests that are left of a batch with answers were answered by complaints. */
function isLimited({ kind }: Posted): boolean {
  return kind === 'limited' || kind === 'answered'
}

/** Providers say it in many ways; a code of theirs also stands for answers that are too long. */
function isRateLimit({ code, message }: RemoteFault): boolean {
  if (/results|range/i.test(message)) return false
  return (
    code === 429 ||
    code === -32_005 ||
    /rate limit|too many requests|compute units|request limit|throughput/i.test(message)
  )
}

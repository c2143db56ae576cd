import { connect } from 'node:net'

import { JsonSplitter } from '../../rpc/transport/json-splitter.ts'
import {
  type Answer,
  type Posted,
  type RemoteAnswer,
  type RemoteRequest,
  answerOf,
} from './post.ts'

/** Answers of one connection may be as long. */
const MAX_ANSWER_BYTES = 512 * 2 ** 20

/** An open connection that texts go over. */
interface Wire {
  send(text: string): void
  close(): void
}

interface Ear {
  message(text: string): void
  /** Once, after it was open: it was dropped. */
  end(): void
}

type Open = (ear: Ear) => Promise<Wire>

/** Requests that wait for their answers, of one `post`. */
interface Asked {
  readonly answers: (RemoteAnswer | undefined)[]
  left: number
  readonly settle: (posted: Posted) => void
}

/** A connection to a remote that stays: a WebSocket or a Unix socket. It is made when it is needed, and again after it broke. */
export class Line {
  readonly #open: Open
  #wire: Promise<Wire> | undefined
  #id = 0
  readonly #waiting = new Map<number, { readonly asked: Asked; readonly index: number }>()

  /** @param url ws:, wss: or ipc: @param headers of the WebSocket's first request */
  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#open = url.startsWith('ipc:') ? openSocket(url) : openWebSocket(url, headers)
  }

  /** Sends requests one after another. Never throws. @param timeoutMs for all of it */
  async post(
    requests: readonly RemoteRequest[],
    timeoutMs: number,
    ended: AbortSignal,
  ): Promise<Posted> {
    const first = this.#id + 1
    this.#id += requests.length
    let timer: NodeJS.Timeout | undefined
    const answered = new Promise<Posted>((settle) => {
      const stop = (): void => settle(failed(`no answer in ${timeoutMs / 1000} s`))
      // The connection keeps no process alive: what waits for an answer does.
      timer = setTimeout(stop, timeoutMs)
      ended.addEventListener('abort', stop, { once: true })
      void this.#send(requests, first, settle).catch((error: unknown) =>
        settle(failed(error instanceof Error ? error.message : String(error))),
      )
    })
    const posted = await answered
    clearTimeout(timer)
    for (let id = first; id < first + requests.length; id++) this.#waiting.delete(id)
    return posted
  }

  close(): void {
    const wire = this.#wire
    this.#wire = undefined
    void wire?.then(
      (open) => open.close(),
      () => undefined,
    )
  }

  async #send(
    requests: readonly RemoteRequest[],
    first: number,
    settle: (posted: Posted) => void,
  ): Promise<void> {
    const asked: Asked = { answers: requests.map(() => undefined), left: requests.length, settle }
    for (const index of requests.keys()) this.#waiting.set(first + index, { asked, index })
    const wire = await this.#connected()
    for (const [index, request] of requests.entries()) {
      wire.send(JSON.stringify({ jsonrpc: '2.0', id: first + index, ...request }))
    }
  }

  #connected(): Promise<Wire> {
    if (this.#wire !== undefined) return this.#wire
    const opening = this.#open({
      message: (text) => this.#hear(text),
      end: () => {
        if (this.#wire === opening) this.#wire = undefined
        for (const { asked } of this.#waiting.values())
          asked.settle(failed('the connection was dropped'))
      },
    })
    this.#wire = opening
    opening.catch(() => {
      if (this.#wire === opening) this.#wire = undefined
    })
    return opening
  }

  /** What has no id that is waited for is passed over. */
  #hear(text: string): void {
    let answer: unknown
    try {
      answer = JSON.parse(text)
    } catch {
      return
    }
    if (typeof answer !== 'object' || answer === null) return
    const { id } = answer as { readonly id?: unknown }
    const found = this.#waiting.get(id as number)
    if (found === undefined) return
    this.#waiting.delete(id as number)
    const { asked, index } = found
    asked.answers[index] = answerOf(answer as Answer)
    if (--asked.left === 0) {
      asked.settle({ kind: 'answered', answers: asked.answers.map((one) => one ?? MISSING) })
    }
  }
}

const MISSING: RemoteAnswer = { kind: 'missing' }

function failed(reason: string): Posted {
  return { kind: 'failed', reason }
}

function openSocket(url: string): Open {
  const path = decodeURIComponent(new URL(url).pathname)
  return (ear) =>
    new Promise((resolve, reject) => {
      const socket = connect(path)
      const splitter = new JsonSplitter(MAX_ANSWER_BYTES)
      socket.on('data', (chunk) => {
        const messages = splitter.push(chunk)
        if (messages === undefined) socket.destroy()
        for (const message of messages ?? []) ear.message(message)
      })
      socket.once('connect', () => {
        // A wait has its own timer: an idle connection keeps no process alive.
        socket.unref()
        socket.once('close', () => ear.end())
        resolve({ send: (text) => socket.write(`${text}\n`), close: () => socket.destroy() })
      })
      socket.on('error', (error) => reject(new Error(reasonOf(error))))
    })
}

function openWebSocket(url: string, headers: Readonly<Record<string, string>>): Open {
  return async (ear) => {
    const { WebSocket } = await import('ws')
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { headers, maxPayload: MAX_ANSWER_BYTES })
      socket.once('upgrade', (response) => response.socket.unref())
      socket.on('message', (data) => ear.message((data as Buffer).toString()))
      socket.once('open', () => {
        socket.once('close', () => ear.end())
        resolve({ send: (text) => socket.send(text), close: () => socket.terminate() })
      })
      socket.on('error', (error) => reject(new Error(reasonOf(error))))
    })
  }
}

function reasonOf(error: Error & { readonly code?: unknown }): string {
  if (error.code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)'
  if (error.code === 'ENOENT') return 'there is no such socket (ENOENT)'
  return error.message
}

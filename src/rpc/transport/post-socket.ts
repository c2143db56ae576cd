import type { Socket } from 'node:net'

import type { Answer, Dispatcher } from '../dispatch.ts'
import { admit } from './access.ts'
import type { HttpOptions } from './http.ts'
import { type PostHead, readPostHead } from './post-head.ts'
import { refuse } from './refuse.ts'
import { endWhereSilent } from './silence.ts'

/** Node's limit for a head, in bytes. */
const MAX_HEAD = 16 * 1024
/** So much of what a client sends before it has its answer is kept, in bytes; the rest waits in its socket. */
const MAX_AHEAD = 64 * 1024
const HEAD_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)

/** What the sockets of one server share. */
export interface PostSocketOptions extends HttpOptions {
  /** A connection without a sign of life for so long is ended, in milliseconds. */
  readonly idleMs: number
  /** Takes over a connection for good: of a client that sends anything but plain POSTs. What it sent comes first. */
  readonly handOver: (socket: Socket) => void
}

/**
 * Answers plain POSTs on the bare socket: node:http takes three times as long over a request as a call takes in the engine. The first
 * request of another kind hands the connection over to it.
 */
export class PostSocket {
  readonly #socket: Socket
  readonly #dispatcher: Dispatcher
  readonly #options: PostSocketOptions
  /** What came and is not taken yet. */
  #ahead: Buffer[] = []
  #aheadBytes = 0
  /** So much has to be there before it is worth looking at. */
  #wanted = 1
  /** The last head and what it says: clients send the same one again. */
  #headBytes = NOTHING
  #head: PostHead | undefined
  #isBusy = false
  #hasEnded = false
  #isClosing = false
  readonly #onData = (piece: Buffer): void => this.#take(piece)
  readonly #onEnd = (): void => this.#end()
  readonly #onError = (): void => void this.#socket.destroy()
  readonly #onTimeout = (): void => {
    if (!this.#isBusy) endWhereSilent(this.#socket)
  }

  constructor(socket: Socket, dispatcher: Dispatcher, options: PostSocketOptions) {
    this.#socket = socket
    this.#dispatcher = dispatcher
    this.#options = options
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('timeout', this.#onTimeout)
    socket.on('error', this.#onError)
    socket.setTimeout(options.idleMs)
  }

  /** Answers what it has begun to, and nothing more. */
  close(): void {
    this.#isClosing = true
    if (!this.#isBusy) this.#socket.end()
  }

  /** Whether no answer is in the making or on its way to the client. */
  get isWritten(): boolean {
    return !this.#isBusy && this.#socket.writableLength === 0
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy()
  }

  #take(piece: Buffer): void {
    if (this.#isClosing) return
    this.#ahead.push(piece)
    this.#aheadBytes += piece.length
    if (!this.#isBusy) this.#work()
    else if (this.#aheadBytes > MAX_AHEAD) this.#socket.pause()
  }

  /** No more comes. What was asked is answered. */
  #end(): void {
    this.#hasEnded = true
    if (this.#isBusy) return
    if (this.#aheadBytes > 0) refuse(this.#socket, 400, 'the request ends before its body does')
    else this.#socket.end()
  }

  /** Answers requests one after another, until one has to be waited for. */
  #work(): void {
    while (this.#aheadBytes >= this.#wanted) {
      const bytes = this.#joined()
      const head = this.#headOf(bytes)
      if (head === undefined) return this.#handOver()
      const bodyAt = this.#headBytes.length + HEAD_END.length
      const end = bodyAt + head.length
      if (bytes.length < end) {
        this.#wanted = end
        return
      }
      this.#wanted = 1
      this.#ahead = bytes.length === end ? [] : [bytes.subarray(end)]
      this.#aheadBytes = bytes.length - end
      const answer = this.#dispatcher.handle(bytes.toString('utf8', bodyAt, end), undefined)
      if (answer instanceof Promise) {
        this.#isBusy = true
        void answer.then((text) => this.#resume(text))
        return
      }
      if (!this.#send(answer)) return
    }
  }

  #resume(answer: Answer | undefined): void {
    this.#isBusy = false
    if (this.#send(answer)) this.#goOn()
  }

  #goOn(): void {
    if (this.#socket.isPaused()) this.#socket.resume()
    this.#work()
    if (this.#hasEnded && !this.#isBusy && !this.#socket.writableEnded) this.#end()
  }

  /** @returns false when the client has to read first: then it goes on by itself */
  #send(answer: Answer | undefined): boolean {
    const socket = this.#socket
    if (!socket.writable) return false
    if (typeof answer === 'object') {
      this.#sendPieces(answer)
      return false
    }
    let isThrough: boolean
    if (answer === undefined) {
      isThrough = socket.write(`HTTP/1.1 204 No Content\r\n${this.#commonFields()}\r\n`, 'latin1')
    } else {
      const length = Buffer.byteLength(answer)
      isThrough = socket.write(
        this.#okHead(length) + answer,
        length === answer.length ? 'latin1' : 'utf8',
      )
    }
    if (this.#isClosing) {
      socket.end()
      return false
    }
    if (isThrough) return true
    this.#isBusy = true
    socket.once('drain', () => {
      this.#isBusy = false
      this.#goOn()
    })
    return false
  }

  /** One after another as the client takes them; then it goes on by itself. */
  #sendPieces(pieces: readonly string[]): void {
    const socket = this.#socket
    const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
    this.#isBusy = true
    socket.write(this.#okHead(length), 'latin1')
    let at = 0
    const pump = (): void => {
      while (at < pieces.length) {
        if (socket.write(pieces[at++]!)) continue
        socket.once('drain', pump)
        return
      }
      this.#isBusy = false
      if (this.#isClosing) socket.end()
      else this.#goOn()
    }
    pump()
  }

  #okHead(length: number): string {
    return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${this.#commonFields()}\r\n`
  }

  #commonFields(): string {
    const date = `Date: ${dateNow()}\r\n`
    if (this.#isClosing) return `${date}Connection: close\r\n`
    return `${date}Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.#options.idleMs / 1000)}\r\n`
  }

  /** undefined when it is for others to answer. */
  #headOf(bytes: Buffer): PostHead | undefined {
    const known = this.#headBytes.length
    if (
      this.#head !== undefined &&
      bytes.length >= known + HEAD_END.length &&
      this.#headBytes.compare(bytes, 0, known) === 0 &&
      HEAD_END.compare(bytes, known, known + HEAD_END.length) === 0
    ) {
      return this.#head
    }
    const end = bytes.indexOf(HEAD_END)
    if (end < 0 || end > MAX_HEAD) return undefined
    const head = readPostHead(bytes.toString('latin1', 0, end))
    if (head === undefined || head.length > this.#options.maxBodyBytes) return undefined
    if (admit(this.#options, head.host, undefined).kind !== 'pass') return undefined
    this.#headBytes = Buffer.from(bytes.subarray(0, end))
    this.#head = head
    return head
  }

  #joined(): Buffer {
    if (this.#ahead.length > 1) this.#ahead = [Buffer.concat(this.#ahead)]
    return this.#ahead[0]!
  }

  #handOver(): void {
    const socket = this.#socket
    const bytes = this.#joined()
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('timeout', this.#onTimeout)
    socket.setTimeout(0)
    socket.pause()
    this.#options.handOver(socket)
    socket.off('error', this.#onError)
    socket.unshift(bytes)
    socket.resume()
  }
}

let dateText = ''
let dateMs = 0

/** As HTTP writes it, made once a second. */
function dateNow(): string {
  const now = Date.now()
  if (now - dateMs >= 1000 || now < dateMs) {
    dateMs = now - (now % 1000)
    dateText = new Date(now).toUTCString()
  }
  return dateText
}

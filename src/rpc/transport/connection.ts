import type { EventPort } from '../backend.ts'
import { type Dispatcher, wholeText } from '../dispatch.ts'
import { type Notification, Session } from '../session.ts'

/** A socket that carries whole messages both ways. */
export interface Link {
  /** Bytes that the other side has not taken yet. */
  buffered(): number
  /** `sent` is called when the text left this process, or failed to. */
  send(text: string, sent: () => void): void
  /** Stops and starts reading. */
  pause(): void
  resume(): void
  /** Ends it at once. */
  drop(): void
}

/** What a client asks is not read while this much of the answers is not taken, or this many are in the making. */
const PAUSE_AT_BYTES = 16 * 1024 * 1024
const PAUSE_AT_REQUESTS = 1_000
/** A client that does not take notifications is dropped at this much: the chain does not wait for it. */
const DROP_AT_BYTES = 64 * 1024 * 1024

/** One client on one socket: its requests, its subscriptions, and how much of either may pile up. */
export class Connection {
  readonly #link: Link
  readonly #dispatcher: Dispatcher
  readonly #session: Session
  #running = 0
  #paused = false
  #closed = false

  constructor(link: Link, dispatcher: Dispatcher, events: EventPort) {
    this.#link = link
    this.#dispatcher = dispatcher
    this.#session = new Session(events, (notification) => this.#notify(notification))
  }

  /** Answers one message, whatever it is. Messages are answered side by side. */
  receive(text: string): void {
    if (this.#closed) return
    this.#running++
    void this.#answer(text)
    this.#balance()
  }

  close(): void {
    this.#closed = true
    this.#session.close()
  }

  async #answer(text: string): Promise<void> {
    const answer = await this.#dispatcher.handle(text, this.#session)
    this.#running--
    if (this.#closed) return
    if (answer !== undefined) this.#link.send(wholeText(answer), () => this.#balance())
    this.#session.flush()
    this.#balance()
  }

  #notify(params: Notification): void {
    if (this.#closed) return
    if (this.#link.buffered() > DROP_AT_BYTES) {
      this.close()
      this.#link.drop()
      return
    }
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params })
    this.#link.send(text, () => this.#balance())
  }

  #balance(): void {
    const full = this.#running >= PAUSE_AT_REQUESTS || this.#link.buffered() > PAUSE_AT_BYTES
    if (full === this.#paused || this.#closed) return
    this.#paused = full
    if (full) this.#link.pause()
    else this.#link.resume()
  }
}

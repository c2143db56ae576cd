/** What one WebSocket carries: calls, and subscriptions that outlive it. */
export interface RpcSocket {
  /** Waits for the connection when there is none yet. @throws {RpcFailure} what the node answered */
  request(method: string, params: unknown): Promise<unknown>
  /** Made again after each reconnection, and not there while the page rests. @returns what ends it */
  subscribe(params: readonly unknown[], hear: (data: unknown) => void): () => void
  /** Nobody looks: nothing is subscribed to, until somebody does again. */
  rest(isResting: boolean): void
  readonly state: ConnectionState
  /** @returns what ends it */
  readonly onState: (listener: () => void) => () => void
}

export type ConnectionState = 'connecting' | 'open' | 'lost'

/** An error of JSON-RPC, as the wire has it. */
export class RpcFailure extends Error {
  readonly code: number
  readonly data: unknown
  constructor({ code, message, data }: { code: number; message: string; data?: unknown }) {
    super(message)
    this.name = 'RpcFailure'
    this.code = code
    this.data = data
  }
}

interface Call {
  readonly method: string
  readonly text: string
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

interface Subscription {
  readonly params: readonly unknown[]
  readonly hear: (data: unknown) => void
}

/** Many of these are asked at once, and each is answered at once: they go together. Others would keep them waiting. */
const LIGHT = /^(?:eth_get|heddle_getContract$)/
const MOST_TOGETHER = 50
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 4_000
/** A call that may have been carried out is not sent twice: it fails when the connection does. */
const LOST = { code: -32_000, message: 'the connection to the node was lost' }

/** Whether nothing was answered because nobody was there. @param message of the failure */
export function isLostMessage(message: string): boolean {
  return message === LOST.message
}

/**
 * JSON-RPC over one WebSocket, opened at once and again whenever it is lost. viem's own socket gives up after some attempts and does
 * not say in which state it is.
 *
 * @param url `ws:` or `wss:`
 */
export function openSocket(url: string): RpcSocket {
  const waiting = new Map<number, Call>()
  const subscriptions = new Set<Subscription>()
  const heard = new Map<string, Subscription>()
  const listeners = new Set<() => void>()
  let unsent: number[] = []
  let together: string[] = []
  let state: ConnectionState = 'connecting'
  let socket: WebSocket | undefined
  let retryMs = FIRST_RETRY_MS
  let isResting = false
  let takesBatches = true
  let lastId = 0

  function enter(next: ConnectionState): void {
    state = next
    for (const listener of listeners) listener()
  }

  function connect(): void {
    socket = new WebSocket(url)
    socket.addEventListener('open', () => {
      retryMs = FIRST_RETRY_MS
      enter('open')
      for (const id of unsent.splice(0)) {
        const call = waiting.get(id)
        if (call !== undefined) send(call)
      }
      if (!isResting) for (const subscription of subscriptions) start(subscription)
    })
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(data as string) as Message | readonly Message[]
      if (Array.isArray(message)) for (const each of message) receive(each)
      else receive(message as Message)
    })
    socket.addEventListener('close', () => {
      together = []
      const kept = new Set(unsent)
      for (const [id, call] of waiting) {
        if (kept.has(id)) continue
        waiting.delete(id)
        call.reject(new RpcFailure(LOST))
      }
      heard.clear()
      enter('lost')
      setTimeout(connect, retryMs)
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
    })
  }

  function receive(message: Message): void {
    if (message.method === 'eth_subscription') {
      const { subscription, result } = message.params
      heard.get(subscription)?.hear(result)
      return
    }
    if (message.id === null) return sendEach()
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) call?.resolve(message.result)
    else call?.reject(new RpcFailure(message.error))
  }

  function send({ method, text }: Call): void {
    if (!takesBatches || !LIGHT.test(method)) {
      socket?.send(text)
      return
    }
    together.push(text)
    if (together.length === 1) queueMicrotask(sendTogether)
  }

  function sendTogether(): void {
    const all = together
    together = []
    for (let at = 0; at < all.length; at += MOST_TOGETHER) {
      const some = all.slice(at, at + MOST_TOGETHER)
      socket?.send(some.length === 1 ? some[0]! : `[${some.join(',')}]`)
    }
  }

  /** The node takes no batches so long (`--max-batch`): what was in one is asked again, and only read. */
  function sendEach(): void {
    takesBatches = false
    for (const { method, text } of waiting.values()) if (LIGHT.test(method)) socket?.send(text)
  }

  function request(method: string, params: unknown): Promise<unknown> {
    const id = ++lastId
    const text = JSON.stringify({ jsonrpc: '2.0', id, method, params: params ?? [] })
    return new Promise((resolve, reject) => {
      const call = { method, text, resolve, reject }
      waiting.set(id, call)
      if (state === 'open') send(call)
      else unsent.push(id)
    })
  }

  function start(subscription: Subscription): void {
    request('eth_subscribe', subscription.params).then(
      (id) => {
        if (subscriptions.has(subscription) && !isResting) heard.set(id as string, subscription)
        else void request('eth_unsubscribe', [id])
      },
      // Lost again: it is made anew when the connection is.
      () => undefined,
    )
  }

  function stop(id: string): void {
    heard.delete(id)
    if (state === 'open') void request('eth_unsubscribe', [id]).catch(() => undefined)
  }

  connect()
  return {
    request,
    subscribe(params, hear) {
      const subscription = { params, hear }
      subscriptions.add(subscription)
      if (state === 'open' && !isResting) start(subscription)
      return () => {
        subscriptions.delete(subscription)
        for (const [id, one] of heard) if (one === subscription) stop(id)
      }
    },
    rest(next) {
      if (next === isResting) return
      isResting = next
      if (next) for (const id of heard.keys()) stop(id)
      else if (state === 'open') for (const subscription of subscriptions) start(subscription)
    },
    get state() {
      return state
    },
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

type Message =
  | {
      readonly method: 'eth_subscription'
      readonly params: { readonly subscription: string; readonly result: unknown }
    }
  | {
      readonly method?: undefined
      /** null: of what the node could not even tell apart. */
      readonly id: number | null
      readonly result?: unknown
      readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
    }

import type { Transaction } from '../model/transaction.ts'
import type { Address, Hash, Hex } from '../primitives/hex.ts'
import type { ChainEvent, CommitStateEvent, EventPort, Json, LocatedLog } from './backend.ts'
import { encodeHeader } from './codec/block.ts'
import type { LogFilter } from './codec/log-filter.ts'
import { encodeMiniBlock } from './codec/mini-block.ts'
import { encodeLog, encodeReceipt } from './codec/receipt.ts'
import { encodeStateChange } from './codec/state-change.ts'
import { encodeTransaction } from './codec/transaction.ts'
import { serverError } from './error.ts'
import { newId, passes } from './filter.ts'
import type { ParallelFeed } from './parallel-port.ts'

/** What eth_subscribe can follow. */
export type Topic =
  /** `paceMs`: heads no closer together than this, the newest of those that came meanwhile. */
  | { readonly kind: 'newHeads'; readonly paceMs?: number | undefined }
  | { readonly kind: 'logs'; readonly filter: LogFilter }
  | { readonly kind: 'monadNewHeads' }
  | { readonly kind: 'monadLogs'; readonly filter: LogFilter }
  | { readonly kind: 'miniBlocks' }
  | { readonly kind: 'newPendingTransactions'; readonly full: boolean }
  /** `hashes`: only of these transactions. */
  | { readonly kind: 'transactionReceipts'; readonly hashes: ReadonlySet<Hash> | undefined }
  /** `addresses`: only of these accounts. */
  | { readonly kind: 'stateChanges'; readonly addresses: ReadonlySet<Address> | undefined }
  | { readonly kind: 'syncing' }
  | {
      readonly kind: 'parallel'
      readonly feed: ParallelFeed
      /** Only these, of events that have names. */
      readonly events: ReadonlySet<string> | undefined
    }

const MAX_SUBSCRIPTIONS = 1_000
/** Notifications that wait for the answer that names their subscription. */
const MAX_HELD = 10_000

/** One notification: EIP-1193's `message` event and the wire's `params` alike. */
export interface Notification {
  readonly subscription: Hex
  readonly result: Json
}

/**
 * One client that something can be pushed to: a WebSocket, an IPC socket, an in-process provider. A subscription's
 * notifications are held back until its id was answered: `flush` is called after each answer.
 */
export class Session {
  readonly #events: EventPort
  readonly #push: (notification: Notification) => void
  readonly #topics = new Map<Hex, Topic>()
  /** Ids that the client does not know yet. */
  readonly #unanswered = new Set<Hex>()
  #held: Notification[] = []
  /** Ends what a topic follows by itself. */
  readonly #stops = new Map<Hex, () => void>()
  #stop: (() => void) | undefined

  constructor(events: EventPort, push: (notification: Notification) => void) {
    this.#events = events
    this.#push = push
  }

  /** @throws {RpcError} when the client has too many. */
  subscribe(topic: Topic): Hex {
    if (this.#topics.size >= MAX_SUBSCRIPTIONS) {
      throw serverError(`too many subscriptions: ${MAX_SUBSCRIPTIONS} a connection`)
    }
    const id = newId()
    this.#topics.set(id, topic)
    this.#unanswered.add(id)
    if (topic.kind === 'parallel') this.#stops.set(id, this.#follow(id, topic))
    else if (topic.kind === 'newHeads' && topic.paceMs !== undefined) {
      this.#stops.set(id, this.#followSlowly(id, topic.paceMs))
    } else this.#stop ??= this.#events.listen((event) => this.#take(event))
    return id
  }

  /** False when this client has no such subscription. */
  unsubscribe(id: Hex): boolean {
    const existed = this.#topics.delete(id)
    this.#stops.get(id)?.()
    this.#stops.delete(id)
    if (this.#topics.size === 0) this.close()
    return existed
  }

  /** Sends what waited: the ids given out so far have reached the client. */
  flush(): void {
    if (this.#unanswered.size === 0) return
    this.#unanswered.clear()
    const held = this.#held
    this.#held = []
    for (const notification of held) {
      if (this.#topics.has(notification.subscription)) this.#push(notification)
    }
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
    for (const stop of this.#stops.values()) stop()
    this.#stops.clear()
    this.#topics.clear()
    this.#unanswered.clear()
    this.#held = []
  }

  #follow(id: Hex, { feed, events }: Extract<Topic, { kind: 'parallel' }>): () => void {
    return this.#events.follow(feed, (result) => {
      if (events === undefined || events.has(nameOf(result)))
        this.#send({ subscription: id, result })
    })
  }

  #followSlowly(id: Hex, paceMs: number): () => void {
    let newest: BlockEvent | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const tell = (): void => {
      timer = undefined
      if (newest === undefined) return
      this.#send({ subscription: id, result: headOf(newest) })
      newest = undefined
      timer = setTimeout(tell, paceMs)
    }
    const stop = this.#events.listen((event) => {
      if (event.kind !== 'block') return
      newest = event
      if (timer === undefined) tell()
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }

  #take(event: ChainEvent): void {
    for (const [id, topic] of this.#topics) {
      if (this.#stops.has(id)) continue
      for (const result of this.#resultsFor(topic, event)) this.#send({ subscription: id, result })
    }
  }

  #send(notification: Notification): void {
    if (!this.#unanswered.has(notification.subscription)) this.#push(notification)
    else if (this.#held.length < MAX_HELD) this.#held.push(notification)
  }

  #resultsFor(topic: Topic, event: ChainEvent): readonly Json[] {
    switch (topic.kind) {
      case 'newHeads':
        return event.kind === 'block' ? [headOf(event)] : []
      case 'logs':
        if (event.kind !== 'block' && event.kind !== 'removed') return []
        return event.logs.filter((log) => passes(topic.filter, log)).map(logOf)
      case 'monadNewHeads':
        if (event.kind !== 'commitState') return []
        return [{ ...encodeHeader(event.block.header, event.block.hash), ...commitOf(event) }]
      case 'monadLogs':
        if (event.kind !== 'commitState') return []
        return event.logs
          .filter((log) => passes(topic.filter, log))
          .map((log) => ({ ...encodeLog(log), ...commitOf(event) }))
      case 'miniBlocks':
        return event.kind === 'miniBlock' ? [miniBlockOf(event)] : []
      case 'newPendingTransactions':
        if (event.kind !== 'pooled') return []
        return [topic.full ? transactionOf(event.transaction) : event.transaction.hash]
      case 'transactionReceipts':
        return event.kind === 'block' ? receiptsFor(topic.hashes, event) : []
      case 'stateChanges': {
        if (event.kind !== 'block') return []
        const { addresses } = topic
        const all = changesIn(event)
        return addresses === undefined ? all : all.filter((it) => addresses.has(it.address))
      }
      case 'syncing':
      case 'parallel':
        return []
    }
  }
}

/** All of a block in one notification, as Geth has it; none when none is asked for. */
function receiptsFor(hashes: ReadonlySet<Hash> | undefined, event: BlockEvent): readonly Json[] {
  if (event.block.transactions.length === 0) return []
  const wanted = receiptsIn(event).filter(
    (_, index) => hashes?.has(event.block.transactions[index]!.hash) ?? true,
  )
  return wanted.length === 0 ? [] : [wanted]
}

/** Of an event that has one. */
function nameOf(result: Json): string {
  if (typeof result !== 'object' || result === null || !('event' in result)) return ''
  const { event } = result
  return typeof event === 'string' ? event : ''
}

/** Which proposal, and how far it has come. */
function commitOf({ blockId, state }: CommitStateEvent): Readonly<Record<string, Json>> {
  return { blockId, commitState: state }
}

type BlockEvent = Extract<ChainEvent, { kind: 'block' }>

// Every subscriber of an event gets the same JSON: it is made once for all sessions.
const headOf = once((event: BlockEvent): Json => {
  return encodeHeader(event.block.header, event.block.hash)
})
const changesIn = once((event: BlockEvent) => event.changes().map(encodeStateChange))
const receiptsIn = once((event: BlockEvent): readonly Json[] => event.receipts().map(encodeReceipt))
const logOf = once((log: LocatedLog): Json => encodeLog(log))
const miniBlockOf = once(encodeMiniBlock)
const transactionOf = once((transaction: Transaction): Json => {
  return encodeTransaction({ transaction, place: undefined })
})

function once<K extends object, T extends Json>(make: (key: K) => T): (key: K) => T {
  const made = new WeakMap<K, T>()
  return (key) => {
    let json = made.get(key)
    if (json === undefined) {
      json = make(key)
      made.set(key, json)
    }
    return json
  }
}

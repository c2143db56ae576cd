import { randomBytes } from 'node:crypto'

import type { Transaction } from '../model/transaction.ts'
import type { Hash, Hex } from '../primitives/hex.ts'
import { bytesToHex } from '../primitives/hex.ts'
import type { ChainEvent, EventPort, LocatedLog, LogCriteria } from './backend.ts'
import type { BlockPoint } from './codec/block-ref.ts'
import type { LogFilter } from './codec/log-filter.ts'
import { serverError } from './error.ts'

/** A filter that nobody asks for this long is gone, as in Geth and Anvil. */
const EXPIRY_MS = 5 * 60_000
/** A filter that has gathered this much is gone too: nobody reads it. */
const MAX_PENDING_ITEMS = 100_000
const MAX_FILTERS = 10_000

type Filter = { deadline: number } & (
  | { readonly kind: 'blocks'; items: Hash[] }
  | { readonly kind: 'transactions'; readonly full: boolean; items: Transaction[] }
  | { readonly kind: 'logs'; readonly filter: LogFilter; items: LocatedLog[] }
)

/** What a filter gathered since it was last asked. */
export type FilterChanges =
  | { readonly kind: 'blocks'; readonly hashes: readonly Hash[] }
  | {
      readonly kind: 'transactions'
      readonly full: boolean
      readonly items: readonly Transaction[]
    }
  | { readonly kind: 'logs'; readonly logs: readonly LocatedLog[] }

/** The polled filters of all clients, fed by the chain's events while there are any. */
export class FilterStore {
  readonly #filters = new Map<string, Filter>()
  readonly #kept = new Map<bigint, ReadonlyMap<string, Filter>>()
  readonly #events: EventPort
  readonly #now: () => number
  #stop: (() => void) | undefined

  /** @param now milliseconds, monotonic */
  constructor(events: EventPort, now: () => number = () => performance.now()) {
    this.#events = events
    this.#now = now
  }

  watchBlocks(): Hex {
    return this.#add({ kind: 'blocks', items: [], deadline: this.#deadline() })
  }

  /** @param full whole transactions instead of their hashes */
  watchTransactions(full: boolean): Hex {
    return this.#add({ kind: 'transactions', full, items: [], deadline: this.#deadline() })
  }

  watchLogs(filter: LogFilter): Hex {
    return this.#add({ kind: 'logs', filter, items: [], deadline: this.#deadline() })
  }

  /** @throws {RpcError} "filter not found", on which viem makes a new one. */
  changes(id: string): FilterChanges {
    const filter = this.#get(id)
    switch (filter.kind) {
      case 'blocks': {
        const hashes = filter.items
        filter.items = []
        return { kind: 'blocks', hashes }
      }
      case 'transactions': {
        const items = filter.items
        filter.items = []
        return { kind: 'transactions', full: filter.full, items }
      }
      case 'logs': {
        const logs = filter.items
        filter.items = []
        return { kind: 'logs', logs }
      }
    }
  }

  /** The filter object of a log filter. @throws {RpcError} "filter not found" for others too. */
  logFilter(id: string): LogFilter {
    const filter = this.#get(id)
    if (filter.kind !== 'logs') throw notFound()
    return filter.filter
  }

  /** False when there was none. */
  remove(id: string): boolean {
    this.#sweep()
    const existed = this.#filters.delete(id)
    this.#listenWhileUsed()
    return existed
  }

  /** Remembers what each filter has gathered: part of the snapshot `id`. */
  keep(id: bigint): void {
    if (this.#filters.size === 0) return
    this.#kept.set(id, new Map([...this.#filters].map(([name, it]) => [name, copyOf(it)])))
  }

  /** Filters have again what they had at the snapshot `id`; later ones have nothing. Later snapshots are forgotten. */
  restore(id: bigint): void {
    const kept = this.#kept.get(id)
    const deadline = this.#deadline()
    for (const [name, filter] of this.#filters) {
      const old = kept?.get(name)
      if (old === undefined) filter.items = []
      else this.#filters.set(name, { ...old, deadline })
    }
    for (const later of this.#kept.keys()) if (later >= id) this.#kept.delete(later)
  }

  close(): void {
    this.#filters.clear()
    this.#kept.clear()
    this.#listenWhileUsed()
  }

  #deadline(): number {
    return this.#now() + EXPIRY_MS
  }

  #get(id: string): Filter {
    this.#sweep()
    const filter = this.#filters.get(id)
    if (filter === undefined) throw notFound()
    filter.deadline = this.#deadline()
    return filter
  }

  #add(filter: Filter): Hex {
    this.#sweep()
    if (this.#filters.size >= MAX_FILTERS) {
      throw serverError(`too many filters: this node keeps ${MAX_FILTERS}`)
    }
    const id = newId()
    this.#filters.set(id, filter)
    this.#listenWhileUsed()
    return id
  }

  #sweep(): void {
    const now = this.#now()
    for (const [id, filter] of this.#filters) {
      if (filter.deadline <= now || filter.items.length > MAX_PENDING_ITEMS)
        this.#filters.delete(id)
    }
    this.#listenWhileUsed()
  }

  #listenWhileUsed(): void {
    if (this.#filters.size === 0) {
      this.#stop?.()
      this.#stop = undefined
    } else {
      this.#stop ??= this.#events.listen((event) => this.#take(event))
    }
  }

  #take(event: ChainEvent): void {
    this.#sweep()
    for (const filter of this.#filters.values()) {
      switch (filter.kind) {
        case 'blocks':
          if (event.kind === 'block') filter.items.push(event.block.hash)
          break
        case 'transactions':
          if (event.kind === 'pooled') filter.items.push(event.transaction)
          break
        case 'logs':
          if (event.kind === 'block' || event.kind === 'removed') {
            for (const log of event.logs) {
              if (passes(filter.filter, log)) filter.items.push(log)
            }
          }
          break
      }
    }
  }
}

function copyOf(filter: Filter): Filter {
  switch (filter.kind) {
    case 'blocks':
      return { ...filter, items: [...filter.items] }
    case 'transactions':
      return { ...filter, items: [...filter.items] }
    case 'logs':
      return { ...filter, items: [...filter.items] }
  }
}

/** Whether a new log is one that `filter` asks for: what it is, and the block it is in. */
export function passes({ criteria, where }: LogFilter, log: LocatedLog): boolean {
  if (!matches(criteria, log)) return false
  if (where.kind === 'block') return where.hash === log.blockHash
  const from = boundOf(where.from)
  const to = boundOf(where.to)
  return (
    (from === undefined || log.blockNumber >= from) && (to === undefined || log.blockNumber <= to)
  )
}

/** Only a number bounds what is to come: `latest` and its like move along. */
function boundOf(point: BlockPoint | undefined): bigint | undefined {
  return point?.kind === 'number' ? point.number : undefined
}

/** Whether a log has one of the addresses and, in each place, one of the topics. It has at least as many as are asked for. */
export function matches(criteria: LogCriteria, { log }: LocatedLog): boolean {
  if (criteria.addresses.length > 0 && !criteria.addresses.includes(log.address)) return false
  if (criteria.topics.length > log.topics.length) return false
  return criteria.topics.every((wanted, place) => wanted?.includes(log.topics[place]!) ?? true)
}

/** An id nobody can guess: clients do not see each other's filters and subscriptions. */
export function newId(): Hex {
  return bytesToHex(randomBytes(16))
}

function notFound(): Error {
  return serverError('filter not found')
}

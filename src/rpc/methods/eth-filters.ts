import type { Address, Hash, Hex } from '../../primitives/hex.ts'
import type { Json, LocatedLog } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import type { BlockPoint } from '../codec/block-ref.ts'
import {
  type Decoder,
  anything,
  boolean,
  fieldsOf,
  listOf,
  mapped,
  oneOf,
  oneOrMany,
  text,
} from '../codec/decoder.ts'
import { type Encoder, booleanOut, hexOut, jsonOut, listOut, objectOut } from '../codec/encoder.ts'
import { address, atLeastOne, hash } from '../codec/scalar.ts'
import { type LogFilter, logFilter } from '../codec/log-filter.ts'
import { encodeLog, logsText } from '../codec/receipt.ts'
import { encodeTransaction } from '../codec/transaction.ts'
import { CODE, RpcError, badParam, invalidParams, serverError } from '../error.ts'
import type { FilterChanges } from '../filter.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { PARALLEL_EVENTS } from '../parallel-port.ts'
import type { Session, Topic } from '../session.ts'

const EVERYTHING: LogFilter = {
  criteria: { addresses: [], topics: [] },
  where: { kind: 'range', from: undefined, to: undefined },
}

/** Filter and subscription ids; some clients send a filter's id as a number. */
const id: Decoder<Hex> = mapped(text, (value) => value.toLowerCase() as Hex)
const filterId = param('filterId', id)
const filter = optional('filter', logFilter, EVERYTHING)
const full = optional('fullTransactions', boolean, false)
export const logsOut: Encoder<readonly LocatedLog[]> = {
  ...listOut(objectOut('log', encodeLog)),
  text: logsText,
}

/** @throws {RpcError} on a block that is not there */
export async function logsFor(
  { backend }: Context,
  wanted: LogFilter,
): Promise<readonly LocatedLog[]> {
  const { chain } = backend
  const { criteria, where } = wanted
  if (where.kind === 'block') {
    const ref: BlockRef = { kind: 'hash', hash: where.hash, requireCanonical: false }
    const found = await chain.block(ref)
    if (found === undefined) throw serverError(`unknown block: ${where.hash}`)
    return chain.logsOfBlock(found.block, criteria)
  }
  const head = chain.head().header.number
  const from = await numberOf(where.from)
  const to = await numberOf(where.to)
  if (from > to) throw invalidParams(`invalid block range params: from ${from} to ${to}`)
  if (to > head) {
    throw invalidParams(
      `block range extends beyond current head block: the head is ${head}, asked for up to ${to}`,
    )
  }
  return chain.logs(from, to, criteria)

  /** Pending logs are not kept: `pending` is the head, as for Anvil. */
  async function numberOf(point: BlockPoint | undefined): Promise<bigint> {
    if (point === undefined) return head
    if (point.kind === 'number') return point.number
    if (point.tag === 'earliest') return 0n
    if (point.tag === 'latest' || point.tag === 'pending') return head
    return (await chain.block(point))?.block.header.number ?? head
  }
}

function changesJson(changes: FilterChanges): Json {
  switch (changes.kind) {
    case 'blocks':
      return changes.hashes
    case 'logs':
      return changes.logs.map(encodeLog)
    case 'transactions':
      return changes.items.map((transaction) =>
        changes.full ? encodeTransaction({ transaction, place: undefined }) : transaction.hash,
      )
  }
}

function topicOf(kind: (typeof KINDS)[number], options: unknown): Topic {
  switch (kind) {
    case 'newHeads':
      return { kind, paceMs: paceOptions.decode(options ?? {}, 'options').paceMs }
    case 'syncing':
    case 'monadNewHeads':
    case 'miniBlocks':
      return { kind }
    case 'logs':
    case 'monadLogs':
      return { kind, filter: logFilter.decode(options ?? {}, 'filter') }
    case 'transactionReceipts':
      return { kind, hashes: receiptHashes(options) }
    case 'stateChanges':
      return { kind, addresses: options === undefined ? undefined : watched(options) }
    case 'newPendingTransactions':
      return { kind, full: options === undefined ? false : fullOf(options) }
    case 'parallelBlocks':
    case 'parallelPending':
    case 'parallelConsensus':
      return { kind: 'parallel', feed: kind, events: undefined }
    case 'parallelEvents':
      return { kind: 'parallel', feed: kind, events: eventNames(options) }
  }
}

/** What eth_subscribe follows. */
const KINDS = [
  'newHeads',
  'logs',
  'newPendingTransactions',
  'transactionReceipts',
  'syncing',
  'monadNewHeads',
  'monadLogs',
  'miniBlocks',
  'stateChanges',
  'parallelBlocks',
  'parallelEvents',
  'parallelPending',
  'parallelConsensus',
] as const

/** `{"paceMs": 250}` */
const paceOptions = fieldsOf({ paceMs: atLeastOne(60_000) })
/** As Geth's. */
const MAX_RECEIPT_HASHES = 200
const receiptOptions = fieldsOf({ transactionHashes: listOf(hash) })

/** `{"transactionHashes": ["0x…"]}`: receipts of all, unless some are named. */
function receiptHashes(options: unknown): ReadonlySet<Hash> | undefined {
  const { transactionHashes = [] } = receiptOptions.decode(options ?? {}, 'options')
  if (transactionHashes.length > MAX_RECEIPT_HASHES) {
    const most = `at most ${MAX_RECEIPT_HASHES} hashes`
    throw badParam('options.transactionHashes', most, transactionHashes)
  }
  return transactionHashes.length === 0 ? undefined : new Set(transactionHashes)
}

function watched(options: unknown): ReadonlySet<Address> {
  return new Set(oneOrMany(address).decode(options, 'addresses'))
}

const eventOptions = fieldsOf({ events: listOf(text) })

/** `{"events": ["TXN_REJECT"]}`: all of them, unless some are named. */
function eventNames(options: unknown): ReadonlySet<string> | undefined {
  const { events } = eventOptions.decode(options ?? {}, 'options')
  const known: readonly string[] = PARALLEL_EVENTS
  for (const [at, name] of events?.entries() ?? []) {
    if (!known.includes(name)) {
      throw badParam(`options.events[${at}]`, `one of ${known.join(', ')}`, name)
    }
  }
  return events && new Set(events)
}

/** `true`, or what some clients send: `{"includeTransactions": true}`. */
function fullOf(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) {
    return options !== null && boolean.decode(options, 'fullTransactions')
  }
  return 'includeTransactions' in options && options.includeTransactions === true
}

function sessionOf(context: Context): Session {
  if (context.session === undefined) {
    throw new RpcError(
      CODE.methodNotFound,
      'notifications not supported: eth_subscribe needs a WebSocket, on this same address',
    )
  }
  return context.session
}

/** Logs, filters that are polled, and subscriptions that push. */
export const ethFilters: MethodTable = {
  eth_getLogs: method([filter], logsOut, logsFor),
  eth_newFilter: method([filter], hexOut, ({ filters }, wanted) => filters.watchLogs(wanted)),
  eth_newBlockFilter: method([], hexOut, ({ filters }) => filters.watchBlocks()),
  eth_newPendingTransactionFilter: method([full], hexOut, ({ filters }, whole) =>
    filters.watchTransactions(whole),
  ),
  eth_getFilterChanges: method([filterId], jsonOut, ({ filters }, wanted) =>
    changesJson(filters.changes(wanted)),
  ),
  eth_getFilterLogs: method([filterId], logsOut, (context, wanted) =>
    logsFor(context, context.filters.logFilter(wanted)),
  ),
  eth_uninstallFilter: method([filterId], booleanOut, ({ filters }, wanted) =>
    filters.remove(wanted),
  ),
  eth_subscribe: method(
    [param('kind', oneOf(...KINDS)), optional('options', anything)],
    hexOut,
    (context, kind, options) => sessionOf(context).subscribe(topicOf(kind, options)),
  ),
  eth_unsubscribe: method([param('subscriptionId', id)], booleanOut, (context, wanted) =>
    sessionOf(context).unsubscribe(wanted),
  ),
}

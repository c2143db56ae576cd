import { decodeBlock } from '../../model/codec/block.ts'
import {
  type Hash,
  ZERO_ADDRESS,
  ZERO_HASH,
  bytesToHex,
  slotOf,
  toQuantity,
} from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockNumberOrTag, blockRef } from '../codec/block-ref.ts'
import { boolean, mapped } from '../codec/decoder.ts'
import { bytesOut, hexOut, jsonOut, listOut, nullable, numberOut } from '../codec/encoder.ts'
import { address, bytes, count, hash, uint64 } from '../codec/scalar.ts'
import { traceOptions } from '../codec/trace-options.ts'
import { invalidParams, serverError } from '../error.ts'
import { done } from '../failure.ts'
import type { InspectedAccount, NotInspected, Page } from '../inspect-port.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { notInspected } from '../traces.ts'
import { debug } from './debug.ts'

/** Accounts and slots, codes, nodes and headers, as Reth and Anvil write them. */
const witnessOut = (list: readonly Uint8Array[]): Json => list.map((each) => bytesToHex(each))

const MAX_PAGE = 10_000
/** Accounts of debug_dumpBlock. */
const MAX_DUMP = 1_000_000

const block = param('block', blockRef)
const transactionIndex = param('transactionIndex', count(Number.MAX_SAFE_INTEGER))
const who = param('address', address)
const pageSize = param('maxResults', count(MAX_PAGE))
/** A hash, or the beginning of one. */
const startHash = mapped(bytes, (start, path): Hash => {
  if (start.length > 32) throw invalidParams(`\`${path}\`: expected at most 32 bytes`)
  return bytesToHex(start).padEnd(66, '0') as Hash
})

/** What was found. @throws {RpcError} when there is no such block, or its state is gone */
async function inspected<T extends { readonly kind: string }>(
  context: Context,
  found: Promise<T | NotInspected>,
  at: BlockRef,
): Promise<Exclude<T, NotInspected>> {
  const result = await found
  if (result.kind === 'unknownBlock' || result.kind === 'noState') {
    throw await notInspected(context, result as NotInspected, at)
  }
  return result as Exclude<T, NotInspected>
}

async function numberOf({ chain }: Context['backend'], ref: BlockRef): Promise<bigint> {
  const found = await chain.block(ref)
  if (found === undefined) throw serverError('header not found')
  return found.block.header.number
}

async function accountAt(
  context: Context,
  at: BlockRef,
  before: number,
  wanted: InspectedAccount['address'],
) {
  const { inspect } = context.backend
  const found = await inspected(context, inspect.account({ block: at, before }, wanted), at)
  const { account } = found
  if (account === undefined) return undefined
  return {
    balance: toQuantity(account.balanceWei),
    nonce: toQuantity(account.nonce),
    code: bytesToHex(account.code),
    codeHash: account.codeHash,
  }
}

const accountAtBlock = method([block, transactionIndex, who], nullable(jsonOut), accountAt)

async function dumpJson(
  context: Context,
  at: BlockRef,
  { items, next }: Page<InspectedAccount>,
  parts: { readonly code: boolean; readonly storage: boolean },
): Promise<Json> {
  const accounts: Record<string, Json> = {}
  for (const account of items) {
    const slots = parts.storage
      ? await inspected(
          context,
          context.backend.inspect.slots({ block: at }, account.address, ZERO_HASH, MAX_DUMP),
          at,
        )
      : undefined
    accounts[account.address] = {
      balance: account.balanceWei.toString(),
      nonce: Number(account.nonce),
      root: account.storageRoot,
      codeHash: account.codeHash,
      ...(parts.code && account.code.length > 0 && { code: bytesToHex(account.code) }),
      ...(slots !== undefined &&
        slots.items.length > 0 && {
          storage: Object.fromEntries(
            slots.items.map(({ key, value }) => [key, toQuantity(value)]),
          ),
        }),
      address: account.address,
      key: account.addressHash,
    }
  }
  const found = await context.backend.chain.block(at)
  const root = found!.block.header.stateRoot.slice(2)
  return { root, accounts, ...(next !== undefined && { next }) }
}

async function changedAccounts(context: Context, from: BlockRef, to: BlockRef | undefined) {
  const { chain, inspect } = context.backend
  // One block alone: what it changed itself.
  const last = to ?? from
  const first = to === undefined ? await parentRef(context, from) : from
  const number = (ref: BlockRef) => chain.block(ref).then((found) => found?.block.header.number)
  const [start, end] = [await number(first), await number(last)]
  if (start !== undefined && end !== undefined && start >= end) {
    throw serverError(`start block height (${start}) must be less than end block height (${end})`)
  }
  const changed = await inspected(context, inspect.changedAccounts(first, last), last)
  return changed.addresses
}

async function parentRef({ backend }: Context, ref: BlockRef): Promise<BlockRef> {
  const found = await backend.chain.block(ref)
  if (found === undefined) return ref
  if (found.block.header.number === 0n) throw serverError('genesis has no parent')
  return { kind: 'hash', hash: found.block.header.parentHash, requireCanonical: false }
}

const byNumber = (name: string) => param(name, blockNumberOrTag)
const refByHash = mapped(hash, (one): BlockRef => ({
  kind: 'hash',
  hash: one,
  requireCanonical: false,
}))

/** What Geth's, Erigon's and Reth's debug_* read and set beside traces and raw encodings. */
export const debugState: MethodTable = {
  debug_storageRangeAt: method(
    [block, transactionIndex, who, param('keyStart', startHash), pageSize],
    jsonOut,
    async (context, at, before, account, start, limit): Promise<Json> => {
      const { inspect } = context.backend
      const page = await inspected(
        context,
        inspect.slots({ block: at, before }, account, start, limit),
        at,
      )
      const storage = page.items.map(({ keyHash, key, value }): [string, Json] => [
        keyHash,
        { key, value: slotOf(value) },
      ])
      return { storage: Object.fromEntries(storage), nextKey: page.next ?? null }
    },
  ),
  debug_accountRange: method(
    [
      block,
      optional('start', startHash, ZERO_HASH),
      optional('maxResults', count(MAX_PAGE), 256),
      optional('noCode', boolean, false),
      optional('noStorage', boolean, false),
      optional('incompletes', boolean, false),
    ],
    jsonOut,
    async (context, at, start, limit, noCode, noStorage) => {
      const page = await inspected(context, context.backend.inspect.accounts(at, start, limit), at)
      return dumpJson(context, at, page, { code: !noCode, storage: !noStorage })
    },
  ),
  debug_dumpBlock: method([byNumber('block')], jsonOut, async (context, at) => {
    const page = await inspected(
      context,
      context.backend.inspect.accounts(at, ZERO_HASH, MAX_DUMP),
      at,
    )
    return dumpJson(context, at, page, { code: true, storage: true })
  }),
  debug_accountAt: accountAtBlock,
  debug_accountInfoAt: accountAtBlock,
  /** The first block of those from the one to the other, in either direction, whose state is here. */
  debug_getAccessibleState: method(
    [param('from', blockNumberOrTag), param('to', blockNumberOrTag)],
    numberOut,
    async ({ backend }, from, to) => {
      const [first, last] = [await numberOf(backend, from), await numberOf(backend, to)]
      const step = first <= last ? 1n : -1n
      for (let number = first; number !== last + step; number += step) {
        const state = await backend.state.balance(ZERO_ADDRESS, { kind: 'number', number })
        if (state !== undefined) return Number(number)
      }
      throw serverError(`no state found from block ${first} to ${last}`)
    },
  ),
  debug_getModifiedAccountsByNumber: method(
    [byNumber('startBlock'), optional('endBlock', blockNumberOrTag)],
    listOut(hexOut),
    changedAccounts,
  ),
  debug_getModifiedAccountsByHash: method(
    [param('startHash', refByHash), optional('endHash', refByHash)],
    listOut(hexOut),
    changedAccounts,
  ),
  debug_executionWitness: method([block], jsonOut, async (context, ref) => {
    const { backend } = context
    const found = await inspected(context, backend.inspect.executionWitness(ref), ref)
    const { state, codes, keys, headers } = found
    return {
      state: witnessOut(state),
      codes: witnessOut(codes),
      keys: witnessOut(keys),
      headers: witnessOut(headers),
    }
  }),
  debug_intermediateRoots: method(
    [param('blockHash', refByHash)],
    listOut(hexOut),
    async (context, at) => {
      const { roots } = await inspected(context, context.backend.inspect.intermediateRoots(at), at)
      return roots
    },
  ),
  debug_codeByHash: method(
    [param('codeHash', hash), optional('block', blockRef, LATEST)],
    nullable(bytesOut),
    ({ backend }, wanted) => backend.inspect.codeOf(wanted),
  ),
  debug_getRawTransactions: method([block], listOut(bytesOut), async ({ backend }, at) => {
    const found = await backend.chain.block(at)
    return found?.block.transactions.map(({ raw }) => raw) ?? []
  }),
  debug_traceBlock: method(
    [param('block', bytes), optional('options', traceOptions, {})],
    jsonOut,
    async (context, encoded, options): Promise<Json> => {
      const decoded = decodeBlock(encoded)
      if (!decoded.ok) throw invalidParams(`\`block\`: ${decoded.error}`)
      const { hash: wanted } = decoded.value
      if (
        (await context.backend.chain.block({
          kind: 'hash',
          hash: wanted,
          requireCanonical: false,
        })) === undefined
      ) {
        throw serverError(
          `block ${wanted} is not of this chain: a block is traced where it was mined`,
        )
      }
      return debug['debug_traceBlockByHash']!.call(context, [wanted, options as Json])
    },
  ),
  debug_getBadBlocks: method([], jsonOut, () => []),
  debug_setHead: method(
    [param('number', uint64)],
    nullable(jsonOut),
    async ({ backend }, number) => {
      const depth = backend.chain.head().header.number - number
      if (depth < 0n) throw invalidParams(`\`number\`: there is no block ${number} yet`)
      if (depth > 0n) done(await backend.control.rollback(Number(depth)))
      return undefined
    },
  ),
  debug_clearTxpool: method([], nullable(jsonOut), ({ backend }) => {
    backend.pool.dropAll()
    return undefined
  }),
  debug_freeOSMemory: method([], nullable(jsonOut), () => undefined),
  /** V8's figures under the names of Go's, in bytes. */
  debug_memStats: method([], jsonOut, () => {
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
    return {
      Alloc: heapUsed,
      HeapAlloc: heapUsed,
      HeapSys: heapTotal,
      Sys: rss,
      External: external,
    }
  }),
}

import type { DevChain } from '../../chain/dev-chain.ts'
import { type Hash, parseHash, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../../rpc/backend.ts'
import type { BlockRef } from '../../rpc/block-ref.ts'
import { LATEST, blockRef } from '../../rpc/codec/block-ref.ts'
import { RpcError } from '../../rpc/error.ts'
import { Absent } from '../../state/absent.ts'
import { OWN, type Place, beforeFork, nameOf, startOf } from './before-fork.ts'
import type { RemoteBlock } from './remote-block.ts'
import { RemoteError } from './remote.ts'

/**
 * Which methods speak of a block, by the place of the parameter that names it. Of blocks up to the one that was forked the remote chain
 * knows everything, in its own words; of the state only before it, since the node has changed that block's.
 */
const OF_BLOCK: Readonly<Record<string, number>> = {
  eth_getBlockByNumber: 0,
  eth_getBlockByHash: 0,
  eth_getHeaderByNumber: 0,
  eth_getHeaderByHash: 0,
  erigon_getHeaderByNumber: 0,
  eth_getBlockReceipts: 0,
  eth_getBlockTransactionCountByNumber: 0,
  eth_getBlockTransactionCountByHash: 0,
  eth_getUncleCountByBlockNumber: 0,
  eth_getUncleCountByBlockHash: 0,
  eth_getUncleByBlockNumberAndIndex: 0,
  eth_getUncleByBlockHashAndIndex: 0,
  eth_getTransactionByBlockNumberAndIndex: 0,
  eth_getTransactionByBlockHashAndIndex: 0,
  eth_getRawTransactionByBlockNumberAndIndex: 0,
  eth_getRawTransactionByBlockHashAndIndex: 0,
  eth_getBlockAccessList: 0,
  eth_getProof: 2,
  debug_traceBlockByNumber: 0,
  debug_traceBlockByHash: 0,
  debug_getRawBlock: 0,
  debug_getRawHeader: 0,
  debug_getRawReceipts: 0,
  debug_getRawBlockAccessList: 0,
  debug_executionWitness: 0,
  debug_storageRangeAt: 0,
  debug_intermediateRoots: 0,
  debug_accountAt: 0,
  debug_accountInfoAt: 0,
  trace_block: 0,
  trace_replayBlockTransactions: 0,
  ots_getBlockDetails: 0,
  ots_getBlockDetailsByHash: 0,
  ots_getBlockTransactions: 0,
}

const OF_STATE: Readonly<Record<string, number>> = {
  eth_getBalance: 1,
  eth_getTransactionCount: 1,
  eth_getCode: 1,
  eth_getStorageAt: 2,
  eth_getStorageValues: 1,
  eth_getAccount: 1,
  eth_getAccountInfo: 1,
  eth_call: 1,
  eth_estimateGas: 1,
  eth_createAccessList: 1,
  eth_simulateV1: 1,
  debug_traceCall: 1,
  trace_call: 2,
  trace_callMany: 1,
  ots_hasCode: 1,
}

const OF_TRANSACTION: ReadonlySet<string> = new Set([
  'eth_getTransactionByHash',
  'eth_getTransactionReceipt',
  'eth_getRawTransactionByHash',
  'debug_traceTransaction',
  'debug_getRawTransaction',
  'trace_transaction',
  'trace_replayTransaction',
  'trace_get',
  'ots_getInternalOperations',
  'ots_getTransactionError',
  'ots_traceTransaction',
])

/** Answers that never change and are asked for again. */
const KEPT: ReadonlySet<string> = new Set([
  'eth_getBlockByNumber',
  'eth_getBlockReceipts',
  'eth_getTransactionByHash',
  'eth_getTransactionReceipt',
])

type Args = readonly unknown[]

/** Methods that change nothing: they start again when something that they looked at by themselves had to be fetched. */
const READING =
  /^(?:eth_(?!send|sign|resend|submit|new|uninstall|subscribe)|debug_|trace_|ots_|erigon_|parallel_)/

/** What to wait for after `error`, before a method is run again. */
export function readyAfter(error: unknown, method: string): Promise<void> | undefined {
  return error instanceof Absent && READING.test(method) ? error.fetch() : undefined
}

/** Block numbers. */
interface Tags {
  readonly tags: { readonly safe: bigint; readonly finalized: bigint }
}

/**
 * Asks the remote chain what a request wants to know of it.
 * @returns undefined, now or later, when it is this chain's to answer @throws {RpcError} what the remote says, in its words
 */
export class PassOn {
  readonly #dev: DevChain
  readonly #slotsInAnEpoch: bigint
  readonly #blockOf: () => RemoteBlock | undefined
  readonly #consensus: Tags | undefined

  /** @param blockOf the block that is forked now, if any @param consensus decides what is safe and final, where there is one */
  constructor(
    dev: DevChain,
    slotsInAnEpoch: number,
    blockOf: () => RemoteBlock | undefined,
    consensus?: Tags,
  ) {
    this.#dev = dev
    this.#slotsInAnEpoch = BigInt(slotsInAnEpoch)
    this.#blockOf = blockOf
    this.#consensus = consensus
  }

  answer(
    method: string,
    args: Args,
    local: (args: Args) => Json | Promise<Json>,
  ): Promise<Json | undefined> | undefined {
    const block = this.#blockOf()
    if (block === undefined) return undefined
    if (OF_TRANSACTION.has(method)) return this.#ofTransaction(block, method, args)
    const at = OF_BLOCK[method]
    if (at !== undefined) return this.#ofBlock(block, method, args, at, block.number)
    const stateAt = OF_STATE[method]
    if (stateAt !== undefined) return this.#ofBlock(block, method, args, stateAt, block.number - 1n)
    const own = OWN[method]
    if (own !== undefined) return this.#refuseOlder(block, args, own)
    if (method === 'eth_getLogs') return this.#logsOfBlock(block, args)
    if (method === 'eth_feeHistory') return this.#feeHistory(block, args, local)
    return undefined
  }

  /** @param last the newest block that is the remote's to speak of */
  #ofBlock(
    block: RemoteBlock,
    method: string,
    args: Args,
    at: number,
    last: bigint,
  ): Promise<Json | undefined> | undefined {
    const ref = refOf(args[at])
    // What cannot be read is told of by who reads it.
    if (ref === undefined) return undefined
    if (ref.kind === 'hash') return this.#ofBlockHash(block, method, args, ref.hash, last)
    const number = this.#numberOf(ref)
    if (number === undefined || number > last) return undefined
    const asked = [...args]
    asked[at] = toQuantity(number)
    return this.#ask(block, method, asked)
  }

  async #ofBlockHash(
    block: RemoteBlock,
    method: string,
    args: Args,
    hash: Hash,
    last: bigint,
  ): Promise<Json | undefined> {
    if (hash === block.hash) return last < block.number ? undefined : this.#ask(block, method, args)
    if (this.#dev.chain.history.has(hash)) return undefined
    const found = await this.#ask(block, 'eth_getBlockByHash', [hash, false])
    return numberIn(found, 'number') <= last ? this.#ask(block, method, args) : undefined
  }

  #numberOf(ref: Exclude<BlockRef, { kind: 'hash' }>): bigint | undefined {
    if (ref.kind === 'number') return ref.number
    const head = this.#dev.chain.head.block.header.number
    const behind = (slots: bigint): bigint => (head > slots ? head - slots : 0n)
    switch (ref.tag) {
      case 'latest':
        return head
      case 'pending':
        return undefined
      case 'earliest':
        return 0n
      case 'safe':
        return this.#consensus?.tags.safe ?? behind(this.#slotsInAnEpoch)
      case 'finalized':
        return this.#consensus?.tags.finalized ?? behind(2n * this.#slotsInAnEpoch)
    }
  }

  async #ofTransaction(block: RemoteBlock, method: string, args: Args): Promise<Json | undefined> {
    const hash = hashOf(args[0])
    if (hash === undefined) return undefined
    const { chain, pool } = this.#dev
    if (chain.history.hasTransaction(hash) || pool.get(hash) !== undefined) return undefined
    // What the remote mined later, or has in its pool, did not happen here.
    const found = await this.#ask(block, 'eth_getTransactionByHash', [hash])
    if (numberIn(found, 'blockNumber') > block.number) return undefined
    return method === 'eth_getTransactionByHash' ? found : this.#ask(block, method, args)
  }

  /** @throws {RpcError} when what is asked of came before the fork */
  async #refuseOlder(block: RemoteBlock, args: Args, places: readonly Place[]): Promise<undefined> {
    for (const { at, kind } of places) {
      const value = kind === 'range' ? startOf(args[at]) : args[at]
      if (value === undefined) continue
      const [what, number] = await (kind === 'transaction'
        ? this.#transactionOf(block, value)
        : this.#blockAt(block, value))
      if (number !== undefined && number < block.number) {
        throw beforeFork(what, number, block.number)
      }
    }
  }

  /** What a transaction is called, and the number of its block when it is the remote's. */
  async #transactionOf(
    block: RemoteBlock,
    value: unknown,
  ): Promise<readonly [string, bigint | undefined]> {
    const hash = hashOf(value)
    if (hash === undefined || this.#dev.chain.history.hasTransaction(hash)) return ['', undefined]
    const found = await this.#ask(block, 'eth_getTransactionByHash', [hash])
    return [`transaction ${hash}`, numberIn(found, 'blockNumber')]
  }

  async #blockAt(
    block: RemoteBlock,
    value: unknown,
  ): Promise<readonly [string, bigint | undefined]> {
    const ref = refOf(value)
    if (ref === undefined) return ['', undefined]
    if (ref.kind !== 'hash') return [nameOf(ref), this.#numberOf(ref)]
    if (this.#dev.chain.history.has(ref.hash)) return ['', undefined]
    const found = await this.#ask(block, 'eth_getBlockByHash', [ref.hash, false])
    return [nameOf(ref), numberIn(found, 'number')]
  }

  async #logsOfBlock(block: RemoteBlock, args: Args): Promise<Json | undefined> {
    const [filter] = args
    if (typeof filter !== 'object' || filter === null || !('blockHash' in filter)) return undefined
    const hash = hashOf(filter.blockHash)
    return hash && this.#ofBlockHash(block, 'eth_getLogs', args, hash, block.number)
  }

  /** Blocks on both sides of the one that was forked: the remote's first. */
  async #feeHistory(
    block: RemoteBlock,
    [count, newest, ...more]: Args,
    local: (args: Args) => Json | Promise<Json>,
  ): Promise<Json | undefined> {
    const ref = refOf(newest)
    const last = ref === undefined || ref.kind === 'hash' ? undefined : this.#numberOf(ref)
    const wanted =
      typeof count === 'string' || typeof count === 'number' ? Number(count) : Number.NaN
    if (last === undefined || !(wanted >= 1)) return undefined
    const above = last > block.number ? Number(last - block.number) : 0
    if (above >= wanted) return undefined
    const until = toQuantity(last > block.number ? block.number : last)
    const before = await this.#ask(block, 'eth_feeHistory', [
      toQuantity(wanted - above),
      until,
      ...more,
    ])
    if (above === 0) return before
    const after = await local([toQuantity(above), toQuantity(last), ...more])
    return joined(before as FeeHistory, after as FeeHistory)
  }

  async #ask(block: RemoteBlock, method: string, args: Args): Promise<Json> {
    const params = args as readonly Json[]
    const key = `${method} ${JSON.stringify(params)}`
    const isKept = KEPT.has(method)
    const kept = isKept ? block.cache.get(key) : undefined
    if (kept !== undefined) return kept
    try {
      const answer = await block.remote.ask(method, params)
      if (isKept && answer !== null) block.cache.set(key, answer)
      return answer
    } catch (error) {
      if (!(error instanceof RemoteError) || error.fault === undefined) throw error
      const { code, message, data } = error.fault
      throw new RpcError(code, message, data)
    }
  }
}

type FeeHistory = Readonly<Record<string, Json>>

/** Lists with one entry more than there are blocks give that up to the next block's. */
function joined(before: FeeHistory, after: FeeHistory): Json {
  const together: Record<string, Json> = { ...before }
  const blocks = listOf(before['gasUsedRatio']).length
  for (const [name, list] of Object.entries(after)) {
    if (!Array.isArray(list)) continue
    together[name] = [...listOf(before[name]).slice(0, blocks), ...listOf(list)]
  }
  return together
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function refOf(value: unknown): BlockRef | undefined {
  if (value === undefined || value === null) return LATEST
  try {
    return blockRef.decode(value, 'block')
  } catch {
    return undefined
  }
}

function hashOf(value: unknown): Hash | undefined {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value)
    ? parseHash(value)
    : undefined
}

/** A number in an object; beyond any when it is not there. */
function numberIn(value: Json, name: string): bigint {
  const found = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const number = found.find(([key]) => key === name)?.[1]
  return typeof number === 'string' && number.startsWith('0x') ? BigInt(number) : 2n ** 64n
}

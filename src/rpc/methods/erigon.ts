import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockNumberOrTag } from '../codec/block-ref.ts'
import { encodeBlock, encodeHeader } from '../codec/block.ts'
import { boolean, fieldsOf, mapped } from '../codec/decoder.ts'
import { jsonOut, nullable, quantityOut } from '../codec/encoder.ts'
import { encodeLog, encodeReceipt } from '../codec/receipt.ts'
import { logFilter } from '../codec/log-filter.ts'
import { count, hash, uint64 } from '../codec/scalar.ts'
import { toQuantity } from '../../primitives/hex.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { ethFilters, logsFor, logsOut } from './eth-filters.ts'
import { nodeAdmin } from './node-admin.ts'
import { parallel } from './parallel.ts'

const byHash = param(
  'blockHash',
  mapped(hash, (one): BlockRef => ({ kind: 'hash', hash: one, requireCanonical: false })),
)
const latestOptions = fieldsOf({
  logCount: count(Number.MAX_SAFE_INTEGER),
  blockCount: count(Number.MAX_SAFE_INTEGER),
})
const ANY = { addresses: [], topics: [] }

/** The newest block that is not later than `time`, in seconds; the first when all are. */
async function blockAtTime({ backend }: Context, time: bigint): Promise<BlockRef> {
  const { chain } = backend
  let low = (await chain.block({ kind: 'tag', tag: 'earliest' }))!.block.header.number
  let high = chain.head().header.number
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    const found = await chain.block({ kind: 'number', number: middle })
    if (found !== undefined && found.block.header.timestamp <= time) low = middle
    else high = middle - 1n
  }
  return { kind: 'number', number: low }
}

/** Those above zero, ascending. */
function uniqueNumbers(values: readonly bigint[]): readonly number[] {
  return [...new Set(values.map(Number))].filter((value) => value > 0).toSorted((a, b) => a - b)
}

const accessList = parallel['eth_getBlockAccessList']!

/** Some of Erigon's own reads, and Reth's names for a block access list. */
export const erigon: MethodTable = {
  eth_getBlockAccessListByBlockHash: accessList,
  eth_getBlockAccessListByBlockNumber: accessList,
  eth_getBlockAccessListRaw: parallel['debug_getRawBlockAccessList']!,
  erigon_getHeaderByHash: method([byHash], nullable(jsonOut), async ({ backend }, ref) => {
    const found = await backend.chain.block(ref)
    return found && encodeHeader(found.block.header, found.block.hash)
  }),
  erigon_blockNumber: method(
    [optional('block', blockNumberOrTag, LATEST)],
    quantityOut,
    async ({ backend }, ref) => (await backend.chain.block(ref))?.block.header.number ?? 0n,
  ),
  erigon_getBlockByTimestamp: method(
    [param('timestamp', uint64), optional('hydrated', boolean, false)],
    nullable(jsonOut),
    async (context, time, whole) => {
      const found = await context.backend.chain.block(await blockAtTime(context, time))
      return found && encodeBlock(found, whole)
    },
  ),
  erigon_getBlockReceiptsByBlockHash: method(
    [byHash],
    nullable(jsonOut),
    async ({ backend }, ref) => {
      const found = await backend.chain.block(ref)
      return found && backend.chain.receipts(found.block).map(encodeReceipt)
    },
  ),
  /** By which blocks and times rules change. */
  erigon_forks: method([], jsonOut, async ({ backend }) => {
    const { chain } = backend
    const genesis = await chain.block({ kind: 'tag', tag: 'earliest' })
    const { forks } = chain.config
    return {
      genesis: genesis!.block.hash,
      heightForks: uniqueNumbers(forks.flatMap((it) => ('atBlock' in it ? [it.atBlock] : []))),
      timeForks: uniqueNumbers(forks.flatMap((it) => ('atTime' in it ? [it.atTime] : []))),
    }
  }),
  erigon_nodeInfo: method([], jsonOut, async (context) => [
    await nodeAdmin['admin_nodeInfo']!.call(context, []),
  ]),
  erigon_getLogs: ethFilters['eth_getLogs']!,
  /** The newest first: of so many blocks with such logs, or so many logs. */
  erigon_getLatestLogs: method(
    [param('filter', logFilter), optional('options', latestOptions, {})],
    logsOut,
    async (context, filter, { logCount, blockCount }) => {
      const newest = (await logsFor(context, filter)).toReversed()
      const blocks = [...new Set(newest.map(({ blockNumber }) => blockNumber))].slice(0, blockCount)
      return newest.filter(({ blockNumber }) => blocks.includes(blockNumber)).slice(0, logCount)
    },
  ),
  /** A list for each transaction. */
  erigon_getLogsByHash: method([byHash], nullable(jsonOut), async ({ backend }, ref) => {
    const found = await backend.chain.block(ref)
    if (found === undefined) return undefined
    const logs = backend.chain.logsOfBlock(found.block, ANY)
    return found.block.transactions.map((_, index) =>
      logs.filter(({ transactionIndex }) => transactionIndex === index).map(encodeLog),
    )
  }),
  /** Balances after the block of all accounts whose balance it changed. */
  erigon_getBalanceChangesInBlock: method(
    [param('block', blockNumberOrTag)],
    nullable(jsonOut),
    async (context, ref) => {
      const { chain, inspect, state } = context.backend
      const found = await chain.block(ref)
      if (found === undefined || found.pending) return undefined
      const parent = {
        kind: 'hash',
        hash: found.block.header.parentHash,
        requireCanonical: false,
      } as const
      const changed = await inspect.changedAccounts(parent, ref)
      if (changed.kind !== 'changed') return {}
      const balances: Record<string, string> = {}
      for (const address of changed.addresses) {
        const [before, after] = [
          await state.balance(address, parent),
          await state.balance(address, ref),
        ]
        if (before !== after) balances[address] = toQuantity(after ?? 0n)
      }
      return balances
    },
  ),
}

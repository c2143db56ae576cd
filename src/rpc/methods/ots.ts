import { encodeBlock } from '../codec/block.ts'
import { blockRef, LATEST } from '../codec/block-ref.ts'
import { mapped } from '../codec/decoder.ts'
import { booleanOut, hexOut, jsonOut, nullable, numberOut } from '../codec/encoder.ts'
import { encodeReceipt } from '../codec/receipt.ts'
import { address, count, hash, uint64 } from '../codec/scalar.ts'
import { encodeTransaction } from '../codec/transaction.ts'
import { toQuantity } from '../../primitives/hex.ts'
import type { Hash } from '../../primitives/hex.ts'
import type { Json, LocatedBlock, LocatedReceipt } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import { type CallFrame, callsOf, findCreator, searchBlocks } from '../calls-of-address.ts'
import { stateAt } from '../failure.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'

/** The newest level that Otterscan asks for. */
const API_LEVEL = 8
const MAX_PAGE = 1_000

const transactionHash = param('transactionHash', hash)
const who = param('address', address)
/** Otterscan sends JSON numbers. */
const blockNumber = mapped(uint64, (number): BlockRef => ({ kind: 'number', number }))
const pageSize = param('pageSize', count(MAX_PAGE))

/** Otterscan's numbers for what moved ether besides plain calls. */
const OPERATIONS: Readonly<Record<string, number>> = {
  CALL: 0,
  SELFDESTRUCT: 1,
  CREATE: 2,
  CREATE2: 3,
}

function* framesOf(frame: CallFrame, depth = 0): Generator<readonly [CallFrame, number]> {
  yield [frame, depth]
  for (const call of frame.calls ?? []) yield* framesOf(call, depth + 1)
}

/** What moved ether for good or created a contract; of frames that failed, and of those below them, nothing did. */
function operationsOf(frame: CallFrame): readonly Json[] {
  if (frame.error !== undefined) return []
  const { type, from, to, value } = frame
  const moves = OPERATIONS[type] !== undefined && (type !== 'CALL' || value !== '0x0')
  const own = moves ? [{ type: OPERATIONS[type], from, to, value: value ?? '0x0' }] : []
  return [...own, ...(frame.calls ?? []).flatMap(operationsOf)]
}

function entryOf(frame: CallFrame, depth: number): Json {
  const { type, from, to, value, input, output } = frame
  const isBorrowed = type === 'DELEGATECALL' || type === 'STATICCALL'
  return {
    type,
    depth,
    from,
    to: to ?? null,
    value: isBorrowed ? null : (value ?? '0x0'),
    input,
    output: output ?? '0x',
  }
}

/** What was paid besides the value: gas at what it cost. */
function feesWei(receipts: readonly LocatedReceipt[]): bigint {
  return receipts.reduce(
    (sum, { receipt }) => sum + receipt.gasUsed * receipt.effectiveGasPriceWei,
    0n,
  )
}

async function details(context: Context, ref: BlockRef): Promise<Json | undefined> {
  const found = await context.backend.chain.block(ref)
  if (found === undefined) return undefined
  const { transactions: _, ...block } = encodeBlock(found, false) as Record<string, Json>
  return {
    block: { ...block, logsBloom: null, transactionCount: found.block.transactions.length },
    issuance: { blockReward: '0x0', uncleReward: '0x0', issuance: '0x0' },
    totalFees: toQuantity(feesWei(context.backend.chain.receipts(found.block))),
  }
}

/** Page 0 is the end of the block, as Otterscan shows the newest first. */
async function transactionsPage(context: Context, found: LocatedBlock, page: number, size: number) {
  const { transactions } = found.block
  const end = Math.max(0, transactions.length - page * size)
  const start = Math.max(0, end - size)
  const block = encodeBlock(found, true) as Record<string, Json>
  const shown = (block['transactions'] as readonly Record<string, Json>[]).slice(start, end)
  const receipts = context.backend.chain.receipts(found.block).slice(start, end)
  return {
    fullblock: {
      ...block,
      logsBloom: null,
      transactionCount: transactions.length,
      transactions: shown.map((tx) => ({ ...tx, input: (tx['input'] as string).slice(0, 10) })),
    },
    receipts: receipts.map((one) => ({
      ...(encodeReceipt(one) as Record<string, Json>),
      logs: null,
      logsBloom: null,
    })),
  }
}

/** Newest first. Blocks are not cut: a page may be a little longer than it was asked to be. */
async function searched(
  context: Context,
  wanted: Parameters<typeof searchBlocks>[1],
): Promise<Json> {
  const { chain } = context.backend
  const { hashes, reachedEnd } = await searchBlocks(context, wanted)
  const isBackwards = wanted.direction === 'before'
  return {
    txs: hashes.map((one) => encodeTransaction(chain.transaction(one)!)),
    receipts: hashes.map((one) => receiptWithTime(context, one)),
    firstPage: isBackwards ? wanted.from === undefined : reachedEnd,
    lastPage: isBackwards ? reachedEnd : wanted.from === undefined,
  }
}

function receiptWithTime({ backend }: Context, wanted: Hash): Json {
  const receipt = backend.chain.receipt(wanted)!
  const encoded = encodeReceipt(receipt) as Record<string, Json>
  return { ...encoded, timestamp: toQuantity(receipt.header.timestamp) }
}

/** 0 stands for the end of the chain at which the search begins. */
const searchFrom = param(
  'blockNumber',
  mapped(uint64, (number) => (number === 0n ? undefined : number)),
)

/** Otterscan's queries, https://docs.otterscan.io. */
export const ots: MethodTable = {
  ots_getApiLevel: method([], numberOut, () => API_LEVEL),
  ots_hasCode: method(
    [who, optional('block', blockRef, LATEST)],
    booleanOut,
    async (context, account, at) => {
      const code = await stateAt(context, at, context.backend.state.code(account, at))
      return code.length > 0
    },
  ),
  ots_getInternalOperations: method([transactionHash], jsonOut, async (context, wanted) => {
    const frame = await callsOf(context, wanted)
    return operationsOf(frame)
  }),
  ots_traceTransaction: method([transactionHash], jsonOut, async (context, wanted) => {
    const frame = await callsOf(context, wanted)
    return [...framesOf(frame)].map(([one, depth]) => entryOf(one, depth))
  }),
  ots_getTransactionError: method([transactionHash], hexOut, async (context, wanted) => {
    const { error, output } = await callsOf(context, wanted)
    return error === undefined ? '0x' : (output ?? '0x')
  }),
  ots_getBlockDetails: method([param('blockNumber', blockNumber)], nullable(jsonOut), details),
  ots_getBlockDetailsByHash: method(
    [
      param(
        'blockHash',
        mapped(hash, (one): BlockRef => ({ kind: 'hash', hash: one, requireCanonical: false })),
      ),
    ],
    nullable(jsonOut),
    details,
  ),
  ots_getBlockTransactions: method(
    [
      param('blockNumber', blockNumber),
      param('pageNumber', count(Number.MAX_SAFE_INTEGER)),
      pageSize,
    ],
    nullable(jsonOut),
    async (context, ref, page, size) => {
      const found = await context.backend.chain.block(ref)
      return found && transactionsPage(context, found, page, size)
    },
  ),
  ots_searchTransactionsBefore: method(
    [who, searchFrom, pageSize],
    jsonOut,
    (context, account, from, size) =>
      searched(context, { address: account, from, size, direction: 'before' }),
  ),
  ots_searchTransactionsAfter: method(
    [who, searchFrom, pageSize],
    jsonOut,
    (context, account, from, size) =>
      searched(context, { address: account, from, size, direction: 'after' }),
  ),
  ots_getTransactionBySenderAndNonce: method(
    [param('sender', address), param('nonce', uint64)],
    nullable(hexOut),
    ({ backend }, sender, nonce) =>
      backend.chain.transactionBySenderAndNonce(sender, nonce)?.transaction.hash,
  ),
  ots_getContractCreator: method([who], nullable(jsonOut), async (context, account) => {
    const found = await findCreator(context, account)
    return found && { hash: found.hash, creator: found.creator }
  }),
}

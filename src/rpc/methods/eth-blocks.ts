import type { Block } from '../../model/block.ts'
import type { LocatedBlock } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import { blockNumberOrTag, blockRef } from '../codec/block-ref.ts'
import { encodeBlock, encodeHeader, encodeOmmer } from '../codec/block.ts'
import { boolean, mapped } from '../codec/decoder.ts'
import { listOut, nullable, objectOut, quantityOut } from '../codec/encoder.ts'
import { encodeReceipt } from '../codec/receipt.ts'
import { count, hash } from '../codec/scalar.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'

const byNumber = param('block', blockNumberOrTag)
const byHash = param(
  'blockHash',
  mapped(hash, (value): BlockRef => ({ kind: 'hash', hash: value, requireCanonical: false })),
)
const byAny = param('block', blockRef)
const full = optional('hydrated', boolean, false)
const index = param('index', count(Number.MAX_SAFE_INTEGER))

const blockOut = nullable(
  objectOut('block', ({ found, whole }: { found: LocatedBlock; whole: boolean }) =>
    encodeBlock(found, whole),
  ),
)
const headerOut = nullable(
  objectOut('header', ({ block }: LocatedBlock) => encodeHeader(block.header, block.hash)),
)
const ommerOut = nullable(objectOut('uncle', encodeOmmer))
const receiptsOut = nullable(listOut(objectOut('receipt', encodeReceipt)))
const countOut = nullable(quantityOut)

async function findBlock({ backend }: Context, ref: BlockRef, whole: boolean) {
  const found = await backend.chain.block(ref)
  return found && { found, whole }
}

function findHeader({ backend }: Context, ref: BlockRef): Promise<LocatedBlock | undefined> {
  return backend.chain.block(ref)
}

async function countOf(
  { backend }: Context,
  ref: BlockRef,
  list: 'transactions' | 'ommers',
): Promise<number | undefined> {
  return (await backend.chain.block(ref))?.block[list].length
}

async function findOmmer({ backend }: Context, ref: BlockRef, place: number) {
  return (await backend.chain.block(ref))?.block.ommers[place]
}

async function findReceipts({ backend }: Context, ref: BlockRef) {
  const found = await backend.chain.block(ref)
  return found && backend.chain.receipts(minedBlock(backend.chain.head(), found))
}

/** The pending block has no receipts: the head stands in for it. */
function minedBlock(head: Block, found: LocatedBlock): Block {
  return found.pending ? head : found.block
}

/** Blocks, headers, uncles, and a block's receipts. What does not exist is null, never an error. */
export const ethBlocks: MethodTable = {
  eth_blockNumber: method([], quantityOut, ({ backend }) => backend.chain.head().header.number),
  eth_getBlockByNumber: method([byNumber, full], blockOut, findBlock),
  eth_getBlockByHash: method([byHash, full], blockOut, findBlock),
  eth_getHeaderByNumber: method([byNumber], headerOut, findHeader),
  eth_getHeaderByHash: method([byHash], headerOut, findHeader),
  erigon_getHeaderByNumber: method([byNumber], headerOut, findHeader),
  eth_getBlockReceipts: method([byAny], receiptsOut, findReceipts),
  eth_getBlockTransactionCountByNumber: method([byNumber], countOut, (context, ref) =>
    countOf(context, ref, 'transactions'),
  ),
  eth_getBlockTransactionCountByHash: method([byHash], countOut, (context, ref) =>
    countOf(context, ref, 'transactions'),
  ),
  eth_getUncleCountByBlockNumber: method([byNumber], countOut, (context, ref) =>
    countOf(context, ref, 'ommers'),
  ),
  eth_getUncleCountByBlockHash: method([byHash], countOut, (context, ref) =>
    countOf(context, ref, 'ommers'),
  ),
  eth_getUncleByBlockNumberAndIndex: method([byNumber, index], ommerOut, findOmmer),
  eth_getUncleByBlockHashAndIndex: method([byHash, index], ommerOut, findOmmer),
}

import type { DevChain } from '../../chain/dev-chain.ts'
import type { BlockRecord, TransactionPlace } from '../../chain/block-record.ts'
import type { BuiltBlock } from '../../chain/chain.ts'
import { logsOf } from '../../chain/log-filter.ts'
import type { Block } from '../../model/block.ts'
import type { Hash } from '../../primitives/hex.ts'
import type { ChainPort, LocatedReceipt, LocatedTransaction } from '../../rpc/backend.ts'
import type { RemoteBlock } from '../fork/remote-block.ts'
import { remoteLogs } from '../fork/remote-logs.ts'
import { type Resolver, recordOf } from './resolve.ts'

/** The chain as RPC reads it. @param forked the block of a remote chain that it lies on, if it does @param preview a block that is shown part by part */
export function chainPort(
  dev: DevChain,
  resolver: Resolver,
  forked: () => RemoteBlock | undefined,
  preview: () => BuiltBlock | undefined = () => undefined,
): ChainPort {
  const { chain } = dev
  const placeOf = (hash: Hash): TransactionPlace | undefined => {
    const place = chain.history.place(hash)
    if (place !== undefined) return place
    const record = preview()?.record
    const index = record?.block.transactions.findIndex((tx) => tx.hash === hash) ?? -1
    return record === undefined || index < 0 ? undefined : { record, index }
  }
  const recordOfBlock = (block: Block): BlockRecord | undefined => chain.history.byHash(block.hash)
  return {
    get config() {
      return chain.config
    },
    head: () => chain.head.block,
    async block(ref) {
      const resolved = await resolver.resolve(ref)
      if (resolved === undefined) return undefined
      return { block: recordOf(resolved).block, pending: resolved.kind === 'pending' }
    },
    transaction(hash) {
      const place = placeOf(hash)
      if (place !== undefined) return locate(place)
      const transaction = dev.pool.get(hash)
      return transaction && { transaction, place: undefined }
    },
    receipt(hash) {
      const place = placeOf(hash)
      return place && receiptAt(place)
    },
    receipts(block) {
      const record = recordOfBlock(block)
      return record === undefined ? [] : receiptsOf(record)
    },
    logs(from, to, criteria) {
      const block = forked()
      if (block === undefined || from > block.number) return chain.history.logs(from, to, criteria)
      const last = to < block.number ? to : block.number
      const later = to > last ? chain.history.logs(last + 1n, to, criteria) : []
      return remoteLogs(block, from, last, criteria).then((earlier) => [...earlier, ...later])
    },
    logsOfBlock(block, criteria) {
      const record = recordOfBlock(block)
      return record === undefined ? [] : logsOf(record, criteria)
    },
    transactionBySenderAndNonce(sender, nonce) {
      const place = chain.history.bySenderAndNonce(sender, nonce)
      if (place !== undefined) return locate(place)
      const transaction = dev.pool.bySenderAndNonce(sender, nonce)
      return transaction && { transaction, place: undefined }
    },
  }
}

function locate({ record, index }: TransactionPlace): LocatedTransaction {
  const { header, hash, transactions } = record.block
  return { transaction: transactions[index]!, place: { header, hash, index } }
}

function receiptAt({ record, index }: TransactionPlace): LocatedReceipt {
  let firstLogIndex = 0
  for (let before = 0; before < index; before++)
    firstLogIndex += record.receipts[before]!.logs.length
  return locateReceipt(record, index, firstLogIndex)
}

export function receiptsOf(record: BlockRecord): readonly LocatedReceipt[] {
  let firstLogIndex = 0
  return record.receipts.map((receipt, index) => {
    const located = locateReceipt(record, index, firstLogIndex)
    firstLogIndex += receipt.logs.length
    return located
  })
}

function locateReceipt(record: BlockRecord, index: number, firstLogIndex: number): LocatedReceipt {
  const { header, hash, transactions } = record.block
  return {
    receipt: record.receipts[index]!,
    transaction: transactions[index]!,
    header,
    blockHash: hash,
    index,
    firstLogIndex,
  }
}

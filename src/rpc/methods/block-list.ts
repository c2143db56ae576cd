import { toQuantity } from '../../primitives/hex.ts'
import type { Json, LocatedBlock } from '../backend.ts'
import { LATEST, blockRef } from '../codec/block-ref.ts'
import { jsonOut } from '../codec/encoder.ts'
import { atLeastOne } from '../codec/scalar.ts'
import { serverError } from '../error.ts'
import { type Context, type MethodTable, method, optional } from '../method.ts'

const MAX_LISTED = 200
const DEFAULT_LISTED = 25

/** A block without what is in it: how many transactions there are, and how many of them failed. */
function summaryOf({ backend: { chain } }: Context, { block, pending }: LocatedBlock): Json {
  const { header, hash, transactions } = block
  const receipts = pending ? [] : chain.receipts(block)
  const failed = receipts.filter(({ receipt }) => !receipt.outcome.success).length
  return {
    number: toQuantity(header.number),
    hash: pending ? null : hash,
    timestamp: toQuantity(header.timestamp),
    miner: header.beneficiary,
    transactions: transactions.length,
    // A remote chain has the receipts of the blocks before a fork.
    failed: receipts.length === transactions.length ? failed : null,
    gasUsed: toQuantity(header.gasUsed),
    gasLimit: toQuantity(header.gasLimit),
    baseFeePerGas:
      header.baseFeePerGasWei === undefined ? null : toQuantity(header.baseFeePerGasWei),
  }
}

export const blockList: MethodTable = {
  /** Blocks in a row, the newest first, fewer where the chain begins. */
  heddle_listBlocks: method(
    [
      optional('newest', blockRef, LATEST),
      optional('count', atLeastOne(MAX_LISTED), DEFAULT_LISTED),
    ],
    jsonOut,
    async (context, newest, count): Promise<Json> => {
      const { chain } = context.backend
      const first = await chain.block(newest)
      if (first === undefined) throw serverError('block not found')
      const listed = [summaryOf(context, first)]
      let number = first.block.header.number
      while (listed.length < count && number > 0n) {
        const next = await chain.block({ kind: 'number', number: --number })
        if (next === undefined) break
        listed.push(summaryOf(context, next))
      }
      return listed
    },
  ),
}

import { toQuantity } from '../../primitives/hex.ts'
import type { Json, MiniBlockEvent } from '../backend.ts'
import { encodeReceipt } from './receipt.ts'
import { encodeTransaction } from './transaction.ts'

/** A mini-block as MegaETH's realtime API names its members. */
export function encodeMiniBlock(mini: MiniBlockEvent): Json {
  return {
    block_number: toQuantity(mini.blockNumber),
    block_timestamp: toQuantity(mini.blockTimestamp),
    index: toQuantity(mini.index),
    mini_block_number: toQuantity(mini.number),
    mini_block_timestamp: toQuantity(mini.timestampMicros),
    gas_used: toQuantity(mini.gasUsed),
    transactions: mini.receipts.map(({ transaction, header, blockHash, index }) =>
      encodeTransaction({ transaction, place: { header, hash: blockHash, index } }),
    ),
    receipts: mini.receipts.map(encodeReceipt),
  }
}

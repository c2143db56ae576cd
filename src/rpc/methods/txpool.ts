import { maxGasPrice } from '../../model/fees.ts'
import type { Transaction } from '../../model/transaction.ts'
import { checksumAddress } from '../../primitives/checksum.ts'
import { toQuantity } from '../../primitives/hex.ts'
import type { Json, PoolContent } from '../backend.ts'
import { jsonOut } from '../codec/encoder.ts'
import { address } from '../codec/scalar.ts'
import { encodeTransaction } from '../codec/transaction.ts'
import { type MethodTable, method, param } from '../method.ts'

/** Sender (with EIP-55 capitals, as Geth has it), then nonce in decimal, then the transaction. */
function nested(transactions: readonly Transaction[], show: (tx: Transaction) => Json): Json {
  const out: Record<string, Record<string, Json>> = {}
  for (const transaction of transactions) {
    const sender = checksumAddress(transaction.sender)
    out[sender] ??= {}
    out[sender][transaction.nonce.toString()] = show(transaction)
  }
  return out
}

function both(content: PoolContent, show: (list: readonly Transaction[]) => Json): Json {
  return { pending: show(content.pending), queued: show(content.queued) }
}

function whole(transaction: Transaction): Json {
  return encodeTransaction({ transaction, place: undefined })
}

/** One line a transaction, in Geth's words. */
function summary(tx: Transaction): string {
  const to = tx.to === null ? 'contract creation' : checksumAddress(tx.to)
  return `${to}: ${tx.valueWei} wei + ${tx.gasLimit} gas × ${maxGasPrice(tx)} wei`
}

/** What waits to be mined. */
export const txpool: MethodTable = {
  txpool_status: method([], jsonOut, ({ backend }) =>
    both(backend.pool.content(), (list) => toQuantity(list.length)),
  ),
  txpool_content: method([], jsonOut, ({ backend }) =>
    both(backend.pool.content(), (list) => nested(list, whole)),
  ),
  txpool_contentFrom: method([param('address', address)], jsonOut, ({ backend }, sender) =>
    both(backend.pool.content(), (list) => {
      const own = list.filter((transaction) => transaction.sender === sender)
      return Object.fromEntries(own.map((one) => [one.nonce.toString(), whole(one)]))
    }),
  ),
  txpool_inspect: method([], jsonOut, ({ backend }) =>
    both(backend.pool.content(), (list) => nested(list, summary)),
  ),
}

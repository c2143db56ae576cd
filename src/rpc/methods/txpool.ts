import { maxGasPrice } from '../../model/fees.ts'
import type { Transaction } from '../../model/transaction.ts'
import { checksumAddress } from '../../primitives/checksum.ts'
import { toQuantity } from '../../primitives/hex.ts'
import type { Json, PoolContent } from '../backend.ts'
import { jsonOut } from '../codec/encoder.ts'
import { address, hash } from '../codec/scalar.ts'
import { encodeTransaction } from '../codec/transaction.ts'
import { serverError } from '../error.ts'
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

function pooled({ pending, queued }: PoolContent): readonly Transaction[] {
  return [...pending, ...queued]
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
  /** Monad's: `tracked` in the pool, `committed` in a block. What was dropped is not remembered here. */
  txpool_statusByHash: method([param('hash', hash)], jsonOut, ({ backend }, wanted): Json => {
    if (backend.chain.receipt(wanted) !== undefined) return { status: 'committed' }
    const isPooled = pooled(backend.pool.content()).some((one) => one.hash === wanted)
    if (!isPooled) throw serverError('Unknown tx hash')
    return { status: 'tracked' }
  }),
  txpool_statusByAddress: method(
    [param('address', address)],
    jsonOut,
    ({ backend }, sender): Json => {
      const own = pooled(backend.pool.content()).filter((one) => one.sender === sender)
      if (own.length === 0) throw serverError('No transactions')
      return Object.fromEntries(own.map((one) => [one.hash, { status: 'tracked' }]))
    },
  ),
}

import type { CallFields } from '../../model/call.ts'
import type { Hash } from '../../primitives/hex.ts'
import type { LocatedTransaction, Submission } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import { blockNumberOrTag } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { mapped } from '../codec/decoder.ts'
import { type Encoder, bytesOut, hexOut, listOut, nullable, objectOut } from '../codec/encoder.ts'
import { encodeReceipt } from '../codec/receipt.ts'
import { address, bytes, count, hash, uint64 } from '../codec/scalar.ts'
import { encodeTransaction } from '../codec/transaction.ts'
import { accepted } from '../failure.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { receiptInTime } from '../receipt-wait.ts'

const transactionHash = param('transactionHash', hash)
const byNumber = param('block', blockNumberOrTag)
const byHash = param(
  'blockHash',
  mapped(hash, (value): BlockRef => ({ kind: 'hash', hash: value, requireCanonical: false })),
)
const index = param('index', count(Number.MAX_SAFE_INTEGER))
const raw = param('transaction', bytes)
const transaction = param('transaction', callFields)
const timeoutMs = optional('timeoutMs', count(60_000), 30_000)

const transactionOut = nullable(objectOut('transaction', encodeTransaction))
const rawOut = nullable(bytesOut)
const receiptOut = objectOut('receipt', encodeReceipt)
/** The hash of a transaction that was taken. A refusal is thrown. */
const acceptedOut: Encoder<Submission> = {
  schema: hexOut.schema,
  encode: accepted,
  text: (submission) => `"${accepted(submission)}"`,
}

async function transactionAt(
  { backend }: Context,
  ref: BlockRef,
  place: number,
): Promise<LocatedTransaction | undefined> {
  const found = await backend.chain.block(ref)
  const one = found?.block.transactions[place]
  if (found === undefined || one === undefined) return undefined
  if (found.pending) return { transaction: one, place: undefined }
  const { header, hash: blockHash } = found.block
  return { transaction: one, place: { header, hash: blockHash, index: place } }
}

async function rawAt(context: Context, ref: BlockRef, place: number) {
  return (await transactionAt(context, ref, place))?.transaction.raw
}

async function hashOf(submission: Promise<Submission>): Promise<Hash> {
  return accepted(await submission)
}

async function receiptOf(context: Context, submission: Promise<Submission>, waitMs: number) {
  return receiptInTime(context.backend, accepted(await submission), waitMs)
}

/** Without a sender the node's first account is it, as Anvil has it. */
function fromFirst({ backend }: Context, fields: CallFields): CallFields {
  return { ...fields, from: fields.from ?? backend.accounts.addresses()[0] }
}

/** Sends in anybody's name: as that account while it is sent, where the node has no key for it. */
async function sendUnsigned({ backend }: Context, fields: CallFields): Promise<Hash> {
  const { pool, control } = backend
  const first = await pool.submit(fields)
  if (first.kind === 'accepted' || first.refusal.kind !== 'unknownAccount') return accepted(first)
  const { address: stranger } = first.refusal
  control.impersonate(stranger)
  try {
    return accepted(await pool.submit(fields))
  } finally {
    control.stopImpersonating(stranger)
  }
}

/** Transactions and receipts by hash and place, and the ways to send one. What does not exist is null. */
export const ethTransactions: MethodTable = {
  eth_getTransactionByHash: method([transactionHash], transactionOut, ({ backend }, wanted) =>
    backend.chain.transaction(wanted),
  ),
  eth_getTransactionByBlockNumberAndIndex: method([byNumber, index], transactionOut, transactionAt),
  eth_getTransactionByBlockHashAndIndex: method([byHash, index], transactionOut, transactionAt),
  eth_getTransactionBySenderAndNonce: method(
    [param('sender', address), param('nonce', uint64)],
    transactionOut,
    ({ backend }, sender, nonce) => backend.chain.transactionBySenderAndNonce(sender, nonce),
  ),
  eth_getRawTransactionByHash: method(
    [transactionHash],
    rawOut,
    ({ backend }, wanted) => backend.chain.transaction(wanted)?.transaction.raw,
  ),
  eth_getRawTransactionByBlockNumberAndIndex: method([byNumber, index], rawOut, rawAt),
  eth_getRawTransactionByBlockHashAndIndex: method([byHash, index], rawOut, rawAt),
  eth_getTransactionReceipt: method(
    [transactionHash],
    nullable(receiptOut),
    ({ backend }, wanted) => backend.chain.receipt(wanted),
  ),
  eth_pendingTransactions: method(
    [],
    listOut(objectOut('transaction', encodeTransaction)),
    ({ backend }) =>
      backend.pool.content().pending.map((one) => ({ transaction: one, place: undefined })),
  ),
  eth_sendTransaction: method([transaction], hexOut, (context, fields) =>
    hashOf(context.backend.pool.submit(fromFirst(context, fields))),
  ),
  eth_sendRawTransaction: method([raw], acceptedOut, ({ backend }, encoded) =>
    backend.pool.submitRaw(encoded),
  ),
  eth_sendUnsignedTransaction: method([transaction], hexOut, sendUnsigned),
  eth_sendTransactionSync: method([transaction, timeoutMs], receiptOut, (context, fields, waitMs) =>
    receiptOf(context, context.backend.pool.submit(fromFirst(context, fields)), waitMs),
  ),
  eth_sendRawTransactionSync: method([raw, timeoutMs], receiptOut, (context, encoded, waitMs) =>
    receiptOf(context, context.backend.pool.submitRaw(encoded), waitMs),
  ),
}

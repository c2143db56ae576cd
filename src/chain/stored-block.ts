import { decodeBlock, encodeBlock } from '../model/codec/block.ts'
import { decodeStoredReceipts, encodeStoredReceipts } from '../model/codec/receipt.ts'
import { transactionHash } from '../model/codec/transaction.ts'
import { bloomOf } from '../model/bloom.ts'
import type { Block } from '../model/block.ts'
import type { Log, Receipt } from '../model/receipt.ts'
import { openStoredTransaction } from '../model/signer.ts'
import type { Transaction } from '../model/transaction.ts'
import { bigIntToBytes, bytesToBigInt, concatBytes } from '../primitives/bytes.ts'
import { bytesToAddress, bytesToHash, hexToBytes } from '../primitives/hex.ts'
import { decodeRlp, encodeRlp } from '../primitives/rlp.ts'
import { KvError } from '../store/kv.ts'
import type { BlockRecord } from './block-record.ts'
import { LogTable, encodeLogTable } from './log-table.ts'

/** A block and what came of it, as bytes: in memory and on disk alike. */

export interface StoredBlock {
  /** RLP of [block, senders, hashes that are not those of the encoding, total difficulty]. */
  readonly body: Uint8Array
  /** u32 length of the log table, the log table, RLP of the receipts without their logs. */
  readonly receipts: Uint8Array
}

export function encodeStoredBlock(record: BlockRecord): StoredBlock {
  const { block, totalDifficulty } = record
  return {
    body: encodeRlp([
      encodeBlock(block),
      sendersOf(block.transactions),
      oddHashes(block.transactions),
      bigIntToBytes(totalDifficulty),
    ]),
    receipts: encodeReceipts(record),
  }
}

/** 20 bytes each. */
function sendersOf(transactions: readonly Transaction[]): Uint8Array {
  const senders = Buffer.alloc(20 * transactions.length)
  for (const [index, { sender }] of transactions.entries()) {
    senders.write(sender.slice(2), 20 * index, 'hex')
  }
  return senders
}

/** Transactions impersonated by Anvil have a hash of their own: u32 index, 32 bytes hash, each. */
function oddHashes(transactions: readonly Transaction[]): Uint8Array {
  const odd = transactions.flatMap((tx, index) => {
    if (tx.signature.s !== 0n || tx.hash === transactionHash(tx.raw)) return []
    const place = new Uint8Array(4)
    new DataView(place.buffer).setUint32(0, index)
    return [place, hexToBytes(tx.hash)]
  })
  return concatBytes(...odd)
}

function encodeReceipts(record: BlockRecord): Uint8Array {
  const table = encodeLogTable(record)
  const receipts = record.receipts.map((it) => (it.logs.length === 0 ? it : { ...it, logs: [] }))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, table.length)
  return concatBytes(length, table, encodeStoredReceipts(receipts))
}

/** @throws {KvError} when the bytes are damaged; `what` names the block */
export function decodeStoredBody(
  bytes: Uint8Array,
  what: string,
): { readonly block: Block; readonly totalDifficulty: bigint } {
  const [raw, senders, odd, totalDifficulty] = fieldsOf(bytes, what)
  const block = decodeBlock(raw!, (tx, index) =>
    openStoredTransaction(tx, bytesToAddress(senders!.subarray(index * 20, index * 20 + 20))),
  )
  if (!block.ok) throw new KvError(`${what} in the data folder does not decode: ${block.error}`)
  return {
    block: withHashes(block.value, odd!),
    totalDifficulty: bytesToBigInt(totalDifficulty!),
  }
}

function withHashes(block: Block, odd: Uint8Array): Block {
  if (odd.length === 0) return block
  const transactions = [...block.transactions]
  const view = new DataView(odd.buffer, odd.byteOffset, odd.byteLength)
  for (let at = 0; at < odd.length; at += 36) {
    const index = view.getUint32(at)
    const hash = bytesToHash(odd.subarray(at + 4, at + 36))
    transactions[index] = { ...transactions[index]!, hash }
  }
  return { ...block, transactions }
}

/** @throws {KvError} when the bytes are damaged; `what` names the block */
export function decodeReceiptsOf(bytes: Uint8Array, what: string): readonly Receipt[] {
  const table = logTableBytes(bytes)
  const decoded = decodeStoredReceipts(bytes.subarray(4 + table.length))
  if (!decoded.ok) {
    throw new KvError(`receipts of ${what} in the data folder do not decode: ${decoded.error}`)
  }
  if (table.length === 0) return decoded.value
  const logs = new LogTable(table, 0n).byTransaction(decoded.value.length)
  return decoded.value.map((receipt, index) =>
    logs[index]!.length === 0
      ? receipt
      : { ...receipt, logs: logs[index]!, logsBloom: bloomOf(logs[index]!) },
  )
}

/** The log table within a block's stored receipts. */
export function logTableBytes(receipts: Uint8Array): Uint8Array {
  const length = new DataView(receipts.buffer, receipts.byteOffset, 4).getUint32(0)
  return receipts.subarray(4, 4 + length)
}

/** How many logs a block's stored receipts have. */
export function storedLogCount(receipts: Uint8Array): number {
  return new LogTable(logTableBytes(receipts), 0n).count
}

/** All logs of a block's stored receipts, in order. */
export function* storedLogs(receipts: Uint8Array): Generator<Log> {
  const table = new LogTable(logTableBytes(receipts), 0n)
  for (let index = 0; index < table.count; index++) yield table.log(index)
}

/** The byte strings of an RLP list. @throws {KvError} when it is none */
export function fieldsOf(bytes: Uint8Array, what: string): Uint8Array[] {
  const item = decodeRlp(bytes)
  if (item instanceof Uint8Array || item.some((field) => !(field instanceof Uint8Array))) {
    throw new KvError(`the record of ${what} in the data folder is malformed`)
  }
  return item.filter((field) => field instanceof Uint8Array)
}

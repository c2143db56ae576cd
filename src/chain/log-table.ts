import { PackedLog } from '../model/packed-log.ts'
import type { Log } from '../model/receipt.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import type { Hash, Hex } from '../primitives/hex.ts'
import type { BlockRecord, LogEntry } from './block-record.ts'

/**
 * A block's logs as bytes, each to be read without the others, and with all that eth_getLogs says of it:
 * neither the block nor its transactions need be decoded.
 *
 *   u32 logs, u32 transactions that logged, u64 timestamp, 32 bytes block hash
 *   for each such transaction: u32 index in the block, u32 its first log, 32 bytes hash
 *   for each log: u32 where it ends, counted from the first log's begin
 *   for each log: 20 bytes address, u8 topics, 32 bytes each topic, the data
 *
 * All numbers big-endian. No bytes at all when there are no logs.
 */
const HEAD = 48
const TRANSACTION = 40
const ADDRESS = 20
const WORD = 32

export function encodeLogTable(record: BlockRecord): Uint8Array {
  const logged = record.receipts.flatMap((receipt, index) =>
    receipt.logs.length === 0 ? [] : [{ index, logs: receipt.logs }],
  )
  if (logged.length === 0) return EMPTY_BYTES
  const { block } = record
  let count = 0
  let size = 0
  for (const { logs } of logged) {
    count += logs.length
    for (const log of logs) size += logSize(log)
  }
  const firstEnd = HEAD + TRANSACTION * logged.length
  const base = firstEnd + 4 * count
  const bytes = Buffer.alloc(base + size)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  view.setUint32(0, count)
  view.setUint32(4, logged.length)
  view.setBigUint64(8, block.header.timestamp)
  writeHex(bytes, 16, block.hash)
  let logIndex = 0
  let at = base
  for (const [order, { index, logs }] of logged.entries()) {
    const row = HEAD + TRANSACTION * order
    view.setUint32(row, index)
    view.setUint32(row + 4, logIndex)
    writeHex(bytes, row + 8, block.transactions[index]!.hash)
    for (const log of logs) {
      at = writeLog(bytes, at, log)
      view.setUint32(firstEnd + 4 * logIndex++, at - base)
    }
  }
  return bytes
}

function logSize({ topics, data }: Log): number {
  return ADDRESS + 1 + WORD * topics.length + data.length
}

function writeLog(bytes: Buffer, start: number, { address, topics, data }: Log): number {
  writeHex(bytes, start, address)
  bytes[start + ADDRESS] = topics.length
  let at = start + ADDRESS + 1
  for (const topic of topics) {
    writeHex(bytes, at, topic)
    at += WORD
  }
  bytes.set(data, at)
  return at + data.length
}

function writeHex(bytes: Buffer, at: number, hex: Hex): void {
  bytes.write(hex.slice(2), at, 'hex')
}

/** Reads a table that {@link encodeLogTable} wrote. */
export class LogTable {
  readonly #bytes: Buffer
  readonly #transactions: number
  readonly #base: number
  readonly count: number
  #current: { readonly hash: Hash; readonly index: number; readonly until: number } | undefined
  #order = -1
  readonly #place: Pick<LogEntry, 'blockHash' | 'blockNumber' | 'blockTimestamp'> | undefined

  constructor(bytes: Uint8Array, blockNumber: bigint) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.count = bytes.length === 0 ? 0 : this.#bytes.readUInt32BE(0)
    this.#transactions = this.count === 0 ? 0 : this.#bytes.readUInt32BE(4)
    this.#base = HEAD + TRANSACTION * this.#transactions + 4 * this.count
    this.#place =
      this.count === 0
        ? undefined
        : {
            blockHash: this.#hex(16, 48) as Hash,
            blockNumber,
            blockTimestamp: this.#bytes.readBigUInt64BE(8),
          }
  }

  /** The log alone, a copy. @param index below `count` */
  log(index: number): PackedLog {
    const start = this.#base + (index === 0 ? 0 : this.#end(index - 1))
    const end = this.#base + this.#end(index)
    const bytes = Buffer.allocUnsafe(end - start)
    this.#bytes.copy(bytes, 0, start, end)
    return new PackedLog(bytes)
  }

  /** The log with its place. Asking in ascending order is fastest. */
  entry(index: number, log: Log = this.log(index)): LogEntry {
    const { hash, index: transactionIndex } = this.#transactionOf(index)
    const { blockHash, blockNumber, blockTimestamp } = this.#place!
    return {
      log,
      blockHash,
      blockNumber,
      blockTimestamp,
      transactionHash: hash,
      transactionIndex,
      logIndex: index,
      removed: false,
    }
  }

  /** The logs of each transaction of a block of `transactions`, in their order. */
  byTransaction(transactions: number): Log[][] {
    const logs: Log[][] = Array.from({ length: transactions }, () => [])
    for (let order = 0; order < this.#transactions; order++) {
      const index = this.#bytes.readUInt32BE(HEAD + TRANSACTION * order)
      const until = this.#firstLog(order + 1)
      for (let at = this.#firstLog(order); at < until; at++)
        logs[index]!.push(this.log(at).unpacked())
    }
    return logs
  }

  #transactionOf(log: number): { readonly hash: Hash; readonly index: number } {
    if (
      this.#current !== undefined &&
      log < this.#current.until &&
      log >= this.#firstLog(this.#order)
    )
      return this.#current
    let order = this.#current !== undefined && log >= this.#current.until ? this.#order + 1 : 0
    while (this.#firstLog(order + 1) <= log) order++
    const row = HEAD + TRANSACTION * order
    this.#order = order
    this.#current = {
      index: this.#bytes.readUInt32BE(row),
      hash: this.#hex(row + 8, row + TRANSACTION) as Hash,
      until: this.#firstLog(order + 1),
    }
    return this.#current
  }

  /** The first log of the transaction that is `order`th of those that logged. */
  #firstLog(order: number): number {
    return order >= this.#transactions
      ? this.count
      : this.#bytes.readUInt32BE(HEAD + TRANSACTION * order + 4)
  }

  #end(index: number): number {
    return this.#bytes.readUInt32BE(HEAD + TRANSACTION * this.#transactions + 4 * index)
  }

  #hex(start: number, end: number): string {
    return `0x${this.#bytes.toString('hex', start, end)}`
  }
}

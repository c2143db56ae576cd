import type { Block } from '../model/block.ts'
import type { Log, Receipt } from '../model/receipt.ts'
import type { Transaction } from '../model/transaction.ts'
import type { ExecutionReport } from '../executor/executor.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import { invariant } from '../primitives/invariant.ts'
import { bloomMayHold } from '../model/bloom.ts'
import type { Version } from '../state/world.ts'

/** A block of the canonical chain with what came of it. */
export interface BlockRecord {
  readonly block: Block
  readonly receipts: readonly Receipt[]
  readonly totalDifficulty: bigint
  /** Absent for blocks read back from disk. */
  readonly report: ExecutionReport | undefined
  /** The state after it, with the cheats made while it was the head: what the next block runs on. */
  version: Version
}

/** Where a transaction was mined. */
export interface TransactionPlace {
  readonly record: BlockRecord
  readonly index: number
}

/** A log and its place in the chain. */
export interface LogEntry {
  readonly log: Log
  readonly blockHash: Hash
  readonly blockNumber: bigint
  readonly blockTimestamp: bigint
  readonly transactionHash: Hash
  readonly transactionIndex: number
  readonly logIndex: number
  readonly removed: boolean
}

/** Addresses are alternatives; each position of topics is alternatives, null is any. */
export interface LogFilter {
  readonly addresses: readonly Address[]
  readonly topics: readonly (readonly Hash[] | null)[]
}

/** The canonical chain from genesis to head, in memory. */
export class History {
  readonly #records: BlockRecord[]
  readonly #byHash = new Map<Hash, BlockRecord>()
  readonly #places = new Map<Hash, TransactionPlace>()

  constructor(genesis: BlockRecord) {
    this.#records = [genesis]
    this.#index(genesis)
  }

  get genesis(): BlockRecord {
    return this.#records[0]!
  }

  get head(): BlockRecord {
    return this.#records[this.#records.length - 1]!
  }

  /** All records from `from` to `to`, both included; numbers beyond the chain are left out. */
  *range(from: bigint, to: bigint): Generator<BlockRecord> {
    const last = to < this.head.block.header.number ? to : this.head.block.header.number
    for (let number = from; number <= last; number++) {
      const record = this.byNumber(number)
      if (record !== undefined) yield record
    }
  }

  byNumber(number: bigint): BlockRecord | undefined {
    return this.#records[Number(number - this.genesis.block.header.number)]
  }

  byHash(hash: Hash): BlockRecord | undefined {
    return this.#byHash.get(hash)
  }

  place(transaction: Hash): TransactionPlace | undefined {
    return this.#places.get(transaction)
  }

  append(record: BlockRecord): void {
    invariant(
      record.block.header.parentHash === this.head.block.hash,
      'a block is appended to its parent',
    )
    this.#records.push(record)
    this.#index(record)
  }

  /** Takes back the blocks above `number`, newest last. */
  truncate(number: bigint): readonly BlockRecord[] {
    const keep = Number(number - this.genesis.block.header.number) + 1
    const removed = this.#records.splice(keep)
    for (const { block } of removed) {
      this.#byHash.delete(block.hash)
      for (const tx of block.transactions) this.#places.delete(tx.hash)
    }
    return removed
  }

  #index(record: BlockRecord): void {
    this.#byHash.set(record.block.hash, record)
    for (const [index, tx] of record.block.transactions.entries()) {
      this.#places.set(tx.hash, { record, index })
    }
  }

  /** Newest first: the transaction that `sender` mined with `nonce`. */
  bySenderAndNonce(sender: Address, nonce: bigint): TransactionPlace | undefined {
    for (let at = this.#records.length - 1; at >= 0; at--) {
      const record = this.#records[at]!
      const index = record.block.transactions.findIndex((tx) => isFrom(tx, sender, nonce))
      if (index >= 0) return { record, index }
    }
    return undefined
  }

  /** Logs of the blocks `from` to `to` that match, in order. */
  logs(from: bigint, to: bigint, filter: LogFilter): LogEntry[] {
    const out: LogEntry[] = []
    for (const record of this.range(from, to)) {
      if (bloomMayMatch(record.block.header.logsBloom, filter)) collectLogs(record, filter, out)
    }
    return out
  }
}

/** Every log of a block that matches, in order. */
export function logsOf(record: BlockRecord, filter: LogFilter, removed = false): LogEntry[] {
  const out: LogEntry[] = []
  collectLogs(record, filter, out, removed)
  return out
}

export const ANY_LOG: LogFilter = { addresses: [], topics: [] }

function collectLogs(
  record: BlockRecord,
  filter: LogFilter,
  out: LogEntry[],
  removed = false,
): void {
  const { hash, header, transactions } = record.block
  let logIndex = 0
  for (const [transactionIndex, receipt] of record.receipts.entries()) {
    for (const log of receipt.logs) {
      if (matches(log, filter)) {
        out.push({
          log,
          blockHash: hash,
          blockNumber: header.number,
          blockTimestamp: header.timestamp,
          transactionHash: transactions[transactionIndex]!.hash,
          transactionIndex,
          logIndex,
          removed,
        })
      }
      logIndex++
    }
  }
}

function matches(log: Log, filter: LogFilter): boolean {
  if (filter.addresses.length > 0 && !filter.addresses.includes(log.address)) return false
  if (filter.topics.length > log.topics.length) return false
  return filter.topics.every(
    (wanted, position) =>
      wanted === null || wanted.length === 0 || wanted.includes(log.topics[position]!),
  )
}

/** Whether a block of this bloom can hold a match: false is certain. */
function bloomMayMatch(bloom: Uint8Array, filter: LogFilter): boolean {
  if (
    filter.addresses.length > 0 &&
    !filter.addresses.some((address) => bloomMayHold(bloom, address))
  ) {
    return false
  }
  return filter.topics.every(
    (wanted) =>
      wanted === null || wanted.length === 0 || wanted.some((topic) => bloomMayHold(bloom, topic)),
  )
}

function isFrom(tx: Transaction, sender: Address, nonce: bigint): boolean {
  return tx.nonce === nonce && tx.sender === sender
}

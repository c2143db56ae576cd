import type { Log } from '../model/receipt.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { BlockRecord, LogEntry } from './block-record.ts'

/** Addresses are alternatives; each position of topics is alternatives, null is any. */
export interface LogFilter {
  readonly addresses: readonly Address[]
  readonly topics: readonly (readonly Hash[] | null)[]
}

export const ANY_LOG: LogFilter = { addresses: [], topics: [] }

export function matchesFilter(log: Log, filter: LogFilter): boolean {
  if (filter.addresses.length > 0 && !filter.addresses.includes(log.address)) return false
  if (filter.topics.length === 0) return true
  // Once: a packed log makes their text each time.
  const { topics } = log
  if (filter.topics.length > topics.length) return false
  return filter.topics.every(
    (wanted, position) =>
      wanted === null || wanted.length === 0 || wanted.includes(topics[position]!),
  )
}

/** Every log of a block that matches, in order. @param removed that the block was taken back */
export function logsOf(record: BlockRecord, filter: LogFilter, removed = false): LogEntry[] {
  const { hash, header, transactions } = record.block
  const out: LogEntry[] = []
  let logIndex = 0
  for (const [transactionIndex, receipt] of record.receipts.entries()) {
    for (const log of receipt.logs) {
      if (matchesFilter(log, filter)) {
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
  return out
}

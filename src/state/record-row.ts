import {
  RECORD_CODES,
  RECORD_CODES_AT,
  RECORD_LOGS,
  RECORD_LOGS_AT,
  RECORD_OUTPUT_AT,
  RECORD_OUTPUT_SIZE,
  RECORD_SIZE,
} from './record-layout.ts'
import { type RecordMemory, type TransactionRecord, recordMemory } from './record.ts'

/** Copies of access records in one piece of memory, without logs, codes and output. */
export function rowOfRecords(records: readonly TransactionRecord[]): RecordMemory {
  let size = 0
  for (const { memory, at } of records) size += memory.u32[(at + RECORD_LOGS_AT) >>> 2]!
  const row = recordMemory(new ArrayBuffer(size))
  let to = 0
  for (const { memory, at } of records) {
    // Logs begin where the accounts end.
    const length = memory.u32[(at + RECORD_LOGS_AT) >>> 2]!
    row.u8.set(memory.u8.subarray(at, at + length), to)
    endAfterAccounts(row.u32, to, length)
    to += length
  }
  return row
}

function endAfterAccounts(words: Uint32Array, at: number, length: number): void {
  words[(at + RECORD_LOGS) >>> 2] = 0
  words[(at + RECORD_CODES) >>> 2] = 0
  words[(at + RECORD_OUTPUT_SIZE) >>> 2] = 0
  words[(at + RECORD_SIZE) >>> 2] = length
  words[(at + RECORD_LOGS_AT) >>> 2] = length
  words[(at + RECORD_CODES_AT) >>> 2] = length
  words[(at + RECORD_OUTPUT_AT) >>> 2] = length
}

/** The records of a row, in the same order. */
export function recordsInRow(row: RecordMemory): readonly TransactionRecord[] {
  const records: TransactionRecord[] = []
  for (let at = 0; at < row.u8.length; at += row.u32[(at + RECORD_SIZE) >>> 2]!) {
    records.push({ memory: row, at })
  }
  return records
}

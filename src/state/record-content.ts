import type { Address, Hash, Slot } from '../primitives/hex.ts'
import {
  addressIn,
  keyIn,
  putAddress,
  putHash,
  putKey,
  putWord,
  wordIn,
} from '../primitives/limbs.ts'
import type { Log } from '../model/receipt.ts'
import {
  ENTRY_ADDRESS,
  ENTRY_BALANCE,
  ENTRY_BASE_BALANCE,
  ENTRY_BASE_CODE,
  ENTRY_BASE_NONCE,
  ENTRY_CODE,
  ENTRY_COVERED,
  ENTRY_FLAGS,
  ENTRY_NONCE,
  ENTRY_NOT_COVERED,
  ENTRY_READS,
  ENTRY_SIZE,
  ENTRY_SLOTS,
  ENTRY_WRITES,
  RECORD_ACCOUNTS,
  RECORD_CODES,
  RECORD_CODES_AT,
  RECORD_CODE_BYTES,
  RECORD_CODE_HASH,
  RECORD_CODE_LENGTH,
  RECORD_CREATED,
  RECORD_DETAIL,
  RECORD_DETAIL2,
  RECORD_GAS_REFUNDED,
  RECORD_GAS_USED,
  RECORD_HEADER_SIZE,
  RECORD_LOGS,
  RECORD_LOGS_AT,
  RECORD_LOG_ADDRESS,
  RECORD_LOG_BYTES,
  RECORD_LOG_DATA_SIZE,
  RECORD_LOG_TOPICS,
  RECORD_OUTPUT_AT,
  RECORD_OUTPUT_SIZE,
  RECORD_SIZE,
  RECORD_SLOT_BASE,
  RECORD_SLOT_FLAGS,
  RECORD_SLOT_KEY,
  RECORD_SLOT_SIZE,
  RECORD_SLOT_VALUE,
  RECORD_STATUS,
  RECORD_VOLATILE,
} from './record-layout.ts'
import {
  type RecordMemory,
  type TransactionRecord,
  codesIn,
  createdIn,
  detailsIn,
  gasRefundedIn,
  gasUsedIn,
  hashAt,
  logsIn,
  outputIn,
  padded,
  recordMemory,
  statusIn,
} from './record.ts'

/** A slot's entry, field by field. */
export interface SlotEntry {
  readonly key: Slot
  readonly base: bigint
  readonly value: bigint
  /** `SLOT_*` bits. */
  readonly flags: number
}

/** An account's entry, field by field: bits are `record-layout.ts`'s. */
export interface AccountEntry {
  readonly address: Address
  readonly reads: number
  readonly writes: number
  readonly flags: number
  readonly baseBalanceWei: bigint
  readonly balanceWei: bigint
  readonly coveredWei: bigint
  readonly notCoveredWei: bigint
  readonly baseNonce: bigint
  readonly nonce: bigint
  readonly baseCodeHash: Hash
  readonly codeHash: Hash
  readonly slots: readonly SlotEntry[]
}

/** All that is in a record. */
export interface RecordContent {
  readonly status: number
  readonly gasUsed: bigint
  readonly gasRefunded: bigint
  /** Bits of block values that were read. */
  readonly volatile: number
  readonly details: readonly [first: number, second: number]
  /** Zeros for none. */
  readonly created: Address
  readonly accounts: readonly AccountEntry[]
  readonly logs: readonly Log[]
  readonly codes: readonly (readonly [hash: Hash, code: Uint8Array])[]
  readonly output: Uint8Array
}

/** Takes a record apart: for tests and tools; `RecordedAccess` is what executors read. */
export function readRecord(record: TransactionRecord): RecordContent {
  const { memory, at } = record
  return {
    status: statusIn(record),
    gasUsed: gasUsedIn(record),
    gasRefunded: gasRefundedIn(record),
    volatile: memory.u32[(at + RECORD_VOLATILE) >>> 2]!,
    details: detailsIn(record),
    created: createdIn(record),
    accounts: entriesIn(record),
    logs: logsIn(record),
    codes: codesIn(record),
    output: outputIn(record),
  }
}

function entriesIn({ memory, at: start }: TransactionRecord): AccountEntry[] {
  const { u32, u64 } = memory
  const entries: AccountEntry[] = []
  let at = start + RECORD_HEADER_SIZE
  for (let left = u32[(start + RECORD_ACCOUNTS) >>> 2]!; left > 0; left--) {
    const slots: SlotEntry[] = []
    const count = u32[(at + ENTRY_SLOTS) >>> 2]!
    for (let i = 0; i < count; i++) {
      const slot = at + ENTRY_SIZE + i * RECORD_SLOT_SIZE
      slots.push({
        key: keyIn(u32, (slot + RECORD_SLOT_KEY) >>> 2),
        base: wordIn(u64, (slot + RECORD_SLOT_BASE) >>> 3),
        value: wordIn(u64, (slot + RECORD_SLOT_VALUE) >>> 3),
        flags: u32[(slot + RECORD_SLOT_FLAGS) >>> 2]!,
      })
    }
    entries.push({
      address: addressIn(u32, (at + ENTRY_ADDRESS) >>> 2),
      reads: u32[(at + ENTRY_READS) >>> 2]!,
      writes: u32[(at + ENTRY_WRITES) >>> 2]!,
      flags: u32[(at + ENTRY_FLAGS) >>> 2]!,
      baseBalanceWei: wordIn(u64, (at + ENTRY_BASE_BALANCE) >>> 3),
      balanceWei: wordIn(u64, (at + ENTRY_BALANCE) >>> 3),
      coveredWei: wordIn(u64, (at + ENTRY_COVERED) >>> 3),
      notCoveredWei: wordIn(u64, (at + ENTRY_NOT_COVERED) >>> 3),
      baseNonce: u64[(at + ENTRY_BASE_NONCE) >>> 3]!,
      nonce: u64[(at + ENTRY_NONCE) >>> 3]!,
      baseCodeHash: hashAt(memory, at + ENTRY_BASE_CODE),
      codeHash: hashAt(memory, at + ENTRY_CODE),
      slots,
    })
    at += ENTRY_SIZE + count * RECORD_SLOT_SIZE
  }
  return entries
}

/** The record's bytes. */
export function writeRecord(content: RecordContent): Uint8Array {
  const size = sizeOf(content)
  const memory = recordMemory(new ArrayBuffer(size))
  const { u8, u32, u64 } = memory
  u32[RECORD_SIZE >>> 2] = size
  u32[RECORD_STATUS >>> 2] = content.status
  u64[RECORD_GAS_USED >>> 3] = content.gasUsed
  u64[RECORD_GAS_REFUNDED >>> 3] = content.gasRefunded
  u32[RECORD_VOLATILE >>> 2] = content.volatile
  u32[RECORD_DETAIL >>> 2] = content.details[0]
  u32[RECORD_DETAIL2 >>> 2] = content.details[1]
  u32[RECORD_ACCOUNTS >>> 2] = content.accounts.length
  u32[RECORD_LOGS >>> 2] = content.logs.length
  u32[RECORD_CODES >>> 2] = content.codes.length
  u32[RECORD_OUTPUT_SIZE >>> 2] = content.output.length
  putAddress(u32, RECORD_CREATED >>> 2, content.created)
  let at = RECORD_HEADER_SIZE
  for (const entry of content.accounts) at = putEntry(memory, at, entry)
  u32[RECORD_LOGS_AT >>> 2] = at
  for (const log of content.logs) at = putLog(memory, at, log)
  u32[RECORD_CODES_AT >>> 2] = at
  for (const [hash, code] of content.codes) {
    putHash(u32, (at + RECORD_CODE_HASH) >>> 2, hash)
    u32[(at + RECORD_CODE_LENGTH) >>> 2] = code.length
    u8.set(code, at + RECORD_CODE_BYTES)
    at += RECORD_CODE_BYTES + padded(code.length)
  }
  u32[RECORD_OUTPUT_AT >>> 2] = at
  u8.set(content.output, at)
  return u8
}

function sizeOf({ accounts, logs, codes, output }: RecordContent): number {
  let size = RECORD_HEADER_SIZE + padded(output.length)
  for (const { slots } of accounts) size += ENTRY_SIZE + slots.length * RECORD_SLOT_SIZE
  for (const { topics, data } of logs) {
    size += RECORD_LOG_BYTES + 32 * topics.length + padded(data.length)
  }
  for (const [, code] of codes) size += RECORD_CODE_BYTES + padded(code.length)
  return size
}

function putEntry({ u32, u64 }: RecordMemory, at: number, entry: AccountEntry): number {
  putAddress(u32, (at + ENTRY_ADDRESS) >>> 2, entry.address)
  u32[(at + ENTRY_READS) >>> 2] = entry.reads
  u32[(at + ENTRY_WRITES) >>> 2] = entry.writes
  u32[(at + ENTRY_SLOTS) >>> 2] = entry.slots.length
  u32[(at + ENTRY_FLAGS) >>> 2] = entry.flags
  putWord(u64, (at + ENTRY_BASE_BALANCE) >>> 3, entry.baseBalanceWei)
  putWord(u64, (at + ENTRY_BALANCE) >>> 3, entry.balanceWei)
  putWord(u64, (at + ENTRY_COVERED) >>> 3, entry.coveredWei)
  putWord(u64, (at + ENTRY_NOT_COVERED) >>> 3, entry.notCoveredWei)
  u64[(at + ENTRY_BASE_NONCE) >>> 3] = entry.baseNonce
  u64[(at + ENTRY_NONCE) >>> 3] = entry.nonce
  putHash(u32, (at + ENTRY_BASE_CODE) >>> 2, entry.baseCodeHash)
  putHash(u32, (at + ENTRY_CODE) >>> 2, entry.codeHash)
  let slot = at + ENTRY_SIZE
  for (const { key, base, value, flags } of entry.slots) {
    putKey(u32, (slot + RECORD_SLOT_KEY) >>> 2, key)
    putWord(u64, (slot + RECORD_SLOT_BASE) >>> 3, base)
    putWord(u64, (slot + RECORD_SLOT_VALUE) >>> 3, value)
    u32[(slot + RECORD_SLOT_FLAGS) >>> 2] = flags
    slot += RECORD_SLOT_SIZE
  }
  return slot
}

function putLog({ u8, u32 }: RecordMemory, at: number, { address, topics, data }: Log): number {
  putAddress(u32, (at + RECORD_LOG_ADDRESS) >>> 2, address)
  u32[(at + RECORD_LOG_TOPICS) >>> 2] = topics.length
  u32[(at + RECORD_LOG_DATA_SIZE) >>> 2] = data.length
  let to = at + RECORD_LOG_BYTES
  for (const topic of topics) {
    putHash(u32, to >>> 2, topic)
    to += 32
  }
  u8.set(data, to)
  return to + padded(data.length)
}

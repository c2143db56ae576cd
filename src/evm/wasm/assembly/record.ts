/** What happened, as an access record: `state/record-layout.ts` says how it is laid out. */
import {
  ACCESSED,
  ACCOUNT_BALANCE,
  ACCOUNT_BASE_BALANCE,
  ACCOUNT_BASE_CODE_HASH,
  ACCOUNT_BASE_NONCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_COVERED,
  ACCOUNT_FLAGS,
  ACCOUNT_LATER,
  ACCOUNT_NONCE,
  ACCOUNT_NOT_COVERED,
  ACCOUNT_READS,
  ACCOUNT_SLOTS,
  ACCOUNT_SLOT_COUNT,
  ACCOUNT_WRITES,
  CODE_BYTES,
  CODE_HASH,
  CODE_LENGTH,
  CODE_SET,
  DESTROYED,
  EXISTED,
  EXISTS,
  FIRST_ACCOUNT,
  FIRST_LOG,
  FROM_VIEW,
  HIT_MEMORY_CAP,
  LOADED,
  LOG_ACCOUNT,
  LOG_BYTES,
  LOG_COUNT,
  LOG_DATA_SIZE,
  LOG_NEXT,
  LOG_TOPICS,
  READ_CODE,
  READ_EMPTY,
  READ_LIFE,
  READ_NONCE,
  RECORD,
  RESULT_CREATED,
  RESULT_DETAIL,
  RESULT_DETAIL2,
  RESULT_OUTPUT,
  RESULT_OUTPUT_SIZE,
  RESULT_STATUS,
  SLOT_BASE,
  SLOT_EARLIER,
  SLOT_FLAGS,
  SLOT_VALUE,
  TOUCHED,
  VOLATILE,
} from '../layout'
import { MEMORY_EXHAUSTED, OUT_OF_GAS, REVERTED, SPURIOUS_DRAGON, SUCCESS } from '../status'
import { IS_CREATION } from '../transaction-layout'
import {
  DID_BALANCE,
  DID_CODE,
  DID_CREATE,
  DID_DESTROY,
  DID_NONCE,
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
  RECORD_DATA_BYTES,
  RECORD_DETAIL,
  RECORD_DETAIL2,
  RECORD_GAS_REFUNDED,
  RECORD_GAS_USED,
  RECORD_HEADER_SIZE,
  RECORD_KV_UPDATES,
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
  RECORD_STATE_GROWTH,
  RECORD_STATUS,
  RECORD_VOLATILE,
  SLOT_ACCESSED,
  SLOT_READ,
  SLOT_WRITTEN,
  WAS_ACCESSED,
  WAS_THERE,
} from '../../../state/record-layout'
import { copy, isEqual, isZero, set64 } from '../../../primitives/assembly/u256'
import { hasCode, noteRead } from './accounts'
import { emptyCode, emptyHash } from './codes'
import { has } from './encoded'
import { takeForFrame } from './heap'
import { fork } from './registers'
import { countOf } from './resources'
import { gasRefunded, gasUsed } from './settle'

let accounts: u32 = 0
let codes: u32 = 0
let isBrief: bool = false

export function resetRecord(): void {
  isBrief = false
}

/** Nobody will ask what was only read, and there may be millions of it: the record is to have what was written. */
export function abridge(): void {
  isBrief = true
}

/** Writes the record above all that is in memory. */
export function writeRecord(): void {
  const size = measure()
  const record = takeForFrame(size)
  writeHeader(record, size)
  let at = record + RECORD_HEADER_SIZE
  let account: usize = load<u32>(FIRST_ACCOUNT)
  while (account != 0) {
    if (isRecorded(account)) at = writeAccount(at, account)
    account = load<u32>(account, ACCOUNT_LATER)
  }
  store<u32>(record, <u32>(at - record), RECORD_LOGS_AT)
  let log: usize = load<u32>(FIRST_LOG)
  while (log != 0) {
    at = writeLog(at, log)
    log = load<u32>(log, LOG_NEXT)
  }
  store<u32>(record, <u32>(at - record), RECORD_CODES_AT)
  account = load<u32>(FIRST_ACCOUNT)
  while (codes > 0 && account != 0) {
    if (bringsCode(account)) at = writeCode(at, load<u32>(account, ACCOUNT_CODE))
    account = load<u32>(account, ACCOUNT_LATER)
  }
  store<u32>(record, <u32>(at - record), RECORD_OUTPUT_AT)
  writeBytes(at, load<u32>(RESULT_OUTPUT), load<u32>(RESULT_OUTPUT_SIZE))
  store<u32>(RECORD, <u32>record)
}

@inline
function padded(size: usize): usize {
  return (size + 7) & ~7
}

/** Decides what became of each account. @returns bytes of the record */
function measure(): usize {
  accounts = 0
  codes = 0
  let size: usize = RECORD_HEADER_SIZE + padded(load<u32>(RESULT_OUTPUT_SIZE))
  let account: usize = load<u32>(FIRST_ACCOUNT)
  while (account != 0) {
    if ((load<u32>(account, ACCOUNT_FLAGS) & LOADED) != 0) {
      const isGone = goes(account)
      // All frames of what is abridged were taken back: no slot was written.
      const slots = isBrief ? 0 : countSlots(account, isGone)
      store<u32>(account, isGone ? destruction(account) : changes(account), ACCOUNT_WRITES)
      store<u32>(account, slots, ACCOUNT_SLOT_COUNT)
      if (isRecorded(account)) {
        accounts++
        size += ENTRY_SIZE + <usize>slots * RECORD_SLOT_SIZE
      }
      if (bringsCode(account)) {
        codes++
        size += RECORD_CODE_BYTES + padded(load<u32>(load<u32>(account, ACCOUNT_CODE), CODE_LENGTH))
      }
    }
    account = load<u32>(account, ACCOUNT_LATER)
  }
  let log: usize = load<u32>(FIRST_LOG)
  while (log != 0) {
    size += RECORD_LOG_BYTES + (<usize>load<u32>(log, LOG_TOPICS) << 5)
    size += padded(load<u32>(log, LOG_DATA_SIZE))
    log = load<u32>(log, LOG_NEXT)
  }
  return size
}

@inline
function isRecorded(account: usize): bool {
  const flags = load<u32>(account, ACCOUNT_FLAGS)
  if ((flags & LOADED) == 0) return false
  if (isBrief) return load<u32>(account, ACCOUNT_WRITES) != 0
  return (load<u32>(account, ACCOUNT_READS) | load<u32>(account, ACCOUNT_WRITES) | (flags & ACCESSED)) != 0
}

@inline
function bringsCode(account: usize): bool {
  return (load<u32>(account, ACCOUNT_WRITES) & DID_CODE) != 0 && hasCode(account)
}

/** Whether nothing is there in the end. Sweeping away what is empty (EIP-161) looks at it. */
function goes(account: usize): bool {
  const flags = load<u32>(account, ACCOUNT_FLAGS)
  if ((flags & (EXISTS | DESTROYED)) != EXISTS) return true
  if (fork < SPURIOUS_DRAGON || (flags & TOUCHED) == 0) return false
  if (load<u64>(account, ACCOUNT_NONCE) != 0 || hasCode(account)) return false
  if (!isZero(account + ACCOUNT_BALANCE)) return false
  if ((flags & EXISTED) != 0) noteRead(account, READ_LIFE | READ_NONCE | READ_CODE | READ_EMPTY)
  return true
}

@inline
function destruction(account: usize): u32 {
  return (load<u32>(account, ACCOUNT_FLAGS) & EXISTED) != 0 ? DID_DESTROY : 0
}

function changes(account: usize): u32 {
  const flags = load<u32>(account, ACCOUNT_FLAGS)
  let writes: u32 = (flags & EXISTED) == 0 ? DID_CREATE : 0
  if (!isEqual(account + ACCOUNT_BALANCE, account + ACCOUNT_BASE_BALANCE)) writes |= DID_BALANCE
  if (load<u64>(account, ACCOUNT_NONCE) != load<u64>(account, ACCOUNT_BASE_NONCE)) writes |= DID_NONCE
  if ((flags & CODE_SET) != 0 && !isEqual(account + ACCOUNT_CODE_HASH, account + ACCOUNT_BASE_CODE_HASH)) {
    writes |= DID_CODE
  }
  return writes
}

/** The record's bits of a slot. */
function bitsOf(slot: usize, isGone: bool): u32 {
  const flags = load<u32>(slot, SLOT_FLAGS)
  let bits: u32 = (flags & FROM_VIEW) != 0 ? SLOT_READ : 0
  if ((flags & ACCESSED) != 0) bits |= SLOT_ACCESSED
  if (!isGone && !isEqual(slot + SLOT_VALUE, slot + SLOT_BASE)) bits |= SLOT_WRITTEN
  return bits
}

function countSlots(account: usize, isGone: bool): u32 {
  let count: u32 = 0
  let slot: usize = load<u32>(account, ACCOUNT_SLOTS)
  while (slot != 0) {
    if (bitsOf(slot, isGone) != 0) count++
    slot = load<u32>(slot, SLOT_EARLIER)
  }
  return count
}

function writeHeader(at: usize, size: usize): void {
  let status = load<i32>(RESULT_STATUS)
  if (status == OUT_OF_GAS && load<u32>(HIT_MEMORY_CAP) != 0) status = MEMORY_EXHAUSTED
  store<u32>(at, <u32>size, RECORD_SIZE)
  store<u32>(at, status, RECORD_STATUS)
  store<u64>(at, gasUsed, RECORD_GAS_USED)
  store<u64>(at, gasRefunded, RECORD_GAS_REFUNDED)
  store<u32>(at, load<u32>(VOLATILE), RECORD_VOLATILE)
  const hasDetail = status > REVERTED
  store<u32>(at, hasDetail ? load<u32>(RESULT_DETAIL) : 0, RECORD_DETAIL)
  store<u32>(at, hasDetail ? load<u32>(RESULT_DETAIL2) : 0, RECORD_DETAIL2)
  store<u32>(at, accounts, RECORD_ACCOUNTS)
  store<u32>(at, load<u32>(LOG_COUNT), RECORD_LOGS)
  store<u32>(at, codes, RECORD_CODES)
  store<u32>(at, load<u32>(RESULT_OUTPUT_SIZE), RECORD_OUTPUT_SIZE)
  store<u32>(at, countOf(0), RECORD_DATA_BYTES)
  store<u32>(at, countOf(1), RECORD_KV_UPDATES)
  store<u64>(at, countOf(2), RECORD_STATE_GROWTH)
  if (status == SUCCESS && has(IS_CREATION)) copyAddress(at + RECORD_CREATED, load<u32>(RESULT_CREATED))
  else {
    store<u64>(at, 0, RECORD_CREATED)
    store<u64>(at, 0, RECORD_CREATED + 8)
    store<u64>(at, 0, RECORD_CREATED + 16)
  }
}

@inline
function copyAddress(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
  store<u64>(to, load<u64>(from, 16), 16)
}

/** @returns the first byte after it */
function writeAccount(at: usize, account: usize): usize {
  const flags = load<u32>(account, ACCOUNT_FLAGS)
  const isGone = goes(account)
  copyAddress(at + ENTRY_ADDRESS, account)
  store<u32>(at, load<u32>(account, ACCOUNT_READS), ENTRY_READS)
  store<u32>(at, load<u32>(account, ACCOUNT_WRITES), ENTRY_WRITES)
  store<u32>(at, load<u32>(account, ACCOUNT_SLOT_COUNT), ENTRY_SLOTS)
  let bits: u32 = (flags & EXISTED) != 0 ? WAS_THERE : 0
  if ((flags & ACCESSED) != 0) bits |= WAS_ACCESSED
  store<u32>(at, bits, ENTRY_FLAGS)
  copy(at + ENTRY_BASE_BALANCE, account + ACCOUNT_BASE_BALANCE)
  copy(at + ENTRY_COVERED, account + ACCOUNT_COVERED)
  copy(at + ENTRY_NOT_COVERED, account + ACCOUNT_NOT_COVERED)
  store<u64>(at, load<u64>(account, ACCOUNT_BASE_NONCE), ENTRY_BASE_NONCE)
  copy(at + ENTRY_BASE_CODE, account + ACCOUNT_BASE_CODE_HASH)
  if (isGone) {
    set64(at + ENTRY_BALANCE, 0)
    store<u64>(at, 0, ENTRY_NONCE)
    copy(at + ENTRY_CODE, emptyHash)
  } else {
    copy(at + ENTRY_BALANCE, account + ACCOUNT_BALANCE)
    store<u64>(at, load<u64>(account, ACCOUNT_NONCE), ENTRY_NONCE)
    copy(at + ENTRY_CODE, account + ACCOUNT_CODE_HASH)
  }
  return isBrief ? at + ENTRY_SIZE : writeSlots(at + ENTRY_SIZE, account, isGone)
}

function writeSlots(to: usize, account: usize, isGone: bool): usize {
  let at = to
  let slot: usize = load<u32>(account, ACCOUNT_SLOTS)
  while (slot != 0) {
    const bits = bitsOf(slot, isGone)
    if (bits != 0) {
      copy(at + RECORD_SLOT_KEY, slot)
      copy(at + RECORD_SLOT_BASE, slot + SLOT_BASE)
      copy(at + RECORD_SLOT_VALUE, slot + (isGone ? SLOT_BASE : SLOT_VALUE))
      store<u64>(at, bits, RECORD_SLOT_FLAGS)
      at += RECORD_SLOT_SIZE
    }
    slot = load<u32>(slot, SLOT_EARLIER)
  }
  return at
}

function writeLog(at: usize, log: usize): usize {
  const topics = load<u32>(log, LOG_TOPICS)
  const size: usize = load<u32>(log, LOG_DATA_SIZE)
  copyAddress(at + RECORD_LOG_ADDRESS, load<u32>(log, LOG_ACCOUNT))
  store<u32>(at, topics, RECORD_LOG_TOPICS)
  store<u32>(at, <u32>size, RECORD_LOG_DATA_SIZE)
  return writeBytes(at + RECORD_LOG_BYTES, log + LOG_BYTES, (<usize>topics << 5) + size)
}

function writeCode(at: usize, code: usize): usize {
  const length: usize = load<u32>(code, CODE_LENGTH)
  copy(at + RECORD_CODE_HASH, code + CODE_HASH)
  store<u64>(at, length, RECORD_CODE_LENGTH)
  return writeBytes(at + RECORD_CODE_BYTES, code + CODE_BYTES, length)
}

/** Bytes, and zeros up to a multiple of 8. */
function writeBytes(at: usize, from: usize, size: usize): usize {
  const end = at + padded(size)
  if (size > 0) {
    store<u64>(end - 8, 0)
    memory.copy(at, from, size)
  }
  return end
}

import { EMPTY_BYTES } from '../primitives/bytes.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import { addressIn, keyIn, wordIn } from '../primitives/limbs.ts'
import type { Log } from '../model/receipt.ts'
import {
  type AccessSet,
  type AccountReads,
  type AccountWrites,
  type ChangeSet,
  type ReadSet,
  type Touched,
  type VolatileRead,
  emptyChangeSet,
} from './access.ts'
import {
  DID_BALANCE,
  DID_CODE,
  DID_CREATE,
  DID_DESTROY,
  DID_NONCE,
  DID_RECREATE,
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
  RECORD_SLOT_BASE,
  RECORD_SLOT_FLAGS,
  RECORD_SLOT_KEY,
  RECORD_SLOT_SIZE,
  RECORD_SLOT_VALUE,
  RECORD_STATUS,
  RECORD_VOLATILE,
  SAW_BALANCE,
  SAW_CODE,
  SAW_COVERED,
  SAW_EMPTY,
  SAW_LIFE,
  SAW_NONCE,
  SAW_NOT_COVERED,
  SLOT_ACCESSED,
  SLOT_READ,
  SLOT_WRITTEN,
  WAS_ACCESSED,
  WAS_THERE,
} from './record-layout.ts'

/** Block values by their bits in a record. */
const VOLATILE_READS: readonly VolatileRead[] = [
  'TIMESTAMP',
  'NUMBER',
  'COINBASE',
  'PREVRANDAO',
  'BLOCKHASH',
  'GASLIMIT',
  'BASEFEE',
  'BLOBBASEFEE',
  'SLOTNUM',
]

/** An access record that is read where it is. It must not change meanwhile. */
export interface TransactionRecord {
  readonly bytes: Uint8Array
  readonly buffer: Buffer
  readonly view: DataView
}

/** @param bytes one record, without anything behind it but zeros */
export function openRecord(bytes: Uint8Array): TransactionRecord {
  const { buffer, byteOffset, byteLength } = bytes
  return {
    bytes,
    buffer: Buffer.from(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
  }
}

/** `RECORD_REJECTED`, or how the outermost frame ended. */
export function statusIn({ view }: TransactionRecord): number {
  return view.getUint32(RECORD_STATUS, true)
}

/** What is paid for, after refunds, and what was given back; in gas. */
export function gasIn({ view }: TransactionRecord): { gasUsed: bigint; gasRefunded: bigint } {
  return {
    gasUsed: view.getBigUint64(RECORD_GAS_USED, true),
    gasRefunded: view.getBigUint64(RECORD_GAS_REFUNDED, true),
  }
}

/** Details of a failure. */
export function detailsIn({ view }: TransactionRecord): readonly [first: number, second: number] {
  return [view.getUint32(RECORD_DETAIL, true), view.getUint32(RECORD_DETAIL2, true)]
}

/** Of a creation that succeeded; zeros otherwise. */
export function createdIn({ bytes }: TransactionRecord): Address {
  return addressIn(bytes, RECORD_CREATED)
}

/** A copy. */
export function outputIn({ bytes, view }: TransactionRecord): Uint8Array {
  const size = view.getUint32(RECORD_OUTPUT_SIZE, true)
  if (size === 0) return EMPTY_BYTES
  const at = view.getUint32(RECORD_OUTPUT_AT, true)
  return bytes.slice(at, at + size)
}

export function logsIn(record: TransactionRecord): Log[] {
  const { bytes, view } = record
  const logs: Log[] = []
  let at = view.getUint32(RECORD_LOGS_AT, true)
  for (let left = view.getUint32(RECORD_LOGS, true); left > 0; left--) {
    const count = view.getUint32(at + RECORD_LOG_TOPICS, true)
    const size = view.getUint32(at + RECORD_LOG_DATA_SIZE, true)
    const topics: Hash[] = []
    const dataAt = at + RECORD_LOG_BYTES + 32 * count
    for (let i = 0; i < count; i++) topics.push(hashAt(record, at + RECORD_LOG_BYTES + 32 * i))
    const data = bytes.slice(dataAt, dataAt + size)
    logs.push({ address: addressIn(bytes, at + RECORD_LOG_ADDRESS), topics, data })
    at = dataAt + padded(size)
  }
  return logs
}

/** What was read and written. Each part is decoded when it is first asked for. */
export function accessIn(
  record: TransactionRecord,
  precision: AccessSet['precision'] = 'exact',
): AccessSet {
  let reads: ReadSet | undefined
  let writes: ChangeSet | undefined
  let touched: Touched | undefined
  return {
    precision,
    get reads() {
      return (reads ??= readsIn(record))
    },
    get writes() {
      return (writes ??= writesIn(record))
    },
    get volatile() {
      return volatileIn(record)
    },
    get touched() {
      return (touched ??= touchedIn(record))
    },
  }
}

function volatileIn({ view }: TransactionRecord): ReadonlySet<VolatileRead> {
  const bits = view.getUint32(RECORD_VOLATILE, true)
  const found = new Set<VolatileRead>()
  if (bits === 0) return found
  for (const [i, read] of VOLATILE_READS.entries()) if ((bits & (1 << i)) !== 0) found.add(read)
  return found
}

/** Calls `visit` with where each account's entry is, and how many slots follow it. */
function forEachEntry(
  { view }: TransactionRecord,
  visit: (at: number, slots: number) => void,
): void {
  let at = RECORD_HEADER_SIZE
  for (let left = view.getUint32(RECORD_ACCOUNTS, true); left > 0; left--) {
    const slots = view.getUint32(at + ENTRY_SLOTS, true)
    visit(at, slots)
    at += ENTRY_SIZE + slots * RECORD_SLOT_SIZE
  }
}

function readsIn(record: TransactionRecord): ReadSet {
  const { bytes, view } = record
  const reads: ReadSet = new Map()
  forEachEntry(record, (at, count) => {
    const bits = view.getUint32(at + ENTRY_READS, true)
    const slots = slotsIn(record, at, count, SLOT_READ, RECORD_SLOT_BASE)
    if (bits === 0 && slots === undefined) return
    const found: AccountReads = {}
    const balance = balanceRead(view, at, bits)
    if (balance !== undefined) found.balance = balance
    if ((bits & SAW_NONCE) !== 0) found.nonce = view.getBigUint64(at + ENTRY_BASE_NONCE, true)
    if ((bits & SAW_CODE) !== 0) found.codeHash = hashAt(record, at + ENTRY_BASE_CODE)
    if ((bits & SAW_LIFE) !== 0) found.life = wasThere(view, at)
    if (slots !== undefined) found.slots = slots
    reads.set(addressIn(bytes, at + ENTRY_ADDRESS), found)
  })
  return reads
}

/** Checks that one predicate cannot say together are an exact read. */
function balanceRead(view: DataView, at: number, bits: number): AccountReads['balance'] {
  const predicates = bits & (SAW_COVERED | SAW_NOT_COVERED | SAW_EMPTY)
  if ((bits & SAW_BALANCE) !== 0 || (predicates & (predicates - 1)) !== 0) {
    return { strength: 'exact', wei: wordIn(view, at + ENTRY_BASE_BALANCE) }
  }
  if (predicates === SAW_COVERED) {
    return { strength: 'atLeast', wei: wordIn(view, at + ENTRY_COVERED), held: true }
  }
  if (predicates === SAW_NOT_COVERED) {
    return { strength: 'atLeast', wei: wordIn(view, at + ENTRY_NOT_COVERED), held: false }
  }
  if (predicates === 0) return undefined
  return { strength: 'isEmpty', empty: wordIn(view, at + ENTRY_BASE_BALANCE) === 0n }
}

function wasThere(view: DataView, at: number): boolean {
  return (view.getUint32(at + ENTRY_FLAGS, true) & WAS_THERE) !== 0
}

function writesIn(record: TransactionRecord): ChangeSet {
  const { bytes, view } = record
  const changes = emptyChangeSet()
  forEachEntry(record, (at, count) => {
    const writes = accountWrites(record, at, count)
    if (writes !== undefined) changes.accounts.set(addressIn(bytes, at + ENTRY_ADDRESS), writes)
  })
  let at = view.getUint32(RECORD_CODES_AT, true)
  for (let left = view.getUint32(RECORD_CODES, true); left > 0; left--) {
    const length = view.getUint32(at + RECORD_CODE_LENGTH, true)
    const from = at + RECORD_CODE_BYTES
    changes.codes.set(hashAt(record, at + RECORD_CODE_HASH), bytes.slice(from, from + length))
    at = from + padded(length)
  }
  return changes
}

function accountWrites(
  record: TransactionRecord,
  at: number,
  count: number,
): AccountWrites | undefined {
  const { view } = record
  const bits = view.getUint32(at + ENTRY_WRITES, true)
  if ((bits & DID_DESTROY) !== 0) return { life: 'destroyed' }
  const slots = slotsIn(record, at, count, SLOT_WRITTEN, RECORD_SLOT_VALUE)
  if (bits === 0 && slots === undefined) return undefined
  const writes: AccountWrites = {}
  if ((bits & DID_CREATE) !== 0) writes.life = 'created'
  else if ((bits & DID_RECREATE) !== 0) writes.life = 'recreated'
  if ((bits & DID_BALANCE) !== 0) writes.balanceWei = wordIn(view, at + ENTRY_BALANCE)
  if ((bits & DID_NONCE) !== 0) writes.nonce = view.getBigUint64(at + ENTRY_NONCE, true)
  if ((bits & DID_CODE) !== 0) writes.codeHash = hashAt(record, at + ENTRY_CODE)
  if (slots !== undefined) writes.slots = slots
  return writes
}

/** Values of the slots that have a flag; undefined when none has. */
function slotsIn(
  { bytes, view }: TransactionRecord,
  entry: number,
  count: number,
  flag: number,
  valueAt: number,
): Map<Slot, bigint> | undefined {
  let slots: Map<Slot, bigint> | undefined
  let at = entry + ENTRY_SIZE
  for (let left = count; left > 0; left--) {
    if ((view.getUint32(at + RECORD_SLOT_FLAGS, true) & flag) !== 0) {
      slots ??= new Map()
      slots.set(keyIn(bytes, at + RECORD_SLOT_KEY), wordIn(view, at + valueAt))
    }
    at += RECORD_SLOT_SIZE
  }
  return slots
}

function touchedIn(record: TransactionRecord): Touched {
  const { bytes, view } = record
  const touched = new Map<Address, ReadonlySet<Slot>>()
  forEachEntry(record, (at, count) => {
    if ((view.getUint32(at + ENTRY_FLAGS, true) & WAS_ACCESSED) === 0) return
    const slots = slotsIn(record, at, count, SLOT_ACCESSED, RECORD_SLOT_BASE)
    touched.set(addressIn(bytes, at + ENTRY_ADDRESS), new Set(slots?.keys()))
  })
  return touched
}

function hashAt({ buffer }: TransactionRecord, at: number): Hash {
  return `0x${buffer.toString('hex', at, at + 32)}` as Hash
}

function padded(size: number): number {
  return (size + 7) & ~7
}

import { EMPTY_BYTES } from '../primitives/bytes.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import { addressIn, keyIn, putAddress, wordIn } from '../primitives/limbs.ts'
import type { Resources } from '../model/network.ts'
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
  RECORD_SLOT_BASE,
  RECORD_SLOT_FLAGS,
  RECORD_SLOT_KEY,
  RECORD_SLOT_SIZE,
  RECORD_SLOT_VALUE,
  RECORD_STATE_GROWTH,
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
export const VOLATILE_READS: readonly VolatileRead[] = [
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

/** Memory that holds records. */
export interface RecordMemory {
  readonly u8: Uint8Array
  readonly u32: Uint32Array
  readonly u64: BigUint64Array
  readonly bytes: Buffer
}

export function recordMemory(buffer: ArrayBufferLike): RecordMemory {
  return {
    u8: new Uint8Array(buffer),
    u32: new Uint32Array(buffer),
    u64: new BigUint64Array(buffer),
    bytes: Buffer.from(buffer),
  }
}

/** An access record, read where it is, from the byte `at` on, a multiple of 8. It must not change as long as it is read. */
export interface TransactionRecord {
  readonly memory: RecordMemory
  readonly at: number
}

/** `RECORD_REJECTED`, or how the outermost frame ended. */
export function statusIn(record: TransactionRecord): number {
  return uint(record, RECORD_STATUS)
}

/** What is paid for, after refunds; in gas. */
export function gasUsedIn({ memory, at }: TransactionRecord): bigint {
  return memory.u64[(at + RECORD_GAS_USED) >>> 3]!
}

/** The same as a number, where it is known to be one: of a block in lanes. */
export function gasUsedAt({ u32 }: RecordMemory, at: number): number {
  const word = (at + RECORD_GAS_USED) >>> 2
  return u32[word]! + u32[word + 1]! * 2 ** 32
}

/** What is to be kept of it, where its network counts that; zeros elsewhere. */
export function resourcesAt({ u32 }: RecordMemory, at: number): Resources {
  return {
    dataBytes: u32[(at + RECORD_DATA_BYTES) >>> 2]!,
    kvUpdates: u32[(at + RECORD_KV_UPDATES) >>> 2]!,
    stateGrowth: u32[(at + RECORD_STATE_GROWTH) >>> 2]!,
  }
}

/** What was given back, in gas. */
export function gasRefundedIn({ memory, at }: TransactionRecord): bigint {
  return memory.u64[(at + RECORD_GAS_REFUNDED) >>> 3]!
}

/** Details of a failure. */
export function detailsIn(record: TransactionRecord): readonly [first: number, second: number] {
  return [uint(record, RECORD_DETAIL), uint(record, RECORD_DETAIL2)]
}

/** Of a creation that succeeded; zeros otherwise. */
export function createdIn({ memory, at }: TransactionRecord): Address {
  return addressIn(memory.u32, (at + RECORD_CREATED) >>> 2)
}

/** A copy. */
export function outputIn(record: TransactionRecord): Uint8Array {
  const size = uint(record, RECORD_OUTPUT_SIZE)
  if (size === 0) return EMPTY_BYTES
  return copyOf(record.memory, record.at + uint(record, RECORD_OUTPUT_AT), size)
}

export function logsIn(record: TransactionRecord): Log[] {
  const { memory } = record
  const { u32 } = memory
  const logs: Log[] = []
  let at = record.at + uint(record, RECORD_LOGS_AT)
  for (let left = uint(record, RECORD_LOGS); left > 0; left--) {
    const count = u32[(at + RECORD_LOG_TOPICS) >>> 2]!
    const size = u32[(at + RECORD_LOG_DATA_SIZE) >>> 2]!
    const topics: Hash[] = []
    const dataAt = at + RECORD_LOG_BYTES + 32 * count
    for (let i = 0; i < count; i++) topics.push(hashAt(memory, at + RECORD_LOG_BYTES + 32 * i))
    const address = addressIn(u32, (at + RECORD_LOG_ADDRESS) >>> 2)
    logs.push({ address, topics, data: copyOf(memory, dataAt, size) })
    at = dataAt + padded(size)
  }
  return logs
}

/** What was read and written, each part decoded when it is first asked for. */
export class RecordedAccess implements AccessSet {
  readonly precision = 'exact'
  readonly #record: TransactionRecord
  #reads: ReadSet | undefined
  #writes: ChangeSet | undefined
  #touched: Touched | undefined

  constructor(record: TransactionRecord) {
    this.#record = record
  }

  /** Where all of it is. */
  get record(): TransactionRecord {
    return this.#record
  }

  get reads(): ReadSet {
    return (this.#reads ??= readsIn(this.#record))
  }

  get writes(): ChangeSet {
    return (this.#writes ??= writesIn(this.#record))
  }

  /** As `reads.has`, without decoding them: of a million slots that takes seconds. */
  hasRead(address: Address): boolean {
    return this.#reads?.has(address) ?? readsOf(this.#record, address)
  }

  get volatile(): ReadonlySet<VolatileRead> {
    return volatileIn(this.#record)
  }

  get touched(): Touched {
    return (this.#touched ??= touchedIn(this.#record))
  }
}

function volatileIn(record: TransactionRecord): ReadonlySet<VolatileRead> {
  const bits = uint(record, RECORD_VOLATILE)
  const found = new Set<VolatileRead>()
  if (bits === 0) return found
  for (const [i, read] of VOLATILE_READS.entries()) if ((bits & (1 << i)) !== 0) found.add(read)
  return found
}

function readsIn(record: TransactionRecord): ReadSet {
  const { memory } = record
  const { u32, u64 } = memory
  const reads: ReadSet = new Map()
  let at = record.at + RECORD_HEADER_SIZE
  for (let left = uint(record, RECORD_ACCOUNTS); left > 0; left--) {
    const bits = u32[(at + ENTRY_READS) >>> 2]!
    const slots = slotsIn(memory, at, SLOT_READ, RECORD_SLOT_BASE)
    if (bits !== 0 || slots !== undefined) {
      const found: AccountReads = {}
      const balance = balanceRead(u64, at, bits)
      if (balance !== undefined) found.balance = balance
      if ((bits & SAW_NONCE) !== 0) found.nonce = u64[(at + ENTRY_BASE_NONCE) >>> 3]!
      if ((bits & SAW_CODE) !== 0) found.codeHash = hashAt(memory, at + ENTRY_BASE_CODE)
      if ((bits & SAW_LIFE) !== 0) found.life = (u32[(at + ENTRY_FLAGS) >>> 2]! & WAS_THERE) !== 0
      if (slots !== undefined) found.slots = slots
      reads.set(addressIn(u32, (at + ENTRY_ADDRESS) >>> 2), found)
    }
    at = afterEntry(memory, at)
  }
  return reads
}

const SOUGHT = new Uint32Array(6)

/** Whether anything of the account was read. */
function readsOf(record: TransactionRecord, address: Address): boolean {
  const { memory } = record
  const { u32 } = memory
  putAddress(SOUGHT, 0, address)
  let at = record.at + RECORD_HEADER_SIZE
  for (let left = uint(record, RECORD_ACCOUNTS); left > 0; left--) {
    const first = (at + ENTRY_ADDRESS) >>> 2
    let same = 0
    while (same < 5 && u32[first + same] === SOUGHT[same]) same++
    if (same === 5) {
      const hasFields = u32[(at + ENTRY_READS) >>> 2]! !== 0
      return hasFields || slotsIn(memory, at, SLOT_READ, RECORD_SLOT_BASE) !== undefined
    }
    at = afterEntry(memory, at)
  }
  return false
}

/** Whether anything of the account was read: as `access.reads.has`, at less cost where that would have to be decoded. */
export function hasRead(access: AccessSet, address: Address): boolean {
  return access instanceof RecordedAccess ? access.hasRead(address) : access.reads.has(address)
}

/** Checks that one predicate cannot say together are an exact read. */
function balanceRead(u64: BigUint64Array, at: number, bits: number): AccountReads['balance'] {
  const predicates = bits & (SAW_COVERED | SAW_NOT_COVERED | SAW_EMPTY)
  if ((bits & SAW_BALANCE) !== 0 || (predicates & (predicates - 1)) !== 0) {
    return { strength: 'exact', wei: wordIn(u64, (at + ENTRY_BASE_BALANCE) >>> 3) }
  }
  if (predicates === SAW_COVERED) {
    return { strength: 'atLeast', wei: wordIn(u64, (at + ENTRY_COVERED) >>> 3), held: true }
  }
  if (predicates === SAW_NOT_COVERED) {
    return { strength: 'atLeast', wei: wordIn(u64, (at + ENTRY_NOT_COVERED) >>> 3), held: false }
  }
  if (predicates === 0) return undefined
  return { strength: 'isEmpty', empty: wordIn(u64, (at + ENTRY_BASE_BALANCE) >>> 3) === 0n }
}

function writesIn(record: TransactionRecord): ChangeSet {
  const { memory } = record
  const { u32 } = memory
  const changes = emptyChangeSet()
  let at = record.at + RECORD_HEADER_SIZE
  for (let left = uint(record, RECORD_ACCOUNTS); left > 0; left--) {
    const writes = accountWrites(memory, at)
    if (writes !== undefined) {
      changes.accounts.set(addressIn(u32, (at + ENTRY_ADDRESS) >>> 2), writes)
    }
    at = afterEntry(memory, at)
  }
  for (const [hash, code] of codesIn(record)) changes.codes.set(hash, code)
  return changes
}

/** Code that is new, by its hash. */
export function codesIn(record: TransactionRecord): (readonly [hash: Hash, code: Uint8Array])[] {
  const { memory } = record
  const codes: (readonly [hash: Hash, code: Uint8Array])[] = []
  let at = record.at + uint(record, RECORD_CODES_AT)
  for (let left = uint(record, RECORD_CODES); left > 0; left--) {
    const length = memory.u32[(at + RECORD_CODE_LENGTH) >>> 2]!
    codes.push([
      hashAt(memory, at + RECORD_CODE_HASH),
      copyOf(memory, at + RECORD_CODE_BYTES, length),
    ])
    at += RECORD_CODE_BYTES + padded(length)
  }
  return codes
}

function accountWrites(memory: RecordMemory, at: number): AccountWrites | undefined {
  const { u32, u64 } = memory
  const bits = u32[(at + ENTRY_WRITES) >>> 2]!
  if ((bits & DID_DESTROY) !== 0) return { life: 'destroyed' }
  const slots = slotsIn(memory, at, SLOT_WRITTEN, RECORD_SLOT_VALUE)
  if (bits === 0 && slots === undefined) return undefined
  const writes: AccountWrites = {}
  if ((bits & DID_CREATE) !== 0) writes.life = 'created'
  else if ((bits & DID_RECREATE) !== 0) writes.life = 'recreated'
  if ((bits & DID_BALANCE) !== 0) writes.balanceWei = wordIn(u64, (at + ENTRY_BALANCE) >>> 3)
  if ((bits & DID_NONCE) !== 0) writes.nonce = u64[(at + ENTRY_NONCE) >>> 3]!
  if ((bits & DID_CODE) !== 0) writes.codeHash = hashAt(memory, at + ENTRY_CODE)
  if (slots !== undefined) writes.slots = slots
  return writes
}

/** Values of the entry's slots that have a flag; undefined when none has. */
function slotsIn(
  { u32, u64 }: RecordMemory,
  entry: number,
  flag: number,
  valueAt: number,
): Map<Slot, bigint> | undefined {
  let slots: Map<Slot, bigint> | undefined
  let at = entry + ENTRY_SIZE
  for (let left = u32[(entry + ENTRY_SLOTS) >>> 2]!; left > 0; left--) {
    if ((u32[(at + RECORD_SLOT_FLAGS) >>> 2]! & flag) !== 0) {
      slots ??= new Map()
      const key = keyIn(u32, (at + RECORD_SLOT_KEY) >>> 2)
      slots.set(key, wordIn(u64, (at + valueAt) >>> 3))
    }
    at += RECORD_SLOT_SIZE
  }
  return slots
}

function touchedIn(record: TransactionRecord): Touched {
  const { memory } = record
  const { u32 } = memory
  const touched = new Map<Address, ReadonlySet<Slot>>()
  let at = record.at + RECORD_HEADER_SIZE
  for (let left = uint(record, RECORD_ACCOUNTS); left > 0; left--) {
    if ((u32[(at + ENTRY_FLAGS) >>> 2]! & WAS_ACCESSED) !== 0) {
      const slots = slotsIn(memory, at, SLOT_ACCESSED, RECORD_SLOT_BASE)
      touched.set(addressIn(u32, (at + ENTRY_ADDRESS) >>> 2), new Set(slots?.keys()))
    }
    at = afterEntry(memory, at)
  }
  return touched
}

function uint({ memory, at }: TransactionRecord, field: number): number {
  return memory.u32[(at + field) >>> 2]!
}

function afterEntry({ u32 }: RecordMemory, at: number): number {
  return at + ENTRY_SIZE + u32[(at + ENTRY_SLOTS) >>> 2]! * RECORD_SLOT_SIZE
}

/** The 32 bytes at `at`. */
export function hashAt({ bytes }: RecordMemory, at: number): Hash {
  return `0x${bytes.toString('hex', at, at + 32)}` as Hash
}

function copyOf({ u8 }: RecordMemory, at: number, size: number): Uint8Array {
  return u8.slice(at, at + size)
}

/** Up to a multiple of 8. */
export function padded(size: number): number {
  return (size + 7) & ~7
}

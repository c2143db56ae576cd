import { type Address, type Hash, type Slot, hexToBytes } from '../primitives/hex.ts'
import { addressIn, keyIn, wordIn } from '../primitives/limbs.ts'
import type { AccountReads, AccountWrites, ReadSet, Touched } from './access.ts'
import { emptyChangeSet } from './access.ts'
import type { StepAccess } from './block-access-list.ts'
import type { Location } from './location.ts'
import {
  DID_BALANCE,
  DID_CODE,
  DID_DESTROY,
  DID_NONCE,
  DID_RECREATE,
  ENTRY_ADDRESS,
  ENTRY_BALANCE,
  ENTRY_BASE_BALANCE,
  ENTRY_BASE_CODE,
  ENTRY_BASE_NONCE,
  ENTRY_CODE,
  ENTRY_FLAGS,
  ENTRY_NONCE,
  ENTRY_SIZE,
  ENTRY_SLOTS,
  ENTRY_WRITES,
  RECORD_ACCOUNTS,
  RECORD_HEADER_SIZE,
  RECORD_SLOT_BASE,
  RECORD_SLOT_FLAGS,
  RECORD_SLOT_KEY,
  RECORD_SLOT_SIZE,
  RECORD_SLOT_VALUE,
  SLOT_ACCESSED,
  SLOT_WRITTEN,
  WAS_ACCESSED,
  WAS_THERE,
} from './record-layout.ts'
import { type TransactionRecord, hashAt, recordMemory } from './record.ts'

/**
 * The change set of a block's version as bytes: what each of its steps changed, from what to what, and what it accessed beside. Steps are
 * those of EIP-7928: first what the protocol did before the transactions, then each of these, last what the protocol did after them.
 *
 *     log:     u8 1 if all accesses are in it | steps, each: how many accounts, accounts
 *     account: u8 `DID_*`, ACCESSED, THERE | address, 20 | before and after: balance, nonce, code hash, 32 | how many slots, slots
 *     slot:    u8 `SLOT_*` | key | before and after, of one that was written
 *
 * Words are a length and so many bytes, the lowest first; so is how many there are. A field is there if it was written, and of an
 * account that went or came anew each.
 */

const ACCESSED = 64
const THERE = 128
const ALL_FIELDS = DID_DESTROY | DID_RECREATE

export interface Changed<T> {
  readonly before: T
  readonly after: T
}

/** What a step did to one account. A field left out it did not write. */
export interface AccountChange {
  readonly address: Address
  /** Whether it exists. */
  readonly life: Changed<boolean>
  readonly balanceWei?: Changed<bigint> | undefined
  readonly nonce?: Changed<bigint> | undefined
  readonly codeHash?: Changed<Hash> | undefined
  /** All storage that it had went before `slots` apply: what was in it is not listed. */
  readonly isWiped: boolean
  readonly slots: ReadonlyMap<Slot, Changed<bigint>>
  /** EIP-7928: the slots that were accessed, of an account that was. */
  readonly accessed: ReadonlySet<Slot> | undefined
}

/** In the order in which it happened: an account may come again. */
type StepChanges = readonly AccountChange[]

export interface ChangeLog {
  /** Everything that was accessed is in it, so that the list of EIP-7928 can be made of it. */
  readonly isWhole: boolean
  readonly steps: readonly StepChanges[]
}

/** One location that one step left with another value. Of a code its hash, of a life whether the account exists. */
export type Change = { readonly location: Location; readonly index: number } & Changed<
  bigint | boolean | Hash
>

let out: Uint8Array = new Uint8Array(64 * 1024)
let at = 0

/** @param steps each the records of what happened in it */
export function encodeChangeLog(
  steps: readonly (readonly TransactionRecord[])[],
  isWhole: boolean,
): Uint8Array {
  at = 0
  reserve(1)
  out[at++] = isWhole ? 1 : 0
  for (const records of steps) {
    let accounts = 0
    for (const record of records) accounts += eachEntry(record, isTold)
    putCount(accounts)
    for (const record of records) eachEntry(record, putEntry)
  }
  return out.slice(0, at)
}

function reserve(size: number): void {
  if (at + size <= out.length) return
  const longer = new Uint8Array(2 * (at + size))
  longer.set(out.subarray(0, at))
  out = longer
}

/** @returns of how many accounts `visit` said yes */
function eachEntry(
  { memory, at: start }: TransactionRecord,
  visit: (memory: TransactionRecord['memory'], entry: number) => boolean,
): number {
  const { u32 } = memory
  let said = 0
  let entry = start + RECORD_HEADER_SIZE
  for (let left = u32[(start + RECORD_ACCOUNTS) >>> 2]!; left > 0; left--) {
    if (visit(memory, entry)) said++
    entry += ENTRY_SIZE + u32[(entry + ENTRY_SLOTS) >>> 2]! * RECORD_SLOT_SIZE
  }
  return said
}

function isTold({ u32 }: TransactionRecord['memory'], entry: number): boolean {
  if (u32[(entry + ENTRY_WRITES) >>> 2] !== 0) return true
  if ((u32[(entry + ENTRY_FLAGS) >>> 2]! & WAS_ACCESSED) !== 0) return true
  return countSlots(u32, entry) > 0
}

function countSlots(u32: Uint32Array, entry: number): number {
  let count = 0
  let slot = entry + ENTRY_SIZE
  for (let left = u32[(entry + ENTRY_SLOTS) >>> 2]!; left > 0; left--, slot += RECORD_SLOT_SIZE) {
    if ((u32[(slot + RECORD_SLOT_FLAGS) >>> 2]! & (SLOT_WRITTEN | SLOT_ACCESSED)) !== 0) count++
  }
  return count
}

/** More than an account takes without its slots, and more than a slot takes. */
const ENTRY_ROOM = 256

function putEntry(memory: TransactionRecord['memory'], entry: number): boolean {
  if (!isTold(memory, entry)) return false
  const { u8, u32 } = memory
  const writes = u32[(entry + ENTRY_WRITES) >>> 2]!
  const flags = u32[(entry + ENTRY_FLAGS) >>> 2]!
  reserve(ENTRY_ROOM)
  out[at++] =
    writes | ((flags & WAS_ACCESSED) === 0 ? 0 : ACCESSED) | ((flags & WAS_THERE) === 0 ? 0 : THERE)
  putBytes(u8, entry + ENTRY_ADDRESS, 20)
  if ((writes & (DID_BALANCE | ALL_FIELDS)) !== 0) {
    putWord(memory, entry + ENTRY_BASE_BALANCE, 8)
    putWord(memory, entry + ENTRY_BALANCE, 8)
  }
  if ((writes & (DID_NONCE | ALL_FIELDS)) !== 0) {
    putWord(memory, entry + ENTRY_BASE_NONCE, 2)
    putWord(memory, entry + ENTRY_NONCE, 2)
  }
  if ((writes & (DID_CODE | ALL_FIELDS)) !== 0) {
    putBytes(u8, entry + ENTRY_BASE_CODE, 32)
    putBytes(u8, entry + ENTRY_CODE, 32)
  }
  putCount(countSlots(u32, entry))
  let slot = entry + ENTRY_SIZE
  for (let left = u32[(entry + ENTRY_SLOTS) >>> 2]!; left > 0; left--, slot += RECORD_SLOT_SIZE) {
    putSlot(memory, slot)
  }
  return true
}

function putSlot(memory: TransactionRecord['memory'], slot: number): void {
  const flags = memory.u32[(slot + RECORD_SLOT_FLAGS) >>> 2]! & (SLOT_WRITTEN | SLOT_ACCESSED)
  if (flags === 0) return
  reserve(ENTRY_ROOM)
  out[at++] = flags
  putWord(memory, slot + RECORD_SLOT_KEY, 8)
  if ((flags & SLOT_WRITTEN) === 0) return
  putWord(memory, slot + RECORD_SLOT_BASE, 8)
  putWord(memory, slot + RECORD_SLOT_VALUE, 8)
}

function putBytes(from: Uint8Array, begin: number, size: number): void {
  for (let i = 0; i < size; i++) out[at + i] = from[begin + i]!
  at += size
}

/** @param halves how many u32 the word has */
function putWord({ u8, u32 }: TransactionRecord['memory'], begin: number, halves: number): void {
  const first = begin >>> 2
  let top = halves - 1
  while (top >= 0 && u32[first + top] === 0) top--
  const size = top < 0 ? 0 : 4 * top + bytesIn(u32[first + top]!)
  out[at++] = size
  putBytes(u8, begin, size)
}

function putCount(count: number): void {
  reserve(5)
  const size = bytesIn(count)
  out[at++] = size
  for (let i = 0; i < size; i++) out[at++] = count >>> (8 * i)
}

function bytesIn(number: number): number {
  if (number > 0xffff) return number > 0xff_ffff ? 4 : 3
  if (number > 0xff) return 2
  return number === 0 ? 0 : 1
}

/** Whether a log may tell of an account, without reading it: one that does holds its address. */
export function mayName(bytes: Uint8Array, address: Address): boolean {
  const name = Buffer.from(hexToBytes(address))
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(name)
}

/** @throws {RangeError} when the bytes are no log */
export function decodeChangeLog(bytes: Uint8Array): ChangeLog {
  const reader = new Reader(bytes)
  const isWhole = reader.byte() !== 0
  const steps: StepChanges[] = []
  while (!reader.isDone) {
    steps.push(Array.from({ length: reader.count() }, () => accountChange(reader)))
  }
  return { isWhole, steps }
}

function accountChange(reader: Reader): AccountChange {
  const did = reader.byte()
  const address = reader.address()
  const has = (flag: number): boolean => (did & (flag | ALL_FIELDS)) !== 0
  const balanceWei = has(DID_BALANCE) ? reader.both(() => reader.word()) : undefined
  const nonce = has(DID_NONCE) ? reader.both(() => reader.word()) : undefined
  const codeHash = has(DID_CODE) ? reader.both(() => reader.hash()) : undefined
  const slots = new Map<Slot, Changed<bigint>>()
  const accessed = new Set<Slot>()
  for (let left = reader.count(); left > 0; left--) {
    const flags = reader.byte()
    const key = reader.key()
    if ((flags & SLOT_ACCESSED) !== 0) accessed.add(key)
    if ((flags & SLOT_WRITTEN) !== 0)
      slots.set(
        key,
        reader.both(() => reader.word()),
      )
  }
  const wasThere = (did & THERE) !== 0
  const isThere = (did & DID_DESTROY) === 0 && (wasThere || (did & ~(ACCESSED | THERE)) !== 0)
  return {
    address,
    life: { before: wasThere, after: isThere },
    balanceWei,
    nonce,
    codeHash,
    isWiped: (did & ALL_FIELDS) !== 0,
    slots,
    accessed: (did & ACCESSED) === 0 ? undefined : accessed,
  }
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0
  readonly #scratch = recordMemory(new ArrayBuffer(32))

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('a change log ends too soon')
    return byte
  }

  count(): number {
    let count = 0
    const size = this.byte()
    for (let i = 0; i < size; i++) count += this.byte() * 2 ** (8 * i)
    return count
  }

  both<T>(read: () => T): Changed<T> {
    const before = read()
    return { before, after: read() }
  }

  word(): bigint {
    this.#take(this.byte())
    return wordIn(this.#scratch.u64, 0)
  }

  key(): Slot {
    this.#take(this.byte())
    return keyIn(this.#scratch.u32, 0)
  }

  address(): Address {
    this.#take(20)
    return addressIn(this.#scratch.u32, 0)
  }

  hash(): Hash {
    this.#take(32)
    return hashAt(this.#scratch, 0)
  }

  #take(size: number): void {
    const end = this.#at + size
    if (size > 32 || end > this.#bytes.length) throw new RangeError('a change log is malformed')
    this.#scratch.u8.fill(0, size)
    this.#scratch.u8.set(this.#bytes.subarray(this.#at, end))
    this.#at = end
  }
}

/** Every location that a step left with another value, by step; in it by what happened first. */
export function changesIn({ steps }: Pick<ChangeLog, 'steps'>): Change[] {
  return steps.flatMap((step, index) => step.flatMap((change) => changesOfAccount(change, index)))
}

/** The same of one account, in the step `index`. */
export function changesOfAccount(change: AccountChange, index: number): Change[] {
  const { address, life, balanceWei, nonce, codeHash, slots } = change
  const changes: Change[] = [{ location: { kind: 'life', address }, index, ...life }]
  if (balanceWei) changes.push({ location: { kind: 'balance', address }, index, ...balanceWei })
  if (nonce) changes.push({ location: { kind: 'nonce', address }, index, ...nonce })
  if (codeHash) changes.push({ location: { kind: 'code', address }, index, ...codeHash })
  for (const [key, values] of slots) {
    changes.push({ location: { kind: 'slot', address, key }, index, ...values })
  }
  return changes.filter(({ before, after }) => before !== after)
}

/** What `blockAccessList` makes the list of EIP-7928 of. @param codeOf gives the code of a hash */
export function accessesOf(
  { steps }: Pick<ChangeLog, 'steps'>,
  codeOf: (hash: Hash) => Uint8Array,
): StepAccess[][] {
  return steps.map((step) => step.map((change) => accessOf(change, codeOf)))
}

function accessOf(change: AccountChange, codeOf: (hash: Hash) => Uint8Array): StepAccess {
  const { address, balanceWei, nonce, codeHash, accessed } = change
  const writes = emptyChangeSet()
  const written = writesOf(change)
  if (written !== undefined) writes.accounts.set(address, written)
  if (codeHash !== undefined) writes.codes.set(codeHash.after, codeOf(codeHash.after))
  const found: AccountReads = {}
  if (balanceWei !== undefined) found.balance = { strength: 'exact', wei: balanceWei.before }
  if (nonce !== undefined) found.nonce = nonce.before
  if (codeHash !== undefined) found.codeHash = codeHash.before
  const reads: ReadSet = new Map([[address, found]])
  const touched: Touched | undefined = accessed && new Map([[address, accessed]])
  return { reads, writes, ...(touched && { touched }) }
}

function writesOf({
  life,
  balanceWei,
  nonce,
  codeHash,
  slots,
  isWiped,
}: AccountChange): AccountWrites | undefined {
  if (life.before && !life.after) return { life: 'destroyed' }
  const writes: AccountWrites = {}
  if (!life.before && life.after) writes.life = 'created'
  else if (isWiped) writes.life = 'recreated'
  if (balanceWei !== undefined) writes.balanceWei = balanceWei.after
  if (nonce !== undefined) writes.nonce = nonce.after
  if (codeHash !== undefined) writes.codeHash = codeHash.after
  if (slots.size > 0) {
    writes.slots = new Map(Array.from(slots, ([key, { after }]) => [key, after] as const))
  }
  return Object.keys(writes).length === 0 ? undefined : writes
}

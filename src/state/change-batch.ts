import { type Address, type Hash, type Hex, type Slot, writeHex } from '../primitives/hex.ts'
import { addressIn, keyIn, wordIn } from '../primitives/limbs.ts'
import type { Arena } from '../store/arena.ts'
import {
  BATCH_ACCOUNT_BYTES,
  BATCH_BALANCE,
  BATCH_CODE,
  BATCH_CREATES,
  BATCH_DESTROYS,
  BATCH_FLAGS,
  BATCH_NONCE,
  BATCH_RECREATES,
  BATCH_SETS_BALANCE,
  BATCH_SETS_CODE,
  BATCH_SETS_NONCE,
  BATCH_SLOTS,
  BATCH_SLOT_BYTES,
  BATCH_SLOT_VALUE,
} from '../primitives/batch-layout.ts'
import type { BatchSink } from '../store/version.ts'
import type { AccountWrites, ChangeSet } from './access.ts'
import { type RecordMemory, hashAt, recordMemory } from './record.ts'

const LIFE = { created: BATCH_CREATES, recreated: BATCH_RECREATES, destroyed: BATCH_DESTROYS }
const NONCES = 1n << 64n

/** Puts a change set into batches. @throws {RangeError} for a nonce that no account can have (EIP-2681) */
export function writeChanges(arena: Arena, sink: BatchSink, changes: ChangeSet): void {
  if (changes.batch !== undefined) {
    sink.batch(changes.batch)
    return
  }
  for (const [address, writes] of changes.accounts) {
    writeAccount(arena, sink.beginAccount(), address, writes)
    if (writes.life === 'destroyed') continue
    for (const [key, value] of writes.slots ?? []) writeSlot(arena, sink.beginSlot(), key, value)
  }
}

/** A batch as a change set: decoded when its accounts are first looked at. @param codes those that are new */
export function changesOfBatch(batch: Uint8Array, codes: Map<Hash, Uint8Array>): ChangeSet {
  let decoded: ChangeSet['accounts'] | undefined
  return {
    batch,
    codes,
    get accounts() {
      return (decoded ??= accountsIn(batch))
    },
  }
}

function accountsIn(batch: Uint8Array): ChangeSet['accounts'] {
  const memory = recordMemory(batch.slice().buffer)
  const { u32 } = memory
  const accounts: ChangeSet['accounts'] = new Map()
  for (let at = 0; at < batch.length;) {
    const count = u32[(at + BATCH_SLOTS) >>> 2]!
    accounts.set(addressIn(u32, at >>> 2), writesIn(memory, at, count))
    at += BATCH_ACCOUNT_BYTES + count * BATCH_SLOT_BYTES
  }
  return accounts
}

function writesIn(memory: RecordMemory, at: number, count: number): AccountWrites {
  const { u32, u64 } = memory
  const flags = u32[(at + BATCH_FLAGS) >>> 2]!
  if ((flags & BATCH_DESTROYS) !== 0) return { life: 'destroyed' }
  const writes: AccountWrites = {}
  if ((flags & BATCH_CREATES) !== 0) writes.life = 'created'
  if ((flags & BATCH_RECREATES) !== 0) writes.life = 'recreated'
  if ((flags & BATCH_SETS_BALANCE) !== 0)
    writes.balanceWei = wordIn(u64, (at + BATCH_BALANCE) >>> 3)
  if ((flags & BATCH_SETS_NONCE) !== 0) writes.nonce = u64[(at + BATCH_NONCE) >>> 3]!
  if ((flags & BATCH_SETS_CODE) !== 0) writes.codeHash = hashAt(memory, at + BATCH_CODE)
  if (count === 0) return writes
  const slots = new Map<Slot, bigint>()
  const first = at + BATCH_ACCOUNT_BYTES
  for (let slot = first; slot < first + count * BATCH_SLOT_BYTES; slot += BATCH_SLOT_BYTES) {
    slots.set(keyIn(u32, slot >>> 2), wordIn(u64, (slot + BATCH_SLOT_VALUE) >>> 3))
  }
  writes.slots = slots
  return writes
}

function writeAccount(arena: Arena, at: number, address: Address, writes: AccountWrites): void {
  const { life, balanceWei, nonce, codeHash } = writes
  writeHexWord(arena, at, address, 20)
  let flags = life === undefined ? 0 : LIFE[life]
  if (balanceWei !== undefined) {
    flags |= BATCH_SETS_BALANCE
    writeWord(arena, at + BATCH_BALANCE, balanceWei)
  }
  if (nonce !== undefined) {
    if (nonce >= NONCES) throw new RangeError(`the nonce of ${address} is ${nonce}, above 2^64 - 1`)
    flags |= BATCH_SETS_NONCE
    arena.u64[(at + BATCH_NONCE) >>> 3] = nonce
  }
  if (codeHash !== undefined) {
    flags |= BATCH_SETS_CODE
    writeHex(arena.u8, at + BATCH_CODE, codeHash, 32)
  }
  arena.view.setUint32(at + BATCH_FLAGS, flags, true)
}

function writeSlot(arena: Arena, at: number, key: Slot, value: bigint): void {
  writeHexWord(arena, at, key, 32)
  writeWord(arena, at + BATCH_SLOT_VALUE, value)
}

function writeWord(arena: Arena, at: number, value: bigint): void {
  const { u64 } = arena
  const i = at >>> 3
  u64[i] = value
  u64[i + 1] = value >> 64n
  u64[i + 2] = value >> 128n
  u64[i + 3] = value >> 192n
}

/** The number in big-endian hex as a word: its bytes in reverse. */
function writeHexWord({ u8 }: Arena, at: number, hex: Hex, size: number): void {
  writeHex(u8, at, hex, size)
  for (let low = at, high = at + size - 1; low < high; low++, high--) {
    const byte = u8[low]!
    u8[low] = u8[high]!
    u8[high] = byte
  }
}

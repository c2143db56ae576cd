/**
 * The lanes' shared state. Every thread has an instance of this module over the same memory; globals are the instance's own.
 * What an engine imports: `account`, `slot` and `word` (`src/state/README.md`, "The binary seam").
 */
import {
  ACCOUNT_BUCKETS,
  ACCOUNT_FILLED,
  ACCOUNT_IMAGE,
  ACCOUNT_STAMP,
  BASE_ARENA,
  BASE_NEXT,
  DIRTY,
  EPOCH,
  GENERATION,
  IMAGE_SIZE,
  IO,
  OVERFLOW,
  SLOT_BASE,
  SLOT_STAMP,
  STAMPS,
} from '../layout'
import { copy } from '../../../primitives/assembly/u256'
import { arena, epoch } from './arena'
import { accountAt, accountOf, slotAt, slotOf } from './locations'
import { FOUND, found, seeAccount, seeSlot, viewer, wipe } from './versions'

export { allocate, attach, enter } from './arena'
export { validate } from './validate'
export { foretell, forgetEstimates, forgetForetold, markEstimates, merge, publish } from './merge'
export { changes, settle } from './changes'
export { beginOrder, input, keep, kept, open, put, room, take } from './in-order'
export { at } from './versions'
export { gather } from './records'
export { codeAt, newCode, showCode, showCodes } from './codes'

/** @returns 0 not cached, -1 wait, else the account's handle */
export function account(a0: u64, a1: u64, a2: u64): i32 {
  const location = accountAt(a0, a1, a2)
  if (location == 0) return 0
  const seen = seeAccount(location, viewer)
  return seen == FOUND ? <i32>location : seen
}

/** @returns 0 not cached, -1 wait, 1 found */
export function slot(handle: i32, k0: u64, k1: u64, k2: u64, k3: u64): i32 {
  const location = slotAt(<usize>handle, k0, k1, k2, k3)
  return location == 0 ? 0 : seeSlot(location, viewer)
}

/** The i-th u64 of what was found last. */
export function word(i: i32): u64 {
  return load<u64>(found + (<usize>i << 3))
}

/** The address of 24 bytes in the arena's start, for the host. @returns as `account`, what was found in `image` */
export function accountHere(): i32 {
  const io = arena + IO
  return account(load<u64>(io), load<u64>(io, 8), load<u64>(io, 16))
}

/** The address of 24 bytes in the arena's start, then a key. @returns as `slot`, what was found in `image`; 0 without the account */
export function slotHere(): i32 {
  const io = arena + IO
  const location = accountOf(io)
  if (location == 0) return 0
  const place = slotOf(location, io + 24)
  return place == 0 ? 0 : seeSlot(place, viewer)
}

/** The address in the arena's start: whether its storage was wiped in this block. */
export function isWipedHere(): bool {
  return accountHere() > 0 && wipe != 0
}

/** Where what was found last is. */
export function image(): usize {
  return found
}

/** Caches an account of the base that is not there yet: its address and image are in the arena's start. One thread fills the base. */
export function putAccount(): u32 {
  const io = arena + IO
  const location = accountOf(io)
  if (location == 0) return 1
  memory.copy(location + ACCOUNT_IMAGE, io + 24, IMAGE_SIZE)
  store<u32>(location, epoch, ACCOUNT_STAMP)
  atomic.store<u32>(location, epoch, ACCOUNT_FILLED)
  return 0
}

/** As `putAccount`, for an account that may be cached already, between blocks. @param isWiped whether its storage went */
export function renewAccount(isWiped: bool): u32 {
  const location = accountOf(arena + IO)
  if (location == 0) return 1
  const wasFilled = atomic.load<u32>(location, ACCOUNT_FILLED) == epoch
  memory.copy(location + ACCOUNT_IMAGE, arena + IO + 24, IMAGE_SIZE)
  if (isWiped || !wasFilled) store<u32>(location, atomic.add<u32>(STAMPS, 1) + 1, ACCOUNT_STAMP)
  atomic.store<u32>(location, epoch, ACCOUNT_FILLED)
  return 0
}

/** As `putSlot`, for a slot that may be cached already, between blocks. */
export function renewSlot(): u32 {
  const io = arena + IO
  const location = accountOf(io)
  const place = location == 0 ? 0 : slotOf(location, io + 24)
  if (place == 0) return 1
  copy(place + SLOT_BASE, io + 56)
  atomic.store<u32>(place, load<u32>(location, ACCOUNT_STAMP), SLOT_STAMP)
  return 0
}

/** Caches a slot of the base: address, key and value are in the arena's start. The account is cached already. */
export function putSlot(): u32 {
  const io = arena + IO
  const location = accountOf(io)
  const place = location == 0 ? 0 : slotOf(location, io + 24)
  if (place == 0) return 1
  const stamp = load<u32>(location, ACCOUNT_STAMP)
  if (atomic.load<u32>(place, SLOT_STAMP) == stamp) return 0
  copy(place + SLOT_BASE, io + 56)
  atomic.store<u32>(place, stamp, SLOT_STAMP)
  return 0
}

/** A block begins: versions of earlier ones are not seen any more. */
export function beginBlock(): void {
  store<u32>(DIRTY, 0)
  atomic.store<u32>(OVERFLOW, 0)
  atomic.add<u32>(GENERATION, 1)
}

/** What is cached of the base does not hold any more. */
export function beginEpoch(): void {
  atomic.store<u32>(EPOCH, atomic.add<u32>(STAMPS, 1) + 1)
}

/** Forgets every location and code. When nobody runs. */
export function clear(): void {
  memory.fill(ACCOUNT_BUCKETS, 0, BASE_ARENA - ACCOUNT_BUCKETS)
  atomic.store<u32>(BASE_NEXT, BASE_ARENA)
  beginEpoch()
}

/**
 * MegaETH's resources beside gas: bytes of data, key-value updates, new accounts and slots. A frame that fails takes what it counted
 * with it; one that counts more than its part of what its caller had left fails. Where a network has none of it, nothing is called here.
 */
import {
  ACCOUNT_SLOTS,
  FRAME_PERCENT,
  FRAME_SIZE,
  RESOURCE_LIMITS,
  SLOT_BASE,
  SLOT_EARLIER,
  SLOT_VALUE,
  STORAGE_STIPEND,
  TOPIC_BYTES,
  WRITE_BYTES,
} from '../layout'
import { TX_DATA_BYTES, TX_KV_UPDATES } from '../transaction-layout'
import { isEqual, isZero } from '../../../primitives/assembly/u256'
import { tx } from './encoded'
import {
  COUNTS_LEFT,
  COUNTS_MARK,
  GIVEN_GAS,
  HAS_COUNTED_CALLER,
  HAS_OWN_STIPEND,
  IS_COUNTED,
  STIPEND_LEFT,
} from './frame-layout'
import { setAside } from './meter'
import { depth, frame, gas, setGas } from './registers'

/** Three i64, in the order of the limits. */
const COUNTS: usize = memory.data(24)
const DATA: usize = 0
const KV: usize = 8
const GROWTH: usize = 16
const END: usize = 24

/** `MegaLimitExceeded(uint8 kind, uint64 limit)`, as its bytes are in memory. */
const SELECTOR: u32 = bswap<u32>(0x84b90267)
export const EXCESS_SIZE: usize = 68
const EXCESS: usize = memory.data(68)
/** What the specification calls the three. */
const KIND_OF_GROWTH: u8 = 3

@inline
export function areCounted(): bool {
  return load<u64>(FRAME_PERCENT) != 0
}

/** The transaction at work begins. */
export function resetResources(): void {
  store<i64>(COUNTS, load<u32>(tx, TX_DATA_BYTES), DATA)
  store<i64>(COUNTS, load<u32>(tx, TX_KV_UPDATES), KV)
  store<i64>(COUNTS, 0, GROWTH)
}

/** Of the transaction, once it has ended; never below zero. @param which 0 to 2 */
export function countOf(which: usize): u32 {
  if (!areCounted()) return 0
  return <u32>max<i64>(load<i64>(COUNTS + (which << 3)), 0)
}

/** The frame that was just put on top gets its part. */
export function openResources(): void {
  const caller = frame - FRAME_SIZE
  for (let at: usize = 0; at < END; at += 8) {
    const now = load<i64>(COUNTS + at)
    store<i64>(frame + at, now, COUNTS_MARK)
    // Below zero when what the transaction brings is too much already.
    const left = depth == 0 ? load<i64>(RESOURCE_LIMITS + at) - now : (leftOf(caller, at) * load<i64>(FRAME_PERCENT)) / 100
    store<i64>(frame + at, left, COUNTS_LEFT)
  }
  store<u32>(frame, 0, IS_COUNTED)
  store<u32>(frame, 0, HAS_COUNTED_CALLER)
  store<i64>(frame, depth == 0 ? 0 : load<i64>(caller, STIPEND_LEFT), STIPEND_LEFT)
  store<u32>(frame, 0, HAS_OWN_STIPEND)
}

/** The frame on top was called with value. */
export function giveStipend(): void {
  store<i64>(frame, load<i64>(STORAGE_STIPEND), STIPEND_LEFT)
  store<u32>(frame, 1, HAS_OWN_STIPEND)
}

/** Of a price for storage, what the stipend does not pay. */
export function beyondStipend(price: i64): i64 {
  if (!areCounted()) return price
  const left = load<i64>(frame, STIPEND_LEFT)
  const paid = min(left, price)
  store<i64>(frame, left - paid, STIPEND_LEFT)
  return price - paid
}

/**
 * The frame on top ends. What is left of its caller's stipend goes back; of its own no more than the gas that it was given comes back to
 * the caller, so the stipend covers what it ran for as well.
 */
export function returnStipend(): void {
  if (depth == 0) return
  const left = load<i64>(frame, STIPEND_LEFT)
  if (load<u32>(frame, HAS_OWN_STIPEND) == 0) return store<i64>(frame - FRAME_SIZE, left, STIPEND_LEFT)
  const covered = min(load<i64>(frame, GIVEN_GAS) - gas, left)
  setGas(gas + covered)
  // It was computed with all the same.
  setAside(-covered)
}

function leftOf(which: usize, at: usize): i64 {
  const left = load<i64>(which + at, COUNTS_LEFT)
  return max<i64>(left - max<i64>(countedIn(which, at), 0), 0)
}

@inline
function countedIn(which: usize, at: usize): i64 {
  return load<i64>(COUNTS + at) - load<i64>(which + at, COUNTS_MARK)
}

@inline
function count(at: usize, amount: i64): void {
  store<i64>(COUNTS + at, load<i64>(COUNTS + at) + amount)
}

function countWrites(writes: i64): void {
  count(DATA, writes * load<i64>(WRITE_BYTES))
  count(KV, writes)
}

/** The frame on top moves wei or creates: what it writes of its own account and its caller's. @param isNew whether its account is */
export function countAccounts(isNew: bool): void {
  if (depth > 0 && load<u32>(frame - FRAME_SIZE, IS_COUNTED) == 0) {
    store<u32>(frame - FRAME_SIZE, 1, IS_COUNTED)
    store<u32>(frame, 1, HAS_COUNTED_CALLER)
    countWrites(1)
  }
  countWrites(1)
  store<u32>(frame, 1, IS_COUNTED)
  if (isNew) count(GROWTH, 1)
}

/** An account that authorised the transaction (EIP-7702) is new. */
export function countAuthority(): void {
  count(GROWTH, 1)
}

/** A slot becomes `value`. */
export function countSlot(slot: usize, value: usize): void {
  const base = slot + SLOT_BASE
  const current = slot + SLOT_VALUE
  if (isEqual(current, base)) {
    if (!isEqual(value, base)) countWrites(1)
  } else if (isEqual(value, base)) countWrites(-1)
  if (!isZero(base)) return
  if (isZero(current) && !isZero(value)) count(GROWTH, 1)
  else if (!isZero(current) && isZero(value)) count(GROWTH, -1)
}

export function countLog(topics: i32, size: u64): void {
  count(DATA, <i64>topics * load<i64>(TOPIC_BYTES) + <i64>size)
}

export function countCode(size: usize): void {
  count(DATA, <i64>size)
}

/** A contract destroys itself and brings an account to life by what it had. */
export function countHeir(): void {
  countWrites(1)
  count(GROWTH, 1)
}

/** What was made in this transaction is gone with it: the account and its new slots. */
export function countDestruction(account: usize): void {
  count(GROWTH, -1)
  let slot: usize = load<u32>(account, ACCOUNT_SLOTS)
  while (slot != 0) {
    if (isZero(slot + SLOT_BASE) && !isZero(slot + SLOT_VALUE)) count(GROWTH, -1)
    slot = load<u32>(slot, SLOT_EARLIER)
  }
}

/** Of what the frame on top counted more than it may: 0 to 2, or -1. */
export function exceeded(): i32 {
  for (let at: usize = 0; at < END; at += 8) {
    if (countedIn(frame, at) > load<i64>(frame + at, COUNTS_LEFT)) return <i32>(at >> 3)
  }
  return -1
}

/** What a frame reverts with for that. @returns where it is, `EXCESS_SIZE` bytes */
export function excessOf(which: i32): usize {
  memory.fill(EXCESS, 0, EXCESS_SIZE)
  store<u32>(EXCESS, SELECTOR)
  store<u8>(EXCESS, which == 2 ? KIND_OF_GROWTH : <u8>which, 35)
  store<u64>(EXCESS, bswap<u64>(load<u64>(frame + (<usize>which << 3), COUNTS_LEFT)), 60)
  return EXCESS
}

/** The frame on top fails. */
export function uncount(): void {
  for (let at: usize = 0; at < END; at += 8) store<i64>(COUNTS + at, load<i64>(frame + at, COUNTS_MARK))
  if (load<u32>(frame, HAS_COUNTED_CALLER) != 0) store<u32>(frame - FRAME_SIZE, 0, IS_COUNTED)
}

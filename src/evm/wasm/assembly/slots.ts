/** Storage and transient storage: entries by account and key. */
import {
  ACCESSED,
  ACCOUNT_FLAGS,
  ACCOUNT_SLOTS,
  ANSWER,
  COLD_SLOT_GAS,
  CREATED,
  EXISTED,
  FIRST_BUCKETS,
  FROM_VIEW,
  LOADED,
  PAGE_BITS,
  READ_LIFE,
  SLOT_ACCOUNT,
  SLOT_BASE,
  SLOT_BUCKETS,
  SLOT_EARLIER,
  SLOT_FLAGS,
  SLOT_NEXT,
  SLOT_SIZE,
  SLOT_VALUE,
  TRANSIENT_BUCKETS,
  WARM,
  WATCHES_WRITES,
} from '../layout'
import {
  BERLIN,
  CONSTANTINOPLE,
  ISTANBUL,
  LONDON,
  OUT_OF_GAS,
  WRITE_PROTECTION,
} from '../status'
import { copy, isEqual, isZero, set64 } from '../../../primitives/assembly/u256'
import { noteRead } from './accounts'
import { ACCOUNT_OF_FRAME } from './frame-layout'
import { entry, pin } from './heap'
import { noteSlot, raiseSlot } from './journal'
import { needSlot } from './needs'
import { fetchSlot } from './source'
import { pageAt, pagedGas, resetPages } from './pages'
import { fork, frame, gas, isStatic, refund, setGas, setRefund } from './registers'
import { countSlot } from './resources'

let buckets: usize = SLOT_BUCKETS
let mask: u32 = FIRST_BUCKETS - 1
let count: u32 = 0
let transient: usize = TRANSIENT_BUCKETS
let transientMask: u32 = FIRST_BUCKETS - 1
let transientCount: u32 = 0

export function resetSlots(): void {
  buckets = SLOT_BUCKETS
  mask = FIRST_BUCKETS - 1
  if (count > 0) memory.fill(buckets, 0, FIRST_BUCKETS << 2)
  count = 0
  transient = TRANSIENT_BUCKETS
  transientMask = FIRST_BUCKETS - 1
  if (transientCount > 0) memory.fill(transient, 0, FIRST_BUCKETS << 2)
  transientCount = 0
  resetPages()
}

@inline
export function place(account: usize, key: usize): u32 {
  const low = load<u64>(key) ^ (load<u64>(key, 8) * 0x9e3779b97f4a7c15)
  const high = load<u64>(key, 16) ^ (load<u64>(key, 24) * 0xc2b2ae3d27d4eb4f)
  return <u32>(((low ^ rotl(high, 23) ^ account) * 0xd6e8feb86659fd93) >> 32)
}

export function find(bucket: usize, account: usize, key: usize): usize {
  let at: usize = load<u32>(bucket)
  while (at != 0) {
    if (load<u32>(at, SLOT_ACCOUNT) == <u32>account && isEqual(at, key)) return at
    at = load<u32>(at, SLOT_NEXT)
  }
  return 0
}

/** The slot of `account` at `key`. */
export function slotAt(account: usize, key: usize): usize {
  let bucket = buckets + ((place(account, key) & mask) << 2)
  const found = find(bucket, account, key)
  if (found != 0) return found
  if (++count > mask) {
    const wider = mask * 4 + 3
    buckets = spread(buckets, mask, wider)
    mask = wider
    bucket = buckets + ((place(account, key) & mask) << 2)
  }
  const at = make(bucket, account, key)
  store<u32>(at, load<u32>(account, ACCOUNT_SLOTS), SLOT_EARLIER)
  store<u32>(account, <u32>at, ACCOUNT_SLOTS)
  return at
}

function transientAt(account: usize, key: usize): usize {
  let bucket = transient + ((place(account, key) & transientMask) << 2)
  const found = find(bucket, account, key)
  if (found != 0) return found
  if (++transientCount > transientMask) {
    const wider = transientMask * 4 + 3
    transient = spread(transient, transientMask, wider)
    transientMask = wider
    bucket = transient + ((place(account, key) & transientMask) << 2)
  }
  return make(bucket, account, key)
}

export function make(bucket: usize, account: usize, key: usize): usize {
  const at = entry(SLOT_SIZE)
  copy(at, key)
  store<u32>(at, <u32>account, SLOT_ACCOUNT)
  store<u32>(at, load<u32>(bucket), SLOT_NEXT)
  store<u32>(bucket, <u32>at)
  return at
}

/** The same entries in a wider table. */
export function spread(from: usize, oldMask: u32, newMask: u32): usize {
  const to = pin((<usize>newMask + 1) << 2)
  memory.fill(to, 0, (<usize>newMask + 1) << 2)
  for (let i: u32 = 0; i <= oldMask; i++) {
    let at: usize = load<u32>(from + (i << 2))
    while (at != 0) {
      const next: usize = load<u32>(at, SLOT_NEXT)
      const bucket = to + ((place(load<u32>(at, SLOT_ACCOUNT), at) & newMask) << 2)
      store<u32>(at, load<u32>(bucket), SLOT_NEXT)
      store<u32>(bucket, <u32>at)
      at = next
    }
  }
  return to
}

@inline
export function flagsOf(slot: usize): u32 {
  return load<u32>(slot, SLOT_FLAGS)
}

/**
 * Whether the value is there, which an instruction has paid to see: it counts as accessed from now on (EIP-7928). An account that
 * is new or was not there has none, and nobody is asked.
 */
@inline
function isKnown(slot: usize, account: usize): bool {
  const flags = flagsOf(slot)
  store<u32>(slot, flags | ACCESSED, SLOT_FLAGS)
  return (flags & LOADED) != 0 || fetch(slot, account)
}

function fetch(slot: usize, account: usize): bool {
  const flags = load<u32>(account, ACCOUNT_FLAGS)
  if ((flags & CREATED) == 0) noteRead(account, READ_LIFE)
  if ((flags & CREATED) != 0 || (flags & EXISTED) == 0) {
    store<u32>(slot, flagsOf(slot) | LOADED, SLOT_FLAGS)
    return true
  }
  if (!fetchSlot(account, slot)) return false
  provideSlot(slot, ANSWER)
  return true
}

/** The answer to a need. */
export function provideSlot(slot: usize, value: usize): void {
  copy(slot + SLOT_VALUE, value)
  copy(slot + SLOT_BASE, value)
  store<u32>(slot, flagsOf(slot) | LOADED | FROM_VIEW, SLOT_FLAGS)
}

/** What is warmed for the slot of `account` at `key`: the slot, or its page. */
@inline
export function unitAt(account: usize, key: usize): usize {
  return load<u32>(PAGE_BITS) == 0 ? slotAt(account, key) : pageAt(account, key)
}

/** SLOAD: the key at `at` becomes the value. */
export function sload(at: usize): i32 {
  const account: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  const slot = slotAt(account, at)
  const unit = load<u32>(PAGE_BITS) == 0 ? slot : pageAt(account, at)
  if (fork >= BERLIN && (flagsOf(unit) & WARM) == 0) {
    const cold = load<i64>(COLD_SLOT_GAS)
    if (gas < cold) return OUT_OF_GAS
    if (!isKnown(slot, account)) return needSlot(slot)
    setGas(gas - cold)
    raiseSlot(unit, WARM)
  } else if (!isKnown(slot, account)) return needSlot(slot)
  copy(at, slot + SLOT_VALUE)
  return 0
}

/** SSTORE: the key at `at`, the value below it. */
export function sstore(at: usize): i32 {
  if (isStatic) return WRITE_PROTECTION
  if (fork >= ISTANBUL && gas <= 2300) return OUT_OF_GAS
  const account: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  const slot = slotAt(account, at)
  if (!isKnown(slot, account)) return needSlot(slot)
  const value = at - 32
  if (load<u32>(WATCHES_WRITES) != 0) {
    if (load<u32>(PAGE_BITS) != 0) return sstorePaged(account, slot, value, at)
    // What cannot be paid for is taken back with its frame.
    countSlot(slot, value)
  }
  let cost: i64 = 0
  if (fork >= BERLIN && (flagsOf(slot) & WARM) == 0) cost = load<i64>(COLD_SLOT_GAS) + 100
  const isMetered = fork >= ISTANBUL || fork == CONSTANTINOPLE
  cost += isMetered ? meteredGas(slot, value) : plainGas(slot, value)
  if (cost > gas) return OUT_OF_GAS
  setGas(gas - cost)
  if (isMetered) meteredRefund(slot, value)
  else if (!isZero(slot + SLOT_VALUE) && isZero(value)) setRefund(refund + 15000)
  if (fork >= BERLIN) raiseSlot(slot, WARM)
  noteSlot(slot)
  copy(slot + SLOT_VALUE, value)
  return 0
}

/** SSTORE where pages are paid for: `pages.ts`. */
function sstorePaged(account: usize, slot: usize, value: usize, at: usize): i32 {
  const page = pageAt(account, at)
  const cost = pagedGas(page, slot, value)
  if (cost > gas) return OUT_OF_GAS
  setGas(gas - cost)
  noteSlot(slot)
  copy(slot + SLOT_VALUE, value)
  return 0
}

function plainGas(slot: usize, value: usize): i64 {
  return isZero(slot + SLOT_VALUE) && !isZero(value) ? 20000 : 5000
}

/** What a storage operation costs that changes nothing of weight: EIP-1283, 2200, 2929. */
@inline
function idleGas(): i64 {
  return fork >= BERLIN ? 100 : fork >= ISTANBUL ? 800 : 200
}

function meteredGas(slot: usize, value: usize): i64 {
  const current = slot + SLOT_VALUE
  if (isEqual(current, value) || !isEqual(current, slot + SLOT_BASE)) return idleGas()
  if (isZero(current)) return 20000
  return fork >= BERLIN ? 2900 : 5000
}

function meteredRefund(slot: usize, value: usize): void {
  const current = slot + SLOT_VALUE
  const base = slot + SLOT_BASE
  if (isEqual(current, value)) return
  const cleared: i64 = fork >= LONDON ? 4800 : 15000
  if (isEqual(current, base)) {
    if (!isZero(base) && isZero(value)) setRefund(refund + cleared)
    return
  }
  if (!isZero(base)) {
    if (isZero(current)) setRefund(refund - cleared)
    else if (isZero(value)) setRefund(refund + cleared)
  }
  if (!isEqual(base, value)) return
  const full: i64 = isZero(base) ? 20000 : fork >= BERLIN ? 2900 : 5000
  setRefund(refund + full - idleGas())
}

/** TLOAD */
export function tload(at: usize): i32 {
  const account: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  const slot = find(transient + ((place(account, at) & transientMask) << 2), account, at)
  if (slot == 0) set64(at, 0)
  else copy(at, slot + SLOT_VALUE)
  return 0
}

/** TSTORE */
export function tstore(at: usize): i32 {
  if (isStatic) return WRITE_PROTECTION
  const slot = transientAt(load<u32>(frame, ACCOUNT_OF_FRAME), at)
  noteSlot(slot)
  copy(slot + SLOT_VALUE, at - 32)
  return 0
}

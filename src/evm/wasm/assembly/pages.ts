/** MIP-8: slots are warmed, and their writes paid for, by pages of slots in a row. */
import {
  COLD_SLOT_GAS,
  FIRST_BUCKETS,
  PAGE_BITS,
  PAGE_BUCKETS,
  PAGE_GROWTH,
  PAGE_GROWTH_GAS,
  PAGE_PEAK,
  PAGE_WRITE_GAS,
  PAGE_WRITTEN,
  SLOT_VALUE,
  WARM,
} from '../layout'
import { isEqual, isZero, set } from '../../../primitives/assembly/u256'
import { noteSlot, raiseSlot } from './journal'
import { gas } from './registers'
import { find, flagsOf, make, place, spread } from './slots'

const BASE_GAS: i64 = 100

let buckets: usize = PAGE_BUCKETS
let mask: u32 = FIRST_BUCKETS - 1
let count: u32 = 0

const KEY: usize = memory.data(32)

export function resetPages(): void {
  buckets = PAGE_BUCKETS
  mask = FIRST_BUCKETS - 1
  if (count > 0) memory.fill(buckets, 0, FIRST_BUCKETS << 2)
  count = 0
}

/** The page that the slot of `account` at `key` is in. */
export function pageAt(account: usize, key: usize): usize {
  const bits = <u64>load<u32>(PAGE_BITS)
  const rest = 64 - bits
  const k1 = load<u64>(key, 8)
  const k2 = load<u64>(key, 16)
  const k3 = load<u64>(key, 24)
  set(KEY, (load<u64>(key) >> bits) | (k1 << rest), (k1 >> bits) | (k2 << rest), (k2 >> bits) | (k3 << rest), k3 >> bits)
  let bucket = buckets + ((place(account, KEY) & mask) << 2)
  const found = find(bucket, account, KEY)
  if (found != 0) return found
  if (++count > mask) {
    const wider = mask * 4 + 3
    buckets = spread(buckets, mask, wider)
    mask = wider
    bucket = buckets + ((place(account, KEY) & mask) << 2)
  }
  return make(bucket, account, KEY)
}

/** What SSTORE costs, of a slot whose value is known. The page is changed only when there is gas for it. */
export function pagedGas(page: usize, slot: usize, value: usize): i64 {
  const flags = flagsOf(page)
  const cost = BASE_GAS + ((flags & WARM) == 0 ? load<i64>(COLD_SLOT_GAS) : 0)
  const current = slot + SLOT_VALUE
  const isChange = !isEqual(current, value)
  const writing: i64 = isChange && (flags & PAGE_WRITTEN) == 0 ? load<i64>(PAGE_WRITE_GAS) : 0
  const growth = load<i64>(page, PAGE_GROWTH) + change(current, value)
  const peak = load<i64>(page, PAGE_PEAK)
  const growing: i64 = growth > peak ? load<i64>(PAGE_GROWTH_GAS) : 0
  const total = cost + writing + growing
  if (total > gas) return total
  raiseSlot(page, WARM)
  if (!isChange) return total
  raiseSlot(page, PAGE_WRITTEN)
  noteSlot(page)
  store<i64>(page, growth, PAGE_GROWTH)
  if (growth > peak) store<i64>(page, growth, PAGE_PEAK)
  return total
}

/** By how many slots that are not zero the page changes. */
function change(current: usize, value: usize): i64 {
  if (isZero(current)) return isZero(value) ? 0 : 1
  return isZero(value) ? -1 : 0
}

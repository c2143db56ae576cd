/** Tables of locations. An entry never moves and never goes, and a link is set before its head is published: readers take no lock. */
import {
  ACCOUNT_BUCKETS,
  ACCOUNT_MASK,
  ACCOUNT_NEXT,
  ACCOUNT_SIZE,
  SLOT_ACCOUNT,
  SLOT_BUCKETS,
  SLOT_MASK,
  SLOT_NEXT,
  SLOT_SIZE,
} from '../layout'
import { set } from '../../../primitives/assembly/u256'
import { allocateBase } from './arena'

function findAccount(from: usize, until: usize, a0: u64, a1: u64, a2: u64): usize {
  let at = from
  while (at != until) {
    if (load<u64>(at) == a0 && load<u64>(at, 8) == a1 && load<u64>(at, 16) == a2) return at
    at = load<u32>(at, ACCOUNT_NEXT)
  }
  return 0
}

/** The location of the account with these limbs; 0 when there is no memory for it. */
export function accountAt(a0: u64, a1: u64, a2: u64): usize {
  const mixed = (a0 ^ (a1 * 0x9e3779b97f4a7c15) ^ (a2 << 17)) * 0xd6e8feb86659fd93
  const bucket = ACCOUNT_BUCKETS + (((<usize>(mixed >> 32)) & ACCOUNT_MASK) << 2)
  let head: usize = atomic.load<u32>(bucket)
  const found = findAccount(head, 0, a0, a1, a2)
  if (found != 0) return found
  const at = allocateBase(ACCOUNT_SIZE)
  if (at == 0) return 0
  memory.fill(at, 0, ACCOUNT_SIZE)
  store<u64>(at, a0)
  store<u64>(at, a1, 8)
  store<u64>(at, a2, 16)
  store<u32>(at, <u32>head, ACCOUNT_NEXT)
  let seen: usize = atomic.cmpxchg<u32>(bucket, <u32>head, <u32>at)
  while (seen != head) {
    // Another lane was first. It may have put in the same account.
    const theirs = findAccount(seen, head, a0, a1, a2)
    if (theirs != 0) return theirs
    head = seen
    store<u32>(at, <u32>head, ACCOUNT_NEXT)
    seen = atomic.cmpxchg<u32>(bucket, <u32>head, <u32>at)
  }
  return at
}

function findSlot(from: usize, until: usize, account: usize, k0: u64, k1: u64, k2: u64, k3: u64): usize {
  let at = from
  while (at != until) {
    if (
      load<u64>(at) == k0 &&
      load<u32>(at, SLOT_ACCOUNT) == <u32>account &&
      load<u64>(at, 8) == k1 &&
      load<u64>(at, 16) == k2 &&
      load<u64>(at, 24) == k3
    )
      return at
    at = load<u32>(at, SLOT_NEXT)
  }
  return 0
}

/** The location of the slot; 0 when there is no memory for it. */
export function slotAt(account: usize, k0: u64, k1: u64, k2: u64, k3: u64): usize {
  const low = k0 ^ (k1 * 0x9e3779b97f4a7c15)
  const high = k2 ^ (k3 * 0xc2b2ae3d27d4eb4f)
  const mixed = (low ^ rotl(high, 23) ^ account) * 0xd6e8feb86659fd93
  const bucket = SLOT_BUCKETS + (((<usize>(mixed >> 32)) & SLOT_MASK) << 2)
  let head: usize = atomic.load<u32>(bucket)
  const found = findSlot(head, 0, account, k0, k1, k2, k3)
  if (found != 0) return found
  const at = allocateBase(SLOT_SIZE)
  if (at == 0) return 0
  memory.fill(at, 0, SLOT_SIZE)
  set(at, k0, k1, k2, k3)
  store<u32>(at, <u32>account, SLOT_ACCOUNT)
  store<u32>(at, <u32>head, SLOT_NEXT)
  let seen: usize = atomic.cmpxchg<u32>(bucket, <u32>head, <u32>at)
  while (seen != head) {
    const theirs = findSlot(seen, head, account, k0, k1, k2, k3)
    if (theirs != 0) return theirs
    head = seen
    store<u32>(at, <u32>head, SLOT_NEXT)
    seen = atomic.cmpxchg<u32>(bucket, <u32>head, <u32>at)
  }
  return at
}

/** The slot whose key is at `key`. */
@inline
export function slotOf(account: usize, key: usize): usize {
  return slotAt(account, load<u64>(key), load<u64>(key, 8), load<u64>(key, 16), load<u64>(key, 24))
}

/** The account whose limbs are at `address`. */
@inline
export function accountOf(address: usize): usize {
  return accountAt(load<u64>(address), load<u64>(address, 8), load<u64>(address, 16))
}

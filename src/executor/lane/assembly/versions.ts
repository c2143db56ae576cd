/** Lists of versions, the newest transaction first, and what a transaction sees in them. */
import {
  ACCOUNT_FILLED,
  ACCOUNT_HEAD,
  ACCOUNT_IMAGE,
  ACCOUNT_STAMP,
  DEAD,
  ESTIMATE,
  HAS_ALL,
  HAS_CODE,
  HAS_DELTA,
  HAS_LIFE,
  HAS_MERGED,
  HAS_NONCE,
  HAS_WIPE,
  IMAGE_BALANCE,
  IMAGE_CODE,
  IMAGE_EXISTS,
  IMAGE_FLAGS,
  IMAGE_HAS_STORAGE,
  IMAGE_NONCE,
  IMAGE_STORAGE_KNOWN,
  LIVE,
  SCRATCH_IMAGE,
  SLOT_ACCOUNT,
  SLOT_BASE,
  SLOT_HEAD,
  SLOT_STAMP,
  VERSION_MASK,
  VERSION_NEXT,
  VERSION_STATE,
  VERSION_TX,
  VERSION_VALUE,
  VERSION_WIPE,
  ZERO,
} from '../layout'
import { add, copy, isZero, set } from '../../../primitives/assembly/u256'
import { arena, epoch, generation } from './arena'

/** What was found last: an account's image, or a slot's word. */
export let found: usize = 0
/** One more than the transaction that last wiped the storage of the account found last. */
export let wipe: u32 = 0

export const UNKNOWN: i32 = 0
export const WAIT: i32 = -1
export const FOUND: i32 = 1

/** The newest version in this block's list; 0 when there is none. */
@inline
function first(head: usize): usize {
  const word = atomic.load<u64>(head)
  return <u32>(word >> 32) == generation ? <usize>(<u32>word) : 0
}

/** Whether only what is merged is looked at. What else is in the lists then, and whether it should be, does not matter. */
let isSettled: bool = false

/** From now on only what is merged is seen, or all that is published. */
export function look(settled: bool): void {
  isSettled = settled
}

export let viewer: u32 = 0

/** From now on state is what this transaction sees. @param settled by what is merged alone, else by all that is published */
export function at(tx: u32, settled: bool): void {
  viewer = tx
  isSettled = settled
}

@inline
function stands(version: usize, tx: u32): bool {
  if (load<u32>(version, VERSION_TX) >= tx) return false
  if (load<u32>(version, VERSION_MASK) == HAS_MERGED) return true
  return !isSettled && atomic.load<u32>(version, VERSION_STATE) != DEAD
}

/** The first version from `at` on that a transaction before `tx` wrote and that stands. */
@inline
function standing(at: usize, tx: u32): usize {
  while (at != 0 && !stands(at, tx)) at = atomic.load<u32>(at, VERSION_NEXT)
  return at
}

/** The account as `tx` sees it, in `found` and `wipe`. */
export function seeAccount(account: usize, tx: u32): i32 {
  const version = standing(first(account + ACCOUNT_HEAD), tx)
  if (version == 0) {
    if (atomic.load<u32>(account, ACCOUNT_FILLED) != epoch) return UNKNOWN
    found = account + ACCOUNT_IMAGE
    wipe = 0
    return FOUND
  }
  if (atomic.load<u32>(version, VERSION_STATE) == ESTIMATE) return WAIT
  if ((load<u32>(version, VERSION_MASK) & HAS_ALL) == 0) return gather(account, version, tx)
  found = version + VERSION_VALUE
  wipe = load<u32>(version, VERSION_WIPE)
  return FOUND
}

/** Puts the account together from versions that each have a part. */
function gather(account: usize, version: usize, tx: u32): i32 {
  const image = arena + SCRATCH_IMAGE
  memory.fill(image, 0, IMAGE_CODE)
  let known: u32 = 0
  let lastWipe: u32 = 0
  let flags: u64 = 0
  let isCredited = false
  let rest: usize = 0
  while (version != 0) {
    if (atomic.load<u32>(version, VERSION_STATE) == ESTIMATE) return WAIT
    const mask = load<u32>(version, VERSION_MASK)
    const value = version + VERSION_VALUE
    if ((mask & HAS_ALL) != 0) {
      rest = value
      if ((known & HAS_WIPE) == 0) lastWipe = load<u32>(version, VERSION_WIPE)
      break
    }
    if ((mask & HAS_DELTA) != 0) {
      add(image + IMAGE_BALANCE, image + IMAGE_BALANCE, value + IMAGE_BALANCE)
      if ((known & HAS_LIFE) == 0) isCredited = true
    }
    const news = mask & ~known
    if ((news & HAS_NONCE) != 0) store<u64>(image, load<u64>(value, IMAGE_NONCE), IMAGE_NONCE)
    if ((news & HAS_CODE) != 0) copy(image + IMAGE_CODE, value + IMAGE_CODE)
    if ((news & HAS_LIFE) != 0) flags |= load<u64>(value, IMAGE_FLAGS) & IMAGE_EXISTS
    if ((news & HAS_WIPE) != 0) lastWipe = load<u32>(version, VERSION_WIPE)
    known |= mask
    version = standing(atomic.load<u32>(version, VERSION_NEXT), tx)
  }
  if (rest == 0) {
    if (atomic.load<u32>(account, ACCOUNT_FILLED) != epoch) return UNKNOWN
    rest = account + ACCOUNT_IMAGE
  }
  add(image + IMAGE_BALANCE, image + IMAGE_BALANCE, rest + IMAGE_BALANCE)
  if ((known & HAS_NONCE) == 0) store<u64>(image, load<u64>(rest, IMAGE_NONCE), IMAGE_NONCE)
  if ((known & HAS_CODE) == 0) copy(image + IMAGE_CODE, rest + IMAGE_CODE)
  if ((known & HAS_LIFE) == 0) flags |= load<u64>(rest, IMAGE_FLAGS) & IMAGE_EXISTS
  if (isCredited && !isZero(image + IMAGE_BALANCE)) flags |= IMAGE_EXISTS
  const storage: u64 = IMAGE_STORAGE_KNOWN | IMAGE_HAS_STORAGE
  flags |= lastWipe != 0 ? IMAGE_STORAGE_KNOWN : load<u64>(rest, IMAGE_FLAGS) & storage
  store<u64>(image, flags, IMAGE_FLAGS)
  found = image
  wipe = lastWipe
  return FOUND
}

/** The slot as `tx` sees it, in `found`. What its account's last wipe came after is not there any more. */
export function seeSlot(slot: usize, tx: u32): i32 {
  const account: usize = load<u32>(slot, SLOT_ACCOUNT)
  const seen = seeAccount(account, tx)
  if (seen != FOUND) return seen
  const version = standing(first(slot + SLOT_HEAD), tx)
  if (version != 0) {
    if (atomic.load<u32>(version, VERSION_STATE) == ESTIMATE) return WAIT
    const isWiped = load<u32>(version, VERSION_TX) + 1 < wipe
    found = isWiped ? ZERO : version + VERSION_VALUE
    return FOUND
  }
  return seeBase(slot, account)
}

@inline
function seeBase(slot: usize, account: usize): i32 {
  found = ZERO
  if (wipe != 0) return FOUND
  // Who wrote the account has loaded it.
  if ((load<u64>(account, ACCOUNT_IMAGE) & IMAGE_EXISTS) == 0) return FOUND
  if (atomic.load<u32>(slot, SLOT_STAMP) != load<u32>(account, ACCOUNT_STAMP)) return UNKNOWN
  found = slot + SLOT_BASE
  return FOUND
}

/** Puts a version in its place. Writers of the same list wait for each other; readers see the list before or after. */
export function insert(head: usize, lock: usize, version: usize): void {
  while (atomic.cmpxchg<u32>(lock, 0, 1) != 0) {}
  const tx = load<u32>(version, VERSION_TX)
  let before: usize = 0
  let at = first(head)
  while (at != 0 && load<u32>(at, VERSION_TX) > tx) {
    before = at
    at = load<u32>(at, VERSION_NEXT)
  }
  store<u32>(version, <u32>at, VERSION_NEXT)
  if (before != 0) atomic.store<u32>(before, <u32>version, VERSION_NEXT)
  else atomic.store<u64>(head, (<u64>generation << 32) | <u64>version)
  // An earlier incarnation's: whoever holds it still sees it whole.
  while (at != 0 && load<u32>(at, VERSION_TX) == tx) {
    atomic.store<u32>(at, DEAD, VERSION_STATE)
    at = load<u32>(at, VERSION_NEXT)
  }
  atomic.store<u32>(lock, 0)
}

/** Changes the state of what `tx` has in a list, where it is `from`. */
export function restate(head: usize, tx: u32, from: u32, to: u32): void {
  let at = first(head)
  while (at != 0 && load<u32>(at, VERSION_TX) >= tx) {
    if (load<u32>(at, VERSION_TX) == tx) atomic.cmpxchg<u32>(at + VERSION_STATE, from, to)
    at = atomic.load<u32>(at, VERSION_NEXT)
  }
}

/** Marks a version that is not yet in a list. */
@inline
export function begin(version: usize, tx: u32, mask: u32, lastWipe: u32): void {
  store<u32>(version, tx, VERSION_TX)
  store<u32>(version, LIVE, VERSION_STATE)
  store<u32>(version, mask, VERSION_MASK)
  store<u32>(version, lastWipe, VERSION_WIPE)
}

/** keccak256 of nothing, as four u64 of its bytes. */
@inline
export function setEmptyCode(at: usize): void {
  set(at, 0x3c23f7860146d2c5, 0xc003c7dcb27d7e92, 0x3b2782ca53b600e5, 0x70a4855d04d8fa7b)
}

/**
 * A transaction's writes become versions. Merged in the order of the block they are whole: what the account is after the transaction.
 * Published before their turn they are parts, because what comes before may still change.
 */
import {
  DID_BALANCE,
  DID_CODE,
  DID_CREATE,
  DID_DESTROY,
  DID_NONCE,
  DID_RECREATE,
  ENTRY_BALANCE,
  ENTRY_BASE_BALANCE,
  ENTRY_BASE_CODE,
  ENTRY_BASE_NONCE,
  ENTRY_CODE,
  ENTRY_FLAGS,
  ENTRY_NONCE,
  ENTRY_READS,
  ENTRY_SIZE,
  ENTRY_SLOTS,
  ENTRY_WRITES,
  RECORD_ACCOUNTS,
  RECORD_HEADER_SIZE,
  RECORD_SLOT_FLAGS,
  RECORD_SLOT_SIZE,
  RECORD_SLOT_VALUE,
  SAW_LIFE,
  SLOT_WRITTEN,
  WAS_THERE,
} from '../../../state/record-layout'
import {
  ACCOUNT_DIRTY_IN,
  ACCOUNT_DIRTY_NEXT,
  ACCOUNT_DIRTY_SLOTS,
  ACCOUNT_HEAD,
  ACCOUNT_LOCK,
  ACCOUNT_VERSION_SIZE,
  DEAD,
  DIRTY,
  ESTIMATE,
  FORETOLD,
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
  IMAGE_NONCE,
  IMAGE_SIZE,
  IMAGE_STORAGE_KNOWN,
  LIVE,
  SLOT_DIRTY_IN,
  SLOT_DIRTY_NEXT,
  SLOT_HEAD,
  SLOT_LOCK,
  SLOT_VERSION_SIZE,
  VERSION_VALUE,
} from '../layout'
import { add, copy, isEqual, isZero, set64, sub } from '../../../primitives/assembly/u256'
import { allocate, generation } from './arena'
import { accountOf, slotOf } from './locations'
import { FOUND, begin, found, insert, look, restate, seeAccount, setEmptyCode, wipe } from './versions'

/** All is well. */
const OK: u32 = 0
/** An arena is full, or an account was never loaded: the block cannot go on here. */
const STUCK: u32 = 1

/**
 * Merges a record that holds: after every earlier transaction of the block, and before every later one. The record becomes what a run
 * in order would have written: balances, and what credits bring to life, are as they are now.
 */
export function merge(record: usize, tx: u32): u32 {
  look(true)
  let at = record + RECORD_HEADER_SIZE
  for (let left = load<u32>(record, RECORD_ACCOUNTS); left > 0; left--) {
    const slots = load<u32>(at, ENTRY_SLOTS)
    const next = at + ENTRY_SIZE + slots * RECORD_SLOT_SIZE
    const account = accountOf(at)
    if (account == 0 || seeAccount(account, tx) != FOUND) return STUCK
    patch(at)
    const writes = load<u32>(at, ENTRY_WRITES)
    if (writes != 0) {
      if (!mergeAccount(account, at, writes, tx)) return STUCK
      markAccount(account)
    }
    for (let slot = at + ENTRY_SIZE; slot < next; slot += RECORD_SLOT_SIZE) {
      if ((load<u32>(slot, RECORD_SLOT_FLAGS) & SLOT_WRITTEN) == 0) continue
      const location = putSlotVersion(account, slot, tx, HAS_MERGED)
      if (location == 0) return STUCK
      markAccount(account)
      markSlot(account, location)
    }
    at = next
  }
  return OK
}

/** Sets what the entry found to what is found now. What the transaction looked at is the same already. */
function patch(entry: usize): void {
  const exists = (load<u64>(found, IMAGE_FLAGS) & IMAGE_EXISTS) != 0
  const flags = load<u32>(entry, ENTRY_FLAGS)
  store<u32>(entry, exists ? flags | WAS_THERE : flags & ~WAS_THERE, ENTRY_FLAGS)
  let writes = load<u32>(entry, ENTRY_WRITES)
  const balance = entry + ENTRY_BALANCE
  sub(balance, balance, entry + ENTRY_BASE_BALANCE)
  copy(entry + ENTRY_BASE_BALANCE, found + IMAGE_BALANCE)
  add(balance, balance, found + IMAGE_BALANCE)
  if ((writes & DID_DESTROY) != 0) set64(balance, 0)
  if ((writes & DID_NONCE) == 0) store<u64>(entry, load<u64>(found, IMAGE_NONCE), ENTRY_NONCE)
  if ((writes & DID_CODE) == 0) copy(entry + ENTRY_CODE, found + IMAGE_CODE)
  store<u64>(entry, load<u64>(found, IMAGE_NONCE), ENTRY_BASE_NONCE)
  copy(entry + ENTRY_BASE_CODE, found + IMAGE_CODE)
  if ((load<u32>(entry, ENTRY_READS) & SAW_LIFE) != 0) return
  // Only credited: it comes to life if it is not there now, whatever it was when the transaction ran.
  const isCredited = (writes & (DID_BALANCE | DID_CREATE)) != 0
  writes = isCredited && !exists ? writes | DID_CREATE : writes & ~DID_CREATE
  store<u32>(entry, writes, ENTRY_WRITES)
}

/** After `patch`; `found` and `wipe` are what was before. */
function mergeAccount(account: usize, entry: usize, writes: u32, tx: u32): bool {
  const version = allocate(ACCOUNT_VERSION_SIZE)
  if (version == 0) return false
  const isWiped = (writes & (DID_DESTROY | DID_RECREATE)) != 0
  begin(version, tx, HAS_MERGED, isWiped ? tx + 1 : wipe)
  const image = version + VERSION_VALUE
  if ((writes & DID_DESTROY) != 0) setAbsent(image)
  else {
    let flags = load<u64>(found, IMAGE_FLAGS)
    if (isWiped) flags = IMAGE_STORAGE_KNOWN
    if ((writes & (DID_CREATE | DID_RECREATE)) != 0) flags |= IMAGE_EXISTS
    store<u64>(image, flags, IMAGE_FLAGS)
    store<u64>(image, load<u64>(entry, ENTRY_NONCE), IMAGE_NONCE)
    copy(image + IMAGE_BALANCE, entry + ENTRY_BALANCE)
    copy(image + IMAGE_CODE, entry + ENTRY_CODE)
  }
  insert(account + ACCOUNT_HEAD, account + ACCOUNT_LOCK, version)
  return true
}

function setAbsent(image: usize): void {
  memory.fill(image, 0, IMAGE_SIZE)
  store<u64>(image, IMAGE_STORAGE_KNOWN, IMAGE_FLAGS)
  setEmptyCode(image + IMAGE_CODE)
}

/** @returns the slot's location; 0 when there is no memory */
function putSlotVersion(account: usize, entry: usize, tx: u32, mask: u32): usize {
  const slot = slotOf(account, entry)
  const version = allocate(SLOT_VERSION_SIZE)
  if (slot == 0 || version == 0) return 0
  begin(version, tx, mask, 0)
  copy(version + VERSION_VALUE, entry + RECORD_SLOT_VALUE)
  insert(slot + SLOT_HEAD, slot + SLOT_LOCK, version)
  return slot
}

/** In the list of what the block wrote, which whoever merges keeps alone. */
function markAccount(account: usize): void {
  if (load<u32>(account, ACCOUNT_DIRTY_IN) == generation) return
  store<u32>(account, generation, ACCOUNT_DIRTY_IN)
  store<u32>(account, 0, ACCOUNT_DIRTY_SLOTS)
  store<u32>(account, load<u32>(DIRTY), ACCOUNT_DIRTY_NEXT)
  store<u32>(DIRTY, <u32>account)
}

function markSlot(account: usize, slot: usize): void {
  if (load<u32>(slot, SLOT_DIRTY_IN) == generation) return
  store<u32>(slot, generation, SLOT_DIRTY_IN)
  store<u32>(slot, load<u32>(account, ACCOUNT_DIRTY_SLOTS), SLOT_DIRTY_NEXT)
  store<u32>(account, <u32>slot, ACCOUNT_DIRTY_SLOTS)
}

/** Shows later transactions what `tx` wrote, before its turn. An earlier incarnation's versions at the same places are replaced. */
export function publish(record: usize, tx: u32): u32 {
  let at = record + RECORD_HEADER_SIZE
  for (let left = load<u32>(record, RECORD_ACCOUNTS); left > 0; left--) {
    const slots = load<u32>(at, ENTRY_SLOTS)
    const next = at + ENTRY_SIZE + slots * RECORD_SLOT_SIZE
    const writes = load<u32>(at, ENTRY_WRITES)
    if ((writes | slots) != 0) {
      const account = accountOf(at)
      if (account == 0) return STUCK
      if (writes != 0 && !publishAccount(account, at, writes, tx)) return STUCK
      for (let slot = at + ENTRY_SIZE; slot < next; slot += RECORD_SLOT_SIZE) {
        if ((load<u32>(slot, RECORD_SLOT_FLAGS) & SLOT_WRITTEN) == 0) continue
        if (putSlotVersion(account, slot, tx, HAS_ALL) == 0) return STUCK
      }
    }
    at = next
  }
  return OK
}

function publishAccount(account: usize, entry: usize, writes: u32, tx: u32): bool {
  const version = allocate(ACCOUNT_VERSION_SIZE)
  if (version == 0) return false
  const image = version + VERSION_VALUE
  if ((writes & DID_DESTROY) != 0) {
    begin(version, tx, HAS_ALL, tx + 1)
    setAbsent(image)
  } else {
    memory.fill(image, 0, IMAGE_SIZE)
    let mask: u32 = 0
    if ((writes & DID_NONCE) != 0) mask |= HAS_NONCE
    if ((writes & DID_CODE) != 0) mask |= HAS_CODE
    if ((writes & (DID_CREATE | DID_RECREATE)) != 0) mask |= HAS_LIFE
    if ((writes & DID_RECREATE) != 0) mask |= HAS_WIPE
    sub(image + IMAGE_BALANCE, entry + ENTRY_BALANCE, entry + ENTRY_BASE_BALANCE)
    if (!isZero(image + IMAGE_BALANCE)) mask |= HAS_DELTA
    begin(version, tx, mask, tx + 1)
    store<u64>(image, IMAGE_EXISTS, IMAGE_FLAGS)
    store<u64>(image, load<u64>(entry, ENTRY_NONCE), IMAGE_NONCE)
    copy(image + IMAGE_CODE, entry + ENTRY_CODE)
  }
  insert(account + ACCOUNT_HEAD, account + ACCOUNT_LOCK, version)
  return true
}

/** Whoever reads what `tx` published waits for its next incarnation. */
export function markEstimates(record: usize, tx: u32): void {
  restateAll(record, tx, LIVE, ESTIMATE)
}

/** What `tx` published and its next incarnation did not write is gone. */
export function forgetEstimates(record: usize, tx: u32): void {
  restateAll(record, tx, ESTIMATE, DEAD)
}

/** Shows later transactions what `tx` is said to write. */
export function foretell(record: usize, tx: u32): u32 {
  const result = publish(record, tx)
  restateAll(record, tx, LIVE, FORETOLD)
  return result
}

/** What was said of `tx` is gone: it has run. */
export function forgetForetold(record: usize, tx: u32): void {
  restateAll(record, tx, FORETOLD, DEAD)
}

function restateAll(record: usize, tx: u32, from: u32, to: u32): void {
  let at = record + RECORD_HEADER_SIZE
  for (let left = load<u32>(record, RECORD_ACCOUNTS); left > 0; left--) {
    const slots = load<u32>(at, ENTRY_SLOTS)
    const next = at + ENTRY_SIZE + slots * RECORD_SLOT_SIZE
    const writes = load<u32>(at, ENTRY_WRITES)
    const account = (writes | slots) == 0 ? 0 : accountOf(at)
    if (account != 0 && writes != 0) restate(account + ACCOUNT_HEAD, tx, from, to)
    for (let slot = at + ENTRY_SIZE; account != 0 && slot < next; slot += RECORD_SLOT_SIZE) {
      if ((load<u32>(slot, RECORD_SLOT_FLAGS) & SLOT_WRITTEN) == 0) continue
      const location = slotOf(account, slot)
      if (location != 0) restate(location + SLOT_HEAD, tx, from, to)
    }
    at = next
  }
}

/** A batch on a version (`batch-layout.ts`). */
import {
  BATCH_ACCOUNT_BYTES,
  BATCH_ADDRESS,
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
} from '../../primitives/batch-layout'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_BYTES,
  ACCOUNT_CODE,
  ACCOUNT_NONCE,
  ACCOUNT_STORAGE,
  CONTRACT_BYTES,
  HAS_CODE,
  LEAF_KEY,
  LEAF_NAME,
  NODE_ACCOUNT,
  NODE_SLOT,
  SLOT_BYTES,
  SLOT_VALUE,
} from '../node-layout'
import { copy, isEqual, isZero } from '../../primitives/assembly/u256'
import { allocate, drop, hasFlag, retain } from './arena'
import { isEmptyCode } from './encode'
import { accountKey, slotKey } from './keys'
import { find, nodeAt, put, remove } from './trie'

const ACCOUNT_KEY: usize = memory.data(32)
const SLOT_KEY: usize = memory.data(32)
const ZERO: usize = memory.data(32)

/** The account trie after the batch, in place of the ownership of `root`: `root` itself when nothing changed. */
export function apply(root: usize, batch: usize, size: usize): usize {
  const end = batch + size
  while (batch < end) {
    root = applyAccount(root, batch)
    batch += BATCH_ACCOUNT_BYTES + <usize>load<u32>(batch, BATCH_SLOTS) * BATCH_SLOT_BYTES
  }
  return root
}

function applyAccount(root: usize, entry: usize): usize {
  const flags = load<u32>(entry, BATCH_FLAGS)
  accountKey(ACCOUNT_KEY, entry + BATCH_ADDRESS)
  const before = find(root, ACCOUNT_KEY)
  if ((flags & BATCH_DESTROYS) != 0) return before == 0 ? root : remove(root, 0, ACCOUNT_KEY)
  if (before == 0 && !bringsToLife(entry, flags)) return root
  const held = before == 0 ? 0 : nodeAt(before + ACCOUNT_STORAGE, 0)
  const base = (flags & BATCH_RECREATES) != 0 ? 0 : held
  const storage = applySlots(retain(base), entry)
  if (before != 0 && storage == held && isSame(before, entry, flags)) {
    drop(storage)
    return root
  }
  return put(root, 0, accountAfter(before, entry, flags, storage))
}

/** Whether an account that is not there comes into being: it is said so, or anything set is not empty. */
function bringsToLife(entry: usize, flags: u32): bool {
  if ((flags & (BATCH_CREATES | BATCH_RECREATES)) != 0) return true
  if ((flags & BATCH_SETS_BALANCE) != 0 && !isZero(entry + BATCH_BALANCE)) return true
  if ((flags & BATCH_SETS_NONCE) != 0 && load<u64>(entry, BATCH_NONCE) != 0) return true
  if ((flags & BATCH_SETS_CODE) != 0 && !isEmptyCode(entry + BATCH_CODE)) return true
  const slots = load<u32>(entry, BATCH_SLOTS)
  let slot = entry + BATCH_ACCOUNT_BYTES
  for (let i: u32 = 0; i < slots; i++, slot += BATCH_SLOT_BYTES) {
    if (!isZero(slot + BATCH_SLOT_VALUE)) return true
  }
  return false
}

function isSame(leaf: usize, entry: usize, flags: u32): bool {
  if ((flags & BATCH_SETS_BALANCE) != 0 && !isEqual(leaf + ACCOUNT_BALANCE, entry + BATCH_BALANCE)) {
    return false
  }
  if ((flags & BATCH_SETS_NONCE) != 0) {
    if (load<u64>(leaf, ACCOUNT_NONCE) != load<u64>(entry, BATCH_NONCE)) return false
  }
  if ((flags & BATCH_SETS_CODE) == 0) return true
  return hasFlag(leaf, HAS_CODE)
    ? isEqual(leaf + ACCOUNT_CODE, entry + BATCH_CODE)
    : isEmptyCode(entry + BATCH_CODE)
}

/** A new leaf: the fields that are set, the others as before. `storage` becomes its own. */
function accountAfter(before: usize, entry: usize, flags: u32, storage: usize): usize {
  const code =
    (flags & BATCH_SETS_CODE) != 0
      ? isEmptyCode(entry + BATCH_CODE)
        ? 0
        : entry + BATCH_CODE
      : before != 0 && hasFlag(before, HAS_CODE)
        ? before + ACCOUNT_CODE
        : 0
  const leaf =
    code == 0
      ? allocate(NODE_ACCOUNT, 0, ACCOUNT_BYTES)
      : allocate(NODE_ACCOUNT, HAS_CODE, CONTRACT_BYTES)
  if (code != 0) copy(leaf + ACCOUNT_CODE, code)
  copy(leaf + LEAF_KEY, ACCOUNT_KEY)
  memory.copy(leaf + LEAF_NAME, entry + BATCH_ADDRESS, 24)
  const nonce =
    (flags & BATCH_SETS_NONCE) != 0
      ? load<u64>(entry, BATCH_NONCE)
      : before != 0
        ? load<u64>(before, ACCOUNT_NONCE)
        : 0
  store<u64>(leaf, nonce, ACCOUNT_NONCE)
  const balance =
    (flags & BATCH_SETS_BALANCE) != 0
      ? entry + BATCH_BALANCE
      : before != 0
        ? before + ACCOUNT_BALANCE
        : ZERO
  copy(leaf + ACCOUNT_BALANCE, balance)
  store<u32>(leaf, <u32>storage, ACCOUNT_STORAGE)
  return leaf
}

function applySlots(root: usize, entry: usize): usize {
  const slots = load<u32>(entry, BATCH_SLOTS)
  let slot = entry + BATCH_ACCOUNT_BYTES
  for (let i: u32 = 0; i < slots; i++, slot += BATCH_SLOT_BYTES) {
    const value = slot + BATCH_SLOT_VALUE
    slotKey(SLOT_KEY, slot)
    const before = find(root, SLOT_KEY)
    if (isZero(value)) {
      if (before != 0) root = remove(root, 0, SLOT_KEY)
    } else if (before == 0 || !isEqual(before + SLOT_VALUE, value)) {
      root = put(root, 0, newSlot(slot, value))
    }
  }
  return root
}

function newSlot(name: usize, value: usize): usize {
  const leaf = allocate(NODE_SLOT, 0, SLOT_BYTES)
  copy(leaf + LEAF_KEY, SLOT_KEY)
  copy(leaf + LEAF_NAME, name)
  copy(leaf + SLOT_VALUE, value)
  return leaf
}

/** What a whole block changed, and how the base follows it. When nobody runs in the block any more. */
import {
  ACCOUNT_ADDRESS,
  ACCOUNT_DIRTY_NEXT,
  ACCOUNT_DIRTY_SLOTS,
  ACCOUNT_IMAGE,
  ACCOUNT_STAMP,
  CHANGES_HEADER,
  DIRTY,
  IMAGE_BALANCE,
  IMAGE_CODE,
  IMAGE_EXISTS,
  IMAGE_FLAGS,
  IMAGE_NONCE,
  IMAGE_SIZE,
  SLOT_BASE,
  SLOT_DIRTY_NEXT,
  SLOT_STAMP,
  STAMPS,
  ZERO,
} from '../layout'
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
} from '../../../primitives/batch-layout'
import { copy, isEqual } from '../../../primitives/assembly/u256'
import { allocate } from './arena'
import { FOUND, found, look, seeAccount, seeSlot, wipe } from './versions'

const END: u32 = 0xffffffff

/** Everything the merged transactions changed, as a batch (`batch-layout.ts`) after a u64, its size; 0 when there is no room. */
export function changes(): usize {
  look(true)
  const start = allocate(CHANGES_HEADER)
  if (start == 0) return 0
  let size: usize = 0
  // An entry of an account that did not change after all is the next one's.
  let spare: usize = 0
  for (let account: usize = load<u32>(DIRTY); account != 0; account = load<u32>(account, ACCOUNT_DIRTY_NEXT)) {
    const at = spare != 0 ? spare : allocate(BATCH_ACCOUNT_BYTES)
    if (at == 0 || seeAccount(account, END) != FOUND) return 0
    memory.copy(at + BATCH_ADDRESS, account + ACCOUNT_ADDRESS, 24)
    store<u64>(at, load<u64>(found, IMAGE_NONCE), BATCH_NONCE)
    copy(at + BATCH_BALANCE, found + IMAGE_BALANCE)
    copy(at + BATCH_CODE, found + IMAGE_CODE)
    const flags = changedFields(account + ACCOUNT_IMAGE, found, wipe != 0)
    store<u32>(at, flags, BATCH_FLAGS)
    const isThere = (load<u64>(found, IMAGE_FLAGS) & IMAGE_EXISTS) != 0
    const slots = isThere ? changedSlots(account, wipe != 0) : 0
    if (slots == END) return 0
    store<u32>(at, slots, BATCH_SLOTS)
    spare = (flags | slots) == 0 ? at : 0
    if (spare == 0) size += BATCH_ACCOUNT_BYTES + slots * BATCH_SLOT_BYTES
  }
  store<u64>(start, <u64>size)
  return start
}

/** @returns the flags of the account's entry */
function changedFields(before: usize, after: usize, isWiped: bool): u32 {
  const wasThere = (load<u64>(before, IMAGE_FLAGS) & IMAGE_EXISTS) != 0
  const isThere = (load<u64>(after, IMAGE_FLAGS) & IMAGE_EXISTS) != 0
  if (!isThere) return wasThere ? BATCH_DESTROYS : 0
  // Of an account that came anew, fields left out would be empty.
  if (wasThere && isWiped) {
    return BATCH_RECREATES | BATCH_SETS_BALANCE | BATCH_SETS_NONCE | BATCH_SETS_CODE
  }
  let flags: u32 = wasThere ? 0 : BATCH_CREATES
  if (!isEqual(before + IMAGE_BALANCE, after + IMAGE_BALANCE)) flags |= BATCH_SETS_BALANCE
  if (load<u64>(before, IMAGE_NONCE) != load<u64>(after, IMAGE_NONCE)) flags |= BATCH_SETS_NONCE
  if (!isEqual(before + IMAGE_CODE, after + IMAGE_CODE)) flags |= BATCH_SETS_CODE
  return flags
}

/** After a wipe all that is not zero is news. @returns how many; `END` when there is no room */
function changedSlots(account: usize, isWiped: bool): u32 {
  let count: u32 = 0
  let slot: usize = load<u32>(account, ACCOUNT_DIRTY_SLOTS)
  for (; slot != 0; slot = load<u32>(slot, SLOT_DIRTY_NEXT)) {
    if (seeSlot(slot, END) != FOUND) return END
    const isKnown = load<u32>(slot, SLOT_STAMP) == load<u32>(account, ACCOUNT_STAMP)
    const before = isKnown && !isWiped ? slot + SLOT_BASE : ZERO
    if (isEqual(found, before)) continue
    const at = allocate(BATCH_SLOT_BYTES)
    if (at == 0) return END
    copy(at, slot)
    copy(at + BATCH_SLOT_VALUE, found)
    count++
  }
  return count
}

/** The block is the new head: the cached base becomes what the block left. */
export function settle(): void {
  look(true)
  for (let account: usize = load<u32>(DIRTY); account != 0; account = load<u32>(account, ACCOUNT_DIRTY_NEXT)) {
    // Slots first: they look at the account before the block.
    seeAccount(account, END)
    const stamp = wipe != 0 ? atomic.add<u32>(STAMPS, 1) + 1 : load<u32>(account, ACCOUNT_STAMP)
    let slot: usize = load<u32>(account, ACCOUNT_DIRTY_SLOTS)
    for (; slot != 0; slot = load<u32>(slot, SLOT_DIRTY_NEXT)) {
      seeSlot(slot, END)
      copy(slot + SLOT_BASE, found)
      store<u32>(slot, stamp, SLOT_STAMP)
    }
    seeAccount(account, END)
    memory.copy(account + ACCOUNT_IMAGE, found, IMAGE_SIZE)
    store<u32>(account, stamp, ACCOUNT_STAMP)
  }
  store<u32>(DIRTY, 0)
}

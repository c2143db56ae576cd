/** What a whole block changed, and how the base follows it. When nobody runs in the block any more. */
import {
  ACCOUNT_ADDRESS,
  ACCOUNT_DIRTY_NEXT,
  ACCOUNT_DIRTY_SLOTS,
  ACCOUNT_IMAGE,
  ACCOUNT_STAMP,
  CHANGED_ADDRESS,
  CHANGED_AFTER,
  CHANGED_BEFORE,
  CHANGED_SIZE,
  CHANGED_SLOTS,
  CHANGED_SLOT_AFTER,
  CHANGED_SLOT_BEFORE,
  CHANGED_SLOT_KEY,
  CHANGED_SLOT_SIZE,
  CHANGED_WIPED,
  CHANGES_ACCOUNTS,
  CHANGES_HEADER,
  CHANGES_SIZE,
  DIRTY,
  IMAGE_EXISTS,
  IMAGE_FLAGS,
  IMAGE_SIZE,
  SLOT_BASE,
  SLOT_DIRTY_NEXT,
  SLOT_STAMP,
  STAMPS,
  ZERO,
} from '../layout'
import { copy, isEqual } from '../../../primitives/assembly/u256'
import { allocate } from './arena'
import { FOUND, found, look, seeAccount, seeSlot, wipe } from './versions'

const END: u32 = 0xffffffff

/** Everything the merged transactions changed, before and after; 0 when there is no room. */
export function changes(): usize {
  look(true)
  const start = allocate(CHANGES_HEADER)
  let count: u32 = 0
  let size: usize = CHANGES_HEADER
  for (let account: usize = load<u32>(DIRTY); account != 0; account = load<u32>(account, ACCOUNT_DIRTY_NEXT)) {
    const at = allocate(CHANGED_SIZE)
    if (start == 0 || at == 0 || seeAccount(account, END) != FOUND) return 0
    memory.copy(at + CHANGED_ADDRESS, account + ACCOUNT_ADDRESS, 24)
    memory.copy(at + CHANGED_BEFORE, account + ACCOUNT_IMAGE, IMAGE_SIZE)
    memory.copy(at + CHANGED_AFTER, found, IMAGE_SIZE)
    store<u32>(at, wipe != 0 ? 1 : 0, CHANGED_WIPED)
    const isThere = (load<u64>(found, IMAGE_FLAGS) & IMAGE_EXISTS) != 0
    const slots = isThere ? changedSlots(account, wipe != 0) : 0
    if (slots == END) return 0
    store<u32>(at, slots, CHANGED_SLOTS)
    size += CHANGED_SIZE + slots * CHANGED_SLOT_SIZE
    count++
  }
  store<u32>(start, <u32>size, CHANGES_SIZE)
  store<u32>(start, count, CHANGES_ACCOUNTS)
  return start
}

/** After a wipe all that is not zero is news. @returns how many; `END` when there is no room */
function changedSlots(account: usize, isWiped: bool): u32 {
  let count: u32 = 0
  let slot: usize = load<u32>(account, ACCOUNT_DIRTY_SLOTS)
  for (; slot != 0; slot = load<u32>(slot, SLOT_DIRTY_NEXT)) {
    if (seeSlot(slot, END) != FOUND) return END
    const isKnown = load<u32>(slot, SLOT_STAMP) == load<u32>(account, ACCOUNT_STAMP)
    const before = isKnown ? slot + SLOT_BASE : ZERO
    if (isEqual(found, isWiped ? ZERO : before)) continue
    const at = allocate(CHANGED_SLOT_SIZE)
    if (at == 0) return END
    copy(at + CHANGED_SLOT_KEY, slot)
    copy(at + CHANGED_SLOT_BEFORE, before)
    copy(at + CHANGED_SLOT_AFTER, found)
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

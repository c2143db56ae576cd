import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import { addressIn, keyIn, wordIn } from '../../primitives/limbs.ts'
import type { AccountWrites, ChangeSet } from '../../state/access.ts'
import { type RecordMemory, hashAt } from '../../state/record.ts'
import {
  CHANGED_ADDRESS,
  CHANGED_AFTER,
  CHANGED_BEFORE,
  CHANGED_SIZE,
  CHANGED_SLOTS,
  CHANGED_SLOT_AFTER,
  CHANGED_SLOT_KEY,
  CHANGED_SLOT_SIZE,
  CHANGED_WIPED,
  CHANGES_ACCOUNTS,
  CHANGES_HEADER,
  IMAGE_BALANCE,
  IMAGE_CODE,
  IMAGE_EXISTS,
  IMAGE_NONCE,
} from './layout.ts'

/**
 * What a block changed, as the shared state lists it (`layout.ts`).
 * @param at where the list is @param codes those that are new
 */
export function decodeChanges(
  memory: RecordMemory,
  at: number,
  codes: Map<Hash, Uint8Array>,
): ChangeSet {
  const { u32 } = memory
  const accounts = new Map<Address, AccountWrites>()
  let entry = at + CHANGES_HEADER
  for (let left = u32[(at + CHANGES_ACCOUNTS) >>> 2]!; left > 0; left--) {
    const count = u32[(entry + CHANGED_SLOTS) >>> 2]!
    const writes = writesAt(memory, entry, count)
    if (writes !== undefined) accounts.set(addressIn(u32, (entry + CHANGED_ADDRESS) >>> 2), writes)
    entry += CHANGED_SIZE + count * CHANGED_SLOT_SIZE
  }
  return { accounts, codes }
}

function writesAt(memory: RecordMemory, at: number, count: number): AccountWrites | undefined {
  const { u32, u64 } = memory
  const before = at + CHANGED_BEFORE
  const after = at + CHANGED_AFTER
  const wasThere = (u32[before >>> 2]! & IMAGE_EXISTS) !== 0
  const isThere = (u32[after >>> 2]! & IMAGE_EXISTS) !== 0
  if (!isThere) return wasThere ? { life: 'destroyed' } : undefined
  const writes: AccountWrites = {}
  let isWritten = true
  const isAnew = wasThere && u32[(at + CHANGED_WIPED) >>> 2] !== 0
  if (!wasThere) writes.life = 'created'
  else if (isAnew) writes.life = 'recreated'
  else isWritten = false
  // Of an account that came anew, fields left out would be empty.
  const isSet = (field: number, size: number): boolean => {
    if (!isAnew && isSame(u32, before + field, after + field, size)) return false
    isWritten = true
    return true
  }
  if (isSet(IMAGE_BALANCE, 32)) writes.balanceWei = wordIn(u64, (after + IMAGE_BALANCE) >>> 3)
  if (isSet(IMAGE_NONCE, 8)) writes.nonce = u64[(after + IMAGE_NONCE) >>> 3]!
  if (isSet(IMAGE_CODE, 32)) writes.codeHash = hashAt(memory, after + IMAGE_CODE)
  if (count > 0) writes.slots = slotsAt(memory, at + CHANGED_SIZE, count)
  return isWritten || count > 0 ? writes : undefined
}

function isSame(u32: Uint32Array, a: number, b: number, size: number): boolean {
  for (let i = 0; i < size; i += 4) if (u32[(a + i) >>> 2] !== u32[(b + i) >>> 2]) return false
  return true
}

function slotsAt({ u32, u64 }: RecordMemory, from: number, count: number): Map<Slot, bigint> {
  const slots = new Map<Slot, bigint>()
  for (let i = 0, at = from; i < count; i++, at += CHANGED_SLOT_SIZE) {
    const key = keyIn(u32, (at + CHANGED_SLOT_KEY) >>> 2)
    slots.set(key, wordIn(u64, (at + CHANGED_SLOT_AFTER) >>> 3))
  }
  return slots
}

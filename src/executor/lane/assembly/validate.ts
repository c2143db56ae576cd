/** Whether what a transaction read is what it would read now: values, and predicates over balances. */
import {
  ENTRY_BASE_BALANCE,
  ENTRY_BASE_CODE,
  ENTRY_BASE_NONCE,
  ENTRY_COVERED,
  ENTRY_FLAGS,
  ENTRY_NOT_COVERED,
  ENTRY_READS,
  ENTRY_SIZE,
  ENTRY_SLOTS,
  RECORD_ACCOUNTS,
  RECORD_HEADER_SIZE,
  RECORD_SLOT_BASE,
  RECORD_SLOT_FLAGS,
  RECORD_SLOT_SIZE,
  SAW_BALANCE,
  SAW_CODE,
  SAW_COVERED,
  SAW_EMPTY,
  SAW_LIFE,
  SAW_NONCE,
  SAW_NOT_COVERED,
  SLOT_READ,
  WAS_THERE,
} from '../../../state/record-layout'
import {
  DIFFERS_BALANCE,
  DIFFERS_CODE,
  DIFFERS_ESTIMATE,
  DIFFERS_LIFE,
  DIFFERS_NONCE,
  DIFFERS_SLOT,
  DIFFERS_UNKNOWN,
  IMAGE_BALANCE,
  IMAGE_CODE,
  IMAGE_EXISTS,
  IMAGE_FLAGS,
  IMAGE_NONCE,
} from '../layout'
import { isEqual, isLess, isZero } from '../../../primitives/assembly/u256'
import { accountOf, slotOf } from './locations'
import { UNKNOWN, WAIT, found, look, seeAccount, seeSlot } from './versions'

/**
 * @param settled whether by what is merged alone, else by all that is published
 * @returns 0 when the record holds for `tx` as things are; else where it does not: the entry's offset, and `DIFFERS_*`.
 */
export function validate(record: usize, tx: u32, settled: bool): u32 {
  look(settled)
  let at = record + RECORD_HEADER_SIZE
  for (let left = load<u32>(record, RECORD_ACCOUNTS); left > 0; left--) {
    const slots = load<u32>(at, ENTRY_SLOTS)
    const next = at + ENTRY_SIZE + slots * RECORD_SLOT_SIZE
    const reads = load<u32>(at, ENTRY_READS)
    if ((reads | slots) != 0) {
      const account = accountOf(at)
      if (account == 0) return <u32>(at - record) | DIFFERS_UNKNOWN
      if (reads != 0) {
        const differs = checkAccount(account, at, reads, tx)
        if (differs != 0) return <u32>(at - record) | differs
      }
      for (let slot = at + ENTRY_SIZE; slot < next; slot += RECORD_SLOT_SIZE) {
        if ((load<u32>(slot, RECORD_SLOT_FLAGS) & SLOT_READ) == 0) continue
        const differs = checkSlot(account, slot, tx)
        if (differs != 0) return <u32>(slot - record) | differs
      }
    }
    at = next
  }
  return 0
}

function checkAccount(account: usize, entry: usize, reads: u32, tx: u32): u32 {
  const seen = seeAccount(account, tx)
  if (seen == UNKNOWN) return DIFFERS_UNKNOWN
  if (seen == WAIT) return DIFFERS_ESTIMATE
  const balance = found + IMAGE_BALANCE
  const base = entry + ENTRY_BASE_BALANCE
  if ((reads & SAW_LIFE) != 0) {
    const exists = (load<u64>(found, IMAGE_FLAGS) & IMAGE_EXISTS) != 0
    if (exists != ((load<u32>(entry, ENTRY_FLAGS) & WAS_THERE) != 0)) return DIFFERS_LIFE
  }
  if ((reads & SAW_NONCE) != 0 && load<u64>(found, IMAGE_NONCE) != load<u64>(entry, ENTRY_BASE_NONCE)) {
    return DIFFERS_NONCE
  }
  if ((reads & SAW_CODE) != 0 && !isEqual(found + IMAGE_CODE, entry + ENTRY_BASE_CODE)) return DIFFERS_CODE
  if ((reads & SAW_BALANCE) != 0 && !isEqual(balance, base)) return DIFFERS_BALANCE
  if ((reads & SAW_EMPTY) != 0 && isZero(balance) != isZero(base)) return DIFFERS_BALANCE
  if ((reads & SAW_COVERED) != 0 && isLess(balance, entry + ENTRY_COVERED)) return DIFFERS_BALANCE
  if ((reads & SAW_NOT_COVERED) != 0 && !isLess(balance, entry + ENTRY_NOT_COVERED)) return DIFFERS_BALANCE
  return 0
}

function checkSlot(account: usize, entry: usize, tx: u32): u32 {
  const slot = slotOf(account, entry)
  if (slot == 0) return DIFFERS_UNKNOWN
  const seen = seeSlot(slot, tx)
  if (seen == UNKNOWN) return DIFFERS_UNKNOWN
  if (seen == WAIT) return DIFFERS_ESTIMATE
  return isEqual(found, entry + RECORD_SLOT_BASE) ? 0 : DIFFERS_SLOT
}

/** What the host must bring before an instruction can run. */
import { NEED_ACCOUNT, NEED_KIND, NEED_NUMBER, NEED_SLOT } from '../layout'
import {
  NEED_BLOCK_HASH,
  NEED_CODE,
  NEED_SLOT_VALUE,
  NEED_STATE,
  NEED_STORAGE_KNOWLEDGE,
} from '../status'

/** An instruction's answer: run it again once the need is met. Nothing has happened yet. */
export const PARKED: i32 = 100
/** An instruction's answer: the registers are of another frame, or of this one after a call. */
export const SWITCHED: i32 = 101

function need(kind: i32, account: usize): i32 {
  store<u32>(NEED_KIND, kind)
  store<u32>(NEED_ACCOUNT, <u32>account)
  return PARKED
}

export function needState(account: usize): i32 {
  return need(NEED_STATE, account)
}

export function needCode(account: usize): i32 {
  return need(NEED_CODE, account)
}

export function needStorageKnowledge(account: usize): i32 {
  return need(NEED_STORAGE_KNOWLEDGE, account)
}

export function needSlot(slot: usize): i32 {
  store<u32>(NEED_SLOT, <u32>slot)
  return need(NEED_SLOT_VALUE, load<u32>(slot, 96))
}

export function needBlockHash(number: u64): i32 {
  store<u64>(NEED_NUMBER, number)
  return need(NEED_BLOCK_HASH, 0)
}

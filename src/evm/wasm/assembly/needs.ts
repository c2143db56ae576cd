/** What the host must bring before an instruction can run. */
import { NEED_ACCOUNT, NEED_KIND, NEED_NUMBER, NEED_SLOT, SLOT_ACCOUNT } from '../layout'
import {
  NEED_BLOCK_HASH,
  NEED_CODE,
  NEED_SLOT_VALUE,
  NEED_STATE,
  NEED_STORAGE_KNOWLEDGE,
  NEED_WAIT,
} from '../status'
import { isLater } from './source'

/** An instruction's answer: run it again once the need is met. Nothing has happened yet. */
export const PARKED: i32 = 100
/** An instruction's answer: the registers are of another frame, or of this one after a call. */
export const SWITCHED: i32 = 101

function need(kind: i32, account: usize): i32 {
  store<u32>(NEED_KIND, kind)
  store<u32>(NEED_ACCOUNT, <u32>account)
  return PARKED
}

/** Of what was asked for and not found: the host is asked, or waits. */
function needOrWait(kind: i32, account: usize): i32 {
  return need(isLater ? NEED_WAIT : kind, account)
}

export function needState(account: usize): i32 {
  return needOrWait(NEED_STATE, account)
}

export function needCode(account: usize): i32 {
  return need(NEED_CODE, account)
}

export function needStorageKnowledge(account: usize): i32 {
  return needOrWait(NEED_STORAGE_KNOWLEDGE, account)
}

export function needSlot(slot: usize): i32 {
  store<u32>(NEED_SLOT, <u32>slot)
  return needOrWait(NEED_SLOT_VALUE, load<u32>(slot, SLOT_ACCOUNT))
}

export function needBlockHash(number: u64): i32 {
  store<u64>(NEED_NUMBER, number)
  return need(NEED_BLOCK_HASH, 0)
}

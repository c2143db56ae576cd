/**
 * MegaETH's limits of compute gas, and of what is computed after volatile data was seen. They are judged when the transaction's frame
 * ends: what was computed counts whatever was taken back.
 */
import { COINBASE, COMPUTE_LIMIT, DETENTION_GAS, FRAME_SIZE } from '../layout'
import { COMPUTE_EXCEEDED, DETAINED } from '../status'
import { IS_SYSTEM_CALL, TX_GAS_LIMIT } from '../transaction-layout'
import { accountOf } from './accounts'
import { has, tx } from './encoded'
import { SAVED_GAS } from './frame-layout'
import { depth, frame, gas } from './registers'

/** Gas that was not computed with: for storage, and what frames that halted lost. */
let apart: i64 = 0
/** What had been computed when volatile data was first seen; below zero when it was not. */
let seenAt: i64 = -1

/** @param intrinsic what the transaction paid for storage before anything ran */
export function resetMeter(intrinsic: i64): void {
  apart = intrinsic
  seenAt = -1
}

@inline
export function setAside(amount: i64): void {
  apart += amount
}

function computed(): i64 {
  let left = gas
  let at = frame
  for (let below = depth; below > 0; below--) {
    at -= FRAME_SIZE
    left += load<i64>(at, SAVED_GAS)
  }
  return load<i64>(tx, TX_GAS_LIMIT) - left - apart
}

/** Volatile data was seen: from here on no more than so much may be computed. */
export function detain(): void {
  if (load<u64>(DETENTION_GAS) != 0 && seenAt < 0) seenAt = computed()
}

/** An account was seen, which may be the beneficiary's. */
@inline
export function detainBy(account: usize): void {
  if (load<u64>(DETENTION_GAS) != 0 && account == accountOf(COINBASE)) detain()
}

/** What of the outermost frame's gas was computed with beyond what may be; 0 when nothing was. */
export let excess: i64 = 0

/** Of the outermost frame, at its end. @returns how it ends */
export function judge(status: i32): i32 {
  excess = 0
  const limit = load<i64>(COMPUTE_LIMIT)
  if (limit == 0 || has(IS_SYSTEM_CALL)) return status
  const used = computed()
  const held = seenAt < 0 ? limit : seenAt + load<i64>(DETENTION_GAS)
  const most = min(limit, held)
  if (used > most) {
    excess = used - most
    return held < limit ? DETAINED : COMPUTE_EXCEEDED
  }
  return status
}

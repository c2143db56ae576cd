/**
 * Where state comes from: functions of another instance, if this one was made with them, else the host. "The binary seam" in
 * `state/README.md` says what they answer.
 */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_BASE_BALANCE,
  ACCOUNT_BASE_CODE_HASH,
  ACCOUNT_BASE_NONCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_FLAGS,
  ACCOUNT_HANDLE,
  ACCOUNT_NONCE,
  ANSWER,
  ANSWER_BALANCE,
  ANSWER_CODE_HASH,
  ANSWER_LIMBS,
  ANSWER_NONCE,
  EXISTED,
  EXISTS,
  HAS_SOURCE,
  HAS_STORAGE,
  LOADED,
  SOURCE_EXISTS,
  SOURCE_HAS_STORAGE,
  SOURCE_KNOWS_STORAGE,
  STORAGE_KNOWN,
} from '../layout'
import { copy } from '../../../primitives/assembly/u256'
import { emptyCode, emptyHash, findCode } from './codes'

@external("state", "account")
declare function account(a0: u64, a1: u64, a2: u64): i32
@external("state", "slot")
declare function slot(handle: i32, k0: u64, k1: u64, k2: u64, k3: u64): i32
@external("state", "word")
declare function word(i: i32): u64

/** Whether the last question has an answer later: what is needed then is to wait. */
export let isLater: bool = false

/** Fills an account that was answered. */
export function provideAccount(at: usize): void {
  const known = load<u32>(ANSWER)
  let flags = load<u32>(at, ACCOUNT_FLAGS) | LOADED
  if ((known & SOURCE_EXISTS) == 0) {
    store<u32>(at, flags, ACCOUNT_FLAGS)
    store<u32>(at, emptyCode, ACCOUNT_CODE)
    copy(at + ACCOUNT_CODE_HASH, emptyHash)
    copy(at + ACCOUNT_BASE_CODE_HASH, emptyHash)
    return
  }
  flags |= EXISTS | EXISTED
  if ((known & SOURCE_KNOWS_STORAGE) != 0) flags |= STORAGE_KNOWN
  if ((known & SOURCE_HAS_STORAGE) != 0) flags |= HAS_STORAGE
  store<u32>(at, flags, ACCOUNT_FLAGS)
  copy(at + ACCOUNT_BALANCE, ANSWER_BALANCE)
  copy(at + ACCOUNT_BASE_BALANCE, ANSWER_BALANCE)
  const nonce = load<u64>(ANSWER_NONCE)
  store<u64>(at, nonce, ACCOUNT_NONCE)
  store<u64>(at, nonce, ACCOUNT_BASE_NONCE)
  copy(at + ACCOUNT_CODE_HASH, ANSWER_CODE_HASH)
  copy(at + ACCOUNT_BASE_CODE_HASH, ANSWER_CODE_HASH)
  store<u32>(at, <u32>findCode(ANSWER_CODE_HASH), ACCOUNT_CODE)
}

/** Asks for an account. @returns whether it is in `ANSWER` */
function ask(at: usize): bool {
  isLater = false
  if (load<u32>(HAS_SOURCE) == 0) return false
  const handle = account(load<u64>(at), load<u64>(at, 8), load<u64>(at, 16))
  isLater = handle == -1
  if (handle == 0 || isLater) return false
  store<i32>(at, handle, ACCOUNT_HANDLE)
  for (let i = 0; i < ANSWER_LIMBS; i++) store<u64>(ANSWER + (<usize>i << 3), word(i))
  return true
}

export function fetchAccount(at: usize): bool {
  if (!ask(at)) return false
  provideAccount(at)
  return true
}

/** Whether the account has storage, if that is known by now. */
export function fetchVacancy(at: usize): bool {
  if (!ask(at)) return false
  const known = load<u32>(ANSWER)
  if ((known & SOURCE_KNOWS_STORAGE) == 0) return false
  provideVacancy(at, (known & SOURCE_HAS_STORAGE) != 0)
  return true
}

export function provideVacancy(at: usize, hasStorage: bool): void {
  const flags = load<u32>(at, ACCOUNT_FLAGS) | STORAGE_KNOWN
  store<u32>(at, hasStorage ? flags | HAS_STORAGE : flags, ACCOUNT_FLAGS)
}

/** The word of `at` at `key`, if it is found: in `ANSWER`. */
export function fetchSlot(at: usize, key: usize): bool {
  isLater = false
  if (load<u32>(HAS_SOURCE) == 0) return false
  // The host brought the account: what it is called here is not known yet.
  if (load<i32>(at, ACCOUNT_HANDLE) == 0 && !ask(at)) return false
  const found = slot(
    load<i32>(at, ACCOUNT_HANDLE),
    load<u64>(key),
    load<u64>(key, 8),
    load<u64>(key, 16),
    load<u64>(key, 24),
  )
  isLater = found == -1
  if (found != 1) return false
  for (let i = 0; i < 4; i++) store<u64>(ANSWER + (<usize>i << 3), word(i))
  return true
}

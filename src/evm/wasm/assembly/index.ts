/** What the host calls. */
import {
  ANSWER,
  CODE_BYTES,
  CODE_HASH,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  NEED_ACCOUNT,
  NEED_GAS,
  NEED_PRECOMPILE,
  NEED_SLOT,
  RESULT_DETAIL,
  SCRATCH,
} from '../layout'
import { PRECOMPILE_FAILED } from '../status'
import { copy } from '../../../primitives/assembly/u256'
import { storeBytes32 } from '../../../primitives/assembly/u256-bytes'
import { storeAddress } from './accounts'
import { keepCode, newCode, setUpCodes } from './codes'
import { hashAnswered } from './environment'
import { end, returnBuffer } from './frames'
import { returnData, setGas } from './registers'
import { provideSlot } from './slots'
import { provideAccount, provideVacancy } from './source'

export { fetch, give, runBlock } from './block'
export { abort, begin, doom, drop, hasDoom, hasEnded, run } from './transaction'
export { transaction } from './encoded'
export { hashAnswered, returnBuffer }

/** Once, before anything else. */
export function setUp(): void {
  setUpCodes()
}

/** Answers the account that was needed with what is in the place for answers. */
export function answerState(): void {
  provideAccount(load<u32>(NEED_ACCOUNT))
}

/** Answers the slot that was needed with the word in the place for answers. */
export function answerSlot(): void {
  provideSlot(load<u32>(NEED_SLOT), ANSWER)
}

/** Answers whether the account that was needed has storage. */
export function answerVacancy(hasStorage: i32): void {
  provideVacancy(load<u32>(NEED_ACCOUNT), hasStorage != 0)
}

/** Where the bytes of a code of this length go, before `answerCode`. */
export function codeRoom(length: usize): usize {
  return newCode(length) + CODE_BYTES
}

/** Answers the code that was needed, whose bytes are at `bytes`. */
export function answerCode(bytes: usize): void {
  const code = bytes - CODE_BYTES
  const account: usize = load<u32>(NEED_ACCOUNT)
  copy(code + CODE_HASH, account + ACCOUNT_CODE_HASH)
  keepCode(code)
  store<u32>(account, <u32>code, ACCOUNT_CODE)
}

/** Ends the precompile that was needed; its output is in the return buffer, the gas left where it was read. */
export function endPrecompile(status: i32, size: usize): void {
  if (status == PRECOMPILE_FAILED) store<u32>(RESULT_DETAIL, load<u32>(NEED_PRECOMPILE))
  setGas(load<i64>(NEED_GAS))
  end(status, returnData, size)
}

/** The address of an account, or at `at`, as 20 bytes in the scratch. */
export function addressBytes(at: usize): void {
  storeAddress(SCRATCH, at)
}

/** The word at `at` as 32 bytes in the scratch. */
export function wordBytes(at: usize): void {
  storeBytes32(SCRATCH, at)
}

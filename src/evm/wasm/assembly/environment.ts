/** Instructions that look at accounts and at the block. */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ANSWER,
  BLOB_HASHES,
  BLOB_HASH_COUNT,
  CODE_LENGTH,
  NEED_NUMBER,
  NUMBER,
  READ_BALANCE,
  READ_CODE,
  VOLATILE,
} from '../layout'
import { OUT_OF_GAS } from '../status'
import { copy, fits64, set64 } from '../../../primitives/assembly/u256'
import { loadBytes32 } from '../../../primitives/assembly/u256-bytes'
import { accountOf, coldGas, isEmpty, isLoaded, noteRead, warm } from './accounts'
import { codeOf } from './codes'
import { ACCOUNT_OF_FRAME } from './frame-layout'
import { TRACED, tellVolatile } from './hooks'
import { detain, detainBy } from './meter'
import { needBlockHash, needCode, needState } from './needs'
import { frame, gas, setGas } from './registers'

const ANSWERED_HASH: usize = memory.data(32)

/** The number whose hash the host answered; none as long as it is the highest. */
let answered: u64 = u64.MAX_VALUE

export function forgetHashes(): void {
  answered = u64.MAX_VALUE
}

export function hashAnswered(): void {
  answered = load<u64>(NEED_NUMBER)
  copy(ANSWERED_HASH, ANSWER)
}

@inline
export function noteVolatile(bit: u32): void {
  store<u32>(VOLATILE, load<u32>(VOLATILE) | bit)
  if (TRACED) tellVolatile(bit)
  detain()
}

/** Makes the account at hand: pays for a first access, or asks for what is not there. */
@inline
function visit(account: usize, wantsCode: bool): i32 {
  const cost = coldGas(account)
  if (cost > gas) return OUT_OF_GAS
  if (!isLoaded(account)) return needState(account)
  if (wantsCode && codeOf(account) == 0) return needCode(account)
  setGas(gas - cost)
  warm(account)
  detainBy(account)
  return 0
}

export function balance(at: usize): i32 {
  const account = accountOf(at)
  const status = visit(account, false)
  if (status != 0) return status
  noteRead(account, READ_BALANCE)
  copy(at, account + ACCOUNT_BALANCE)
  return 0
}

export function selfBalance(at: usize): void {
  const account: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  noteRead(account, READ_BALANCE)
  copy(at, account + ACCOUNT_BALANCE)
  detainBy(account)
}

export function extCodeSize(at: usize): i32 {
  const account = accountOf(at)
  const status = visit(account, true)
  if (status != 0) return status
  noteRead(account, READ_CODE)
  set64(at, load<u32>(load<u32>(account, ACCOUNT_CODE), CODE_LENGTH))
  return 0
}

export function extCodeHash(at: usize): i32 {
  const account = accountOf(at)
  const status = visit(account, false)
  if (status != 0) return status
  if (isEmpty(account)) set64(at, 0)
  else loadBytes32(at, account + ACCOUNT_CODE_HASH)
  return 0
}

export function blockHash(at: usize): i32 {
  const current = load<u64>(NUMBER)
  const number = load<u64>(at)
  const isKnown = fits64(at) && number < current && current - number <= 256
  if (isKnown && number != answered) return needBlockHash(number)
  noteVolatile(16)
  if (isKnown) copy(at, ANSWERED_HASH)
  else set64(at, 0)
  return 0
}

export function blobHash(at: usize): void {
  detain()
  const index = load<u64>(at)
  if (!fits64(at) || index >= <u64>load<u32>(BLOB_HASH_COUNT)) set64(at, 0)
  else copy(at, load<u32>(BLOB_HASHES) + (<usize>index << 5))
}

/** CREATE, CREATE2 and SELFDESTRUCT. */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_NONCE,
  CODE_BYTES,
  CREATED,
  DESTROYED,
  EXISTED,
  EXISTS,
  HAS_STORAGE,
  IS_VALUE_LATE,
  MAX_INIT_CODE_SIZE,
  NETWORK_RULES,
  NO_DELEGATED_CREATES,
  READ_BALANCE,
  READ_CODE,
  READ_LIFE,
  READ_NONCE,
  STORAGE_KNOWN,
} from '../layout'
import {
  CANCUN,
  COLLISION,
  CREATE2,
  DELEGATED_CREATE,
  DEPTH_EXCEEDED,
  INIT_CODE_TOO_LARGE,
  INSUFFICIENT_BALANCE,
  LONDON,
  NONCE_OVERFLOW,
  OUT_OF_GAS,
  SHANGHAI,
  SPURIOUS_DRAGON,
  SUCCESS,
  TANGERINE_WHISTLE,
  WRITE_PROTECTION,
} from '../status'
import { copy, isZero, set64 } from '../../../primitives/assembly/u256'
import { loadBytes32, storeBytes32 } from '../../../primitives/assembly/u256-bytes'
import { keccak256 } from '../../../primitives/assembly/keccak'
import {
  accountOf,
  clearBalance,
  coldGas,
  covers,
  credit,
  flagsOf,
  hasCode,
  isEmpty,
  isLoaded,
  noteRead,
  setNonce,
  storeAddress,
  warm,
} from './accounts'
import { MAX_DEPTH, transfer } from './calls'
import { codeSpace, initCode, isDelegation } from './codes'
import { ACCOUNT_OF_FRAME, CALLER, INPUT, INPUT_SIZE, OUTPUT_SIZE, VALUE } from './frame-layout'
import { end, open, save, start } from './frames'
import { endOf, expandTo, kept, memoryGas, small, wordsOf } from './gas'
import { frameBase, takeForFrame } from './heap'
import { TRACED, tellDestruction, tellFailure } from './hooks'
import { raise } from './journal'
import { detainBy } from './meter'
import { SWITCHED, needState, needStorageKnowledge } from './needs'
import { areCounted, countAccounts, countDestruction, countHeir } from './resources'
import { fetchVacancy } from './source'
import {
  depth,
  fork,
  frame,
  gas,
  isStatic,
  mem,
  memRoom,
  memSize,
  refund,
  returnData,
  setGas,
  setMemory,
  setRefund,
  setReturn,
  setSp,
} from './registers'

const PREIMAGE: usize = memory.data(96)
const DIGEST: usize = memory.data(32)
const ADDRESS: usize = memory.data(32)
const AMOUNT: usize = memory.data(32)

/** Where CREATE puts a contract: keccak256(rlp([creator, nonce])). @returns its entry */
export function creationAt(creator: usize, nonce: u64): usize {
  store<u8>(PREIMAGE, 0x94, 1)
  storeAddress(PREIMAGE + 2, creator)
  let length = 22
  if (nonce == 0) store<u8>(PREIMAGE + length++, 0x80)
  else if (nonce < 0x80) store<u8>(PREIMAGE + length++, <u8>nonce)
  else {
    const bytes = 8 - (<i32>clz(nonce) >> 3)
    store<u8>(PREIMAGE + length++, <u8>(0x80 + bytes))
    for (let i = bytes - 1; i >= 0; i--)
      store<u8>(PREIMAGE + length++, <u8>(nonce >> ((<u64>i) << 3)))
  }
  store<u8>(PREIMAGE, <u8>(0xc0 + length - 1))
  return hashed(length)
}

/** EIP-1014: keccak256(0xff, creator, salt, keccak256(init code)). */
function saltedAt(creator: usize, salt: usize, code: usize, size: usize): usize {
  store<u8>(PREIMAGE, 0xff)
  storeAddress(PREIMAGE + 1, creator)
  storeBytes32(PREIMAGE + 21, salt)
  keccak256(PREIMAGE + 53, code, <i32>size)
  return hashed(85)
}

function hashed(length: i32): usize {
  keccak256(DIGEST, PREIMAGE, length)
  loadBytes32(ADDRESS, DIGEST)
  return accountOf(ADDRESS)
}

function isForbidden(): bool {
  if ((load<u32>(NETWORK_RULES) & NO_DELEGATED_CREATES) == 0) return false
  const code: usize = load<u32>(load<u32>(frame, ACCOUNT_OF_FRAME), ACCOUNT_CODE)
  return code != 0 && isDelegation(code)
}

/** A create instruction: value at `at`, offset, size and salt below. */
export function create(kind: i32, at: usize): i32 {
  if (isStatic) return WRITE_PROTECTION
  if (isForbidden()) return DELEGATED_CREATE
  const wide = small(at - 64)
  if (fork >= SHANGHAI && wide > <u64>load<u32>(MAX_INIT_CODE_SIZE)) return INIT_CODE_TOO_LARGE
  const endOfCode = endOf(at - 32, wide)
  let cost = memoryGas(endOfCode)
  if (fork >= SHANGHAI) cost += <i64>(2 * wordsOf(wide))
  if (kind == CREATE2) cost += <i64>(6 * wordsOf(wide))
  if (cost > gas) return OUT_OF_GAS
  const self: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  const result = kind == CREATE2 ? at - 96 : at - 64
  const nonce = load<u64>(self, ACCOUNT_NONCE)
  let failure: i32 = 0
  if (depth >= MAX_DEPTH) failure = DEPTH_EXCEEDED
  else if (!isZero(at) && !covers(self, at)) failure = INSUFFICIENT_BALANCE
  else {
    noteRead(self, READ_NONCE)
    if (nonce == u64.MAX_VALUE) failure = NONCE_OVERFLOW
  }
  const size = <usize>wide
  if (failure != 0) return failed(kind, at, result, cost, endOfCode, failure)
  const sizeBefore = memSize
  if (expandTo(endOfCode) != 0) return OUT_OF_GAS
  const code = size == 0 ? mem : mem + <usize>load<u64>(at - 32)
  const account = kind == CREATE2 ? saltedAt(self, at - 96, code, size) : creationAt(self, nonce)
  if (!isLoaded(account) || !isVacancyKnown(account)) {
    // The instruction will run again, and pay for the memory then.
    setMemory(mem, sizeBefore, memRoom)
    return isLoaded(account) ? needStorageKnowledge(account) : needState(account)
  }
  const rest = gas - cost
  const given = fork >= TANGERINE_WHISTLE ? rest - kept(rest) : rest
  setGas(rest - given)
  warm(account)
  setNonce(self, nonce + 1)
  setSp(result)
  save()
  setSp(at)
  return openCreation(kind, self, account, at, given, code, size)
}

/** A creation that does not begin: it costs the instruction's gas alone. */
function failed(kind: i32, at: usize, result: usize, cost: i64, end: u64, failure: i32): i32 {
  setGas(gas - cost)
  if (expandTo(end) != 0) return OUT_OF_GAS
  setReturn(returnData, 0)
  if (TRACED)
    tellFailure(kind, at, gas, fork >= TANGERINE_WHISTLE ? gas - kept(gas) : gas, failure)
  setSp(result)
  set64(result, 0)
  return SWITCHED
}

/** EIP-7610: whether it is known if anything stands in the way of a contract here. */
export function isVacancyKnown(account: usize): bool {
  const flags = flagsOf(account)
  if ((flags & (STORAGE_KNOWN | CREATED)) != 0 || (flags & EXISTED) == 0) return true
  return load<u64>(account, ACCOUNT_NONCE) != 0 || hasCode(account) || fetchVacancy(account)
}

/** Begins the frame that runs init code at `account`, or ends it at once when something is there. The caller is saved. */
export function openCreation(
  kind: i32,
  creator: usize,
  account: usize,
  value: usize,
  given: i64,
  source: usize,
  size: usize,
): i32 {
  const heapMark = frameBase()
  const code = initCode(takeForFrame(codeSpace(size)), size)
  memory.copy(code + CODE_BYTES, source, size)
  open(kind, account, given, heapMark)
  store<u32>(frame, <u32>creator, CALLER)
  store<usize>(frame, source, INPUT)
  store<usize>(frame, 0, INPUT_SIZE)
  store<usize>(frame, 0, OUTPUT_SIZE)
  copy(frame + VALUE, value)
  noteRead(account, READ_NONCE | READ_CODE | READ_LIFE)
  const isTaken =
    load<u64>(account, ACCOUNT_NONCE) != 0 ||
    hasCode(account) ||
    (flagsOf(account) & HAS_STORAGE) != 0
  const isShort = isValueMissing(creator)
  if (!isTaken && !isShort) {
    raise(account, CREATED)
    raise(account, EXISTS)
    if (fork >= SPURIOUS_DRAGON) setNonce(account, 1)
    if (areCounted()) countAccounts(true)
    transfer(creator, account, frame + VALUE)
  }
  start(code, account, false)
  if (isShort) return end(INSUFFICIENT_BALANCE, 0, 0)
  return isTaken ? end(COLLISION, 0, 0) : SWITCHED
}

/** Whether the open frame's value is not there, where that is no reason to refuse a transaction. */
export function isValueMissing(payer: usize): bool {
  if ((load<u32>(NETWORK_RULES) & IS_VALUE_LATE) == 0) return false
  return !isZero(frame + VALUE) && !covers(payer, frame + VALUE)
}

/** SELFDESTRUCT: the heir at `at`. */
export function selfdestruct(at: usize): i32 {
  if (isStatic) return WRITE_PROTECTION
  const self: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  const heir = accountOf(at)
  const cold = coldGas(heir)
  let cost: i64 = cold == 0 ? 0 : cold + 100
  if (cost > gas) return OUT_OF_GAS
  if (!isLoaded(heir)) return needState(heir)
  const balance = self + ACCOUNT_BALANCE
  const hasBalance = !isZero(balance)
  if (fork >= SPURIOUS_DRAGON) {
    if (hasBalance && isEmpty(heir)) cost += 25000
  } else if (fork >= TANGERINE_WHISTLE) {
    noteRead(heir, READ_LIFE)
    if ((flagsOf(heir) & EXISTS) == 0) cost += 25000
  }
  if (cost > gas) return OUT_OF_GAS
  setGas(gas - cost)
  warm(heir)
  detainBy(heir)
  noteRead(self, READ_BALANCE | READ_LIFE)
  const flags = flagsOf(self)
  if (fork < LONDON && (flags & DESTROYED) == 0) setRefund(refund + 24000)
  if (TRACED) tellDestruction(self, heir)
  const isLasting = fork >= CANCUN && (flags & CREATED) == 0
  if (areCounted()) {
    if (hasBalance && isEmpty(heir)) countHeir()
    if (!isLasting && (flags & DESTROYED) == 0) countDestruction(self)
  }
  copy(AMOUNT, balance)
  if (heir != self) {
    if (hasBalance) clearBalance(self)
    credit(heir, AMOUNT)
  } else if (!isLasting && hasBalance) clearBalance(self)
  if (!isLasting) raise(self, DESTROYED)
  return end(SUCCESS, 0, 0)
}

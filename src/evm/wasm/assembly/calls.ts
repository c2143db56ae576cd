/** CALL, CALLCODE, DELEGATECALL, STATICCALL. */
import { ACCOUNT_CODE, ACCOUNT_PRECOMPILE, CODE_BYTES, EXISTS, READ_CODE, READ_LIFE } from '../layout'
import {
  CALL,
  CALLCODE,
  DELEGATECALL,
  DEPTH_EXCEEDED,
  INSUFFICIENT_BALANCE,
  OUT_OF_GAS,
  PRAGUE,
  SPURIOUS_DRAGON,
  STATICCALL,
  TANGERINE_WHISTLE,
  WRITE_PROTECTION,
} from '../status'
import { copy, fits64, isZero, set, set64 } from '../../../primitives/assembly/u256'
import {
  accountAt,
  accountOf,
  coldGas,
  covers,
  credit,
  debit,
  flagsOf,
  isEmpty,
  isLoaded,
  noteRead,
  warm,
} from './accounts'
import { codeOf, isDelegation } from './codes'
import {
  ACCOUNT_OF_FRAME,
  CALLER,
  INPUT,
  INPUT_SIZE,
  OUTPUT,
  OUTPUT_SIZE,
  VALUE,
} from './frame-layout'
import { open, save, start, startPrecompile } from './frames'
import { endOf, expandTo, kept, memoryGas, small } from './gas'
import { frameBase } from './heap'
import { detainBy } from './meter'
import { TRACED, tellFailure } from './hooks'
import { SWITCHED, needCode, needState } from './needs'
import {
  depth,
  fork,
  frame,
  gas,
  isStatic,
  mem,
  returnData,
  setGas,
  setReturn,
  setSp,
} from './registers'
import { areCounted, countAccounts, giveStipend } from './resources'

export const MAX_DEPTH: i32 = 1024
const STIPEND: i64 = 2300
const VALUE_GAS: i64 = 9000
const NEW_ACCOUNT_GAS: i64 = 25000
const WARM_GAS: i64 = 100

/** The account that a delegating code names (EIP-7702). */
export function delegateOf(code: usize): usize {
  const at = code + CODE_BYTES + 3
  return accountAt(
    bswap<u64>(load<u64>(at, 12)),
    bswap<u64>(load<u64>(at, 4)),
    bswap<u32>(load<u32>(at)),
  )
}

/** A call instruction: gas at `at`, address and the rest below. */
export function call(kind: i32, at: usize): i32 {
  const hasValue = kind == CALL || kind == CALLCODE
  const valueAt = at - 64
  const input = hasValue ? at - 96 : at - 64
  const moves = hasValue && !isZero(valueAt)
  if (moves && kind == CALL && isStatic) return WRITE_PROTECTION
  const inputSize = small(input - 32)
  const outputSize = small(input - 96)
  const end = max(endOf(input, inputSize), endOf(input - 64, outputSize))
  const account = accountOf(at - 32)
  let cost = memoryGas(end) + coldGas(account)
  if (moves) cost += VALUE_GAS
  if (cost > gas) return OUT_OF_GAS
  if (!isLoaded(account)) return needState(account)
  let codeAccount = account
  const precompile = load<u32>(account, ACCOUNT_PRECOMPILE)
  if (precompile == 0) {
    const code = codeOf(account)
    if (code == 0) return needCode(account)
    noteRead(account, READ_CODE)
    if (fork >= PRAGUE && isDelegation(code)) {
      codeAccount = delegateOf(code)
      cost += WARM_GAS + coldGas(codeAccount)
      if (codeAccount == account) cost -= coldGas(account)
      if (cost > gas) return OUT_OF_GAS
      if (!isLoaded(codeAccount)) return needState(codeAccount)
      if (codeOf(codeAccount) == 0) return needCode(codeAccount)
      noteRead(codeAccount, READ_CODE)
    }
  }
  if (kind == CALL) {
    if (fork >= SPURIOUS_DRAGON) {
      if (moves && isEmpty(account)) cost += NEW_ACCOUNT_GAS
    } else {
      noteRead(account, READ_LIFE)
      if ((flagsOf(account) & EXISTS) == 0) cost += NEW_ACCOUNT_GAS
    }
  }
  if (cost > gas) return OUT_OF_GAS
  const rest = gas - cost
  let given = fits64(at) ? load<i64>(at) : i64.MAX_VALUE
  if (given < 0) given = i64.MAX_VALUE
  if (fork >= TANGERINE_WHISTLE) given = min(given, rest - kept(rest))
  else if (given > rest) return OUT_OF_GAS
  if (expandTo(end) != 0) return OUT_OF_GAS
  detainBy(account)
  if (codeAccount != account) detainBy(codeAccount)
  setGas(rest - given)
  if (moves) given += STIPEND
  warm(account)
  if (codeAccount != account) warm(codeAccount)
  const result = input - 96
  return enter(kind, at, result, account, codeAccount, given, moves)
}

function enter(
  kind: i32,
  at: usize,
  result: usize,
  account: usize,
  codeAccount: usize,
  given: i64,
  moves: bool,
): i32 {
  const self: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  const valueAt = at - 64
  const input = result + 96
  setReturn(returnData, 0)
  let failure: i32 = 0
  if (depth >= MAX_DEPTH) failure = DEPTH_EXCEEDED
  else if (moves && !covers(self, valueAt)) failure = INSUFFICIENT_BALANCE
  if (failure != 0) {
    if (TRACED) tellFailure(kind, at, gas, given, failure)
    setGas(gas + given)
    setSp(result)
    set64(result, 0)
    return SWITCHED
  }
  const caller = frame
  const isReadOnly = isStatic || kind == STATICCALL
  const inputSize = <usize>small(input - 32)
  const inputFrom = inputSize == 0 ? mem : mem + <usize>load<u64>(input)
  const outputSize = <usize>small(input - 96)
  const outputAt = outputSize == 0 ? 0 : <usize>load<u64>(input - 64)
  // The result takes the place of the last operand; a frame's stack begins above it.
  setSp(result)
  save()
  setSp(at)
  open(kind, kind == CALL || kind == STATICCALL ? account : self, given, frameBase())
  store<usize>(frame, inputFrom, INPUT)
  store<usize>(frame, inputSize, INPUT_SIZE)
  store<usize>(frame, outputAt, OUTPUT)
  store<usize>(frame, outputSize, OUTPUT_SIZE)
  if (kind == DELEGATECALL) {
    store<u32>(frame, load<u32>(caller, CALLER), CALLER)
    copy(frame + VALUE, caller + VALUE)
  } else {
    store<u32>(frame, <u32>self, CALLER)
    if (kind == STATICCALL) set(frame + VALUE, 0, 0, 0, 0)
    else copy(frame + VALUE, valueAt)
  }
  if (moves && areCounted()) {
    countAccounts(kind == CALL && isEmpty(account))
    giveStipend()
  }
  if (kind == CALL) transfer(self, account, frame + VALUE)
  else if (kind == STATICCALL) credit(account, frame + VALUE)
  const precompile = load<u32>(account, ACCOUNT_PRECOMPILE)
  if (precompile != 0) return startPrecompile(precompile, account, isReadOnly)
  return start(load<u32>(codeAccount, ACCOUNT_CODE), codeAccount, isReadOnly)
}

/** Moves wei; both accounts are touched even when it is none. */
export function transfer(from: usize, to: usize, amount: usize): void {
  if (!isZero(amount)) debit(from, amount)
  credit(to, amount)
}

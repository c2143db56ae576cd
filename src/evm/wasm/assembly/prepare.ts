/** What comes before a transaction's frame runs. A phase that has not all it needs has had no effect, and begins again. */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_FLAGS,
  ACCOUNT_NONCE,
  ACCOUNT_PRECOMPILE,
  BASE_FEE,
  BLOB_BASE_FEE,
  BLOB_HASHES,
  BLOB_HASH_COUNT,
  CODE_LIMIT,
  COINBASE,
  EXISTS,
  GAS_PRICE,
  HAS_RESERVE,
  INIT_CODE_LIMIT,
  MAX_CODE_SIZE,
  MAX_INIT_CODE_SIZE,
  NETWORK_RULES,
  ORIGIN,
  READ_BALANCE,
  READ_CODE,
  READ_LIFE,
  READ_NONCE,
  TOUCHED,
  WARM,
} from '../layout'
import { BERLIN, CALL, CREATE, INSUFFICIENT_BALANCE, PRAGUE, SHANGHAI } from '../status'
import {
  ACCESS_KEYS,
  ACCESS_SIZE,
  HAS_UNLIMITED_CODE,
  IS_CREATION,
  IS_REFUSED,
  IS_SYSTEM_CALL,
  MOVE_FROM,
  MOVE_NUMBER,
  MOVE_SIZE,
  MOVE_TO,
  SKIPS_BALANCE,
  SKIPS_NONCE,
  SKIPS_SENDER_CODE,
  TX_ACCESSES,
  TX_ACCESSES_AT,
  TX_BASE_FEE,
  TX_BLOB_BASE_FEE,
  TX_DATA_AT,
  TX_DATA_SIZE,
  TX_GAS_LIMIT,
  TX_HASHES,
  TX_HASHES_AT,
  TX_INTRINSIC_GAS,
  TX_MAX_COST,
  TX_MOVES,
  TX_MOVES_AT,
  TX_NONCE,
  TX_PRICE,
  TX_SENDER,
  TX_STORAGE_GAS,
  TX_TO,
  TX_UPFRONT,
  TX_VALUE,
} from '../transaction-layout'
import { RECORD_REJECTED } from '../../../state/record-layout'
import { add, copy, isLess, isZero, set, set64, sub } from '../../../primitives/assembly/u256'
import { accountOf, covers, flagsOf, hasCode, isEmpty, isLoaded, noteRead, pushAddress, warm } from './accounts'
import { delegateOf, transfer } from './calls'
import { codeOf, emptyCode, isDelegation } from './codes'
import { creationAt, isVacancyKnown, isValueMissing, openCreation } from './creates'
import { accountIn, has, tx } from './encoded'
import { CALLER, INPUT, INPUT_SIZE, OUTPUT_SIZE, VALUE } from './frame-layout'
import { end, open, start, startPrecompile } from './frames'
import { frameBase } from './heap'
import { raise, raiseSlot } from './journal'
import { detainBy, resetMeter } from './meter'
import { PARKED, needCode, needState, needStorageKnowledge } from './needs'
import { fork, frame } from './registers'
import { areCounted, countAccounts, resetResources } from './resources'
import { unitAt } from './slots'

const NO_LIMIT: u32 = 0x7fffffff

export let sender: usize = 0
/** Gas that the frame is not told of, because a register with a sign counts it. */
export let beyond: u64 = 0
/** What the sender was lent to be able to pay, in wei. */
export const LENT: usize = memory.data(32)
const COST: usize = memory.data(32)

/** Writes what opcodes see of the transaction. */
export function present(): void {
  copy(GAS_PRICE, tx + TX_PRICE)
  copy(BASE_FEE, tx + TX_BASE_FEE)
  copy(BLOB_BASE_FEE, tx + TX_BLOB_BASE_FEE)
  store<u32>(BLOB_HASH_COUNT, load<u32>(tx, TX_HASHES))
  store<u32>(BLOB_HASHES, <u32>tx + load<u32>(tx, TX_HASHES_AT))
  const isUnlimited = has(HAS_UNLIMITED_CODE)
  store<u32>(MAX_CODE_SIZE, isUnlimited ? NO_LIMIT : load<u32>(CODE_LIMIT))
  store<u32>(MAX_INIT_CODE_SIZE, isUnlimited ? NO_LIMIT : load<u32>(INIT_CODE_LIMIT))
  movePrecompiles()
  sender = accountIn(tx + TX_SENDER)
  pushAddress(ORIGIN, sender)
  resetMeter(load<i64>(tx, TX_STORAGE_GAS))
  resetResources()
  set64(LENT, 0)
  beyond = 0
}

/** eth_simulateV1: precompiles that answer elsewhere. */
function movePrecompiles(): void {
  let at = tx + load<u32>(tx, TX_MOVES_AT)
  for (let left = load<u32>(tx, TX_MOVES); left > 0; left--) {
    const from = accountIn(at + MOVE_FROM)
    store<u32>(from, 0, ACCOUNT_PRECOMPILE)
    store<u32>(from, flagsOf(from) & ~WARM, ACCOUNT_FLAGS)
    const to = accountIn(at + MOVE_TO)
    store<u32>(to, load<u32>(at, MOVE_NUMBER), ACCOUNT_PRECOMPILE)
    store<u32>(to, flagsOf(to) | WARM, ACCOUNT_FLAGS)
    at += MOVE_SIZE
  }
}

/**
 * Checks what depends on the state, in Geth's order, then buys the gas, counts the nonce and warms what is listed.
 * @returns 0, PARKED, or RECORD_REJECTED
 */
export function admit(): i32 {
  if (has(IS_SYSTEM_CALL)) return 0
  if (!isLoaded(sender)) return needState(sender)
  const status = mayPay()
  if (status != 0) return status
  store<u64>(sender, load<u64>(sender, ACCOUNT_NONCE) + 1, ACCOUNT_NONCE)
  store<u32>(sender, flagsOf(sender) | EXISTS | TOUCHED, ACCOUNT_FLAGS)
  if (fork >= BERLIN) warmUp()
  return 0
}

function mayPay(): i32 {
  noteRead(sender, READ_LIFE | READ_NONCE)
  const nonce = load<u64>(sender, ACCOUNT_NONCE)
  if (!has(SKIPS_NONCE)) {
    if (nonce != load<u64>(tx, TX_NONCE) || nonce == u64.MAX_VALUE) return RECORD_REJECTED
  }
  if (!has(SKIPS_SENDER_CODE)) {
    noteRead(sender, READ_CODE)
    if (hasCode(sender)) {
      if (fork < PRAGUE) return RECORD_REJECTED
      const code = codeOf(sender)
      if (code == 0) return needCode(sender)
      if (!isDelegation(code)) return RECORD_REJECTED
    }
  } else if ((load<u32>(NETWORK_RULES) & HAS_RESERVE) != 0 && hasCode(sender)) {
    noteRead(sender, READ_CODE)
    if (codeOf(sender) == 0) return needCode(sender)
  }
  if (has(IS_REFUSED)) return RECORD_REJECTED
  const balance = sender + ACCOUNT_BALANCE
  if (has(SKIPS_BALANCE)) lend(balance)
  else if (!covers(sender, tx + TX_MAX_COST)) return RECORD_REJECTED
  sub(balance, balance, tx + TX_UPFRONT)
  return 0
}

/** Gives the sender what it lacks. */
function lend(balance: usize): void {
  add(COST, tx + TX_UPFRONT, tx + TX_VALUE)
  if (covers(sender, COST)) return
  noteRead(sender, READ_BALANCE)
  sub(LENT, COST, balance)
  copy(balance, COST)
}

/** EIP-2929, 2930, 3651. No access by itself (EIP-7928). */
function warmUp(): void {
  raise(sender, WARM)
  if (!has(IS_CREATION)) raise(accountIn(tx + TX_TO), WARM)
  if (fork >= SHANGHAI) raise(accountOf(COINBASE), WARM)
  let at = tx + load<u32>(tx, TX_ACCESSES_AT)
  for (let left = load<u32>(tx, TX_ACCESSES); left > 0; left--) {
    const account = accountIn(at)
    raise(account, WARM)
    const keys = load<u32>(at, ACCESS_KEYS)
    at += ACCESS_SIZE
    for (let i: u32 = 0; i < keys; i++) {
      raiseSlot(unitAt(account, at), WARM)
      at += 32
    }
  }
}

/** Opens the transaction's frame. @returns 0 or PARKED */
export function openFrame(): i32 {
  const bought = load<u64>(tx, TX_GAS_LIMIT) - load<u64>(tx, TX_INTRINSIC_GAS)
  const most: u64 = i64.MAX_VALUE
  const gas = bought > most ? most : bought
  const status = has(IS_CREATION) ? openInit(<i64>gas) : openCall(<i64>gas)
  beyond = bought - gas
  return status
}

function openCall(gas: i64): i32 {
  const to = accountIn(tx + TX_TO)
  if (!isLoaded(to)) return needState(to)
  let codeAccount = to
  let code: usize = 0
  const precompile = load<u32>(to, ACCOUNT_PRECOMPILE)
  if (precompile == 0) {
    code = codeOf(to)
    if (code == 0) return needCode(to)
    if (fork >= PRAGUE && isDelegation(code)) {
      codeAccount = delegateOf(code)
      if (!isLoaded(codeAccount)) return needState(codeAccount)
      code = codeOf(codeAccount)
      if (code == 0) return needCode(codeAccount)
      warm(codeAccount)
      noteRead(codeAccount, READ_CODE)
    }
    noteRead(to, READ_CODE)
  }
  open(CALL, to, gas, frameBase())
  store<u32>(frame, <u32>sender, CALLER)
  store<usize>(frame, tx + load<u32>(tx, TX_DATA_AT), INPUT)
  store<u32>(frame, load<u32>(tx, TX_DATA_SIZE), INPUT_SIZE)
  store<usize>(frame, 0, OUTPUT_SIZE)
  copy(frame + VALUE, tx + TX_VALUE)
  detainBy(sender)
  detainBy(to)
  if (codeAccount != to) detainBy(codeAccount)
  if (isValueMissing(sender)) {
    start(emptyCode, codeAccount, false)
    end(INSUFFICIENT_BALANCE, 0, 0)
    return 0
  }
  if (areCounted() && !isZero(frame + VALUE)) countAccounts(isEmpty(to))
  transfer(sender, to, frame + VALUE)
  if (precompile != 0) startPrecompile(precompile, to, false)
  else start(code, codeAccount, false)
  return 0
}

function openInit(gas: i64): i32 {
  const account = creationAt(sender, load<u64>(sender, ACCOUNT_NONCE) - 1)
  if (!isLoaded(account)) return needState(account)
  if (!isVacancyKnown(account)) return needStorageKnowledge(account)
  warm(account)
  const data = tx + load<u32>(tx, TX_DATA_AT)
  openCreation(CREATE, sender, account, tx + TX_VALUE, gas, data, load<u32>(tx, TX_DATA_SIZE))
  return 0
}

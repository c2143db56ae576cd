/** What the transaction knows of accounts. An entry is made when an address is first met, and filled when it is first needed. */
import {
  ACCESSED,
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  ACCOUNT_BASE_BALANCE,
  ACCOUNT_BUCKETS,
  ACCOUNT_CODE,
  ACCOUNT_COVERED,
  ACCOUNT_FLAGS,
  ACCOUNT_LATER,
  ACCOUNT_NEXT,
  ACCOUNT_NONCE,
  ACCOUNT_NOT_COVERED,
  ACCOUNT_PRECOMPILE,
  ACCOUNT_READS,
  ACCOUNT_SIZE,
  COLD_ACCOUNT_GAS,
  EXISTS,
  FIRST_ACCOUNT,
  FIRST_BUCKETS,
  LOADED,
  PRECOMPILES,
  PRECOMPILES_SIZE,
  READ_BALANCE,
  READ_CODE,
  READ_COVERED,
  READ_EMPTY,
  READ_NONCE,
  READ_NOT_COVERED,
  TOUCHED,
  WARM,
} from '../layout'
import { BERLIN } from '../status'
import { add, copy, isEqual, isLess, isZero, set, sub } from '../../../primitives/assembly/u256'
import { emptyCode } from './codes'
import { entry, pin } from './heap'
import { noteBalance, noteNonce, raise } from './journal'
import { fetchAccount } from './source'
import { fork } from './registers'

let buckets: usize = ACCOUNT_BUCKETS
let mask: u32 = FIRST_BUCKETS - 1
let count: u32 = 0
let last: usize = 0

const WORK: usize = memory.data(32)

export function resetAccounts(): void {
  buckets = ACCOUNT_BUCKETS
  mask = FIRST_BUCKETS - 1
  count = 0
  last = 0
  memory.fill(buckets, 0, FIRST_BUCKETS << 2)
  store<u32>(FIRST_ACCOUNT, 0)
}

@inline
function place(a0: u64, a1: u64, a2: u64): u32 {
  const mixed = (a0 ^ (a1 * 0x9e3779b97f4a7c15) ^ (a2 << 17)) * 0xd6e8feb86659fd93
  return <u32>(mixed >> 32)
}

/** The entry of the address with these limbs. */
export function accountAt(a0: u64, a1: u64, a2: u64): usize {
  const bucket = buckets + ((place(a0, a1, a2) & mask) << 2)
  let at: usize = load<u32>(bucket)
  while (at != 0) {
    if (load<u64>(at) == a0 && load<u64>(at, 8) == a1 && load<u64>(at, 16) == a2) return at
    at = load<u32>(at, ACCOUNT_NEXT)
  }
  at = entry(ACCOUNT_SIZE)
  store<u64>(at, a0)
  store<u64>(at, a1, 8)
  store<u64>(at, a2, 16)
  if ((a1 | a2) == 0 && a0 < <u64>PRECOMPILES_SIZE) markPrecompile(at, <usize>a0)
  if (last == 0) store<u32>(FIRST_ACCOUNT, <u32>at)
  else store<u32>(last, <u32>at, ACCOUNT_LATER)
  last = at
  count++
  if (count > mask) widen()
  else {
    store<u32>(at, load<u32>(bucket), ACCOUNT_NEXT)
    store<u32>(bucket, <u32>at)
  }
  return at
}

function markPrecompile(at: usize, number: usize): void {
  const which = load<u8>(PRECOMPILES + number)
  if (which == 0) return
  store<u32>(at, which, ACCOUNT_PRECOMPILE)
  store<u32>(at, WARM, ACCOUNT_FLAGS)
}

function widen(): void {
  mask = mask * 4 + 3
  buckets = pin((<usize>mask + 1) << 2)
  memory.fill(buckets, 0, (<usize>mask + 1) << 2)
  let at: usize = load<u32>(FIRST_ACCOUNT)
  while (at != 0) {
    const hash = place(load<u64>(at), load<u64>(at, 8), load<u64>(at, 16))
    const bucket = buckets + ((hash & mask) << 2)
    store<u32>(at, load<u32>(bucket), ACCOUNT_NEXT)
    store<u32>(bucket, <u32>at)
    at = load<u32>(at, ACCOUNT_LATER)
  }
}

/** The entry of the address in the low 160 bits of a word. */
@inline
export function accountOf(word: usize): usize {
  return accountAt(load<u64>(word), load<u64>(word, 8), load<u64>(word, 16) & 0xffffffff)
}

@inline
export function pushAddress(word: usize, address: usize): void {
  set(word, load<u64>(address), load<u64>(address, 8), load<u64>(address, 16), 0)
}

@inline
export function flagsOf(account: usize): u32 {
  return load<u32>(account, ACCOUNT_FLAGS)
}

/** Whether the state of an account is there, which an instruction has paid to see: it counts as accessed from now on (EIP-7928). */
export function isLoaded(account: usize): bool {
  const flags = flagsOf(account)
  store<u32>(account, flags | ACCESSED, ACCOUNT_FLAGS)
  return (flags & LOADED) != 0 || fetchAccount(account)
}

/** EIP-2929: what a first access costs beyond a warm one. */
@inline
export function coldGas(account: usize): i64 {
  return fork >= BERLIN && (flagsOf(account) & WARM) == 0 ? load<i64>(COLD_ACCOUNT_GAS) : 0
}

@inline
export function warm(account: usize): void {
  if (fork >= BERLIN) raise(account, WARM)
}

@inline
export function noteRead(account: usize, read: u32): void {
  store<u32>(account, load<u32>(account, ACCOUNT_READS) | read, ACCOUNT_READS)
}

@inline
export function hasCode(account: usize): bool {
  return load<u32>(account, ACCOUNT_CODE) != emptyCode
}

/** Empty by EIP-161, and remembered as read as far as that was looked at. */
export function isEmpty(account: usize): bool {
  noteRead(account, READ_CODE)
  if (hasCode(account)) return false
  noteRead(account, READ_NONCE)
  if (load<u64>(account, ACCOUNT_NONCE) != 0) return false
  const balance = account + ACCOUNT_BALANCE
  // What was credited here makes it not empty, whatever was there before; and nothing without code and nonce has paid.
  if (isEqual(balance, account + ACCOUNT_BASE_BALANCE)) noteRead(account, READ_EMPTY)
  return isZero(balance)
}

/** Whether the balance is `amount` or more, remembered as a check of the balance before the transaction. */
export function covers(account: usize, amount: usize): bool {
  const balance = account + ACCOUNT_BALANCE
  const base = account + ACCOUNT_BASE_BALANCE
  const held = !isLess(balance, amount)
  if (isLess(base, balance)) {
    // Credited meanwhile: less was needed before.
    sub(WORK, balance, base)
    if (!isLess(WORK, amount)) return held
    sub(WORK, amount, WORK)
  } else {
    sub(WORK, base, balance)
    add(WORK, amount, WORK)
    if (isLess(WORK, amount)) {
      noteRead(account, READ_BALANCE)
      return held
    }
  }
  const reads = load<u32>(account, ACCOUNT_READS)
  if (held) {
    if ((reads & READ_COVERED) == 0 || isLess(account + ACCOUNT_COVERED, WORK)) {
      copy(account + ACCOUNT_COVERED, WORK)
    }
    noteRead(account, READ_COVERED)
  } else {
    if ((reads & READ_NOT_COVERED) == 0 || isLess(WORK, account + ACCOUNT_NOT_COVERED)) {
      copy(account + ACCOUNT_NOT_COVERED, WORK)
    }
    noteRead(account, READ_NOT_COVERED)
  }
  return held
}

/** Adds to a balance, which brings the account to life; an empty one is swept away in the end (EIP-161). */
export function credit(account: usize, amount: usize): void {
  raise(account, TOUCHED)
  raise(account, EXISTS)
  if (isZero(amount)) return
  noteBalance(account)
  add(account + ACCOUNT_BALANCE, account + ACCOUNT_BALANCE, amount)
}

/** Takes from a balance that covers it. */
export function debit(account: usize, amount: usize): void {
  if (isZero(amount)) return
  noteBalance(account)
  sub(account + ACCOUNT_BALANCE, account + ACCOUNT_BALANCE, amount)
}

export function setNonce(account: usize, nonce: u64): void {
  noteNonce(account)
  store<u64>(account, nonce, ACCOUNT_NONCE)
  raise(account, EXISTS)
}

export function clearBalance(account: usize): void {
  noteBalance(account)
  set(account + ACCOUNT_BALANCE, 0, 0, 0, 0)
}

/** The address at `at`, 24 bytes of limbs, as 20 bytes. */
export function storeAddress(dst: usize, at: usize): void {
  const a2 = <u32>load<u64>(at, ACCOUNT_ADDRESS + 16)
  store<u32>(dst, bswap<u32>(a2))
  store<u64>(dst, bswap<u64>(load<u64>(at, 8)), 4)
  store<u64>(dst, bswap<u64>(load<u64>(at)), 12)
}

/** Codes: found by their hash, and kept between transactions as long as there is room. */
import {
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  CODES,
  CODES_END,
  CODE_BUCKETS,
  CODE_BUCKETS_MASK,
  CODE_BYTES,
  CODE_HASH,
  CODE_JUMPS,
  CODE_LENGTH,
  CODE_NEXT,
  CODE_PADDING,
  CODE_STATE,
} from '../layout'
import { copy, isEqual } from '../../../primitives/assembly/u256'
import { keccak256 } from '../../../primitives/assembly/keccak'
import { pin } from './heap'
import { forgetSegments } from './segments'

/** The code of accounts that have none. */
export const emptyCode: u32 = CODES
export const emptyHash: usize = CODES + CODE_HASH
const FIRST: usize = CODES + 0x100

let next: usize = FIRST
/** Some code had to go where it does not stay. */
let isFull: bool = false

/** Once, before anything else. */
export function setUpCodes(): void {
  const code = initCode(CODES, 0)
  store<u32>(code, 1, CODE_STATE)
  keccak256(emptyHash, code, 0)
  keepCode(code)
}

/** Between transactions: forgets all codes when they had no room any more. */
export function tidyCodes(): void {
  if (!isFull) return
  isFull = false
  next = FIRST
  memory.fill(CODE_BUCKETS, 0, (CODE_BUCKETS_MASK + 1) << 2)
  keepCode(CODES)
  forgetSegments()
}

@inline
function bucketOf(hash: usize): usize {
  return CODE_BUCKETS + (<usize>(load<u32>(hash) & CODE_BUCKETS_MASK) << 2)
}

/** Where the code with this hash is; 0 when it is not in memory. */
export function findCode(hash: usize): usize {
  let at: usize = load<u32>(bucketOf(hash))
  while (at != 0) {
    if (isEqual(at + CODE_HASH, hash)) return at
    at = load<u32>(at, CODE_NEXT)
  }
  return 0
}

/** Lets `findCode` find a code whose bytes and hash are in their places. */
export function keepCode(code: usize): void {
  const bucket = bucketOf(code + CODE_HASH)
  store<u32>(code, load<u32>(bucket), CODE_NEXT)
  store<u32>(bucket, <u32>code)
}

/** Where the code of an account is; 0 when the host has to bring it. */
export function codeOf(account: usize): usize {
  const present: usize = load<u32>(account, ACCOUNT_CODE)
  if (present != 0) return present
  const found = findCode(account + ACCOUNT_CODE_HASH)
  store<u32>(account, <u32>found, ACCOUNT_CODE)
  return found
}

/** The code of these bytes, which hash to the word at `hash`. */
export function codeWith(hash: usize, bytes: usize, size: usize): usize {
  const found = findCode(hash)
  if (found != 0) return found
  const code = newCode(size)
  memory.copy(code + CODE_BYTES, bytes, size)
  copy(code + CODE_HASH, hash)
  keepCode(code)
  return code
}

@inline
function sizeOf(length: usize): usize {
  return (CODE_BYTES + length + CODE_PADDING + ((length + 7) >> 3) + 23) & ~15
}

/** Room for a code of this length: kept while there is room, else until the next transaction. The header and padding are set. */
export function newCode(length: usize): usize {
  const size = sizeOf(length)
  let at = next
  if (at + size <= <usize>CODES_END) next += size
  else {
    at = pin(size)
    isFull = true
  }
  return initCode(at, length)
}

/** How much `initCode` takes. */
export function codeSpace(length: usize): usize {
  return sizeOf(length)
}

export function initCode(at: usize, length: usize): usize {
  store<u32>(at, <u32>length, CODE_LENGTH)
  store<u32>(at, 0, CODE_STATE)
  const padding = at + CODE_BYTES + length
  memory.fill(padding, 0, CODE_PADDING)
  store<u32>(at, <u32>(padding + CODE_PADDING), CODE_JUMPS)
  return at
}

/** Finds where code may be jumped to. */
export function analyse(code: usize): void {
  const length: usize = load<u32>(code, CODE_LENGTH)
  const bits: usize = load<u32>(code, CODE_JUMPS)
  memory.fill(bits, 0, (length + 7) >> 3)
  const start = code + CODE_BYTES
  const end = start + length
  let at = start
  while (at < end) {
    const op = load<u8>(at)
    if (op == 0x5b) {
      const place = at - start
      const byte = bits + (place >> 3)
      store<u8>(byte, load<u8>(byte) | (1 << (<u8>place & 7)))
    } else if (<u8>(op - 0x60) < 32) at += op - 0x5f
    at++
  }
  store<u32>(code, 1, CODE_STATE)
}

/** EIP-7702: whether the code names another account's. */
@inline
export function isDelegation(code: usize): bool {
  if (load<u32>(code, CODE_LENGTH) != 23) return false
  return (load<u32>(code, CODE_BYTES) & 0xffffff) == 0x0001ef
}

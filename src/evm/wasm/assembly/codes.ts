/** Codes: some stay between transactions, as long as there is room. */
import {
  CODES,
  CODES_END,
  CODE_BYTES,
  CODE_JUMPS,
  CODE_LENGTH,
  CODE_PADDING,
  CODE_STATE,
} from '../layout'
import { pin } from './heap'

/** The code of accounts that have none. */
export const emptyCode: u32 = CODES
const FIRST: usize = CODES + 0x100

let next: usize = FIRST

@inline
function sizeOf(length: usize): usize {
  return (CODE_BYTES + length + CODE_PADDING + ((length + 7) >> 3) + 23) & ~15
}

/** Forgets all codes but the empty one. The host forgets where they were. */
export function dropCodes(): void {
  next = FIRST
}

/** Room for a code of this length: kept while there is room, else until the next transaction. The header and padding are set. */
export function newCode(length: usize): usize {
  const size = sizeOf(length)
  let at = next
  if (at + size <= <usize>CODES_END) next += size
  else at = pin(size)
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

/** Codes by hash, for all blocks. What a hash names never changes, so a code may be put in by whoever has it. */
import {
  CODE_BUCKETS,
  CODE_BYTES,
  CODE_HASH,
  CODE_LENGTH,
  CODE_MASK,
  CODE_NEXT,
} from '../layout'
import {
  RECORD_CODES,
  RECORD_CODES_AT,
  RECORD_CODE_BYTES,
  RECORD_CODE_LENGTH,
} from '../../../state/record-layout'
import { copy, isEqual } from '../../../primitives/assembly/u256'
import { allocateBase } from './arena'

@inline
function bucketOf(hash: usize): usize {
  return CODE_BUCKETS + ((<usize>load<u32>(hash) & CODE_MASK) << 2)
}

/** The code whose hash is at `hash`; 0 when it is not here. */
export function codeAt(hash: usize): usize {
  let at: usize = atomic.load<u32>(bucketOf(hash))
  while (at != 0 && !isEqual(at + CODE_HASH, hash)) at = load<u32>(at, CODE_NEXT)
  return at
}

/** A place for a code, which is not to be found before it is shown; 0 when there is no memory. */
export function newCode(hash: usize, length: u32): usize {
  const at = allocateBase(CODE_BYTES + length)
  if (at == 0) return 0
  copy(at + CODE_HASH, hash)
  store<u32>(at, length, CODE_LENGTH)
  return at
}

/** From now on the code is found. */
export function showCode(at: usize): void {
  const bucket = bucketOf(at + CODE_HASH)
  for (;;) {
    const head = atomic.load<u32>(bucket)
    store<u32>(at, head, CODE_NEXT)
    if (atomic.cmpxchg<u32>(bucket, head, <u32>at) == head) return
  }
}

/** Shows the codes that a record brings. @returns 0, or 1 when there is no memory */
export function showCodes(record: usize): u32 {
  let at = record + load<u32>(record, RECORD_CODES_AT)
  for (let left = load<u32>(record, RECORD_CODES); left > 0; left--) {
    const length = load<u32>(at, RECORD_CODE_LENGTH)
    if (codeAt(at) == 0) {
      const code = newCode(at, length)
      if (code == 0) return 1
      memory.copy(code + CODE_BYTES, at + RECORD_CODE_BYTES, length)
      showCode(code)
    }
    at += RECORD_CODE_BYTES + ((length + 7) & ~7)
  }
  return 0
}

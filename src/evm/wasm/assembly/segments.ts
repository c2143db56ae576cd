/**
 * Gas and stack, checked for many instructions at once. A segment is a run of instructions that can only fail for the price
 * and the stack items the table names, or for memory, and that nothing outside the frame sees; its last instruction can be any.
 * Measured segments are remembered by where they begin, as long as codes stay in their places.
 */
import {
  CODES_END,
  OPCODES,
  OPCODE_CHANGE,
  OPCODE_LEAST,
  OPCODE_ROOM,
  RESULT_DETAIL,
  RESULT_DETAIL2,
  SEGMENTS,
  SEGMENTS_MASK,
  SEGMENT_END,
  SEGMENT_GAS,
  SEGMENT_LEAST,
  SEGMENT_ROOM,
  SEGMENT_SIZE,
} from '../layout'
import { INVALID_OPCODE, OUT_OF_GAS, STACK_OVERFLOW, STACK_UNDERFLOW } from '../status'
import { fork } from './registers'

/** So many instructions at most, because those of a segment that cannot be paid for are checked, and measured, one by one. */
const MOST: i32 = 64
/** More bytes than a stack has. */
const NEVER: i32 = 0xffff

/** What a segment that begins here is known by: codes end below 2^23. */
@inline
function tagOf(pc: usize): u32 {
  return <u32>pc | (fork << 24)
}

/** Whether codes at this place stay there: only then are segments remembered. */
@inline
export function isKept(code: usize): bool {
  return code < <usize>CODES_END
}

/** Forgets all: other codes come where these were. */
export function forgetSegments(): void {
  memory.fill(SEGMENTS, 0, (SEGMENTS_MASK + 1) * SEGMENT_SIZE)
}

/** The segment that begins at an instruction. */
@inline
export function segmentAt(pc: usize): usize {
  const at = <usize>SEGMENTS + (pc & SEGMENTS_MASK) * SEGMENT_SIZE
  if (load<u32>(at) != tagOf(pc)) measure(at, pc)
  return at
}

/** Whether the instruction can stand before another in a segment. */
@inline
function isPlain(op: i32): bool {
  if (op >= 0x5f) return op <= 0x9f
  if (op <= 0x20) return op != 0 && op != 0x0a
  return op == 0x35 || (op >= 0x50 && op <= 0x53) || op == 0x58 || op == 0x59 || op == 0x5b
}

function measure(at: usize, start: usize): void {
  let pc = start
  let end = start
  let gas: u32 = 0
  // The stack's height may be from `least` to `most` in the beginning; it has changed by `change` so far. All in bytes.
  let least: i32 = 0
  let most: i32 = NEVER
  let change: i32 = 0
  for (let count = 0; count < MOST; count++) {
    const op = <i32>load<u8>(pc)
    const entry = <usize>OPCODES + (<usize>op << 3)
    const fewest = <i32>load<u16>(entry, OPCODE_LEAST)
    if (fewest == NEVER) break
    const low = max(least, fewest - change)
    const high = min(most, fewest + <i32>load<u16>(entry, OPCODE_ROOM) - change)
    if (low > high) break
    least = low
    most = high
    gas += load<u16>(entry)
    change += load<i16>(entry, OPCODE_CHANGE)
    end = pc + 1
    if (!isPlain(op)) break
    pc += op >= 0x60 && op <= 0x7f ? op - 0x5e : 1
  }
  store<u32>(at, tagOf(start))
  store<u32>(at, <u32>end, SEGMENT_END)
  store<u32>(at, gas, SEGMENT_GAS)
  store<u16>(at, <u16>(end == start ? NEVER : least), SEGMENT_LEAST)
  store<u16>(at, <u16>(end == start ? 0 : most - least), SEGMENT_ROOM)
}

/** The gas of an instruction that depends on nothing. */
@inline
export function priceOf(op: usize): i64 {
  return load<u16>(OPCODES + (op << 3))
}

/** Of the instructions from `pc` up to `until`, all of one segment: what was paid for them ahead. */
export function pricesOf(pc: usize, until: usize): i64 {
  let gas: i64 = 0
  while (pc < until) {
    const op = <usize>load<u8>(pc)
    gas += priceOf(op)
    pc += op >= 0x60 && op <= 0x7f ? op - 0x5e : 1
  }
  return gas
}

/** Why the stack does not allow the instruction: the table says so. */
function stackFault(op: i32, height: u32): i32 {
  const least = <u32>load<u16>(OPCODES + (<usize>op << 3), OPCODE_LEAST)
  store<u32>(RESULT_DETAIL2, op)
  if (least == 0xffff) {
    store<u32>(RESULT_DETAIL, op)
    return INVALID_OPCODE
  }
  if (height >= least) return STACK_OVERFLOW
  store<u32>(RESULT_DETAIL, height >> 5)
  store<u32>(RESULT_DETAIL2, least >> 5)
  return STACK_UNDERFLOW
}

/** Whether an instruction alone may run. */
export function check(op: i32, height: u32, g: i64): i32 {
  const entry = OPCODES + (<usize>op << 3)
  if (height - <u32>load<u16>(entry, OPCODE_LEAST) > <u32>load<u16>(entry, OPCODE_ROOM)) {
    return stackFault(op, height)
  }
  return g < priceOf(op) ? OUT_OF_GAS : 0
}

/** Whether a whole segment may run. */
@inline
export function isPaid(segment: usize, height: u32, g: i64): bool {
  if (height - <u32>load<u16>(segment, SEGMENT_LEAST) > <u32>load<u16>(segment, SEGMENT_ROOM)) {
    return false
  }
  return g >= <i64>load<u32>(segment, SEGMENT_GAS)
}

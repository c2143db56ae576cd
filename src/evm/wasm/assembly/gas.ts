/** Gas for memory, and operands as numbers. */
import { HALF_GAS_PER_WORD, IS_QUADRATIC, KEPT_PERCENT, MAX_MEMORY } from '../layout'
import { OUT_OF_GAS } from '../status'
import { fits64 } from '../../../primitives/assembly/u256'
import { MEMORY_BELOW } from './frame-layout'
import { expand } from './heap'
import { frame, gas, memSize, setGas } from './registers'

/** More than any operand that gas could pay for. */
export const HUGE: u64 = 1 << 40
/** More gas than there is. */
const ENDLESS: i64 = i64.MAX_VALUE >> 1

/** Gas of one instruction from which on it takes fuel as well: it may take as long as many jumps. */
export const DEAR: i64 = 8192

/** Jumps that take about as long as an instruction of this gas. */
@inline
export function jumpsOf(gas: i64): i32 {
  return <i32>min<i64>(gas >> 4, 1 << 24)
}

/** The word as a number; `HUGE` when it is that or more. */
@inline
export function small(word: usize): u64 {
  if (!fits64(word)) return HUGE
  const value = load<u64>(word)
  return value > HUGE ? HUGE : value
}

/** Where the bytes of memory end that an instruction touches; 0 when there are none. */
@inline
export function endOf(offset: usize, size: u64): u64 {
  return size == 0 ? 0 : small(offset) + size
}

/** What a caller keeps of its gas at least (EIP-150). */
@inline
export function kept(gas: i64): i64 {
  const percent = load<i64>(KEPT_PERCENT)
  return percent == 0 ? gas >> 6 : (gas * percent) / 100
}

/** What it costs to have memory up to `end`. */
export function memoryGas(end: u64): i64 {
  if (end <= <u64>memSize) return 0
  if (end > 0xffffffff) return ENDLESS
  const before = (<u64>memSize) >> 5
  const after = (end + 31) >> 5
  const half = load<u64>(HALF_GAS_PER_WORD)
  const squares = ((after * after) >> 9) - ((before * before) >> 9)
  return <i64>(((half * after) >> 1) - ((half * before) >> 1) + load<u64>(IS_QUADRATIC) * squares)
}

/** Makes the memory reach `end`, which is paid for; a caller with endless gas can pay for more than there can be. */
@inline
export function expandTo(end: u64): i32 {
  if (end <= <u64>memSize) return 0
  if (end + <u64>load<u32>(frame, MEMORY_BELOW) > load<u64>(MAX_MEMORY)) return OUT_OF_GAS
  return expand((<usize>end + 31) & ~31) ? 0 : OUT_OF_GAS
}

/** Pays for memory up to `end` and for `words` words at `price` each, and expands. */
export function pay(end: u64, words: u64, price: u64): i32 {
  const cost = memoryGas(end) + <i64>(words * price)
  if (cost > gas) return OUT_OF_GAS
  setGas(gas - cost)
  return expandTo(end)
}

@inline
export function wordsOf(size: u64): u64 {
  return (size + 31) >> 5
}

import { set } from './u256'

@inline
export function swapBytes(x: u64): u64 {
  const pairs = ((x >> 8) & 0x00ff00ff00ff00ff) | ((x & 0x00ff00ff00ff00ff) << 8)
  return rotr(((pairs >> 16) & 0x0000ffff0000ffff) | ((pairs & 0x0000ffff0000ffff) << 16), 32)
}

@inline
function reversed(bytes: v128): v128 {
  return v128.shuffle<u8>(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
}

/** Two numbers as 16 bytes, then in reverse. Put together here: a vector load would wait for the stores of both to end. */
@inline
export function pairReversed(low: u64, high: u64): v128 {
  return reversed(i64x2.replace_lane(i64x2.splat(low), 1, high))
}

/** The word in the 32 big-endian bytes at `src`. */
@inline
export function loadBytes32(dst: usize, src: usize): void {
  const high = reversed(v128.load(src))
  const low = reversed(v128.load(src, 16))
  v128.store(dst, low)
  v128.store(dst, high, 16)
}

/** Writes a word as 32 big-endian bytes. */
@inline
export function storeBytes32(dst: usize, a: usize): void {
  v128.store(dst, pairReversed(load<u64>(a, 16), load<u64>(a, 24)))
  v128.store(dst, pairReversed(load<u64>(a), load<u64>(a, 8)), 16)
}

/** The number in `count` big-endian bytes at `src`, 1..32. Reads up to `src + 32`. */
export function loadBytes(dst: usize, src: usize, count: i32): void {
  const bits = <u64>(256 - (count << 3))
  const x3 = swapBytes(load<u64>(src))
  if (bits >= 192) return set(dst, x3 >> (bits - 192), 0, 0, 0)
  const x2 = swapBytes(load<u64>(src, 8))
  const down = bits & 63
  const up = 63 - down
  if (bits >= 128) return set(dst, (x2 >> down) | ((x3 << 1) << up), x3 >> down, 0, 0)
  const x1 = swapBytes(load<u64>(src, 16))
  const r0 = (x2 >> down) | ((x3 << 1) << up)
  const below = (x1 >> down) | ((x2 << 1) << up)
  if (bits >= 64) return set(dst, below, r0, x3 >> down, 0)
  const x0 = swapBytes(load<u64>(src, 24))
  set(dst, (x0 >> down) | ((x1 << 1) << up), below, r0, x3 >> down)
}

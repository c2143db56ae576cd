import { copy, fits64, set, set64 } from './u256'

// A word between two words of padding: reading at an offset of whole limbs shifts it without a branch.
const WINDOW: usize = memory.data(96)
const BELOW: usize = WINDOW
const WORD: usize = WINDOW + 32
const ABOVE: usize = WINDOW + 64

/** x << shift: zero from 256 on. */
export function shl(dst: usize, shift: usize, x: usize): void {
  const bits = load<u64>(shift)
  if (bits > 255 || !fits64(shift)) return set64(dst, 0)
  copy(WORD, x)
  set64(BELOW, 0)
  const up = bits & 63
  const down = 63 - up // after one more bit, so that a shift by 64 is none by 0
  const from = WORD - ((<usize>bits >> 6) << 3)
  const x0 = load<u64>(from)
  const x1 = load<u64>(from, 8)
  const x2 = load<u64>(from, 16)
  const x3 = load<u64>(from, 24)
  set(
    dst,
    x0 << up,
    (x1 << up) | ((x0 >> 1) >> down),
    (x2 << up) | ((x1 >> 1) >> down),
    (x3 << up) | ((x2 >> 1) >> down),
  )
}

/** x >> shift, unsigned: zero from 256 on. */
export function shr(dst: usize, shift: usize, x: usize): void {
  const bits = load<u64>(shift)
  if (bits > 255 || !fits64(shift)) return set64(dst, 0)
  shiftDown(dst, bits, x, 0)
}

/** x >> shift in two's complement: the sign everywhere from 256 on. */
export function sar(dst: usize, shift: usize, x: usize): void {
  const sign = <u64>(<i64>load<u64>(x, 24) >> 63)
  const bits = load<u64>(shift)
  if (bits > 255 || !fits64(shift)) return set(dst, sign, sign, sign, sign)
  shiftDown(dst, bits, x, sign)
}

/** @param bits 0..255 @param fill the limb above the word */
@inline
function shiftDown(dst: usize, bits: u64, x: usize, fill: u64): void {
  copy(WORD, x)
  set(ABOVE, fill, fill, fill, fill)
  const down = bits & 63
  const up = 63 - down
  const from = WORD + ((<usize>bits >> 6) << 3)
  const x1 = load<u64>(from, 8)
  const x2 = load<u64>(from, 16)
  const x3 = load<u64>(from, 24)
  set(
    dst,
    (load<u64>(from) >> down) | ((x1 << 1) << up),
    (x1 >> down) | ((x2 << 1) << up),
    (x2 >> down) | ((x3 << 1) << up),
    (x3 >> down) | ((fill << 1) << up),
  )
}

/** x as a number of `index` + 1 bytes in two's complement, made a word; x itself from 31 on. */
export function signextend(dst: usize, index: usize, x: usize): void {
  const last = load<u64>(index)
  if (last > 30 || !fits64(index)) return copy(dst, x)
  const limb = <i32>last >> 3
  const unused = 56 - ((last & 7) << 3)
  const top = <u64>((<i64>(load<u64>(x + (<usize>limb << 3)) << unused)) >> unused)
  const sign = <u64>(<i64>top >> 63)
  const x0 = load<u64>(x)
  const x1 = load<u64>(x, 8)
  const x2 = load<u64>(x, 16)
  set(
    dst,
    limb == 0 ? top : x0,
    limb == 1 ? top : limb < 1 ? sign : x1,
    limb == 2 ? top : limb < 2 ? sign : x2,
    limb == 3 ? top : sign,
  )
}

import { bitLength, copy, fits64, mul, set64 } from './u256'
import { shl } from './u256-shift'

const BASE: usize = memory.data(32)
const EXPONENT: usize = memory.data(32)
const POWER: usize = memory.data(32)

/** base ** exponent modulo 2^256; 0 ** 0 is 1. */
export function exp(dst: usize, base: usize, exponent: usize): void {
  const bits = bitLength(exponent)
  if (bits == 0) return set64(dst, 1)
  if (fits64(base)) {
    const small = load<u64>(base)
    if (small < 2) return set64(dst, small)
    if (small == 2) {
      set64(POWER, 1)
      return shl(dst, exponent, POWER)
    }
  }
  copy(BASE, base)
  copy(EXPONENT, exponent)
  copy(POWER, base)
  for (let bit = bits - 2; bit >= 0; bit--) {
    mul(POWER, POWER, POWER)
    const limb = load<u64>(EXPONENT + ((<usize>(bit >> 6)) << 3))
    if ((limb >> <u64>(bit & 63)) & 1) mul(POWER, POWER, BASE)
  }
  copy(dst, POWER)
}

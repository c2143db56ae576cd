/**
 * Division of words by 64-bit limbs: each quotient limb is a multiplication by the divisor's reciprocal
 * (Möller and Granlund, "Improved division by invariant integers"); 32-bit long division took twice as long.
 */
import { add, copy, fits64, isLess, isZero, mulHigh, negate, set, set64, sub } from './u256'

const ONE: usize = memory.data<u64>([1, 0, 0, 0])
/** The dividend, lowest limb first, up to 8 limbs, on two that stay zero. */
const DIVIDEND: usize = memory.data(80) + 16
const QUOTIENT: usize = memory.data(64)
const REMAINDER: usize = memory.data(32)
/** Divisors and their reciprocals: (d1, d0) with d1's highest bit, so that zeros are none; then `reciprocalOf2` of them. */
const REMEMBERED: usize = memory.data(2048)
const ENTRIES_LOG2 = 6
const ENTRY_LOG2 = 5
const ABSOLUTE_A: usize = memory.data(32)
const ABSOLUTE_B: usize = memory.data(32)

/** a / b, 0 for b = 0 */
export function div(dst: usize, a: usize, b: usize): void {
  if (fits64(a) && fits64(b)) {
    const divisor = load<u64>(b)
    return set64(dst, divisor == 0 ? 0 : load<u64>(a) / divisor)
  }
  if (isLess(a, b) || isZero(b)) return set64(dst, 0)
  if ((load<u64>(a, 16) | load<u64>(a, 24)) == 0 && fits64(b)) return divideTwo(dst, a, load<u64>(b))
  copy(DIVIDEND, a)
  divide(4, b)
  copy(dst, QUOTIENT)
}

/** Two limbs by one, as fixed-point arithmetic and checks of products have it. */
function divideTwo(dst: usize, a: usize, divisor: u64): void {
  const shift = clz(divisor)
  const back = 63 - shift
  const d = divisor << shift
  const v = reciprocalFor(d, 0)
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const u1 = (a1 << shift) | ((a0 >> 1) >> back)
  const q1 = a1 < divisor ? 0 : quotientOf2((a1 >> 1) >> back, u1, d, v)
  set(dst, quotientOf2(u1 - q1 * d, a0 << shift, d, v), q1, 0, 0)
}

/** a % b, 0 for b = 0 */
export function mod(dst: usize, a: usize, b: usize): void {
  if (fits64(a) && fits64(b)) {
    const divisor = load<u64>(b)
    return set64(dst, divisor == 0 ? 0 : load<u64>(a) % divisor)
  }
  if (isZero(b)) return set64(dst, 0)
  if (isLess(a, b)) return copy(dst, a)
  copy(DIVIDEND, a)
  divide(4, b)
  copy(dst, REMAINDER)
}

/** a / b in two's complement, towards zero; 0 for b = 0. */
export function sdiv(dst: usize, a: usize, b: usize): void {
  const negative = (load<u64>(a, 24) ^ load<u64>(b, 24)) >> 63 != 0
  absolute(ABSOLUTE_A, a)
  absolute(ABSOLUTE_B, b)
  div(dst, ABSOLUTE_A, ABSOLUTE_B)
  if (negative) negate(dst, dst)
}

/** The remainder of `sdiv`: it has the sign of a. */
export function smod(dst: usize, a: usize, b: usize): void {
  const negative = load<u64>(a, 24) >> 63 != 0
  absolute(ABSOLUTE_A, a)
  absolute(ABSOLUTE_B, b)
  mod(dst, ABSOLUTE_A, ABSOLUTE_B)
  if (negative) negate(dst, dst)
}

@inline
function absolute(dst: usize, a: usize): void {
  if (load<u64>(a, 24) >> 63) negate(dst, a)
  else copy(dst, a)
}

/** (a + b) % m without overflow, 0 for m = 0 */
export function addmod(dst: usize, a: usize, b: usize, m: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const a3 = load<u64>(a, 24)
  const r0 = a0 + load<u64>(b)
  const c0 = u64(r0 < a0)
  const s1 = a1 + load<u64>(b, 8)
  const r1 = s1 + c0
  const c1 = u64(s1 < a1) | u64(r1 < c0)
  const s2 = a2 + load<u64>(b, 16)
  const r2 = s2 + c1
  const c2 = u64(s2 < a2) | u64(r2 < c1)
  const s3 = a3 + load<u64>(b, 24)
  const r3 = s3 + c2
  const c3 = u64(s3 < a3) | u64(r3 < c2)
  if (isLess(a, m) && isLess(b, m)) {
    // The sum is below 2m: at most one subtraction.
    set(DIVIDEND, r0, r1, r2, r3)
    if (c3 == 0 && isLess(DIVIDEND, m)) return copy(dst, DIVIDEND)
    return sub(dst, DIVIDEND, m)
  }
  if (isZero(m)) return set64(dst, 0)
  set(DIVIDEND, r0, r1, r2, r3)
  store<u64>(DIVIDEND, c3, 32)
  divide(5, m)
  copy(dst, REMAINDER)
}

/** (a * b) % m without overflow, 0 for m = 0 */
export function mulmod(dst: usize, a: usize, b: usize, m: usize): void {
  if (isZero(m)) return set64(dst, 0)
  multiply(DIVIDEND, a, b)
  // 2^256 is 1 modulo 2^256 - 1: the usual way to get the upper half of a product is cheap.
  if ((load<u64>(m) & load<u64>(m, 8) & load<u64>(m, 16) & load<u64>(m, 24)) == u64.MAX_VALUE) {
    return addHalves(dst)
  }
  divide(8, m)
  copy(dst, REMAINDER)
}

/** The sum of the dividend's halves, modulo 2^256 - 1. */
function addHalves(dst: usize): void {
  add(dst, DIVIDEND, DIVIDEND + 32)
  // Over 2^256, or the modulus itself; never both, so that one more does not carry.
  const isOver = isLess(dst, DIVIDEND)
  const ones = load<u64>(dst) & load<u64>(dst, 8) & load<u64>(dst, 16) & load<u64>(dst, 24)
  if (isOver || ones == u64.MAX_VALUE) add(dst, dst, ONE)
}

/** The 8 limbs of a * b. */
function multiply(dst: usize, a: usize, b: usize): void {
  const b0 = load<u64>(b)
  const b1 = load<u64>(b, 8)
  const b2 = load<u64>(b, 16)
  const b3 = load<u64>(b, 24)
  let r0: u64 = 0
  let r1: u64 = 0
  let r2: u64 = 0
  let r3: u64 = 0
  // A row for each limb of a: its lowest limb is final, the others go into the next row.
  for (let at: usize = 0; at < 32; at += 8) {
    const limb = load<u64>(a + at)
    const p0 = limb * b0 + r0
    const c0 = mulHigh(limb, b0) + u64(p0 < r0)
    store<u64>(dst + at, p0)
    const p1 = limb * b1 + c0
    const c1 = mulHigh(limb, b1) + u64(p1 < c0)
    r0 = p1 + r1
    const c1b = c1 + u64(r0 < p1)
    const p2 = limb * b2 + c1b
    const c2 = mulHigh(limb, b2) + u64(p2 < c1b)
    r1 = p2 + r2
    const c2b = c2 + u64(r1 < p2)
    const p3 = limb * b3 + c2b
    const c3 = mulHigh(limb, b3) + u64(p3 < c2b)
    r2 = p3 + r3
    r3 = c3 + u64(r2 < p3)
  }
  set(dst + 32, r0, r1, r2, r3)
}

/** Divides `count` limbs of DIVIDEND by the word at `b`, not zero: the lower 4 limbs of QUOTIENT, and REMAINDER. */
function divide(count: i32, b: usize): void {
  while (count > 1 && load<u64>(DIVIDEND + (<usize>count << 3) - 8) == 0) count--
  set64(QUOTIENT, 0)
  if (load<u64>(b, 24) != 0) return divideBy4(count, b, 0)
  if (load<u64>(b, 16) != 0) return divideBy4(count, b, 8)
  if (load<u64>(b, 8) != 0) return divideBy2(count, load<u64>(b, 8), load<u64>(b))
  divideBy1(count, load<u64>(b))
}

/** A limb of DIVIDEND << shift, shift 0..63. */
@inline
function shiftedLimb(at: usize, shift: u64): u64 {
  return (load<u64>(at) << shift) | ((load<u64>(at - 8) >> 1) >> (63 - shift))
}

@inline
function overflow(count: i32, shift: u64): u64 {
  return (load<u64>(DIVIDEND + (<usize>count << 3) - 8) >> 1) >> (63 - shift)
}

function divideBy1(count: i32, divisor: u64): void {
  const shift = clz(divisor)
  const d = divisor << shift
  const v = reciprocalFor(d, 0)
  let r = overflow(count, shift)
  for (let i = count - 1; i >= 0; i--) {
    const u = shiftedLimb(DIVIDEND + (<usize>i << 3), shift)
    const q = quotientOf2(r, u, d, v)
    r = u - q * d
    store<u64>(QUOTIENT + (<usize>i << 3), q)
  }
  set64(REMAINDER, r >> shift)
}

/** (u1, u0) / d where d has its highest bit and u1 < d. @param v reciprocalOf2(d, 0) */
@inline
function quotientOf2(u1: u64, u0: u64, d: u64, v: u64): u64 {
  let low = v * u1
  let q = mulHigh(v, u1) + u1 + 1
  low += u0
  q += u64(low < u0)
  const rest = u0 - q * d
  // By a mask, here and below: such a branch is taken half of the time.
  const over = 0 - u64(rest > low)
  q += over
  return rest + (d & over) < d ? q : q + 1
}

/** Each quotient limb is (r1, r0, u) / (d1, d0), where (r1, r0) < (d1, d0). */
function divideBy2(count: i32, high: u64, low: u64): void {
  if (count < 2) return copy(REMAINDER, shortDividend(count))
  const shift = clz(high)
  const d1 = (high << shift) | ((low >> 1) >> (63 - shift))
  const d0 = low << shift
  const v = reciprocalFor(d1, d0)
  let r1 = overflow(count, shift)
  let r0 = shiftedLimb(DIVIDEND + (<usize>count << 3) - 8, shift)
  for (let i = count - 2; i >= 0; i--) {
    const u = shiftedLimb(DIVIDEND + (<usize>i << 3), shift)
    const low = v * r1 + r0
    let q = mulHigh(v, r1) + r1 + u64(low < r0)
    const t0 = d0 * q
    r1 = r0 - q * d1 - mulHigh(d0, q) - u64(u < t0)
    r0 = u - t0
    r1 -= d1 + u64(r0 < d0)
    r0 -= d0
    q++
    const over = 0 - u64(r1 >= low)
    q += over
    r0 += d0 & over
    r1 += (d1 & over) + u64(r0 < (d0 & over))
    if (r1 > d1 || (r1 == d1 && r0 >= d0)) {
      q++
      r1 -= d1 + u64(r0 < d0)
      r0 -= d0
    }
    store<u64>(QUOTIENT + (<usize>i << 3), q)
  }
  set(REMAINDER, (r0 >> shift) | ((r1 << 1) << (63 - shift)), r1 >> shift, 0, 0)
}

/** DIVIDEND made a word. */
function shortDividend(count: i32): usize {
  for (let i = count; i < 4; i++) store<u64>(DIVIDEND + (<usize>i << 3), 0)
  return DIVIDEND
}

/** @param up 8 for a divisor of three limbs, which is then moved up by one; 0 for one of four */
function divideBy4(count: i32, b: usize, up: usize): void {
  if (count < 4 - (<i32>up >> 3)) return copy(REMAINDER, shortDividend(count))
  const top = b + 24 - up
  const shift = clz(load<u64>(top))
  const back = 63 - shift
  const x2 = load<u64>(top - 8)
  const x1 = load<u64>(top - 16)
  const x0: u64 = up == 0 ? load<u64>(b) : 0
  const d3 = (load<u64>(top) << shift) | ((x2 >> 1) >> back)
  const d2 = (x2 << shift) | ((x1 >> 1) >> back)
  const d1 = (x1 << shift) | ((x0 >> 1) >> back)
  const d0 = x0 << shift
  const v = reciprocalFor(d3, d2)
  // The dividend moves up with the divisor.
  let at = <isize>(up + (<usize>count << 3)) - 32
  let from = DIVIDEND + (<usize>count << 3)
  let r3 = (load<u64>(from - 8) >> 1) >> back
  let r2 = shiftedLimb(from - 8, shift)
  let r1 = shiftedLimb(from - 16, shift)
  let r0 = shiftedLimb(from - 24, shift)
  from -= 32
  // With no bit shifted out, the highest quotient limb is zero more often than not.
  if (r3 == 0 && r2 < d3) {
    store<u64>(QUOTIENT + <usize>at, 0)
    at -= 8
    r3 = r2
    r2 = r1
    r1 = r0
    r0 = shiftedLimb(from, shift)
    from -= 8
  }
  for (; at >= 0; at -= 8) {
    // (r3..r0, u0) by (d3..d0): for the upper limbs as in `divideBy2`.
    const u0 = shiftedLimb(from, shift)
    from -= 8
    // The largest limb is exact when it is the estimate: (u4, u3, u2) - q * (d3, d2) is d3 and u2 + d2, and the rest only lowers it.
    const isExact = r3 == d3 && r2 == d2
    let q: u64 = u64.MAX_VALUE
    let s2 = r1 + d2
    let s3 = d3 + u64(s2 < d2)
    if (!isExact) {
      const low = v * r3 + r2
      q = mulHigh(v, r3) + r3 + u64(low < r2)
      const t0 = d2 * q
      s3 = r2 - q * d3 - mulHigh(d2, q) - u64(r1 < t0)
      s2 = r1 - t0
      s3 -= d3 + u64(s2 < d2)
      s2 -= d2
      q++
      const over = 0 - u64(s3 >= low)
      q += over
      s2 += d2 & over
      s3 += (d3 & over) + u64(s2 < (d2 & over))
      if (s3 > d3 || (s3 == d3 && s2 >= d2)) {
        q++
        s3 -= d3 + u64(s2 < d2)
        s2 -= d2
      }
    }
    const p0 = q * d0
    const c0 = mulHigh(q, d0) + u64(u0 < p0)
    const p1 = q * d1 + c0
    const c1 = mulHigh(q, d1) + u64(p1 < c0) + u64(r0 < p1)
    r1 = r0 - p1
    r0 = u0 - p0
    const b2 = u64(s2 < c1)
    r2 = s2 - c1
    r3 = s3 - b2
    if (s3 < b2 && !isExact) {
      q--
      r0 += d0
      const k0 = u64(r0 < d0)
      const a1 = r1 + d1
      r1 = a1 + k0
      const k1 = u64(a1 < d1) | u64(r1 < k0)
      const a2 = r2 + d2
      r2 = a2 + k1
      r3 += d3 + (u64(a2 < d2) | u64(r2 < k1))
    }
    store<u64>(QUOTIENT + <usize>at, q)
  }
  if (up != 0) {
    r0 = r1
    r1 = r2
    r2 = r3
    r3 = 0
  }
  set(
    REMAINDER,
    (r0 >> shift) | ((r1 << 1) << back),
    (r1 >> shift) | ((r2 << 1) << back),
    (r2 >> shift) | ((r3 << 1) << back),
    r3 >> shift,
  )
}

/** `reciprocalOf2`, kept: contracts divide by the same numbers again and again, and working it out is half of a short division. */
@inline
function reciprocalFor(d1: u64, d0: u64): u64 {
  const index = <usize>(((d1 ^ d0) * 0x9e3779b97f4a7c15) >> (64 - ENTRIES_LOG2))
  const entry = REMEMBERED + (index << ENTRY_LOG2)
  if (load<u64>(entry) == d1 && load<u64>(entry, 8) == d0) return load<u64>(entry, 16)
  const v = reciprocalOf2(d1, d0)
  store<u64>(entry, d1)
  store<u64>(entry, d0, 8)
  store<u64>(entry, v, 16)
  return v
}

/** floor((2^128 - 1) / d) - 2^64 for d with its highest bit. */
export function reciprocal(d: u64): u64 {
  const d9 = <u32>(d >> 55)
  const v0 = <u64>(0x7fd00 / d9)
  const d40 = (d >> 24) + 1
  const v1 = (v0 << 11) - ((v0 * v0 * d40) >> 40) - 1
  const v2 = (v1 << 13) + ((v1 * ((1 << 60) - v1 * d40)) >> 47)
  const low = d & 1
  const e = ((v2 >> 1) & (0 - low)) - v2 * ((d >> 1) + low)
  const v3 = (v2 << 31) + (mulHigh(v2, e) >> 1)
  return v3 - (mulHigh(v3, d) + u64(v3 * d + d < d)) - d
}

/** floor((2^192 - 1) / (d1, d0)) - 2^64 for d1 with its highest bit. */
@inline
export function reciprocalOf2(d1: u64, d0: u64): u64 {
  let v = reciprocal(d1)
  let p = d1 * v + d0
  if (p < d0) {
    v--
    if (p >= d1) {
      v--
      p -= d1
    }
    p -= d1
  }
  const t0 = v * d0
  const t1 = mulHigh(v, d0)
  p += t1
  if (p < t1) {
    v--
    if (p > d1 || (p == d1 && t0 >= d0)) v--
  }
  return v
}

/**
 * 256-bit words: four u64 limbs at a pointer, the lowest first. Results may overwrite operands.
 * Limbs are read and written one by one, never as vectors: a vector load right after narrower stores stalls.
 */

/** 0 <= value < 2^64 */
@inline
export function set64(dst: usize, value: u64): void {
  store<u64>(dst, value)
  store<u64>(dst, 0, 8)
  store<u64>(dst, 0, 16)
  store<u64>(dst, 0, 24)
}

@inline
export function set(dst: usize, x0: u64, x1: u64, x2: u64, x3: u64): void {
  store<u64>(dst, x0)
  store<u64>(dst, x1, 8)
  store<u64>(dst, x2, 16)
  store<u64>(dst, x3, 24)
}

@inline
export function copy(dst: usize, a: usize): void {
  set(dst, load<u64>(a), load<u64>(a, 8), load<u64>(a, 16), load<u64>(a, 24))
}

@inline
export function fits64(a: usize): bool {
  return (load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0
}

@inline
export function isZero(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0
}

@inline
export function isEqual(a: usize, b: usize): bool {
  return (
    ((load<u64>(a) ^ load<u64>(b)) |
      (load<u64>(a, 8) ^ load<u64>(b, 8)) |
      (load<u64>(a, 16) ^ load<u64>(b, 16)) |
      (load<u64>(a, 24) ^ load<u64>(b, 24))) ==
    0
  )
}

/** a < b, unsigned: whether a - b borrows. */
@inline
export function isLess(a: usize, b: usize): bool {
  return lessTops(a, b, load<u64>(a, 24), load<u64>(b, 24))
}

/** a < b in two's complement. */
@inline
export function isLessSigned(a: usize, b: usize): bool {
  const sign: u64 = 1 << 63
  return lessTops(a, b, load<u64>(a, 24) ^ sign, load<u64>(b, 24) ^ sign)
}

@inline
function lessTops(a: usize, b: usize, a3: u64, b3: u64): bool {
  if (a3 != b3) return a3 < b3
  const a2 = load<u64>(a, 16)
  const b2 = load<u64>(b, 16)
  if (a2 != b2) return a2 < b2
  const a1 = load<u64>(a, 8)
  const b1 = load<u64>(b, 8)
  if (a1 != b1) return a1 < b1
  return load<u64>(a) < load<u64>(b)
}

@inline
export function lt(dst: usize, a: usize, b: usize): void {
  set64(dst, u64(isLess(a, b)))
}

@inline
export function gt(dst: usize, a: usize, b: usize): void {
  set64(dst, u64(isLess(b, a)))
}

@inline
export function slt(dst: usize, a: usize, b: usize): void {
  set64(dst, u64(isLessSigned(a, b)))
}

@inline
export function sgt(dst: usize, a: usize, b: usize): void {
  set64(dst, u64(isLessSigned(b, a)))
}

@inline
export function eq(dst: usize, a: usize, b: usize): void {
  set64(dst, u64(isEqual(a, b)))
}

@inline
export function iszero(dst: usize, a: usize): void {
  set64(dst, u64(isZero(a)))
}

@inline
export function and(dst: usize, a: usize, b: usize): void {
  store<u64>(dst, load<u64>(a) & load<u64>(b))
  store<u64>(dst, load<u64>(a, 8) & load<u64>(b, 8), 8)
  store<u64>(dst, load<u64>(a, 16) & load<u64>(b, 16), 16)
  store<u64>(dst, load<u64>(a, 24) & load<u64>(b, 24), 24)
}

@inline
export function or(dst: usize, a: usize, b: usize): void {
  store<u64>(dst, load<u64>(a) | load<u64>(b))
  store<u64>(dst, load<u64>(a, 8) | load<u64>(b, 8), 8)
  store<u64>(dst, load<u64>(a, 16) | load<u64>(b, 16), 16)
  store<u64>(dst, load<u64>(a, 24) | load<u64>(b, 24), 24)
}

@inline
export function xor(dst: usize, a: usize, b: usize): void {
  store<u64>(dst, load<u64>(a) ^ load<u64>(b))
  store<u64>(dst, load<u64>(a, 8) ^ load<u64>(b, 8), 8)
  store<u64>(dst, load<u64>(a, 16) ^ load<u64>(b, 16), 16)
  store<u64>(dst, load<u64>(a, 24) ^ load<u64>(b, 24), 24)
}

@inline
export function not(dst: usize, a: usize): void {
  store<u64>(dst, ~load<u64>(a))
  store<u64>(dst, ~load<u64>(a, 8), 8)
  store<u64>(dst, ~load<u64>(a, 16), 16)
  store<u64>(dst, ~load<u64>(a, 24), 24)
}

@inline
export function add(dst: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const r0 = a0 + load<u64>(b)
  const s1 = a1 + load<u64>(b, 8)
  const s2 = a2 + load<u64>(b, 16)
  const c0 = u64(r0 < a0)
  const r1 = s1 + c0
  const c1 = u64(s1 < a1) | u64(r1 < c0)
  const r2 = s2 + c1
  const c2 = u64(s2 < a2) | u64(r2 < c1)
  set(dst, r0, r1, r2, load<u64>(a, 24) + load<u64>(b, 24) + c2)
}

/** Adds a number to a word in its place. */
@inline
export function add64(a: usize, value: u64): void {
  const r0 = load<u64>(a) + value
  store<u64>(a, r0)
  if (r0 >= value) return
  for (let at = a + 8; at < a + 32; at += 8) {
    const limb = load<u64>(at) + 1
    store<u64>(at, limb)
    if (limb != 0) return
  }
}

/** a - b */
@inline
export function sub(dst: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const b0 = load<u64>(b)
  const b1 = load<u64>(b, 8)
  const b2 = load<u64>(b, 16)
  const c0 = u64(a0 < b0)
  const d1 = a1 - b1
  const c1 = u64(a1 < b1) | u64(d1 < c0)
  const d2 = a2 - b2
  const c2 = u64(a2 < b2) | u64(d2 < c1)
  set(dst, a0 - b0, d1 - c0, d2 - c1, load<u64>(a, 24) - load<u64>(b, 24) - c2)
}

/** 0 - a */
export function negate(dst: usize, a: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const c0 = u64(a0 == 0)
  const c1 = c0 & u64(a1 == 0)
  const c2 = c1 & u64(a2 == 0)
  set(dst, -a0, ~a1 + c0, ~a2 + c1, ~load<u64>(a, 24) + c2)
}

/** The upper half of the 128-bit product; WebAssembly has no instruction for it. */
@inline
export function mulHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff
  const a1 = a >> 32
  const b0 = b & 0xffffffff
  const b1 = b >> 32
  const middle = a1 * b0 + ((a0 * b0) >> 32)
  return a1 * b1 + (middle >> 32) + ((a0 * b1 + (middle & 0xffffffff)) >> 32)
}

export function mul(dst: usize, a: usize, b: usize): void {
  if (fits64(a)) return mulWord64(dst, b, load<u64>(a))
  if (fits64(b)) return mulWord64(dst, a, load<u64>(b))
  mulWide(dst, a, b)
}

/** a * b for b below 2^64. */
@inline
function mulWord64(dst: usize, a: usize, b: u64): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const a3 = load<u64>(a, 24)
  const h0 = mulHigh(a0, b)
  if ((a1 | a2 | a3) == 0) return set(dst, a0 * b, h0, 0, 0)
  const r1 = a1 * b + h0
  const h1 = mulHigh(a1, b) + u64(r1 < h0)
  const r2 = a2 * b + h1
  set(dst, a0 * b, r1, r2, a3 * b + mulHigh(a2, b) + u64(r2 < h1))
}

function mulWide(dst: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const b0 = load<u64>(b)
  const b1 = load<u64>(b, 8)
  const b2 = load<u64>(b, 16)
  // Row by row: what a limb of a times b adds, lowest limb first.
  let carry = mulHigh(a0, b0)
  let r1 = a0 * b1 + carry
  carry = mulHigh(a0, b1) + u64(r1 < carry)
  let r2 = a0 * b2 + carry
  let r3 = a0 * load<u64>(b, 24) + mulHigh(a0, b2) + u64(r2 < carry)
  const p10 = a1 * b0
  r1 += p10
  carry = mulHigh(a1, b0) + u64(r1 < p10)
  const p11 = a1 * b1 + carry
  carry = mulHigh(a1, b1) + u64(p11 < carry)
  r2 += p11
  r3 += a1 * b2 + carry + u64(r2 < p11)
  const p20 = a2 * b0
  r2 += p20
  r3 += a2 * b1 + mulHigh(a2, b0) + u64(r2 < p20) + load<u64>(a, 24) * b0
  set(dst, a0 * b0, r1, r2, r3)
}

/** The byte of x at `index` (a word), from the most significant; 0 beyond 31. */
@inline
export function byte(dst: usize, index: usize, x: usize): void {
  const at = load<u64>(index)
  set64(dst, at < 32 && fits64(index) ? u64(load<u8>(x + 31 - <usize>at)) : 0)
}

/** The number of leading zero bits, 256 for zero (EIP-7939). */
export function clzWord(dst: usize, a: usize): void {
  set64(dst, 256 - <u64>bitLength(a))
}

/** 0 for zero, else 1 + the index of the highest bit. */
export function bitLength(a: usize): i32 {
  if (load<u64>(a, 24) != 0) return 256 - <i32>clz(load<u64>(a, 24))
  if (load<u64>(a, 16) != 0) return 192 - <i32>clz(load<u64>(a, 16))
  if (load<u64>(a, 8) != 0) return 128 - <i32>clz(load<u64>(a, 8))
  return 64 - <i32>clz(load<u64>(a))
}

/**
 * Powers of long numbers: limbs of 64 bits, the lowest first. Products are reduced by long division (Knuth, "The Art of Computer
 * Programming" 2, 4.3.1), each quotient limb with the divisor's reciprocal (Möller and Granlund, "Improved division by invariant
 * integers"). All is done modulo the modulus shifted up to its highest bit, of which the modulus is a divisor.
 */
import { mulHigh } from '../../../primitives/assembly/u256'
import { reciprocal, reciprocalOf2 } from '../../../primitives/assembly/u256-div'

/** Exponents of more bytes are taken by eight bits at a time, others by four, and the shortest by one. */
const LONG: i32 = 64
const SHORT: i32 = 8

/** Bytes of the modulus, and of each number below it. */
let size: usize = 0
let base: usize = 0
let baseSize: usize = 0
let modulus: usize = 0
let exponent: usize = 0
let result: usize = 0
let product: usize = 0
let powers: usize = 0
/** The two highest limbs of the shifted modulus, and the reciprocal that goes with them. */
let d1: u64 = 0
let d0: u64 = 0
let inverse: u64 = 0

/**
 * Makes room for a power: for the base and the modulus as limbs, the base having no fewer, and for the exponent as bytes from the
 * highest on, the first not zero. The modulus' highest limb must not be zero.
 */
export function layModexp(baseLimbs: i32, modulusLimbs: i32, exponentSize: i32): void {
  size = <usize>modulusLimbs << 3
  baseSize = <usize>baseLimbs << 3
  base = (__heap_base + 15) & ~15
  modulus = base + baseSize + 8
  result = modulus + size
  product = result + size
  powers = product + 2 * size + 8
  exponent = powers + (size << (exponentSize > LONG ? 8 : 4))
  const pages = <i32>((exponent + <usize>exponentSize + 0xffff) >> 16)
  if (pages > memory.size()) memory.grow(pages - memory.size())
}

export function baseAt(): usize {
  return base
}

export function modulusAt(): usize {
  return modulus
}

export function exponentAt(): usize {
  return exponent
}

@inline
function copyLimbs(to: usize, from: usize): void {
  for (let i: usize = 0; i < size; i += 8) store<u64>(to + i, load<u64>(from + i))
}

/**
 * The remainder of the number that begins at `low`, left there. Its `size` bytes behind the limb at `high` are below the modulus,
 * its highest limb that counts is the last of them.
 */
function reduce(low: usize, high: usize): void {
  if (size == 8) return reduceLimbs(low, high)
  for (let at = high; at >= low; at -= 8) {
    const q = quotient(at)
    let carry: u64 = 0
    for (let i: usize = 0; i < size; i += 8) {
      const m = load<u64>(modulus + i)
      const part = m * q + carry
      carry = mulHigh(m, q) + u64(part < carry)
      const x = load<u64>(at + i)
      carry += u64(x < part)
      store<u64>(at + i, x - part)
    }
    // The estimate is too large by one at most, and seldom.
    if (load<u64>(at + size) < carry) addBack(at)
  }
}

function addBack(at: usize): void {
  let carry: u64 = 0
  for (let i: usize = 0; i < size; i += 8) {
    const x = load<u64>(at + i)
    const s = x + load<u64>(modulus + i)
    const t = s + carry
    carry = u64(s < x) | u64(t < s)
    store<u64>(at + i, t)
  }
}

/** The three highest limbs of the dividend at `at` by the two highest of the modulus: what a quotient limb is, or one more. */
@inline
function quotient(at: usize): u64 {
  const u2 = load<u64>(at + size)
  const u1 = load<u64>(at + size - 8)
  if (u2 == d1 && u1 >= d0) return u64.MAX_VALUE
  const u0 = load<u64>(at + size - 16)
  const low = inverse * u2 + u1
  let q = mulHigh(inverse, u2) + u2 + u64(low < u1)
  const t0 = d0 * q
  let r1 = u1 - q * d1 - mulHigh(d0, q) - u64(u0 < t0)
  let r0 = u0 - t0
  r1 -= d1 + u64(r0 < d0)
  r0 -= d0
  q++
  // Said of some estimates that were right, too: the last check takes it back.
  if (r1 >= low) {
    q--
    r0 += d0
    r1 += d1 + u64(r0 < d0)
  }
  return r1 > d1 || (r1 == d1 && r0 >= d0) ? q + 1 : q
}

/** (u1, u0) modulo a single limb, u1 being below it. */
@inline
function remainder(u1: u64, u0: u64): u64 {
  const low = inverse * u1 + u0
  const q = mulHigh(inverse, u1) + u1 + 1 + u64(low < u0)
  let r = u0 - q * d1
  if (r > low) r += d1
  return r >= d1 ? r - d1 : r
}

function reduceLimbs(low: usize, high: usize): void {
  let r = load<u64>(high, 8)
  for (let at = high; at >= low; at -= 8) r = remainder(r, load<u64>(at))
  store<u64>(low, r)
}

/** dst = a * b modulo the modulus */
function multiply(dst: usize, a: usize, b: usize): void {
  if (size == 8) {
    const x = load<u64>(a)
    const y = load<u64>(b)
    store<u64>(dst, remainder(mulHigh(x, y), x * y))
    return
  }
  for (let i: usize = 0; i < size; i += 8) store<u64>(product + i, 0)
  for (let i: usize = 0; i < size; i += 8) {
    const limb = load<u64>(a + i)
    const row = product + i
    let carry: u64 = 0
    for (let j: usize = 0; j < size; j += 8) {
      const y = load<u64>(b + j)
      const part = limb * y + carry
      carry = mulHigh(limb, y) + u64(part < carry)
      const sum = part + load<u64>(row + j)
      carry += u64(sum < part)
      store<u64>(row + j, sum)
    }
    store<u64>(row + size, carry)
  }
  reduce(product, product + size - 8)
  copyLimbs(dst, product)
}

/** RESULT = RESULT ** 2 modulo the modulus: each product of two different limbs is worked out once. */
function square(): void {
  if (size == 8) return multiply(result, result, result)
  for (let i: usize = 0; i <= size; i += 8) store<u64>(product + i, 0)
  for (let i: usize = 0; i < size - 8; i += 8) {
    const limb = load<u64>(result + i)
    const row = product + i
    let carry: u64 = 0
    for (let j = i + 8; j < size; j += 8) {
      const y = load<u64>(result + j)
      const part = limb * y + carry
      carry = mulHigh(limb, y) + u64(part < carry)
      const sum = part + load<u64>(row + j)
      carry += u64(sum < part)
      store<u64>(row + j, sum)
    }
    store<u64>(row + size, carry)
  }
  store<u64>(product + 2 * size - 8, 0)
  let below: u64 = 0
  let carry: u64 = 0
  for (let i: usize = 0; i < size; i += 8) {
    const limb = load<u64>(result + i)
    const at = product + 2 * i
    const x0 = load<u64>(at)
    const x1 = load<u64>(at, 8)
    // No square ends in sixty-four ones: this does not overflow.
    const p0 = limb * limb + carry
    const p1 = mulHigh(limb, limb)
    const r0 = ((x0 << 1) | below) + p0
    const c0 = u64(r0 < p0)
    const y1 = ((x1 << 1) | (x0 >> 63)) + p1
    const r1 = y1 + c0
    carry = u64(y1 < p1) | u64(r1 < c0)
    below = x1 >> 63
    store<u64>(at, r0)
    store<u64>(at, r1, 8)
  }
  reduce(product, product + size - 8)
  copyLimbs(result, product)
}

/** Shifts up by 0..63 bits; returns what goes out. */
function shiftUp(at: usize, bits: u64): u64 {
  let below: u64 = 0
  for (let i: usize = 0; i < size; i += 8) {
    const x = load<u64>(at + i)
    store<u64>(at + i, (x << bits) | below)
    below = (x >> 1) >> (63 - bits)
  }
  return below
}

function shiftDown(at: usize, bits: u64): void {
  for (let i: usize = 0; i < size; i += 8) {
    const above: u64 = i + 8 < size ? load<u64>(at + i, 8) : 0
    store<u64>(at + i, (load<u64>(at + i) >> bits) | ((above << 1) << (63 - bits)))
  }
}

/** base ** exponent % modulus, of what was put into its room. @returns where the result's limbs are */
export function modexp(exponentSize: i32): usize {
  const shift = clz(load<u64>(modulus + size - 8))
  shiftUp(modulus, shift)
  d1 = load<u64>(modulus + size - 8)
  d0 = size == 8 ? 0 : load<u64>(modulus + size - 16)
  inverse = size == 8 ? reciprocal(d1) : reciprocalOf2(d1, d0)
  store<u64>(base + baseSize, 0)
  reduce(base, base + baseSize - size)
  raise(exponentSize)
  // From the shifted modulus to the modulus.
  const above = shiftUp(result, shift)
  copyLimbs(product, result)
  store<u64>(product + size, above)
  reduce(product, product)
  shiftDown(product, shift)
  return product
}

/** Powers by some bits of the exponent at a time, from the highest on. */
function raise(exponentSize: i32): void {
  const bits = exponentSize > LONG ? 8 : exponentSize > SHORT ? 4 : 1
  layPowers(1 << bits)
  // Until the first digit that is not zero, the result is one.
  let isOne = true
  for (let i = 0; i < exponentSize; i++) {
    const byte = <i32>load<u8>(exponent + <usize>i)
    for (let bit = 8 - bits; bit >= 0; bit -= bits) {
      if (!isOne) for (let k = 0; k < bits; k++) square()
      const digit = (byte >> bit) & ((1 << bits) - 1)
      if (digit == 0) continue
      const factor = powers + <usize>digit * size
      if (isOne) copyLimbs(result, factor)
      else multiply(result, result, factor)
      isOne = false
    }
  }
}

/** The base's powers from the first on; nobody asks for that of zero. */
function layPowers(count: i32): void {
  copyLimbs(powers + size, base)
  for (let n = 2; n < count; n++) {
    const at = powers + <usize>n * size
    multiply(at, at - size, base)
  }
}

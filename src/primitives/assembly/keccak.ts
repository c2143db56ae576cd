/**
 * Keccak-256 with the padding before FIPS 202.
 * The lanes go from one fixed buffer to the other and back, two rounds a turn: WebAssembly folds constant addresses into
 * its instructions, while 25 lanes in local variables spill (380 ns a permutation; more rounds a turn: 430 to 600). 310 ns so, and
 * 295 with planes and lanes in the order they have here, the best of 2,000: V8 then spills least.
 * Six lanes are kept complemented, which saves 20 of 25 negations a round.
 */
import { set } from './u256'
import { pairReversed } from './u256-bytes'

const A: usize = memory.data(200)
const B: usize = memory.data(200)

export const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
  0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
  0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
])

export const ROUNDS_END: usize = ROUND_CONSTANTS + 192

export const LAST_BIT: u64 = 1 << 63

export const RATE: i32 = 136

/** Writes the 32-byte digest of `length` bytes at `src`. They may overlap. */
export function keccak256(dst: usize, src: usize, length: i32): void {
  absorb(src, length)
  set(dst, load<u64>(A), ~load<u64>(A, 8), ~load<u64>(A, 16), load<u64>(A, 24))
}

/** The same digest as a word. */
export function keccakWord(dst: usize, src: usize, length: i32): void {
  absorb(src, length)
  storeDigest(dst, A)
}

@inline
function storeDigest(dst: usize, lanes: usize): void {
  const high = pairReversed(load<u64>(lanes), ~load<u64>(lanes + 8))
  const low = pairReversed(~load<u64>(lanes + 16), load<u64>(lanes + 24))
  v128.store(dst, low)
  v128.store(dst, high, 16)
}

/** As `keccakWord`, of 64 bytes. */
export function keccakWord64(dst: usize, src: usize): void {
  firstRound64(src)
  permute(ROUND_CONSTANTS + 8)
  lastPlane()
  storeDigest(dst, B)
}

/** The first round over 64 bytes and their padding: most lanes are known before. */
function firstRound64(src: usize): void {
  const a0 = load<u64>(src)
  const a1 = ~load<u64>(src, 8)
  const a2 = ~load<u64>(src, 16)
  const a3 = load<u64>(src, 24)
  const a4 = load<u64>(src, 32)
  const a5 = load<u64>(src, 40)
  const a6 = load<u64>(src, 48)
  const a7 = load<u64>(src, 56)
  const c0 = ~(a0 ^ a5)
  const c1 = a1 ^ a6 ^ LAST_BIT
  const c2 = a2 ^ a7
  const c3 = a3 ^ ~1
  const d0 = a4 ^ rotl(c1, 1)
  const d1 = c0 ^ rotl(c2, 1)
  const d2 = c1 ^ rotl(c3, 1)
  const d3 = c2 ^ rotl(a4, 1)
  const d4 = c3 ^ rotl(c0, 1)
  let b0 = a0 ^ d0
  let b1 = rotl(a6 ^ d1, 44)
  let b2 = rotl(~d2, 43)
  let b3 = rotl(d3, 21)
  let b4 = rotl(d4, 14)
  store<u64>(A, b0 ^ (b1 | b2) ^ 1)
  store<u64>(A, b1 ^ (~b2 | b3), 8)
  store<u64>(A, b2 ^ (b3 & b4), 16)
  store<u64>(A, b3 ^ (b4 | b0), 24)
  store<u64>(A, b4 ^ (b0 & b1), 32)
  b0 = rotl(a3 ^ d3, 28)
  b1 = rotl(d4, 20)
  b2 = rotl(d0, 3)
  b3 = rotl(LAST_BIT ^ d1, 45)
  b4 = rotl(d2, 61)
  store<u64>(A, b0 ^ (b1 | b2), 40)
  store<u64>(A, b1 ^ (b2 & b3), 48)
  store<u64>(A, b2 ^ (b3 | ~b4), 56)
  store<u64>(A, b3 ^ (b4 | b0), 64)
  store<u64>(A, b4 ^ (b0 & b1), 72)
  b0 = rotl(a1 ^ d1, 1)
  b1 = rotl(a7 ^ d2, 6)
  b2 = rotl(d3, 25)
  b3 = rotl(d4, 8)
  b4 = rotl(~d0, 18)
  store<u64>(A, b0 ^ (b1 | b2), 80)
  store<u64>(A, b1 ^ (b2 & b3), 88)
  store<u64>(A, b2 ^ (~b3 & b4), 96)
  store<u64>(A, ~b3 ^ (b4 | b0), 104)
  store<u64>(A, b4 ^ (b0 & b1), 112)
  b0 = rotl(a4 ^ d4, 27)
  b1 = rotl(a5 ^ d0, 36)
  b2 = rotl(d1, 10)
  b3 = rotl(~d2, 15)
  b4 = rotl(d3, 56)
  store<u64>(A, b0 ^ (b1 & b2), 120)
  store<u64>(A, b1 ^ (b2 | b3), 128)
  store<u64>(A, b2 ^ (~b3 | b4), 136)
  store<u64>(A, ~b3 ^ (b4 & b0), 144)
  store<u64>(A, b4 ^ (b0 | b1), 152)
  b0 = rotl(a2 ^ d2, 62)
  b1 = rotl(~1 ^ d3, 55)
  b2 = rotl(d4, 39)
  b3 = rotl(d0, 41)
  b4 = rotl(d1, 2)
  store<u64>(A, b0 ^ (~b1 & b2), 160)
  store<u64>(A, ~b1 ^ (b2 | b3), 168)
  store<u64>(A, b2 ^ (b3 & b4), 176)
  store<u64>(A, b3 ^ (b4 | b0), 184)
  store<u64>(A, b4 ^ (b0 & b1), 192)
}

/** Of the last round what a digest is made of: from A to B. */
function lastPlane(): void {
  const c0 = column(A)
  const c1 = column(A + 8)
  const c2 = column(A + 16)
  const c3 = column(A + 24)
  const c4 = column(A + 32)
  const b0 = load<u64>(A) ^ c4 ^ rotl(c1, 1)
  const b1 = take(A, 48, c0 ^ rotl(c2, 1), 44)
  const b2 = take(A, 96, c1 ^ rotl(c3, 1), 43)
  const b3 = take(A, 144, c2 ^ rotl(c4, 1), 21)
  const b4 = take(A, 192, c3 ^ rotl(c0, 1), 14)
  store<u64>(B, b0 ^ (b1 | b2) ^ load<u64>(ROUNDS_END - 8))
  store<u64>(B, b1 ^ (~b2 | b3), 8)
  store<u64>(B, b2 ^ (b3 & b4), 16)
  store<u64>(B, b3 ^ (b4 | b0), 24)
}

/** Leaves the digest in the first four lanes, the second and third complemented. */
function absorb(src: usize, length: i32): void {
  for (let at: usize = 0; at < 200; at += 8) store<u64>(A + at, 0)
  complement()
  while (length >= RATE) {
    absorbLanes(src, RATE)
    permute(ROUND_CONSTANTS)
    src += RATE
    length -= RATE
  }
  const whole = <usize>(length & ~7)
  absorbLanes(src, whole)
  store<u64>(A + whole, load<u64>(A + whole) ^ lastLane(src + whole, length & 7))
  store<u64>(A, load<u64>(A, 128) ^ LAST_BIT, 128)
  permute(ROUND_CONSTANTS)
}

@inline
function absorbLanes(src: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 8) {
    store<u64>(A + at, load<u64>(A + at) ^ load<u64>(src + at))
  }
}

/** The 0..7 last bytes and the first bit of the padding. */
export function lastLane(src: usize, count: i32): u64 {
  let lane: u64 = 1
  for (let i = count - 1; i >= 0; i--) lane = (lane << 8) | load<u8>(src + <usize>i)
  return lane
}

function complement(): void {
  store<u64>(A, ~load<u64>(A, 8), 8)
  store<u64>(A, ~load<u64>(A, 16), 16)
  store<u64>(A, ~load<u64>(A, 64), 64)
  store<u64>(A, ~load<u64>(A, 96), 96)
  store<u64>(A, ~load<u64>(A, 136), 136)
  store<u64>(A, ~load<u64>(A, 160), 160)
}

/** A lane with theta's correction `d`, rotated for rho. */
@inline
function take(from: usize, offset: usize, d: u64, by: u64): u64 {
  return rotl(load<u64>(from + offset) ^ d, by)
}

@inline
function put(to: usize, offset: usize, lane: u64): u64 {
  store<u64>(to + offset, lane)
  return lane
}

@inline
function column(at: usize): u64 {
  return load<u64>(at) ^ load<u64>(at, 40) ^ load<u64>(at, 80) ^ load<u64>(at, 120) ^ load<u64>(at, 160)
}

/**
 * The rounds over A from the one whose constant is at `start`: theta's corrections from the columns' parities, then per plane rho
 * and pi into b, chi into the other buffer. What is left is in A, or in B from the second round on.
 */
function permute(start: usize): void {
  let c0 = column(A)
  let c1 = column(A + 8)
  let c2 = column(A + 16)
  let c3 = column(A + 24)
  let c4 = column(A + 32)
  for (let round = start; round < ROUNDS_END - 8; round += 16) {
    {
      const d0 = c4 ^ rotl(c1, 1)
      const d1 = c0 ^ rotl(c2, 1)
      const d2 = c1 ^ rotl(c3, 1)
      const d3 = c2 ^ rotl(c4, 1)
      const d4 = c3 ^ rotl(c0, 1)
      {
        const b0 = take(A, 8, d1, 1)
        const b1 = take(A, 56, d2, 6)
        const b2 = take(A, 104, d3, 25)
        const b3 = take(A, 152, d4, 8)
        const b4 = take(A, 160, d0, 18)
        c2 = put(B, 96, b2 ^ (~b3 & b4))
        c3 = put(B, 104, ~b3 ^ (b4 | b0))
        c1 = put(B, 88, b1 ^ (b2 & b3))
        c4 = put(B, 112, b4 ^ (b0 & b1))
        c0 = put(B, 80, b0 ^ (b1 | b2))
      }
      {
        const b0 = load<u64>(A) ^ d0
        const b1 = take(A, 48, d1, 44)
        const b2 = take(A, 96, d2, 43)
        const b3 = take(A, 144, d3, 21)
        const b4 = take(A, 192, d4, 14)
        c1 ^= put(B, 8, b1 ^ (~b2 | b3))
        c4 ^= put(B, 32, b4 ^ (b0 & b1))
        c0 ^= put(B, 0, b0 ^ (b1 | b2) ^ load<u64>(round))
        c3 ^= put(B, 24, b3 ^ (b4 | b0))
        c2 ^= put(B, 16, b2 ^ (b3 & b4))
      }
      {
        const b0 = take(A, 16, d2, 62)
        const b1 = take(A, 64, d3, 55)
        const b2 = take(A, 112, d4, 39)
        const b3 = take(A, 120, d0, 41)
        const b4 = take(A, 168, d1, 2)
        c0 ^= put(B, 160, b0 ^ (~b1 & b2))
        c3 ^= put(B, 184, b3 ^ (b4 | b0))
        c4 ^= put(B, 192, b4 ^ (b0 & b1))
        c2 ^= put(B, 176, b2 ^ (b3 & b4))
        c1 ^= put(B, 168, ~b1 ^ (b2 | b3))
      }
      {
        const b0 = take(A, 24, d3, 28)
        const b1 = take(A, 72, d4, 20)
        const b2 = take(A, 80, d0, 3)
        const b3 = take(A, 128, d1, 45)
        const b4 = take(A, 176, d2, 61)
        c0 ^= put(B, 40, b0 ^ (b1 | b2))
        c3 ^= put(B, 64, b3 ^ (b4 | b0))
        c4 ^= put(B, 72, b4 ^ (b0 & b1))
        c1 ^= put(B, 48, b1 ^ (b2 & b3))
        c2 ^= put(B, 56, b2 ^ (b3 | ~b4))
      }
      {
        const b0 = take(A, 32, d4, 27)
        const b1 = take(A, 40, d0, 36)
        const b2 = take(A, 88, d1, 10)
        const b3 = take(A, 136, d2, 15)
        const b4 = take(A, 184, d3, 56)
        c1 ^= put(B, 128, b1 ^ (b2 | b3))
        c3 ^= put(B, 144, ~b3 ^ (b4 & b0))
        c4 ^= put(B, 152, b4 ^ (b0 | b1))
        c0 ^= put(B, 120, b0 ^ (b1 & b2))
        c2 ^= put(B, 136, b2 ^ (~b3 | b4))
      }
    }
    {
      const d0 = c4 ^ rotl(c1, 1)
      const d1 = c0 ^ rotl(c2, 1)
      const d2 = c1 ^ rotl(c3, 1)
      const d3 = c2 ^ rotl(c4, 1)
      const d4 = c3 ^ rotl(c0, 1)
      {
        const b0 = take(B, 8, d1, 1)
        const b1 = take(B, 56, d2, 6)
        const b2 = take(B, 104, d3, 25)
        const b3 = take(B, 152, d4, 8)
        const b4 = take(B, 160, d0, 18)
        c2 = put(A, 96, b2 ^ (~b3 & b4))
        c3 = put(A, 104, ~b3 ^ (b4 | b0))
        c1 = put(A, 88, b1 ^ (b2 & b3))
        c4 = put(A, 112, b4 ^ (b0 & b1))
        c0 = put(A, 80, b0 ^ (b1 | b2))
      }
      {
        const b0 = load<u64>(B) ^ d0
        const b1 = take(B, 48, d1, 44)
        const b2 = take(B, 96, d2, 43)
        const b3 = take(B, 144, d3, 21)
        const b4 = take(B, 192, d4, 14)
        c1 ^= put(A, 8, b1 ^ (~b2 | b3))
        c4 ^= put(A, 32, b4 ^ (b0 & b1))
        c0 ^= put(A, 0, b0 ^ (b1 | b2) ^ load<u64>(round, 8))
        c3 ^= put(A, 24, b3 ^ (b4 | b0))
        c2 ^= put(A, 16, b2 ^ (b3 & b4))
      }
      {
        const b0 = take(B, 16, d2, 62)
        const b1 = take(B, 64, d3, 55)
        const b2 = take(B, 112, d4, 39)
        const b3 = take(B, 120, d0, 41)
        const b4 = take(B, 168, d1, 2)
        c0 ^= put(A, 160, b0 ^ (~b1 & b2))
        c3 ^= put(A, 184, b3 ^ (b4 | b0))
        c4 ^= put(A, 192, b4 ^ (b0 & b1))
        c2 ^= put(A, 176, b2 ^ (b3 & b4))
        c1 ^= put(A, 168, ~b1 ^ (b2 | b3))
      }
      {
        const b0 = take(B, 24, d3, 28)
        const b1 = take(B, 72, d4, 20)
        const b2 = take(B, 80, d0, 3)
        const b3 = take(B, 128, d1, 45)
        const b4 = take(B, 176, d2, 61)
        c0 ^= put(A, 40, b0 ^ (b1 | b2))
        c3 ^= put(A, 64, b3 ^ (b4 | b0))
        c4 ^= put(A, 72, b4 ^ (b0 & b1))
        c1 ^= put(A, 48, b1 ^ (b2 & b3))
        c2 ^= put(A, 56, b2 ^ (b3 | ~b4))
      }
      {
        const b0 = take(B, 32, d4, 27)
        const b1 = take(B, 40, d0, 36)
        const b2 = take(B, 88, d1, 10)
        const b3 = take(B, 136, d2, 15)
        const b4 = take(B, 184, d3, 56)
        c1 ^= put(A, 128, b1 ^ (b2 | b3))
        c3 ^= put(A, 144, ~b3 ^ (b4 & b0))
        c4 ^= put(A, 152, b4 ^ (b0 | b1))
        c0 ^= put(A, 120, b0 ^ (b1 & b2))
        c2 ^= put(A, 136, b2 ^ (~b3 | b4))
      }
    }
  }
}

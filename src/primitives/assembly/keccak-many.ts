/**
 * Keccak-256 of many messages, two at a time: a vector holds a lane of either state. A pair of permutations takes little longer than
 * one alone, so that a hash takes 0.63 of the time (measured: up to 135 bytes 200 ns for 316, 532 bytes 790 for 1290). Otherwise as
 * in `keccak.ts`, but no lane is complemented: vectors have ANDNOT.
 */
import { LAST_BIT, RATE, ROUNDS_END, ROUND_CONSTANTS, keccak256, lastLane } from './keccak'

/** A message: where it is, its length, where its 32-byte digest goes; u32 each. */
export const MESSAGE_BYTES: usize = 12
const LENGTH: usize = 4
const DIGEST: usize = 8

const A: usize = memory.data(400, 16)
const B: usize = memory.data(400, 16)

/** What is left of the two messages at work; the digest's place is 0 when there is none. */
const FIRST: usize = memory.data(12)
const SECOND: usize = memory.data(12)
/** Their last blocks, with the padding. */
const FIRST_BLOCK: usize = memory.data(136)
const SECOND_BLOCK: usize = memory.data(136)

/** Puts a message into the list at `at`. @returns where the next goes */
@inline
export function describe(at: usize, src: usize, length: usize, digest: usize): usize {
  store<u32>(at, <u32>src)
  store<u32>(at, <u32>length, LENGTH)
  store<u32>(at, <u32>digest, DIGEST)
  return at + MESSAGE_BYTES
}

/** Hashes the `count` messages of the list at `messages`. A digest may take the place of its own message. */
export function keccakMany(messages: usize, count: u32): void {
  const end = messages + <usize>count * MESSAGE_BYTES
  let next = messages
  while (true) {
    const isFirst = load<u32>(FIRST, DIGEST) == 0
    const isSecond = load<u32>(SECOND, DIGEST) == 0
    if (isFirst && isSecond && next + MESSAGE_BYTES >= end) {
      if (next < end) keccak256(load<u32>(next, DIGEST), load<u32>(next), load<u32>(next, LENGTH))
      return
    }
    if (isFirst && next < end) next = begin(FIRST, next)
    if (isSecond && next < end) next = begin(SECOND, next)
    const kept = i64x2.replace_lane(i64x2.splat(<i64>isFirst - 1), 1, <i64>isSecond - 1)
    absorb(nextBlock(FIRST, FIRST_BLOCK), nextBlock(SECOND, SECOND_BLOCK), kept)
    permute(load<i32>(FIRST, LENGTH) < 0 && load<i32>(SECOND, LENGTH) < 0)
    finish(FIRST, A)
    finish(SECOND, A + 8)
  }
}

function begin(work: usize, message: usize): usize {
  store<u32>(work, load<u32>(message))
  store<u32>(work, load<u32>(message, LENGTH), LENGTH)
  store<u32>(work, load<u32>(message, DIGEST), DIGEST)
  return message + MESSAGE_BYTES
}

/** The next block of the message at `work`, whose length is negative after the last. */
function nextBlock(work: usize, padded: usize): usize {
  const src: usize = load<u32>(work)
  const length = load<i32>(work, LENGTH)
  if (length < 0) return padded
  store<i32>(work, length - RATE, LENGTH)
  if (length >= RATE) {
    store<u32>(work, <u32>src + RATE)
    return src
  }
  const whole = <usize>(length & ~7)
  for (let at: usize = 0; at < whole; at += 8) store<u64>(padded + at, load<u64>(src + at))
  store<u64>(padded + whole, lastLane(src + whole, length & 7))
  for (let at = whole + 8; at < <usize>RATE; at += 8) store<u64>(padded + at, 0)
  store<u64>(padded, load<u64>(padded, 128) ^ LAST_BIT, 128)
  return padded
}

/** Adds a block to each state; `kept` is 0 where one begins. */
function absorb(first: usize, second: usize, kept: v128): void {
  let at = A
  for (const end = first + RATE; first < end; first += 8, second += 8, at += 16) {
    // Put together here: a vector load would wait for narrower stores to end.
    const block = i64x2.replace_lane(v128.load64_splat(first), 1, load<u64>(second))
    v128.store(at, v128.xor(v128.and(v128.load(at), kept), block))
  }
  for (; at < A + 400; at += 16) v128.store(at, v128.and(v128.load(at), kept))
}

/** Writes the digest of a message that was absorbed. */
function finish(work: usize, lanes: usize): void {
  const dst: usize = load<u32>(work, DIGEST)
  if (dst == 0 || load<i32>(work, LENGTH) >= 0) return
  store<u64>(dst, load<u64>(lanes))
  store<u64>(dst, load<u64>(lanes, 16), 8)
  store<u64>(dst, load<u64>(lanes, 32), 16)
  store<u64>(dst, load<u64>(lanes, 48), 24)
  store<u32>(work, 0, DIGEST)
}

@inline
function rotate(lanes: v128, by: i32): v128 {
  return v128.or(i64x2.shl(lanes, by), i64x2.shr_u(lanes, 64 - by))
}

@inline
function take(from: usize, offset: usize, d: v128, by: i32): v128 {
  return rotate(v128.xor(v128.load(from + offset), d), by)
}

@inline
function put(to: usize, offset: usize, lanes: v128): v128 {
  v128.store(to + offset, lanes)
  return lanes
}

@inline
function chi(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.andnot(c, b))
}

@inline
function column(at: usize): v128 {
  const upper = v128.xor(v128.load(at), v128.load(at, 80))
  const lower = v128.xor(v128.load(at, 160), v128.load(at, 240))
  return v128.xor(v128.xor(upper, lower), v128.load(at, 320))
}

/** The rounds over both states in A. The last time, only a digest's plane. */
function permute(isLast: bool): void {
  let c0 = column(A)
  let c1 = column(A + 16)
  let c2 = column(A + 32)
  let c3 = column(A + 48)
  let c4 = column(A + 64)
  for (let round = ROUND_CONSTANTS; round < ROUNDS_END; round += 16) {
    let d0 = v128.xor(c4, rotate(c1, 1))
    let d1 = v128.xor(c0, rotate(c2, 1))
    let d2 = v128.xor(c1, rotate(c3, 1))
    let d3 = v128.xor(c2, rotate(c4, 1))
    let d4 = v128.xor(c3, rotate(c0, 1))
    let b0 = v128.xor(v128.load(A), d0)
    let b1 = take(A, 96, d1, 44)
    let b2 = take(A, 192, d2, 43)
    let b3 = take(A, 288, d3, 21)
    let b4 = take(A, 384, d4, 14)
    c0 = put(B, 0, v128.xor(chi(b0, b1, b2), v128.load64_splat(round)))
    c1 = put(B, 16, chi(b1, b2, b3))
    c2 = put(B, 32, chi(b2, b3, b4))
    c3 = put(B, 48, chi(b3, b4, b0))
    c4 = put(B, 64, chi(b4, b0, b1))
    b0 = take(A, 48, d3, 28)
    b1 = take(A, 144, d4, 20)
    b2 = take(A, 160, d0, 3)
    b3 = take(A, 256, d1, 45)
    b4 = take(A, 352, d2, 61)
    c0 = v128.xor(c0, put(B, 80, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(B, 96, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(B, 112, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(B, 128, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(B, 144, chi(b4, b0, b1)))
    b0 = take(A, 16, d1, 1)
    b1 = take(A, 112, d2, 6)
    b2 = take(A, 208, d3, 25)
    b3 = take(A, 304, d4, 8)
    b4 = take(A, 320, d0, 18)
    c0 = v128.xor(c0, put(B, 160, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(B, 176, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(B, 192, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(B, 208, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(B, 224, chi(b4, b0, b1)))
    b0 = take(A, 64, d4, 27)
    b1 = take(A, 80, d0, 36)
    b2 = take(A, 176, d1, 10)
    b3 = take(A, 272, d2, 15)
    b4 = take(A, 368, d3, 56)
    c0 = v128.xor(c0, put(B, 240, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(B, 256, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(B, 272, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(B, 288, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(B, 304, chi(b4, b0, b1)))
    b0 = take(A, 32, d2, 62)
    b1 = take(A, 128, d3, 55)
    b2 = take(A, 224, d4, 39)
    b3 = take(A, 240, d0, 41)
    b4 = take(A, 336, d1, 2)
    c0 = v128.xor(c0, put(B, 320, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(B, 336, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(B, 352, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(B, 368, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(B, 384, chi(b4, b0, b1)))
    d0 = v128.xor(c4, rotate(c1, 1))
    d1 = v128.xor(c0, rotate(c2, 1))
    d2 = v128.xor(c1, rotate(c3, 1))
    d3 = v128.xor(c2, rotate(c4, 1))
    d4 = v128.xor(c3, rotate(c0, 1))
    b0 = v128.xor(v128.load(B), d0)
    b1 = take(B, 96, d1, 44)
    b2 = take(B, 192, d2, 43)
    b3 = take(B, 288, d3, 21)
    b4 = take(B, 384, d4, 14)
    c0 = put(A, 0, v128.xor(chi(b0, b1, b2), v128.load64_splat(round + 8)))
    c1 = put(A, 16, chi(b1, b2, b3))
    c2 = put(A, 32, chi(b2, b3, b4))
    c3 = put(A, 48, chi(b3, b4, b0))
    c4 = put(A, 64, chi(b4, b0, b1))
    if (isLast && round == ROUNDS_END - 16) return
    b0 = take(B, 48, d3, 28)
    b1 = take(B, 144, d4, 20)
    b2 = take(B, 160, d0, 3)
    b3 = take(B, 256, d1, 45)
    b4 = take(B, 352, d2, 61)
    c0 = v128.xor(c0, put(A, 80, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(A, 96, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(A, 112, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(A, 128, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(A, 144, chi(b4, b0, b1)))
    b0 = take(B, 16, d1, 1)
    b1 = take(B, 112, d2, 6)
    b2 = take(B, 208, d3, 25)
    b3 = take(B, 304, d4, 8)
    b4 = take(B, 320, d0, 18)
    c0 = v128.xor(c0, put(A, 160, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(A, 176, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(A, 192, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(A, 208, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(A, 224, chi(b4, b0, b1)))
    b0 = take(B, 64, d4, 27)
    b1 = take(B, 80, d0, 36)
    b2 = take(B, 176, d1, 10)
    b3 = take(B, 272, d2, 15)
    b4 = take(B, 368, d3, 56)
    c0 = v128.xor(c0, put(A, 240, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(A, 256, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(A, 272, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(A, 288, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(A, 304, chi(b4, b0, b1)))
    b0 = take(B, 32, d2, 62)
    b1 = take(B, 128, d3, 55)
    b2 = take(B, 224, d4, 39)
    b3 = take(B, 240, d0, 41)
    b4 = take(B, 336, d1, 2)
    c0 = v128.xor(c0, put(A, 320, chi(b0, b1, b2)))
    c1 = v128.xor(c1, put(A, 336, chi(b1, b2, b3)))
    c2 = v128.xor(c2, put(A, 352, chi(b2, b3, b4)))
    c3 = v128.xor(c3, put(A, 368, chi(b3, b4, b0)))
    c4 = v128.xor(c4, put(A, 384, chi(b4, b0, b1)))
  }
}

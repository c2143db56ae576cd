/** BLAKE2b's compression function (RFC 7693, EIP-152). */

/** h (8 words), m (16), t (2), each of 64 bits with the lowest byte first: as EIP-152's input has them behind the rounds. */
const H: usize = memory.data(208)
const M: usize = H + 64
const T: usize = H + 192

const IV: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
])

/** Ten permutations of the message's words. */
const SIGMA: usize = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
])
const SIGMA_END: usize = SIGMA + 160

/** The sixteen words at work, which G takes by their places. */
const V: usize = memory.data(128)

/** Where the host puts h, m and t, and finds h afterwards. */
export function blake2fState(): usize {
  return H
}

@inline
function messageWord(order: usize, index: usize): u64 {
  return load<u64>(M + (<usize>load<u8>(order + index) << 3))
}

/** G of RFC 7693. */
@inline
function mix(a: usize, b: usize, c: usize, d: usize, x: u64, y: u64): void {
  let va = load<u64>(V + a)
  let vb = load<u64>(V + b)
  let vc = load<u64>(V + c)
  let vd = load<u64>(V + d)
  va += vb + x
  vd = rotr(vd ^ va, 32)
  vc += vd
  vb = rotr(vb ^ vc, 24)
  va += vb + y
  vd = rotr(vd ^ va, 16)
  vc += vd
  vb = rotr(vb ^ vc, 63)
  store<u64>(V + a, va)
  store<u64>(V + b, vb)
  store<u64>(V + c, vc)
  store<u64>(V + d, vd)
}

/** @param rounds any number of 32 bits */
export function blake2f(rounds: u32, isFinal: bool): void {
  memory.copy(V, H, 64)
  memory.copy(V + 64, IV, 64)
  store<u64>(V, load<u64>(V, 96) ^ load<u64>(T), 96)
  store<u64>(V, load<u64>(V, 104) ^ load<u64>(T, 8), 104)
  if (isFinal) store<u64>(V, ~load<u64>(V, 112), 112)
  let order = SIGMA
  for (let round: u32 = 0; round < rounds; round++) {
    mix(0, 32, 64, 96, messageWord(order, 0), messageWord(order, 1))
    mix(8, 40, 72, 104, messageWord(order, 2), messageWord(order, 3))
    mix(16, 48, 80, 112, messageWord(order, 4), messageWord(order, 5))
    mix(24, 56, 88, 120, messageWord(order, 6), messageWord(order, 7))
    mix(0, 40, 80, 120, messageWord(order, 8), messageWord(order, 9))
    mix(8, 48, 88, 96, messageWord(order, 10), messageWord(order, 11))
    mix(16, 56, 64, 104, messageWord(order, 12), messageWord(order, 13))
    mix(24, 32, 72, 112, messageWord(order, 14), messageWord(order, 15))
    order += 16
    if (order == SIGMA_END) order = SIGMA
  }
  for (let at: usize = 0; at < 64; at += 8) {
    store<u64>(H + at, load<u64>(H + at) ^ load<u64>(V + at) ^ load<u64>(V + at, 64))
  }
}

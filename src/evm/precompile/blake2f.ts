/** BLAKE2b's compression function, EIP-152. A 64-bit word is two u32s, the lower first. */

const IV = Uint32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
)

/** Ten permutations of the message's words. */
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
].map((row) => Uint8Array.from(row))

const INPUT_BYTES = 213

/** The number of rounds, each of which costs one gas; zero for input of the wrong size, which fails. */
export function roundsOf(input: Uint8Array): number {
  return input.length === INPUT_BYTES
    ? Buffer.from(input.buffer, input.byteOffset, 4).readUInt32BE()
    : 0
}

const work = new Uint32Array(32)

/** Rounds, h, m, t and the final flag in 213 bytes -> h, 64 bytes. Undefined for another size or flag. */
export function blake2f(input: Uint8Array): Uint8Array | undefined {
  if (input.length !== INPUT_BYTES) return undefined
  const final = input[212]
  if (final !== 0 && final !== 1) return undefined
  // A copy, because words must be aligned; the machine is little-endian, as BLAKE2b is.
  const words = new Uint32Array(input.slice(4, 212).buffer)
  const state = words.subarray(0, 16)
  const message = words.subarray(16, 48)
  const offset = words.subarray(48, 52)
  work.set(state)
  work.set(IV, 16)
  for (let index = 0; index < 4; index++) work[24 + index]! ^= offset[index]!
  if (final === 1) {
    work[28] = ~work[28]!
    work[29] = ~work[29]!
  }
  const rounds = roundsOf(input)
  for (let round = 0; round < rounds; round++) mixRound(message, SIGMA[round % 10]!)
  for (let index = 0; index < 16; index++) state[index]! ^= work[index]! ^ work[16 + index]!
  return new Uint8Array(state.slice().buffer)
}

function mixRound(message: Uint32Array, order: Uint8Array): void {
  mix(0, 8, 16, 24, message, order[0]!, order[1]!)
  mix(2, 10, 18, 26, message, order[2]!, order[3]!)
  mix(4, 12, 20, 28, message, order[4]!, order[5]!)
  mix(6, 14, 22, 30, message, order[6]!, order[7]!)
  mix(0, 10, 20, 30, message, order[8]!, order[9]!)
  mix(2, 12, 22, 24, message, order[10]!, order[11]!)
  mix(4, 14, 16, 26, message, order[12]!, order[13]!)
  mix(6, 8, 18, 28, message, order[14]!, order[15]!)
}

/** G of RFC 7693 on four words of the state, with the message's words x and y. */
function mix(
  a: number,
  b: number,
  c: number,
  d: number,
  message: Uint32Array,
  x: number,
  y: number,
): void {
  const v = work
  let bLow = v[b]!
  let bHigh = v[b + 1]!
  let low = v[a]! + bLow + message[2 * x]!
  let aHigh = (v[a + 1]! + bHigh + message[2 * x + 1]! + Math.floor(low / 0x1_0000_0000)) >>> 0
  let aLow = low >>> 0
  let dLow = v[d + 1]! ^ aHigh
  let dHigh = v[d]! ^ aLow
  low = v[c]! + (dLow >>> 0)
  let cHigh = v[c + 1]! + (dHigh >>> 0) + (low > 0xffff_ffff ? 1 : 0)
  let cLow = low >>> 0
  cHigh >>>= 0
  let crossLow = bLow ^ cLow
  let crossHigh = bHigh ^ cHigh
  bLow = ((crossLow >>> 24) | (crossHigh << 8)) >>> 0
  bHigh = ((crossHigh >>> 24) | (crossLow << 8)) >>> 0
  low = aLow + bLow + message[2 * y]!
  aHigh = (aHigh + bHigh + message[2 * y + 1]! + Math.floor(low / 0x1_0000_0000)) >>> 0
  aLow = low >>> 0
  crossLow = dLow ^ aLow
  crossHigh = dHigh ^ aHigh
  dLow = ((crossLow >>> 16) | (crossHigh << 16)) >>> 0
  dHigh = ((crossHigh >>> 16) | (crossLow << 16)) >>> 0
  low = cLow + dLow
  cHigh = (cHigh + dHigh + (low > 0xffff_ffff ? 1 : 0)) >>> 0
  cLow = low >>> 0
  crossLow = bLow ^ cLow
  crossHigh = bHigh ^ cHigh
  v[a] = aLow
  v[a + 1] = aHigh
  v[b] = (crossLow << 1) | (crossHigh >>> 31)
  v[b + 1] = (crossHigh << 1) | (crossLow >>> 31)
  v[c] = cLow
  v[c + 1] = cHigh
  v[d] = dLow
  v[d + 1] = dHigh
}

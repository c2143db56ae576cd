import type { Address, Hash, Hex, Slot } from './hex.ts'

/**
 * 256-bit words as the WebAssembly modules hold them: four u64 limbs, the lowest first, each little-endian. An address is the lowest
 * three. So the bytes of a word are those of its big-endian form in reverse.
 */

const LIMB = 1n << 64n
const reversed = Buffer.alloc(32)

/** Puts a word in its limbs, the first of them `u64[index]`. What does not fit in 256 bits is lost. */
export function putWord(u64: BigUint64Array, index: number, value: bigint): void {
  u64[index] = value
  if (value < LIMB && value >= 0n) {
    u64[index + 1] = 0n
    u64[index + 2] = 0n
    u64[index + 3] = 0n
    return
  }
  u64[index + 1] = value >> 64n
  u64[index + 2] = value >> 128n
  u64[index + 3] = value >> 192n
}

/** The word whose limbs begin at `u64[index]`. */
export function wordIn(u64: BigUint64Array, index: number): bigint {
  const low = u64[index]!
  const second = u64[index + 1]!
  const third = u64[index + 2]!
  const top = u64[index + 3]!
  if (top === 0n && third === 0n) return second === 0n ? low : low | (second << 64n)
  return low | (second << 64n) | ((third | (top << 64n)) << 128n)
}

/** Puts an address in three limbs, the first half of them `u32[index]`. */
export function putAddress(u32: Uint32Array, index: number, address: Address): void {
  u32.set(limbsOf(address, 20), index)
}

/** Puts 32 bytes of hex, read as a number, in four limbs. */
export function putKey(u32: Uint32Array, index: number, key: Slot | Hash): void {
  u32.set(limbsOf(key, 32), index)
}

/** Puts the 32 bytes of a hash, as they are, from `u32[index]` on. */
export function putHash(u32: Uint32Array, index: number, hash: Hash): void {
  let bytes = hashes.get(hash)
  if (bytes === undefined) {
    bytes = new Uint32Array(new Uint8Array(Buffer.from(hash.slice(2), 'hex')).buffer)
    remember(hashes, hash, bytes)
  }
  u32.set(bytes, index)
}

// The same texts come again and again, and decoding one takes longer than finding it: ten times so in a young process, where loops over
// digits are not compiled yet.
const MOST = 20_000
const numbers = new Map<Hex, Uint32Array>()
const hashes = new Map<Hex, Uint32Array>()

function remember(known: Map<Hex, Uint32Array>, text: Hex, limbs: Uint32Array): void {
  if (known.size >= MOST) known.clear()
  known.set(text, limbs)
}

/** The limbs of a number of 20 or 32 bytes, in halves. */
function limbsOf(text: Hex, size: number): Uint32Array {
  const known = numbers.get(text)
  if (known !== undefined) return known
  const bytes = Buffer.from(text.slice(2), 'hex').reverse()
  const limbs = new Uint32Array(((size + 7) >>> 3) << 1)
  new Uint8Array(limbs.buffer).set(bytes)
  remember(numbers, text, limbs)
  return limbs
}

/** The address whose limbs begin at `u32[index]`. */
export function addressIn(u32: Uint32Array, index: number): Address {
  return hexOf(addresses, u32, index) as Address
}

/** The storage key whose limbs begin at `u32[index]`. */
export function keyIn(u32: Uint32Array, index: number): Slot {
  return hexOf(keys, u32, index) as Slot
}

/** Texts of limbs, each in the one place that its lowest limb says: the same come again and again. */
interface Known {
  /** How many u32 there are of one. */
  readonly size: number
  readonly limbs: Uint32Array
  readonly texts: (Hex | undefined)[]
}

const PLACES = 4096
const addresses = newKnown(5)
const keys = newKnown(8)

function newKnown(size: number): Known {
  const texts = Array.from<Hex | undefined>({ length: PLACES })
  return { size, limbs: new Uint32Array(PLACES * size), texts }
}

function hexOf({ size, limbs, texts }: Known, u32: Uint32Array, index: number): Hex {
  const place = u32[index]! & (PLACES - 1)
  const at = place * size
  const known = texts[place]
  let isSame = true
  for (let i = 0; isSame && i < size; i++) isSame = limbs[at + i] === u32[index + i]
  if (isSame && known !== undefined) return known
  for (let i = 0; i < size; i++) {
    limbs[at + i] = u32[index + i]!
    reversed.writeUInt32BE(u32[index + i]!, 4 * (size - 1 - i))
  }
  const text: Hex = `0x${reversed.toString('hex', 0, 4 * size)}`
  texts[place] = text
  return text
}

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
  if (value >= 0n && value < LIMB) {
    u64[index + 1] = 0n
    u64[index + 2] = 0n
    u64[index + 3] = 0n
    return
  }
  u64[index + 1] = value >> 64n
  u64[index + 2] = value >> 128n
  u64[index + 3] = value >> 192n
}

/** The word whose bytes begin at `at`. */
export function wordIn(view: DataView, at: number): bigint {
  const low = view.getBigUint64(at, true)
  if (
    (view.getUint32(at + 8, true) | view.getUint32(at + 12, true)) === 0 &&
    (view.getUint32(at + 16, true) | view.getUint32(at + 20, true)) === 0 &&
    (view.getUint32(at + 24, true) | view.getUint32(at + 28, true)) === 0
  ) {
    return low
  }
  const high = view.getBigUint64(at + 16, true) | (view.getBigUint64(at + 24, true) << 64n)
  return low | (view.getBigUint64(at + 8, true) << 64n) | (high << 128n)
}

/** Puts an address in three limbs, the first half of them `u32[index]`. */
export function putAddress(u32: Uint32Array, index: number, address: Address): void {
  for (let i = 0; i < 5; i++) u32[index + i] = digitsAt(address, 34 - 8 * i)
  u32[index + 5] = 0
}

/** Puts 32 bytes of hex, read as a number, in four limbs. */
export function putKey(u32: Uint32Array, index: number, key: Slot | Hash): void {
  for (let i = 0; i < 8; i++) u32[index + i] = digitsAt(key, 58 - 8 * i)
}

/** Eight digits of hex as a number. */
function digitsAt(hex: Hex, at: number): number {
  let value = 0
  for (let i = at; i < at + 8; i++) {
    const code = hex.charCodeAt(i)
    value = (value << 4) | ((code & 15) + (code >> 6) * 9)
  }
  return value
}

/** The address whose limbs begin at `at`. */
export function addressIn(bytes: Uint8Array, at: number): Address {
  return reversedHex(bytes, at, 20) as Address
}

/** The storage key whose limbs begin at `at`. */
export function keyIn(bytes: Uint8Array, at: number): Slot {
  return reversedHex(bytes, at, 32) as Slot
}

function reversedHex(bytes: Uint8Array, at: number, size: number): Hex {
  for (let i = 0; i < size; i++) reversed[i] = bytes[at + size - 1 - i]!
  return `0x${reversed.toString('hex', 0, size)}`
}

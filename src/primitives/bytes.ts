export const EMPTY_BYTES: Uint8Array = new Uint8Array(0)

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** A number's 64-bit limbs, the lowest first, and their bytes. */
const limbs = new BigUint64Array(4)
const limbBytes = new Uint8Array(limbs.buffer)

/** The unsigned big-endian number in `bytes`; no bytes are zero. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  const { length } = bytes
  if (length <= 6) {
    let small = 0
    for (let at = 0; at < length; at++) small = small * 256 + bytes[at]!
    return BigInt(small)
  }
  if (length > limbBytes.length) {
    return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('hex')}`)
  }
  // By way of text it takes three to ten times as long.
  let limb = (length - 1) >> 3
  limbs[limb] = 0n
  for (let at = 0; at < length; at++) limbBytes[length - 1 - at] = bytes[at]!
  let value = limbs[limb]!
  while (limb-- > 0) value = (value << 64n) | limbs[limb]!
  return value
}

/** Big-endian without leading zero bytes, as RLP wants integers: zero is no bytes. */
export function bigIntToBytes(value: bigint): Uint8Array {
  if (value === 0n) return EMPTY_BYTES
  if (value < SMALL) return smallBytes(Number(value))
  const hex = value.toString(16)
  return new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
}

const SMALL = 1n << 48n

/** @param value from 1 to 2^48 - 1 */
function smallBytes(value: number): Uint8Array {
  let size = 1
  for (let rest = value; rest >= 256; rest /= 256) size++
  const bytes = new Uint8Array(size)
  for (let at = size - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) {
    bytes[at] = rest % 256
  }
  return bytes
}

/** Big-endian, left-padded to `length` bytes. @throws {RangeError} when `value` does not fit. */
export function bigIntToFixedBytes(value: bigint, length: number): Uint8Array {
  if (value >= 0n && value < SMALL && length >= 6) {
    const bytes = Buffer.alloc(length)
    bytes.writeUIntBE(Number(value), length - 6, 6)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, length)
  }
  const hex = value.toString(16)
  if (hex.length > length * 2) throw new RangeError(`${value} does not fit in ${length} bytes`)
  return new Uint8Array(Buffer.from(hex.padStart(length * 2, '0'), 'hex'))
}

export function stripZeros(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length && bytes[start] === 0) start++
  return bytes.subarray(start)
}

export function padLeft(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes
  const out = new Uint8Array(length)
  out.set(bytes, length - bytes.length)
  return out
}

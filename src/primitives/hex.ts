/** Hex text as it appears on the wire, and the branded names that are trusted once parsed. */

declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

export type Hex = `0x${string}`
/** 20 bytes, lower case, 0x-prefixed. */
export type Address = Branded<Hex, 'Address'>
/** 32 bytes, lower case, 0x-prefixed: block, transaction, code and trie hashes. */
export type Hash = Branded<Hex, 'Hash'>
/** A storage key: 32 bytes, lower case, 0x-prefixed, big-endian. */
export type Slot = Branded<Hex, 'Slot'>

export const ZERO_ADDRESS: Address = `0x${'0'.repeat(40)}` as Address
export const ZERO_HASH: Hash = `0x${'0'.repeat(64)}` as Hash

export function isHex(text: unknown): text is Hex {
  return typeof text === 'string' && /^0x[0-9a-fA-F]*$/.test(text)
}

/** @throws {TypeError} when `text` is not 20 bytes of hex. Case is folded: a checksum is not checked. */
export function parseAddress(text: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new TypeError(`expected a 20-byte address, got ${text}`)
  }
  return text.toLowerCase() as Address
}

/** @throws {TypeError} when `text` is not 32 bytes of hex. */
export function parseHash(text: string): Hash {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new TypeError(`expected a 32-byte hash, got ${text}`)
  return text.toLowerCase() as Hash
}

/** The bytes of `hex`, which needs an even number of digits. @throws {TypeError} otherwise. */
export function hexToBytes(hex: string): Uint8Array {
  const size = hex.length / 2 - 1
  const isText = hex.startsWith('0x') && Number.isInteger(size)
  if (isText && size <= SHORT) {
    const bytes = new Uint8Array(size)
    if (writeHex(bytes, 0, hex, size)) return bytes
  } else if (isText && /^0x[0-9a-fA-F]*$/.test(hex)) {
    const buffer = Buffer.from(hex.slice(2), 'hex')
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
  }
  throw new TypeError(`expected 0x-prefixed bytes of two digits each, got ${hex.slice(0, 80)}`)
}

/** Up to so many bytes are sooner read and written here than handed to Node. */
const SHORT = 64

/** The value of each hex digit by its character code; 255 for what is none. */
const DIGITS = new Uint8Array(128).fill(255)
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16)
  DIGITS[digit.charCodeAt(0)] = value
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value
}

/**
 * Writes the first `size` bytes of `hex` at `at`. For short ones several times as fast as Node's own, which leaves JavaScript for it.
 * @returns whether there were so many
 */
export function writeHex(bytes: Uint8Array, at: number, hex: string, size: number): boolean {
  let seen = 0
  for (let index = 0, digit = 2; index < size; index++, digit += 2) {
    const high = DIGITS[hex.charCodeAt(digit)] ?? 255
    const low = DIGITS[hex.charCodeAt(digit + 1)] ?? 255
    seen |= high | low
    bytes[at + index] = (high << 4) | low
  }
  return seen < 16
}

export function bytesToHex(bytes: Uint8Array): Hex {
  const { length } = bytes
  if (length > SHORT) return `0x${view(bytes).toString('hex')}`
  for (let index = 0, at = 2; index < length; index++, at += 2) {
    const byte = bytes[index]!
    text[at] = CODES[byte >>> 4]!
    text[at + 1] = CODES[byte & 15]!
  }
  return text.toString('latin1', 0, 2 + 2 * length) as Hex
}

/** The text that is written, after its prefix. A view of short bytes costs V8 four times as much as this: their buffer lies elsewhere, and is made for it. */
const text = Buffer.from(`0x${'0'.repeat(2 * SHORT)}`, 'latin1')
/** The character code of each hex digit. */
const CODES = Buffer.from('0123456789abcdef', 'latin1')

/** @throws {TypeError} when `bytes` are not 20. */
export function bytesToAddress(bytes: Uint8Array): Address {
  if (bytes.length !== 20) throw new TypeError(`expected 20 bytes, got ${bytes.length}`)
  return bytesToHex(bytes) as Address
}

/** @throws {TypeError} when `bytes` are not 32. */
export function bytesToHash(bytes: Uint8Array): Hash {
  if (bytes.length !== 32) throw new TypeError(`expected 32 bytes, got ${bytes.length}`)
  return bytesToHex(bytes) as Hash
}

/** The storage key of a number below 2^256. */
export function slotOf(key: bigint): Slot {
  return `0x${key.toString(16).padStart(64, '0')}` as Slot
}

/** A 32-byte word as a storage key. @throws {TypeError} when `bytes` are more than 32. */
export function bytesToSlot(bytes: Uint8Array): Slot {
  if (bytes.length > 32) throw new TypeError(`expected at most 32 bytes, got ${bytes.length}`)
  return `0x${bytesToHex(bytes).slice(2).padStart(64, '0')}` as Slot
}

/** A quantity as JSON-RPC wants it: no leading zeros, zero is `0x0`. */
export function toQuantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

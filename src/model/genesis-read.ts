import { bigIntToBytes } from '../primitives/bytes.ts'
import { type Address, type Hash, type Slot, hexToBytes, slotOf } from '../primitives/hex.ts'
import { DecodeError } from './codec/field.ts'

/** Values of a JSON file, read strictly. Each throws a DecodeError that names the field's path. null counts as absent. */

export type JsonObject = Readonly<Record<string, unknown>>

export function readObject(value: unknown, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject
  }
  throw wrong(path, 'an object', value)
}

/** A number at least zero: as a JSON number, or as text in decimal or 0x-prefixed hex. */
export function readNumber(value: unknown, path: string, maxBits: 64 | 256): bigint {
  const number = toBigInt(value)
  if (number === undefined) throw wrong(path, 'a number, in decimal or 0x-prefixed hex', value)
  if (number >= 1n << BigInt(maxBits)) throw wrong(path, `a number below 2^${maxBits}`, value)
  return number
}

export function readOptionalNumber(
  value: unknown,
  path: string,
  maxBits: 64 | 256,
): bigint | undefined {
  return isAbsent(value) ? undefined : readNumber(value, path, maxBits)
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
  }
  if (typeof value !== 'string' || !/^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(value)) return undefined
  return BigInt(value)
}

/** Whole bytes in hex, at most `maxLength` of them. */
export function readBytes(value: unknown, path: string, maxLength: number): Uint8Array {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) {
    throw wrong(path, '0x-prefixed bytes', value)
  }
  const bytes = hexToBytes(value)
  if (bytes.length <= maxLength) return bytes
  throw new DecodeError(`${path}: expected at most ${maxLength} bytes, got ${bytes.length}`)
}

/** A number of at most `length` bytes, as exactly so many. */
export function readWordBytes(value: unknown, path: string, length: 8 | 32): Uint8Array {
  const out = new Uint8Array(length)
  const bytes = bigIntToBytes(readNumber(value, path, length === 8 ? 64 : 256))
  out.set(bytes, length - bytes.length)
  return out
}

export function readAddress(value: unknown, path: string): Address {
  if (typeof value === 'string' && /^(?:0x)?[0-9a-fA-F]{40}$/.test(value)) {
    return `0x${value.slice(-40).toLowerCase()}` as Address
  }
  throw wrong(path, 'an address of 20 bytes', value)
}

export function readHash(value: unknown, path: string): Hash {
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value)) {
    return value.toLowerCase() as Hash
  }
  throw wrong(path, 'a hash of 32 bytes', value)
}

/** A storage key; digits may be missing on the left, and the prefix. */
export function readSlot(text: string, path: string): Slot {
  if (/^(?:0x)?[0-9a-fA-F]{1,64}$/.test(text)) return slotOf(BigInt(`0x${text.replace(/^0x/, '')}`))
  throw wrong(path, 'a key of at most 32 bytes in hex', text)
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

export function wrong(path: string, wanted: string, got: unknown): DecodeError {
  const text = got === undefined ? 'nothing' : JSON.stringify(got)
  return new DecodeError(`${path}: expected ${wanted}, got ${text.slice(0, 100)}`)
}

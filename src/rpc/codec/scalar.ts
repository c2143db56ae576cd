import {
  type Address,
  type Hash,
  type Slot,
  hexToBytes,
  isHex,
  slotOf,
} from '../../primitives/hex.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import { badParam, invalidParams } from '../error.ts'
import { type Decoder, mapped } from './decoder.ts'

/**
 * A whole number below 2^bits: a JSON number, decimal text, or hex text with or without leading zeros.
 * Anvil's clients send all three.
 */
function quantity(bits: number): Decoder<bigint> {
  const limit = 1n << BigInt(bits)
  return {
    schema: { title: `uint${bits}`, oneOf: [{ type: 'string' }, { type: 'integer' }] },
    decode(value, path) {
      const number = toBigInt(value, path)
      if (number === undefined)
        throw badParam(path, 'a number (0x hex, decimal text or JSON)', value)
      if (number >= limit) throw badParam(path, `a number below 2^${bits}`, value)
      return number
    },
  }
}

export const uint256: Decoder<bigint> = quantity(256)
export const uint64: Decoder<bigint> = quantity(64)

/** A count or an index: at most `limit`. */
export function count(limit: number): Decoder<number> {
  return {
    schema: { oneOf: [{ type: 'string' }, { type: 'integer' }], maximum: limit },
    decode(value, path) {
      const number = uint64.decode(value, path)
      if (number > BigInt(limit)) throw badParam(path, `a number up to ${limit}`, value)
      return Number(number)
    },
  }
}

export function atLeastOne(limit: number): Decoder<number> {
  return mapped(count(limit), (value, path) => {
    if (value === 0) throw badParam(path, `a number from 1 to ${limit}`, value)
    return value
  })
}

function toBigInt(value: unknown, path: string): bigint | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value < 0 ? undefined : BigInt(value)
    if (value > Number.MAX_SAFE_INTEGER) {
      throw invalidParams(`\`${path}\`: a JSON number above 2^53 is not exact, send it as a string`)
    }
    return undefined
  }
  if (typeof value !== 'string') return undefined
  if (/^0x[0-9a-fA-F]{0,80}$/.test(value)) return value.length === 2 ? 0n : BigInt(value)
  if (/^[0-9]{1,80}$/.test(value)) return BigInt(value)
  return undefined
}

export const address: Decoder<Address> = {
  schema: { title: 'address', type: 'string', pattern: '^0x[0-9a-fA-F]{40}$' },
  decode(value, path) {
    if (!isHex(value) || value.length !== 42) throw badParam(path, 'a 20-byte address', value)
    return value.toLowerCase() as Address
  },
}

export const hash: Decoder<Hash> = {
  schema: { title: 'hash', type: 'string', pattern: '^0x[0-9a-fA-F]{64}$' },
  decode(value, path) {
    if (!isHex(value) || value.length !== 66) throw badParam(path, 'a 32-byte hash', value)
    return value.toLowerCase() as Hash
  },
}

export const bytes: Decoder<Uint8Array> = {
  schema: { title: 'bytes', type: 'string', pattern: '^0x([0-9a-fA-F]{2})*$' },
  decode(value, path) {
    // Geth and Anvil take it for none.
    if (value === '') return EMPTY_BYTES
    if (!isHex(value)) throw badParam(path, '0x-prefixed bytes', value)
    if (value.length % 2 !== 0) throw badParam(path, 'two hex digits a byte', value)
    return hexToBytes(value)
  },
}

const HEX_CHARS_OF_WORD = 66

/** A storage key: 32 bytes, or a number; no longer text, however many zeros it begins with. */
export const slot: Decoder<Slot> = {
  schema: uint256.schema,
  decode(value, path) {
    if (typeof value === 'string' && value.length > HEX_CHARS_OF_WORD && value.startsWith('0x')) {
      throw badParam(path, 'a storage key of at most 32 bytes', value)
    }
    return slotOf(uint256.decode(value, path))
  },
}

/** 32 bytes, or a number: what setPrevRandao takes. */
export const word32: Decoder<Hash> = mapped(uint256, (value) => slotOf(value) as string as Hash)

/** Seconds, fractions of one allowed, as milliseconds. */
export const secondsAsMs: Decoder<number> = {
  schema: { title: 'seconds', oneOf: [{ type: 'number' }, { type: 'string' }] },
  decode(value, path) {
    const seconds = typeof value === 'number' ? value : Number(uint64.decode(value, path))
    if (!(seconds >= 0 && seconds <= MAX_INTERVAL_SECONDS)) {
      throw badParam(path, `seconds, up to ${MAX_INTERVAL_SECONDS}`, value)
    }
    return Math.round(seconds * 1000)
  },
}

/** Timers hold 2^31 - 1 milliseconds at most. */
const MAX_INTERVAL_SECONDS = 2_000_000

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }
/** Nobody waits longer for an answer. */
const MAX_DURATION_MS = 300_000

/** A time as Go writes it (`5s`, `1m30s`, `500ms`), in milliseconds: above zero. */
export const durationMs: Decoder<number> = {
  schema: { title: 'duration', type: 'string', pattern: '^([0-9.]+(ms|s|m))+$' },
  decode(value, path) {
    const text = typeof value === 'string' ? value : ''
    const isWhole = /^(\d+(\.\d+)?(ms|s|m))+$/.test(text)
    let total = 0
    for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m)/g)) {
      total += Number(amount) * UNITS_MS[unit!]!
    }
    if (!isWhole || !(total >= 1 && total <= MAX_DURATION_MS)) {
      throw badParam(path, `a time from "1ms" to "${MAX_DURATION_MS / 60_000}m"`, value)
    }
    return Math.ceil(total)
  },
}

import { bytesToHex, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import type { Schema } from './decoder.ts'

/** How a value is written on the wire, with a JSON Schema of what comes out. */
export interface Encoder<T> {
  readonly schema: Schema
  encode(value: T): Json
  /** The JSON of what `encode` yields, where that is faster to write at once. */
  readonly text?: ((value: T) => string) | undefined
}

export const quantityOut: Encoder<bigint | number> = {
  schema: { type: 'string', pattern: '^0x([1-9a-f][0-9a-f]*|0)$' },
  encode: toQuantity,
  text: (value) => `"${toQuantity(value)}"`,
}

export const bytesOut: Encoder<Uint8Array> = {
  schema: { type: 'string', pattern: '^0x([0-9a-f]{2})*$' },
  encode: bytesToHex,
  text: (bytes) => `"${bytesToHex(bytes)}"`,
}

/** Hashes and addresses: hex already. */
export const hexOut: Encoder<string> = {
  schema: { type: 'string', pattern: '^0x[0-9a-f]+$' },
  encode: (hex) => hex,
  text: (hex) => `"${hex}"`,
}

/** A 256-bit number as 32 bytes. */
export const wordOut: Encoder<bigint> = {
  schema: { type: 'string', pattern: '^0x[0-9a-f]{64}$' },
  encode: slotOf,
}

export const textOut: Encoder<string> = { schema: { type: 'string' }, encode: (text) => text }

export const booleanOut: Encoder<boolean> = { schema: { type: 'boolean' }, encode: (flag) => flag }

/** A JSON number, where Anvil has one: never beyond 2^53. */
export const numberOut: Encoder<bigint | number> = {
  schema: { type: 'number' },
  encode: Number,
}

/** JSON that is made already. */
export const jsonOut: Encoder<Json> = { schema: {}, encode: (value) => value }

/** undefined is null on the wire. */
export function nullable<T>(inner: Encoder<T>): Encoder<T | undefined> {
  return {
    schema: { oneOf: [inner.schema, { type: 'null' }] },
    encode: (value) => (value === undefined ? null : inner.encode(value)),
  }
}

export function listOut<T>(inner: Encoder<T>): Encoder<readonly T[]> {
  return {
    schema: { type: 'array', items: inner.schema },
    encode: (values) => values.map((value) => inner.encode(value)),
  }
}

/** An object that `encode` writes whole. */
export function objectOut<T>(title: string, encode: (value: T) => Json): Encoder<T> {
  return { schema: { title, type: 'object' }, encode }
}

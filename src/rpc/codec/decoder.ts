import type { Json } from '../backend.ts'
import { badParam, invalidParams } from '../error.ts'

/** A JSON Schema fragment of what is taken. */
export type Schema = { readonly [key: string]: Json | undefined }

/** Reads one value of the wire, as lenient as it can be without guessing. */
export interface Decoder<T> {
  readonly schema: Schema
  /** @throws {RpcError} -32602 that says what stands at `path` and what should. */
  decode(value: unknown, path: string): T
}

/** What the members of an object are; each may be absent or null. */
type Fields = Readonly<Record<string, Decoder<unknown>>>
type Read<F extends Fields> = {
  readonly [K in keyof F]?: F[K] extends Decoder<infer T> ? T | undefined : never
}

/** The members that are present. Members it does not know are left alone, as Geth and Anvil do. */
export function fieldsOf<F extends Fields>(fields: F): Decoder<Read<F>> {
  const entries = Object.entries(fields)
  const properties = Object.fromEntries(entries.map(([key, { schema }]) => [key, schema]))
  return {
    schema: { type: 'object', properties },
    decode(value, path) {
      const record = asRecord(value, path)
      const out: Record<string, unknown> = {}
      for (const [key, decoder] of entries) {
        const member = record[key]
        if (member !== undefined && member !== null) {
          out[key] = decoder.decode(member, `${path}.${key}`)
        }
      }
      return out as Read<F>
    },
  }
}

/** @throws {RpcError} when `value` is no JSON object. */
export function asRecord(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badParam(path, 'an object', value)
  }
  return value as Readonly<Record<string, unknown>>
}

export function listOf<T>(
  item: Decoder<T>,
  maxLength: number = Number.MAX_SAFE_INTEGER,
): Decoder<readonly T[]> {
  return {
    schema: { type: 'array', items: item.schema },
    decode(value, path) {
      if (!Array.isArray(value)) throw badParam(path, 'a list', value)
      if (value.length > maxLength) {
        throw invalidParams(`\`${path}\`: expected at most ${maxLength} items, got ${value.length}`)
      }
      return value.map((one, index) => item.decode(one, `${path}[${index}]`))
    },
  }
}

/** One value, or a list of them. */
export function oneOrMany<T>(item: Decoder<T>): Decoder<readonly T[]> {
  const many = listOf(item)
  return {
    schema: { oneOf: [item.schema, many.schema] },
    decode: (value, path) =>
      Array.isArray(value) ? many.decode(value, path) : [item.decode(value, path)],
  }
}

/** An object whose keys are values too. */
export function mapOf<K, V>(key: Decoder<K>, item: Decoder<V>): Decoder<ReadonlyMap<K, V>> {
  return {
    schema: { type: 'object', propertyNames: key.schema, additionalProperties: item.schema },
    decode(value, path) {
      const out = new Map<K, V>()
      for (const [name, member] of Object.entries(asRecord(value, path))) {
        out.set(key.decode(name, `${path} key`), item.decode(member, `${path}[${name}]`))
      }
      return out
    },
  }
}

export function mapped<A, B>(inner: Decoder<A>, change: (value: A, path: string) => B): Decoder<B> {
  return {
    schema: inner.schema,
    decode: (value, path) => change(inner.decode(value, path), path),
  }
}

export const boolean: Decoder<boolean> = {
  schema: { type: 'boolean' },
  decode(value, path) {
    if (typeof value === 'boolean') return value
    if (value === 'true') return true
    if (value === 'false') return false
    throw badParam(path, 'true or false', value)
  },
}

export const text: Decoder<string> = {
  schema: { type: 'string' },
  decode(value, path) {
    if (typeof value !== 'string') throw badParam(path, 'a string', value)
    return value
  },
}

/** One of these names. */
export function oneOf<const T extends string>(...names: readonly T[]): Decoder<T> {
  return {
    schema: { type: 'string', enum: names },
    decode(value, path) {
      const found = names.find((name) => name === value)
      if (found === undefined) throw badParam(path, `one of ${names.join(', ')}`, value)
      return found
    },
  }
}

/** Any JSON, unread. */
export const anything: Decoder<unknown> = { schema: {}, decode: (value) => value }

export const record: Decoder<Readonly<Record<string, unknown>>> = {
  schema: { type: 'object' },
  decode: asRecord,
}

import { bigIntToBytes, bytesToBigInt } from '../../primitives/bytes.ts'
import {
  type Address,
  type Hash,
  bytesToAddress,
  bytesToHash,
  hexToBytes,
} from '../../primitives/hex.ts'
import { type RlpData, type RlpItem, RlpError, decodeRlp } from '../../primitives/rlp.ts'

/** How one field of a record stands in RLP. */
export interface FieldCodec<T> {
  /** @param label names the field in errors. @throws {DecodeError} */
  decode(item: RlpData, label: string): T
  encode(value: T): RlpItem
}

/** A field of `Record`, of the type that the record declares. */
export type FieldSpec<Record> = {
  [Name in keyof Record & string]-?: {
    readonly name: Name
    readonly codec: FieldCodec<Exclude<Record[Name], undefined>>
  }
}[keyof Record & string]

/** Thrown inside codecs and turned into a value at their border. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string }

/** Runs `decode` and returns what it says; malformed input becomes an error value that starts with `what`. */
export function attempt<T>(what: string, decode: () => T): Decoded<T> {
  try {
    return { ok: true, value: decode() }
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, error: error.message }
    if (error instanceof RlpError) return { ok: false, error: `${what}: ${error.message}` }
    throw error
  }
}

/** The fields of a kind of record in the order of its encoding, with the label that errors carry. */
export type FieldTable = readonly {
  readonly name: string
  readonly label: string
  readonly codec: FieldCodec<unknown>
}[]

/** @param what the kind of record, as errors name it: `transaction` */
export function tableOf<T>(what: string, specs: readonly FieldSpec<T>[]): FieldTable {
  return specs.map(({ name, codec }) => ({
    name,
    label: `${what} field \`${wireName(name)}\``,
    codec: codec as FieldCodec<unknown>,
  }))
}

/** Reads the first fields of `table` from `items`, one each, into `record`. @throws {DecodeError} */
export function decodeFields(
  table: FieldTable,
  items: readonly RlpData[],
  record: Record<string, unknown>,
): void {
  const count = Math.min(table.length, items.length)
  for (let i = 0; i < count; i++) {
    const { name, label, codec } = table[i]!
    record[name] = codec.decode(items[i]!, label)
  }
}

export function encodeFields(
  specs: readonly { readonly name: string; readonly codec: FieldCodec<unknown> }[],
  record: object,
): RlpItem[] {
  const values = record as Readonly<Record<string, unknown>>
  return specs.map(({ name, codec }) => codec.encode(values[name]))
}

/** The model's names say their unit; the wire's do not. */
function wireName(name: string): string {
  return name.endsWith('Wei') ? name.slice(0, -3) : name
}

export function decodeList(bytes: Uint8Array, what: string): RlpData[] {
  return asList(decodeRlp(bytes), what)
}

export function asList(item: RlpData, label: string): RlpData[] {
  if (item instanceof Uint8Array) throw new DecodeError(`${label}: expected a list, got bytes`)
  return item
}

export function asBytes(item: RlpData, label: string): Uint8Array {
  if (item instanceof Uint8Array) return item
  throw new DecodeError(`${label}: expected bytes, got a list`)
}

function integer(maxBytes: number): FieldCodec<bigint> {
  return {
    decode(item, label) {
      const bytes = asBytes(item, label)
      if (bytes.length > maxBytes) {
        throw new DecodeError(
          `${label}: expected a number below 2^${maxBytes * 8}, got ${bytes.length} bytes`,
        )
      }
      if (bytes.length > 0 && bytes[0] === 0) {
        throw new DecodeError(`${label}: the number has leading zeros`)
      }
      return bytesToBigInt(bytes)
    },
    encode: bigIntToBytes,
  }
}

function fixed(length: number): (item: RlpData, label: string) => Uint8Array {
  return (item, label) => {
    const bytes = asBytes(item, label)
    if (bytes.length === length) return bytes
    throw new DecodeError(`${label}: expected ${length} bytes, got ${bytes.length}`)
  }
}

const twenty = fixed(20)
const thirtyTwo = fixed(32)

export const uint8: FieldCodec<bigint> = integer(1)
export const uint64: FieldCodec<bigint> = integer(8)
export const uint256: FieldCodec<bigint> = integer(32)

/** Any bytes: a view into the input. */
export const byteString: FieldCodec<Uint8Array> = {
  decode: asBytes,
  encode: (value) => value,
}

export function fixedBytes(length: number): FieldCodec<Uint8Array> {
  return { decode: fixed(length), encode: (value) => value }
}

export const address: FieldCodec<Address> = {
  decode: (item, label) => bytesToAddress(twenty(item, label)),
  encode: hexToBytes,
}

/** No bytes are null. */
export const addressOrNull: FieldCodec<Address | null> = {
  decode(item, label) {
    const bytes = asBytes(item, label)
    if (bytes.length === 0) return null
    if (bytes.length === 20) return bytesToAddress(bytes)
    throw new DecodeError(`${label}: expected 0 or 20 bytes, got ${bytes.length}`)
  },
  encode: (value) => (value === null ? new Uint8Array(0) : hexToBytes(value)),
}

export const hash: FieldCodec<Hash> = {
  decode: (item, label) => bytesToHash(thirtyTwo(item, label)),
  encode: hexToBytes,
}

/** A list of what `codec` reads. */
export function listOf<T>(codec: FieldCodec<T>): FieldCodec<readonly T[]> {
  return {
    decode: (item, label) =>
      asList(item, label).map((child, index) => codec.decode(child, `${label}[${index}]`)),
    encode: (values) => values.map((value) => codec.encode(value)),
  }
}

/** A list that holds the fields of one record, in this order. */
export function recordOf<T extends object>(specs: readonly FieldSpec<T>[]): FieldCodec<T> {
  const fields = specs as readonly { name: string; codec: FieldCodec<unknown> }[]
  return {
    decode(item, label) {
      const items = asList(item, label)
      if (items.length !== fields.length) {
        throw new DecodeError(`${label}: expected ${fields.length} items, got ${items.length}`)
      }
      const record: Record<string, unknown> = {}
      for (const [index, { name, codec }] of fields.entries()) {
        record[name] = codec.decode(items[index]!, `${label}.${wireName(name)}`)
      }
      return record as T
    },
    encode: (value) => encodeFields(fields, value),
  }
}

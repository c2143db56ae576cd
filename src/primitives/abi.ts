import { type Hex, bytesToHex } from './hex.ts'
import { keccak256 } from './keccak.ts'

/** Reading of values encoded by Solidity's contract ABI, for tools that show them to people. */

/** One parameter as a JSON ABI has it; `components` belong to tuples. */
export interface AbiParameter {
  readonly type: string
  readonly name?: string | undefined
  readonly components?: readonly AbiParameter[] | undefined
  /** Of an event: it is a topic. */
  readonly indexed?: boolean | undefined
}

/** Integers are bigint, addresses and bytes are hex, tuples and arrays are lists. */
export type AbiValue = bigint | boolean | string | readonly AbiValue[]

/** Values in all of one decoding: an array of nothing may claim any length. */
const MAX_VALUES = 10_000
const WORD = 32

/** The type as it stands in a signature: `(address,uint256)[]` for an array of tuples, `uint256` for `uint`. */
export function canonicalType(parameter: AbiParameter): string {
  const base = parameter.type.replace(/(\[\d*\])*$/, '')
  const suffix = parameter.type.slice(base.length)
  if (base === 'tuple') {
    return `(${(parameter.components ?? []).map(canonicalType).join(',')})${suffix}`
  }
  if (base === 'uint' || base === 'int') return `${base}256${suffix}`
  return base + suffix
}

/** `transfer(address,uint256)` */
export function signatureOf(name: string, inputs: readonly AbiParameter[]): string {
  return `${name}(${inputs.map(canonicalType).join(',')})`
}

/** The first four bytes of the signature's hash, which begin call data and revert data. */
export function selectorOf(signature: string): Hex {
  return bytesToHex(keccak256(new TextEncoder().encode(signature)).subarray(0, 4))
}

/**
 * The name and parameters in a signature's text; tuples are in parentheses.
 * @throws {TypeError} when `signature` has no name before balanced parentheses.
 */
export function parseSignature(signature: string): {
  readonly name: string
  readonly inputs: readonly AbiParameter[]
} {
  const match = /^(\w+)\((.*)\)$/.exec(signature)
  if (match === null) throw new TypeError(`expected name(types), got ${signature.slice(0, 80)}`)
  return { name: match[1]!, inputs: splitTypes(match[2]!).map(parseType) }
}

function parseType(text: string): AbiParameter {
  if (!text.startsWith('(')) return { type: text }
  const end = text.lastIndexOf(')')
  const components = splitTypes(text.slice(1, end)).map(parseType)
  return { type: `tuple${text.slice(end + 1)}`, components }
}

/** Splits at the commas outside of parentheses. */
function splitTypes(text: string): string[] {
  if (text === '') return []
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')') depth--
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** The values that `data` (without a selector) encodes; undefined when it is not a valid encoding of `parameters`. */
export function decodeAbi(
  parameters: readonly AbiParameter[],
  data: Uint8Array,
): readonly AbiValue[] | undefined {
  try {
    return readSequence({ data, left: MAX_VALUES }, parameters, 0)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

interface Reader {
  readonly data: Uint8Array
  left: number
}

/** Values in a row from `base` on: static ones in place, dynamic ones behind an offset from `base`. */
function readSequence(
  reader: Reader,
  parameters: readonly AbiParameter[],
  base: number,
): readonly AbiValue[] {
  const values: AbiValue[] = []
  let at = base
  for (const parameter of parameters) {
    if (isDynamic(parameter)) {
      values.push(readValue(reader, parameter, base + readLength(reader, at)))
      at += WORD
    } else {
      values.push(readValue(reader, parameter, at))
      at += staticSize(parameter)
    }
  }
  return values
}

function readValue(reader: Reader, parameter: AbiParameter, at: number): AbiValue {
  if (reader.left-- <= 0) throw new Malformed()
  const array = arrayOf(parameter)
  if (array !== undefined) {
    const count = array.length ?? readLength(reader, at)
    if (count > reader.left) throw new Malformed()
    const items = Array.from({ length: count }, () => array.item)
    return readSequence(reader, items, array.length === undefined ? at + WORD : at)
  }
  const { type } = parameter
  if (type === 'tuple') return readSequence(reader, parameter.components ?? [], at)
  if (type === 'string' || type === 'bytes') {
    const bytes = slice(reader, at + WORD, readLength(reader, at))
    return type === 'string' ? Buffer.from(bytes).toString('utf8') : bytesToHex(bytes)
  }
  return readWord(type, slice(reader, at, WORD))
}

function readWord(type: string, word: Uint8Array): AbiValue {
  if (type === 'address') {
    requireZeros(word.subarray(0, 12))
    return bytesToHex(word.subarray(12))
  }
  if (type === 'bool') {
    requireZeros(word.subarray(0, 31))
    if (word[31]! > 1) throw new Malformed()
    return word[31] === 1
  }
  const match = /^(u?int|bytes)(\d*)$/.exec(type)
  if (match === null && type !== 'function') throw new Malformed()
  const kind = match?.[1] ?? 'bytes'
  const size = match === null ? 24 : match[2] === '' ? 256 : Number(match[2])
  if (kind === 'bytes') {
    if (size < 1 || size > WORD) throw new Malformed()
    requireZeros(word.subarray(size))
    return bytesToHex(word.subarray(0, size))
  }
  return readInteger(word, kind === 'int', size)
}

function readInteger(word: Uint8Array, signed: boolean, bits: number): bigint {
  const raw = BigInt(bytesToHex(word))
  const value = signed ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw)
  if (BigInt.asUintN(256, value) !== raw) throw new Malformed()
  return value
}

/** A length or an offset, which cannot be beyond the data. */
function readLength(reader: Reader, at: number): number {
  const word = slice(reader, at, WORD)
  requireZeros(word.subarray(0, 28))
  return Buffer.from(word).readUInt32BE(28)
}

function slice(reader: Reader, at: number, length: number): Uint8Array {
  if (at + length > reader.data.length) throw new Malformed()
  return reader.data.subarray(at, at + length)
}

function requireZeros(bytes: Uint8Array): void {
  if (bytes.some((byte) => byte !== 0)) throw new Malformed()
}

/** What an array holds, and how many when its type says so; undefined for other types. */
function arrayOf(
  parameter: AbiParameter,
): { readonly item: AbiParameter; readonly length: number | undefined } | undefined {
  const match = /^(.*)\[(\d*)\]$/.exec(parameter.type)
  if (match === null) return undefined
  return {
    item: { ...parameter, type: match[1]! },
    length: match[2] === '' ? undefined : Number(match[2]),
  }
}

function isDynamic(parameter: AbiParameter): boolean {
  const array = arrayOf(parameter)
  if (array !== undefined) return array.length === undefined || isDynamic(array.item)
  if (parameter.type === 'tuple') return (parameter.components ?? []).some(isDynamic)
  return parameter.type === 'string' || parameter.type === 'bytes'
}

function staticSize(parameter: AbiParameter): number {
  const array = arrayOf(parameter)
  if (array !== undefined) return (array.length ?? 0) * staticSize(array.item)
  if (parameter.type !== 'tuple') return WORD
  return (parameter.components ?? []).reduce((sum, item) => sum + staticSize(item), 0)
}

class Malformed extends Error {}

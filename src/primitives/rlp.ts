/** Recursive length prefix encoding (yellow paper, appendix B). */

import { EMPTY_BYTES } from './bytes.ts'

export type RlpItem = Uint8Array | readonly RlpItem[]
/** What decoding yields: views into the input, never copies. */
export type RlpData = Uint8Array | RlpData[]

export class RlpError extends Error {
  override readonly name = 'RlpError'
}

/** Measures first, then writes into one buffer. */
export function encodeRlp(item: RlpItem): Uint8Array {
  const out = new Uint8Array(encodedLength(item))
  write(item, out, 0)
  return out
}

/** @throws {RlpError} on a truncated, over-long or non-canonical encoding. */
export function decodeRlp(bytes: Uint8Array): RlpData {
  const item = read(bytes, 0, bytes.length, 0)
  if (readTo !== bytes.length) throw new RlpError(`${bytes.length - readTo} bytes after the item`)
  return item
}

/** The items that stand one after another in `bytes`, as a chain export does. @throws {RlpError} */
export function* decodeRlpStream(bytes: Uint8Array): Generator<RlpData> {
  let at = 0
  while (at < bytes.length) {
    const item = read(bytes, at, bytes.length, 0)
    at = readTo
    yield item
  }
}

/** The length of {@link encodeRlp}'s result, in bytes. */
export function rlpLength(item: RlpItem): number {
  return encodedLength(item)
}

/** The length of a list whose encoded items are `payload` bytes together. */
export function rlpListLength(payload: number): number {
  return headLength(payload) + payload
}

/** What goes before a string of `length` bytes, two at least. */
export function rlpStringHead(length: number): Uint8Array {
  const head = new Uint8Array(headLength(length))
  writeHead(length, 0x80, head, 0)
  return head
}

/** The list of items that are already encoded: `parts` together are their bytes. `prefix` goes before the list. */
export function joinRlpList(
  parts: readonly Uint8Array[],
  prefix: Uint8Array = EMPTY_BYTES,
): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(prefix.length + headLength(length) + length)
  out.set(prefix)
  let at = writeHead(length, 0xc0, out, prefix.length)
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const MAX_DEPTH = 64

function payloadLength(items: readonly RlpItem[]): number {
  let length = 0
  for (const item of items) length += encodedLength(item)
  return length
}

function encodedLength(item: RlpItem): number {
  if (item instanceof Uint8Array) {
    if (item.length === 1 && item[0]! < 0x80) return 1
    return headLength(item.length) + item.length
  }
  const length = payloadLength(item)
  return headLength(length) + length
}

function headLength(length: number): number {
  if (length < 56) return 1
  let size = 2
  for (let rest = length >>> 8; rest > 0; rest >>>= 8) size++
  return size
}

function write(item: RlpItem, out: Uint8Array, at: number): number {
  if (item instanceof Uint8Array) {
    if (item.length === 1 && item[0]! < 0x80) {
      out[at] = item[0]!
      return at + 1
    }
    const start = writeHead(item.length, 0x80, out, at)
    out.set(item, start)
    return start + item.length
  }
  let next = writeHead(payloadLength(item), 0xc0, out, at)
  for (const child of item) next = write(child, out, next)
  return next
}

function writeHead(length: number, offset: number, out: Uint8Array, at: number): number {
  if (length < 56) {
    out[at] = offset + length
    return at + 1
  }
  const size = headLength(length) - 1
  out[at] = offset + 55 + size
  for (let i = 0; i < size; i++) out[at + size - i] = (length >>> (8 * i)) & 0xff
  return at + 1 + size
}

/** Where the item ends that was read last: with each item as a pair, reading allocated half as much again. */
let readTo = 0

function read(bytes: Uint8Array, at: number, limit: number, depth: number): RlpData {
  const head = bytes[at]
  if (head === undefined || at >= limit) throw new RlpError('the input ends inside an item')
  if (head < 0x80) {
    readTo = at + 1
    return bytes.subarray(at, readTo)
  }
  const isList = head >= 0xc0
  const short = head - (isList ? 0xc0 : 0x80)
  const start = short < 56 ? at + 1 : at + 1 + (short - 55)
  const length = short < 56 ? short : readLength(bytes, at + 1, short - 55, limit)
  const end = start + length
  if (end > limit) throw new RlpError(`an item of ${length} bytes runs past the end`)
  readTo = end
  if (!isList) {
    if (length === 1 && bytes[start]! < 0x80) throw new RlpError('a small byte has a length prefix')
    return bytes.subarray(start, end)
  }
  if (depth >= MAX_DEPTH) throw new RlpError(`lists nest deeper than ${MAX_DEPTH}`)
  const items: RlpData[] = []
  for (let next = start; next < end; next = readTo) items.push(read(bytes, next, end, depth + 1))
  readTo = end
  return items
}

function readLength(bytes: Uint8Array, at: number, size: number, limit: number): number {
  if (at + size > limit) throw new RlpError('the input ends inside a length')
  if (bytes[at] === 0) throw new RlpError('a length has leading zeros')
  let length = 0
  for (let i = 0; i < size; i++) length = length * 256 + bytes[at + i]!
  if (length < 56) throw new RlpError('a short item has a long length')
  return length
}

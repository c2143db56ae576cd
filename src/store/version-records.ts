import { KvError } from './kv.ts'
import type { NumberRange, TreeEntry } from './version-tree.ts'

/** Records of the versioned store. The first byte of a key says what it is; numbers are 48 bits, big-endian, so new keys sort last. */

const NODE = 0x6e // n
const ROOT = 0x72 // r
const OBSOLETE = 0x6f // o
export const META_KEY: Uint8Array = Uint8Array.of(0x6d) // m

const NUMBER_BYTES = 6

export function nodeKey(id: number): Uint8Array {
  return numberedKey(NODE, id)
}

export function rootKey(version: number): Uint8Array {
  return numberedKey(ROOT, version)
}

export function obsoleteKey(version: number): Uint8Array {
  return numberedKey(OBSOLETE, version)
}

function numberedKey(prefix: number, number: number): Uint8Array {
  const key = new Uint8Array(1 + NUMBER_BYTES)
  key[0] = prefix
  putNumber(key, 1, number)
  return key
}

/** What saving versions cost since the folder was made. */
export interface StoreCosts {
  /** Hashed, and read from disk, for whatever purpose. */
  readonly nodesHashed: number
  readonly nodesRead: number
  /** Accounts and slots that versions changed, and their bytes as they stand in records. */
  readonly valuesChanged: number
  readonly bytesChanged: number
  /** Records with their keys, before LevelDB compresses them; what pruning rewrites is among them. */
  readonly recordsWritten: number
  readonly bytesWritten: number
  /** By pruning. */
  readonly recordsDeleted: number
}

const NO_COSTS: StoreCosts = {
  nodesHashed: 0,
  nodesRead: 0,
  valuesChanged: 0,
  bytesChanged: 0,
  recordsWritten: 0,
  bytesWritten: 0,
  recordsDeleted: 0,
}

export function sumOf(before: StoreCosts, more: StoreCosts): StoreCosts {
  return {
    nodesHashed: before.nodesHashed + more.nodesHashed,
    nodesRead: before.nodesRead + more.nodesRead,
    valuesChanged: before.valuesChanged + more.valuesChanged,
    bytesChanged: before.bytesChanged + more.bytesChanged,
    recordsWritten: before.recordsWritten + more.recordsWritten,
    bytesWritten: before.bytesWritten + more.bytesWritten,
    recordsDeleted: before.recordsDeleted + more.recordsDeleted,
  }
}

/** What is not named yet, and what it took to get there. */
export interface Meta {
  readonly nextNode: number
  readonly nextVersion: number
  /** Versions that are kept no more and whose numbers are not given again; there may be others. */
  readonly gone: readonly NumberRange[]
  readonly costs: StoreCosts
}

export const FIRST_META: Meta = { nextNode: 1, nextVersion: 1, gone: [], costs: NO_COSTS }

/** So many numbers, and two for each range that is gone. */
const META_NUMBERS = 10

export function encodeMeta({ nextNode, nextVersion, gone, costs }: Meta): Uint8Array {
  return encodeNumbers([
    nextNode,
    nextVersion,
    gone.length,
    costs.nodesHashed,
    costs.nodesRead,
    costs.valuesChanged,
    costs.bytesChanged,
    costs.recordsWritten,
    costs.bytesWritten,
    costs.recordsDeleted,
    ...gone.flatMap(({ from, to }) => [from, to]),
  ])
}

export function decodeMeta(bytes: Uint8Array): Meta {
  const numbers = decodeNumbers(bytes)
  const ranges = (numbers.length - META_NUMBERS) / 2
  if (ranges < 0 || !Number.isInteger(ranges)) throw malformed('of the next numbers')
  return {
    nextNode: numbers[0]!,
    nextVersion: numbers[1]!,
    gone: rangesIn(numbers.slice(META_NUMBERS)),
    costs: {
      nodesHashed: numbers[3]!,
      nodesRead: numbers[4]!,
      valuesChanged: numbers[5]!,
      bytesChanged: numbers[6]!,
      recordsWritten: numbers[7]!,
      bytesWritten: numbers[8]!,
      recordsDeleted: numbers[9]!,
    },
  }
}

/** A version: where it stands among the others, and what names its root. */
export interface RootRecord extends TreeEntry {
  /** Names the root, as the arena's records do. */
  readonly link: Uint8Array
}

const ROOT_HEAD = 2

export function encodeRoot(record: Omit<RootRecord, 'number'>): Uint8Array {
  const { parent, brought, link } = record
  const ranges = brought.flatMap(({ from, to }) => [from, to])
  const head = encodeNumbers([parent, brought.length, ...ranges])
  const out = new Uint8Array(head.length + link.length)
  out.set(head)
  out.set(link, head.length)
  return out
}

export function decodeRoot(bytes: Uint8Array, number: number): RootRecord {
  const head = decodeNumbers(bytes.subarray(0, ROOT_HEAD * NUMBER_BYTES))
  const [parent, ranges] = head as [number, number]
  const end = (ROOT_HEAD + 2 * ranges) * NUMBER_BYTES
  if (head.length !== ROOT_HEAD || bytes.length <= end) throw malformed(`of version ${number}`)
  const brought = rangesIn(decodeNumbers(bytes.subarray(ROOT_HEAD * NUMBER_BYTES, end)))
  return { number, parent, brought, link: bytes.subarray(end) }
}

/** A branch that the version's parent has and it has not. */
export interface Obsolete {
  readonly id: number
  /** With everything below it. */
  readonly isWhole: boolean
}

export function encodeObsolete(entries: readonly Obsolete[]): Uint8Array {
  return encodeNumbers(entries.map(({ id, isWhole }) => id * 2 + (isWhole ? 1 : 0)))
}

export function decodeObsolete(bytes: Uint8Array): Obsolete[] {
  return decodeNumbers(bytes).map((entry) => ({
    id: Math.floor(entry / 2),
    isWhole: entry % 2 === 1,
  }))
}

/** What names a saved version elsewhere: in the record of a block. */
export function encodeReference(version: number): Uint8Array {
  return encodeNumbers([version])
}

export function decodeReference(bytes: Uint8Array): number {
  if (bytes.length !== NUMBER_BYTES) throw malformed('that names a version')
  return decodeNumbers(bytes)[0]!
}

function rangesIn(numbers: readonly number[]): NumberRange[] {
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    from: numbers[2 * index]!,
    to: numbers[2 * index + 1]!,
  }))
}

function encodeNumbers(numbers: readonly number[]): Uint8Array {
  const out = new Uint8Array(numbers.length * NUMBER_BYTES)
  for (const [index, number] of numbers.entries()) putNumber(out, index * NUMBER_BYTES, number)
  return out
}

function decodeNumbers(bytes: Uint8Array): number[] {
  if (bytes.length % NUMBER_BYTES !== 0) throw malformed('of numbers')
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / NUMBER_BYTES }, (_, index) =>
    buffer.readUIntBE(index * NUMBER_BYTES, NUMBER_BYTES),
  )
}

/** Big-endian, in two halves of which each fits in 32 bits. */
function putNumber(out: Uint8Array, at: number, number: number): void {
  const high = Math.floor(number / 2 ** 32)
  out[at] = high >>> 8
  out[at + 1] = high
  out[at + 2] = number >>> 24
  out[at + 3] = number >>> 16
  out[at + 4] = number >>> 8
  out[at + 5] = number
}

function malformed(what: string): KvError {
  return new KvError(`the record ${what} in the data folder is malformed`)
}

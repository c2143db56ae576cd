import { BLOOM_BYTES } from '../model/bloom.ts'
import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'
import { instantiateWasm } from '../primitives/wasm-file.ts'
import {
  RECORD_GAS_USED,
  RECORD_LOGS,
  RECORD_LOGS_AT,
  RECORD_LOG_BYTES,
  RECORD_LOG_DATA_SIZE,
  RECORD_LOG_TOPICS,
  RECORD_SIZE,
} from '../state/record-layout.ts'
import type { BlockRecords } from './recorded.ts'

/** See `assembly/index.ts`; pointers are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory
  reserve(size: number): number
  leaves(
    result: number,
    records: number,
    types: number,
    blooms: number,
    count: number,
    first: number,
    all: number,
    gasBefore: number,
    out: number,
  ): void
  bloomOf(bloom: number, logs: number, count: number): void
  rootOf(dst: number, hashes: number, entries: number, count: number, room: number): void
  treeRoom(): number
}

/** What a block's receipts are to its header. */
export interface EncodedReceipts {
  readonly receiptsRoot: Hash
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
}

/** They are made when somebody asks. */
export class LaterReceipts implements EncodedReceipts {
  readonly #make: () => EncodedReceipts
  #made: EncodedReceipts | undefined

  constructor(make: () => EncodedReceipts) {
    this.#make = make
  }

  get receiptsRoot(): Hash {
    return (this.#made ??= this.#make()).receiptsRoot
  }

  get logsBloom(): Uint8Array {
    return (this.#made ??= this.#make()).logsBloom
  }
}

/** What a receipt has beside its logs. */
const RECEIPT_ROOM = 320

let instance: Exports | undefined

/** Encodes the receipts of a block since Byzantium, whose receipts carry no state roots. @param types of the transactions, one per record */
export function encodeReceipts(records: BlockRecords, types: Uint8Array): EncodedReceipts {
  const to = types.length
  if (to === 0) return { receiptsRoot: EMPTY_ROOT, logsBloom: new Uint8Array(BLOOM_BYTES) }
  const { hashes, logsBloom } = encodePart(records, types, { from: 0, to, gasBefore: 0 })
  return { receiptsRoot: rootOfParts(hashes), logsBloom }
}

/** Bytes of records in a part. */
const PART_BYTES = 64 * 1024

/** A part of a block's receipts, which whoever is free may make. */
export interface ReceiptPart {
  /** Places in the block: from the one up to the other. */
  readonly from: number
  readonly to: number
  /** What the transactions before used. */
  readonly gasBefore: number
}

/** The parts of a block's receipts, by its records: the same whoever asks. @param size of a part's records at least, in bytes */
export function partsOf(
  { memory: { u32, u64 }, starts }: BlockRecords,
  size: number = PART_BYTES,
): ReceiptPart[] {
  const parts: ReceiptPart[] = []
  let from = 0
  let bytes = 0
  let gas = 0
  let gasBefore = 0
  for (const [index, start] of starts.entries()) {
    bytes += u32[(start + RECORD_SIZE) >>> 2]!
    gas += Number(u64[(start + RECORD_GAS_USED) >>> 3]!)
    if (bytes < size && index + 1 < starts.length) continue
    parts.push({ from, to: index + 1, gasBefore })
    from = index + 1
    bytes = 0
    gasBefore = gas
  }
  return parts
}

/** Some of the logs of a transaction that logs much: hashing their names may take longer than all the rest of the block. */
export interface LogsPart {
  /** The transaction's place in the block. */
  readonly tx: number
  readonly count: number
  /** Where they are, in bytes: from the one up to the other. */
  readonly start: number
  readonly end: number
}

/** The logs of all transactions whose records are as large as two parts, in parts. @param size of a part in bytes, at least */
export function logPartsOf(
  { memory: { u32 }, starts }: BlockRecords,
  size: number = PART_BYTES,
): LogsPart[] {
  const parts: LogsPart[] = []
  for (const [tx, record] of starts.entries()) {
    if (u32[(record + RECORD_SIZE) >>> 2]! < 2 * size) continue
    const logs = u32[(record + RECORD_LOGS) >>> 2]!
    let start = record + u32[(record + RECORD_LOGS_AT) >>> 2]!
    let end = start
    let count = 0
    for (let log = 1; log <= logs; log++) {
      const dataSize = u32[(end + RECORD_LOG_DATA_SIZE) >>> 2]!
      end += RECORD_LOG_BYTES + 32 * u32[(end + RECORD_LOG_TOPICS) >>> 2]! + align(dataSize)
      count++
      if (end - start < size && log < logs) continue
      parts.push({ tx, count, start, end })
      start = end
      count = 0
    }
  }
  return parts
}

/** The bloom of some logs: 256 bytes. */
export function bloomOfPart(
  { memory: { u8 } }: BlockRecords,
  { count, start, end }: LogsPart,
): Uint8Array {
  const fn = (instance ??= instantiateWasm<Exports>('receipts'))
  const result = fn.reserve(BLOOM_BYTES + end - start)
  const memory = new Uint8Array(fn.memory.buffer)
  memory.set(u8.subarray(start, end), result + BLOOM_BYTES)
  fn.bloomOf(result, result + BLOOM_BYTES, count)
  return memory.slice(result, result + BLOOM_BYTES)
}

/** What is made of a part, for all parts together. */
export interface PartReceipts {
  /** Of the leaves in the tree of all receipts, 32 bytes each. */
  readonly hashes: Uint8Array
  readonly logsBloom: Uint8Array
}

/** Encodes a part of a block. @param types of all of it @param known blooms of receipts that were made before, by their place */
export function encodePart(
  { memory: { u8, u32 }, starts }: BlockRecords,
  types: Uint8Array,
  { from, to, gasBefore }: ReceiptPart,
  known?: ReadonlyMap<number, Uint8Array>,
): PartReceipts {
  const fn = (instance ??= instantiateWasm<Exports>('receipts'))
  const count = to - from
  const blooms = BLOOM_BYTES * (known?.size ?? 0)
  const tables = align(BLOOM_BYTES + (32 + 4 + 4 + 1) * count + blooms)
  const sizes = Array.from(starts.subarray(from, to), (at) => u32[(at + RECORD_SIZE) >>> 2]!)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  // A log of n topics and d bytes takes 32 + 32 n + d here, and at most 33 + 33 n + d as RLP.
  const room = bytes + (bytes >> 4) + RECEIPT_ROOM * count
  const result = fn.reserve(tables + bytes + 2 * room)
  const pointers = result + BLOOM_BYTES + 32 * count
  const bloomPointers = pointers + 4 * count
  const kinds = bloomPointers + 4 * count
  const memory = new Uint8Array(fn.memory.buffer)
  memory.fill(0, result, result + BLOOM_BYTES)
  memory.fill(0, bloomPointers, kinds)
  const pointerTable = new Uint32Array(fn.memory.buffer, pointers, 2 * count)
  let at = result + tables
  for (const [i, size] of sizes.entries()) {
    const start = starts[from + i]!
    memory.set(u8.subarray(start, start + size), at)
    pointerTable[i] = at
    at += size
  }
  memory.set(types.subarray(from, to), kinds)
  let bloomAt = kinds + count
  for (const [tx, bloom] of known ?? []) {
    memory.set(bloom, bloomAt)
    pointerTable[count + tx - from] = bloomAt
    bloomAt += BLOOM_BYTES
  }
  fn.leaves(result, pointers, kinds, bloomPointers, count, from, types.length, gasBefore, at)
  return {
    hashes: memory.slice(result + BLOOM_BYTES, pointers),
    logsBloom: memory.slice(result, result + BLOOM_BYTES),
  }
}

/** The root over all receipts. @param hashes of their leaves, 32 bytes each */
export function rootOfParts(hashes: Uint8Array): Hash {
  const fn = (instance ??= instantiateWasm<Exports>('receipts'))
  const count = hashes.length / 32
  const result = fn.reserve(32 + 40 * count + fn.treeRoom())
  const entries = result + 32 + hashes.length
  const memory = new Uint8Array(fn.memory.buffer)
  memory.set(hashes, result + 32)
  fn.rootOf(result, result + 32, entries, count, entries + 8 * count)
  return bytesToHash(memory.subarray(result, result + 32))
}

function align(size: number): number {
  return (size + 7) & ~7
}

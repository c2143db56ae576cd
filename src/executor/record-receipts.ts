import { BLOOM_BYTES } from '../model/bloom.ts'
import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'
import { instantiateWasm } from '../primitives/wasm-file.ts'
import { RECORD_GAS_USED, RECORD_SIZE } from '../state/record-layout.ts'
import type { BlockRecords } from './recorded.ts'

/** See `assembly/index.ts`; pointers are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory
  reserve(size: number): number
  receipts(
    result: number,
    records: number,
    types: number,
    entries: number,
    count: number,
    out: number,
  ): number
  leaves(
    result: number,
    records: number,
    types: number,
    count: number,
    first: number,
    all: number,
    gasBefore: number,
    out: number,
  ): void
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

const RESULT_BYTES = 32 + BLOOM_BYTES
/** What a receipt has beside its logs. */
const RECEIPT_ROOM = 320

let instance: Exports | undefined

/** Encodes the receipts of a block since Byzantium, whose receipts carry no state roots. @param types of the transactions, one per record */
export function encodeReceipts(
  { memory: { u8: bytes }, starts }: BlockRecords,
  types: Uint8Array,
): EncodedReceipts {
  const count = types.length
  if (count === 0) {
    return { receiptsRoot: EMPTY_ROOT, logsBloom: new Uint8Array(BLOOM_BYTES) }
  }
  const fn = (instance ??= instantiateWasm<Exports>('receipts'))
  const tables = align(RESULT_BYTES + 13 * count)
  // A log of n topics and d bytes takes 32 + 32 n + d here, and at most 33 + 33 n + d as RLP.
  const receiptsRoom = bytes.length + (bytes.length >> 4) + RECEIPT_ROOM * count
  const result = fn.reserve(tables + bytes.length + 2 * receiptsRoom + fn.treeRoom())
  const entries = result + RESULT_BYTES
  const pointers = entries + 8 * count
  const kinds = pointers + 4 * count
  const records = result + tables
  const memory = new Uint8Array(fn.memory.buffer)
  memory.fill(0, result, entries)
  memory.set(bytes, records)
  const pointerTable = new Uint32Array(fn.memory.buffer, pointers, count)
  for (let i = 0; i < count; i++) pointerTable[i] = records + starts[i]!
  memory.set(types, kinds)
  fn.receipts(result, pointers, kinds, entries, count, records + bytes.length)
  return {
    receiptsRoot: bytesToHash(memory.subarray(result, result + 32)),
    logsBloom: memory.slice(result + 32, entries),
  }
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

/** What is made of a part, for all parts together. */
export interface PartReceipts {
  /** Of the leaves in the tree of all receipts, 32 bytes each. */
  readonly hashes: Uint8Array
  readonly logsBloom: Uint8Array
}

/** Encodes a part of a block of at least two transactions. @param types of all of them */
export function encodePart(
  { memory: { u8, u32 }, starts }: BlockRecords,
  types: Uint8Array,
  { from, to, gasBefore }: ReceiptPart,
): PartReceipts {
  const fn = (instance ??= instantiateWasm<Exports>('receipts'))
  const count = to - from
  const tables = align(BLOOM_BYTES + (32 + 4 + 1) * count)
  const sizes = Array.from(starts.subarray(from, to), (at) => u32[(at + RECORD_SIZE) >>> 2]!)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const room = bytes + (bytes >> 4) + RECEIPT_ROOM * count
  const result = fn.reserve(tables + bytes + 2 * room)
  const pointers = result + BLOOM_BYTES + 32 * count
  const memory = new Uint8Array(fn.memory.buffer)
  memory.fill(0, result, result + BLOOM_BYTES)
  const pointerTable = new Uint32Array(fn.memory.buffer, pointers, count)
  let at = result + tables
  for (const [i, size] of sizes.entries()) {
    const start = starts[from + i]!
    memory.set(u8.subarray(start, start + size), at)
    pointerTable[i] = at
    at += size
  }
  memory.set(types.subarray(from, to), pointers + 4 * count)
  const kinds = pointers + 4 * count
  fn.leaves(result, pointers, kinds, count, from, types.length, gasBefore, at)
  return {
    hashes: memory.slice(result + BLOOM_BYTES, pointers),
    logsBloom: memory.slice(result, result + BLOOM_BYTES),
  }
}

/** The root over the parts of a block of at least two transactions. @param hashes of all leaves, 32 bytes each */
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

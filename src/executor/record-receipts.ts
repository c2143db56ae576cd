import type { TransactionType } from '../model/transaction.ts'
import { BLOOM_BYTES } from '../model/bloom.ts'
import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'
import { instantiateWasm } from '../primitives/wasm-file.ts'

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
  treeRoom(): number
}

/** Access records (`state/record-layout.ts`) of a block's transactions, in its order. */
export interface BlockRecords {
  /** The records one after another. */
  readonly bytes: Uint8Array
  /** Where each begins: multiples of 8. */
  readonly starts: Uint32Array
}

/** What a block's receipts are to its header. */
export interface EncodedReceipts {
  readonly receiptsRoot: Hash
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  /** Of each receipt, 256 bytes. */
  readonly blooms: readonly Uint8Array[]
}

const RESULT_BYTES = 32 + BLOOM_BYTES
/** What a receipt has beside its logs. */
const RECEIPT_ROOM = 320

let instance: Exports | undefined

/** Encodes the receipts of a block since Byzantium, whose receipts carry no state roots. @param types one per record */
export function encodeReceipts(
  { bytes, starts }: BlockRecords,
  types: readonly TransactionType[],
): EncodedReceipts {
  const count = types.length
  if (count === 0) {
    return { receiptsRoot: EMPTY_ROOT, logsBloom: new Uint8Array(BLOOM_BYTES), blooms: [] }
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
  memory.set(types, kinds)
  memory.set(bytes, records)
  const pointerTable = new Uint32Array(fn.memory.buffer, pointers, count)
  for (let i = 0; i < count; i++) pointerTable[i] = records + starts[i]!
  fn.receipts(result, pointers, kinds, entries, count, records + bytes.length)
  const entryTable = new Uint32Array(fn.memory.buffer, entries, 2 * count)
  const blooms: Uint8Array[] = []
  for (let i = 0; i < count; i++) blooms.push(bloomIn(memory, entryTable[2 * i]!))
  return {
    receiptsRoot: bytesToHash(memory.subarray(result, result + 32)),
    logsBloom: memory.slice(result + 32, entries),
    blooms,
  }
}

/** Of the receipt that is encoded at `at`: type, head of the list, status, gas, bloom. */
function bloomIn(memory: Uint8Array, at: number): Uint8Array {
  let next = memory[at]! < 0xc0 ? at + 1 : at
  const head = memory[next]!
  next += head < 0xf8 ? 2 : head - 0xf7 + 2
  const gas = memory[next]!
  next += gas <= 0x80 ? 1 : gas - 0x80 + 1
  return memory.slice(next + 3, next + 3 + BLOOM_BYTES)
}

function align(size: number): number {
  return (size + 7) & ~7
}

import { BLOOM_BYTES } from '../model/bloom.ts'
import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'
import { instantiateWasm } from '../primitives/wasm-file.ts'
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

function align(size: number): number {
  return (size + 7) & ~7
}

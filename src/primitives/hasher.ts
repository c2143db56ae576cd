import { instantiateWasm } from './wasm-file.ts'

/** See `assembly/host.ts`; pointers are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory
  reserve(size: number): number
  keccak256(dst: number, src: number, length: number): void
  listRoot(dst: number, items: number, count: number, room: number): void
  listRoom(): number
}

const HASH_BYTES = 32
/** A pointer and a length. */
const ENTRY_BYTES = 8

// One instance per thread. A call runs to its end before another starts, so sharing it is safe.
const fn = instantiateWasm<Exports>('primitives')
let bytes = new Uint8Array(fn.memory.buffer)

/** Room for `size` bytes in the module's memory, which moves when it grows. */
function reserve(size: number): number {
  const at = fn.reserve(size)
  if (bytes.buffer !== fn.memory.buffer) bytes = new Uint8Array(fn.memory.buffer)
  return at
}

/** Keccak-256 with the padding before FIPS 202. 32 bytes. */
export function hashBytes(input: Uint8Array): Uint8Array {
  const at = reserve(HASH_BYTES + input.length)
  bytes.set(input, at + HASH_BYTES)
  fn.keccak256(at, at + HASH_BYTES, input.length)
  return bytes.slice(at, at + HASH_BYTES)
}

/** The root of the trie over a list of at least one item, whose keys are rlp(index). 32 bytes. */
export function hashList(items: readonly Uint8Array[]): Uint8Array {
  let size = 0
  let longest = 0
  for (const { length } of items) {
    size += length
    if (length > longest) longest = length
  }
  const tableBytes = ENTRY_BYTES * items.length
  const at = reserve(HASH_BYTES + tableBytes + size + longest + fn.listRoom())
  const table = at + HASH_BYTES
  const entries = new Uint32Array(fn.memory.buffer, table, 2 * items.length)
  let place = table + tableBytes
  for (const [index, item] of items.entries()) {
    bytes.set(item, place)
    entries[2 * index] = place
    entries[2 * index + 1] = item.length
    place += item.length
  }
  fn.listRoot(at, table, items.length, place)
  return bytes.slice(at, at + HASH_BYTES)
}

import { bigIntToFixedBytes, bytesToBigInt, concatBytes } from '../../primitives/bytes.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import type { Layout, LayoutType } from './layout.ts'

/** What was hashed to find a place in storage: an entry of a mapping when there is a key, the data of an array when there is none. */
export interface Preimage {
  readonly hash: bigint
  /** Empty for arrays. */
  readonly key: Uint8Array
  /** The slot of the mapping or array. */
  readonly parent: bigint
}

/** Slots this far behind a hash belong to what was hashed. */
const REACH = 1n << 32n

/** Hashes by which slots are found, in order. */
export class Preimages {
  readonly #byHash: Map<bigint, Preimage> = new Map()
  #sorted: Preimage[] | undefined
  /** Inputs that are no whole word, by their hashes: some contracts find places by them. */
  readonly #short: Map<bigint, Uint8Array> = new Map()

  /** Takes what KECCAK256 was given; what cannot stand for a place in storage is left aside. */
  add(input: Uint8Array): void {
    if (input.length < 32) {
      this.#short.set(bytesToBigInt(keccak256(input)), input)
      return
    }
    const hash = bytesToBigInt(keccak256(input))
    if (this.#byHash.has(hash)) return
    const key = input.slice(0, -32)
    const parent = bytesToBigInt(input.subarray(input.length - 32))
    this.#byHash.set(hash, { hash, key, parent })
    this.#sorted = undefined
  }

  /** What was hashed to find `slot`, if that was less than a word. */
  shortInput(slot: bigint): Uint8Array | undefined {
    return this.#short.get(slot)
  }

  get size(): number {
    return this.#byHash.size
  }

  /** The one from which `slot` is reached, with the distance; undefined when it is none's. */
  before(slot: bigint): { readonly preimage: Preimage; readonly distance: bigint } | undefined {
    this.#sorted ??= [...this.#byHash.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1))
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#sorted[middle]!.hash <= slot) low = middle + 1
      else high = middle
    }
    const preimage = this.#sorted[low - 1]
    if (preimage === undefined || slot - preimage.hash >= REACH) return undefined
    return { preimage, distance: slot - preimage.hash }
  }
}

/** The compiler hashes what it knows itself, so it is never seen at run time: the data of arrays whose slot is fixed. */
export function addFixedArrays(preimages: Preimages, layout: Layout): void {
  const visit = (type: LayoutType, slot: bigint, depth: number): void => {
    if (type.kind === 'dynamicArray' || type.kind === 'bytes') preimages.add(word(slot))
    if (type.kind !== 'struct' || depth > MAX_DEPTH) return
    for (const member of type.members) {
      visit(layout.types.get(member.type)!, slot + member.slot, depth + 1)
    }
  }
  for (const { type, slot } of layout.variables) visit(layout.types.get(type)!, slot, 0)
}

/** Numbers that programs write out: the compiler hashes an entry of such a key itself too. */
const SMALL_KEYS: readonly Uint8Array[] = Array.from({ length: 80 }, (_, n) =>
  word(BigInt.asUintN(256, BigInt(n) - 16n)),
)

/** Entries of the contract's own mappings, those in structs too, for keys that may have been constants: small numbers, and `words` of 32 bytes each. */
export function addGuesses(
  preimages: Preimages,
  layout: Layout,
  words: readonly Uint8Array[],
): void {
  const visit = (type: LayoutType, slot: bigint, depth: number): void => {
    if (type.kind === 'mapping') {
      const parent = word(slot)
      for (const key of [...SMALL_KEYS, ...words]) preimages.add(concatBytes(key, parent))
    }
    if (type.kind !== 'struct' || depth > MAX_DEPTH) return
    for (const member of type.members) {
      visit(layout.types.get(member.type)!, slot + member.slot, depth + 1)
    }
  }
  for (const { type, slot } of layout.variables) visit(layout.types.get(type)!, slot, 0)
}

const MAX_DEPTH = 16

function word(value: bigint): Uint8Array {
  return bigIntToFixedBytes(value, 32)
}

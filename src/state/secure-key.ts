import { hexToBytes } from '../primitives/hex.ts'
import type { Address, Slot } from '../primitives/hex.ts'
import { keccak256 } from '../primitives/keccak.ts'

/** Twice this many are remembered at most: about 40 MB of hashes. */
const GENERATION = 65_536

let young = new Map<string, Uint8Array>()
let old = new Map<string, Uint8Array>()

/**
 * The key of an account or a slot in the state's tries: keccak256 of its bytes. 32 bytes, not to be written to.
 * Remembered in two generations: those used lately stay.
 */
export function secureKey(name: Address | Slot): Uint8Array {
  const known = young.get(name)
  if (known !== undefined) return known
  const hash = old.get(name) ?? keccak256(hexToBytes(name))
  if (young.size >= GENERATION) {
    old = young
    young = new Map()
  }
  young.set(name, hash)
  return hash
}

import { bigIntToFixedBytes, bytesToBigInt, concatBytes, padLeft } from '../../primitives/bytes.ts'
import { type Address, hexToBytes } from '../../primitives/hex.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import type { Preimages } from './preimages.ts'

/** More is nested than any contract nests. */
const MAX_DEPTH = 24
const WORD = 1n << 256n

/** The slot that holds for `to` what `slot` holds for `from`: another key of the same mapping, however deep. `slot` itself when `from` is no key. */
export function rekey(preimages: Preimages, slot: bigint, from: Address, to: Address): bigint {
  const words = { from: padLeft(hexToBytes(from), 32), to: padLeft(hexToBytes(to), 32) }
  return rekeyAt(preimages, slot, words, 0)
}

interface Words {
  readonly from: Uint8Array
  readonly to: Uint8Array
}

function rekeyAt(preimages: Preimages, slot: bigint, words: Words, depth: number): bigint {
  const found = depth < MAX_DEPTH ? preimages.before(slot) : undefined
  if (found === undefined) return slot
  const { preimage, distance } = found
  const parent = rekeyAt(preimages, preimage.parent, words, depth + 1)
  const isKey = Buffer.compare(preimage.key, words.from) === 0
  if (!isKey && parent === preimage.parent) return slot
  const key = isKey ? words.to : preimage.key
  const hash = bytesToBigInt(keccak256(concatBytes(key, bigIntToFixedBytes(parent, 32))))
  return (hash + distance) % WORD
}

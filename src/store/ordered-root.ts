import { bigIntToBytes } from '../primitives/bytes.ts'
import type { Hash } from '../primitives/hex.ts'
import { encodeRlp } from '../primitives/rlp.ts'
import type { Codec } from './encode.ts'
import { emptyTrie, rootHash, update } from './trie.ts'

const asIs: Codec<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes }

/**
 * The root over a list: the transactions, receipts and withdrawals roots of a header. Keys are rlp(index).
 *
 * @param items The encodings in order: for transactions and receipts with their type byte (EIP-2718).
 */
export function orderedRoot(items: readonly Uint8Array[]): Hash {
  const entries = items.map(
    (item, index) => [encodeRlp(bigIntToBytes(BigInt(index))), item] as const,
  )
  return rootHash(update(emptyTrie(asIs), entries))
}

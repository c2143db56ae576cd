import { hashList } from '../primitives/hasher.ts'
import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'

/**
 * The root over a list: the transactions, receipts and withdrawals roots of a header. Keys are rlp(index).
 *
 * @param items The encodings in order: for transactions and receipts with their type byte (EIP-2718).
 */
export function orderedRoot(items: readonly Uint8Array[]): Hash {
  return items.length === 0 ? EMPTY_ROOT : bytesToHash(hashList(items))
}

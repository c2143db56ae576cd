import { hashList } from './hasher.ts'
import { type Hash, bytesToHash } from './hex.ts'
import { EMPTY_ROOT } from './keccak.ts'

/**
 * The root over a list: the transactions, receipts and withdrawals roots of a header. Keys are rlp(index).
 *
 * @param items The encodings in order: for transactions and receipts with their type byte (EIP-2718).
 */
export function orderedRoot(items: readonly Uint8Array[]): Hash {
  return items.length === 0 ? EMPTY_ROOT : bytesToHash(hashList(items))
}

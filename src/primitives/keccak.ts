import { createKeccak } from 'hash-wasm'

import { type Hash, bytesToHash } from './hex.ts'

// One WebAssembly state per thread. A call runs to its end before another starts, so sharing it is safe.
// 1.7 us for 32 bytes against 11 us in JavaScript.
const hasher = await createKeccak(256)

/** Keccak-256 as Ethereum uses it (the padding before FIPS 202). 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  hasher.init()
  hasher.update(bytes)
  return hasher.digest('binary')
}

export function keccakHash(bytes: Uint8Array): Hash {
  return bytesToHash(keccak256(bytes))
}

/** keccak256 of no bytes: the code hash of an account without code. */
export const EMPTY_CODE_HASH: Hash = keccakHash(new Uint8Array(0))
/** keccak256(rlp('')): the root of an empty trie. */
export const EMPTY_ROOT: Hash = keccakHash(Uint8Array.of(0x80))
/** keccak256(rlp([])): the uncles hash of every block since the merge. */
export const EMPTY_LIST_HASH: Hash = keccakHash(Uint8Array.of(0xc0))

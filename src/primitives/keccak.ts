import { hashBytes } from './hasher.ts'
import { type Hash, bytesToHash } from './hex.ts'

/** Keccak-256 as Ethereum uses it (the padding before FIPS 202). 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return hashBytes(bytes)
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

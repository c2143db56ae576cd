import { hexToBytes } from '../primitives/hex.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import { keccak256 } from '../primitives/keccak.ts'
import type { Log } from './receipt.ts'

/** The logs bloom of receipts and headers (yellow paper, 4.4.3): 2048 bits, three for each address and topic. */
export const BLOOM_BYTES = 256

/** Marks a log's address and topics in `bloom`, 256 bytes, in place. */
export function addToBloom(bloom: Uint8Array, log: Log): void {
  mark(bloom, log.address)
  for (const topic of log.topics) mark(bloom, topic)
}

/** The bloom of `logs`, 256 bytes. */
export function bloomOf(logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const log of logs) addToBloom(bloom, log)
  return bloom
}

/** Adds all that `other` holds to `bloom`, in place. */
export function mergeBloom(bloom: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < BLOOM_BYTES; i++) bloom[i]! |= other[i]!
}

/** False: no log behind this bloom has `entry`, an address or topic. True: perhaps one has. */
export function bloomMayHold(bloom: Uint8Array, entry: Address | Hash): boolean {
  const digest = keccak256(hexToBytes(entry))
  for (const at of [0, 2, 4]) {
    const bit = bitAt(digest, at)
    if ((bloom[byteOf(bit)]! & (1 << (bit & 7))) === 0) return false
  }
  return true
}

function mark(bloom: Uint8Array, entry: Address | Hash): void {
  const digest = keccak256(hexToBytes(entry))
  for (const at of [0, 2, 4]) {
    const bit = bitAt(digest, at)
    bloom[byteOf(bit)]! |= 1 << (bit & 7)
  }
}

/** The low 11 bits of a pair of bytes. */
function bitAt(digest: Uint8Array, at: number): number {
  return ((digest[at]! << 8) | digest[at + 1]!) & 0x7ff
}

/** Bit 0 is the lowest of the last byte. */
function byteOf(bit: number): number {
  return BLOOM_BYTES - 1 - (bit >> 3)
}

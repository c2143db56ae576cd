import { hexToBytes } from '../primitives/hex.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import { keccak256 } from '../primitives/keccak.ts'
import type { Log, Receipt } from './receipt.ts'

/** The logs bloom of receipts and headers (yellow paper, 4.4.3): 2048 bits, three for each address and topic. */
export const BLOOM_BYTES = 256

/** Marks a log's address and topics in `bloom`, 256 bytes, in place. */
function addToBloom(bloom: Uint8Array, log: Log): void {
  mark(bloom, log.address)
  for (const topic of log.topics) mark(bloom, topic)
}

/** Shared by all that log nothing, which is most: never written to. */
const NO_LOGS = new Uint8Array(BLOOM_BYTES)

/** The bloom of `logs`, 256 bytes, not to be written to. */
export function bloomOf(logs: readonly Log[]): Uint8Array {
  if (logs.length === 0) return NO_LOGS
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const log of logs) addToBloom(bloom, log)
  return bloom
}

/** The bloom of a block: all that its receipts' blooms hold. 256 bytes. */
export function blockBloom(receipts: readonly Pick<Receipt, 'logsBloom' | 'logs'>[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const { logs, logsBloom } of receipts) {
    if (logs.length === 0) continue
    for (let i = 0; i < BLOOM_BYTES; i++) bloom[i]! |= logsBloom[i]!
  }
  return bloom
}

/** False: no log behind this bloom has `entry`, an address or topic. True: perhaps one has. */
export function bloomMayHold(bloom: Uint8Array, entry: Address | Hash): boolean {
  return bitsOf(entry).every((bit) => (bloom[byteOf(bit)]! & (1 << (bit & 7))) !== 0)
}

function mark(bloom: Uint8Array, entry: Address | Hash): void {
  for (const bit of bitsOf(entry)) bloom[byteOf(bit)]! |= 1 << (bit & 7)
}

type Bits = readonly [number, number, number]

/** A block's logs name the same contracts, events and accounts again and again. */
const KEPT_ENTRIES = 16_384
const known = new Map<string, Bits>()

function bitsOf(entry: Address | Hash): Bits {
  const kept = known.get(entry)
  if (kept !== undefined) return kept
  const digest = keccak256(hexToBytes(entry))
  const bits: Bits = [bitAt(digest, 0), bitAt(digest, 2), bitAt(digest, 4)]
  if (known.size >= KEPT_ENTRIES) known.clear()
  known.set(entry, bits)
  return bits
}

/** The low 11 bits of a pair of bytes. */
function bitAt(digest: Uint8Array, at: number): number {
  return ((digest[at]! << 8) | digest[at + 1]!) & 0x7ff
}

/** Bit 0 is the lowest of the last byte. */
function byteOf(bit: number): number {
  return BLOOM_BYTES - 1 - (bit >> 3)
}

/** The logs bloom (yellow paper, 4.4.3): 2048 bits, three for each address and topic. */
import { keccak256 } from '../../primitives/assembly/keccak'

export const BLOOM_BYTES: usize = 256

/** A block's logs name the same contracts, events and accounts again and again: their bits are kept, by a hash of the name. */
const KEPT: u32 = 1024
/** The name padded to 32 bytes, u16 x 3 bits, u16 length. */
const ENTRY_SIZE: usize = 40
const ENTRIES: usize = memory.data(40 * 1024)
const DIGEST: usize = memory.data(32)
const NAME: usize = memory.data(32)

/** Marks `length` bytes, 20 or 32, at `src`. */
export function mark(bloom: usize, src: usize, length: usize): void {
  const entry = entryOf(src, length)
  markBit(bloom, load<u16>(entry, 32))
  markBit(bloom, load<u16>(entry, 34))
  markBit(bloom, load<u16>(entry, 36))
}

/** Bit 0 is the lowest of the last byte. */
@inline
function markBit(bloom: usize, bit: u32): void {
  const at = bloom + BLOOM_BYTES - 1 - (bit >> 3)
  store<u8>(at, <u8>(<u32>load<u8>(at) | (1 << (bit & 7))))
}

function entryOf(src: usize, length: usize): usize {
  memory.fill(NAME, 0, 32)
  memory.copy(NAME, src, length)
  const low = load<u64>(NAME) ^ rotl(load<u64>(NAME, 8), 19)
  const high = load<u64>(NAME, 16) ^ rotl(load<u64>(NAME, 24), 37)
  const place = <u32>(((low ^ rotl(high, 11)) * 0x9e3779b97f4a7c15) >> 32) & (KEPT - 1)
  const entry = ENTRIES + <usize>place * ENTRY_SIZE
  if (load<u16>(entry, 38) == <u16>length && memory.compare(entry, NAME, 32) == 0) return entry
  memory.copy(entry, NAME, 32)
  keccak256(DIGEST, src, <i32>length)
  store<u16>(entry, bitAt(0), 32)
  store<u16>(entry, bitAt(2), 34)
  store<u16>(entry, bitAt(4), 36)
  store<u16>(entry, <u16>length, 38)
  return entry
}

/** The low 11 bits of a pair of bytes. */
@inline
function bitAt(at: usize): u16 {
  return bswap<u16>(load<u16>(DIGEST + at)) & 0x7ff
}

/** What is in either. */
export function unite(bloom: usize, other: usize): void {
  for (let at: usize = 0; at < BLOOM_BYTES; at += 8) {
    store<u64>(bloom + at, load<u64>(bloom + at) | load<u64>(other + at))
  }
}

/** The logs bloom (yellow paper, 4.4.3): 2048 bits, three for each address and topic. */
import { keccak256 } from '../../primitives/assembly/keccak'
import { MESSAGE_BYTES, describe, keccakMany } from '../../primitives/assembly/keccak-many'

export const BLOOM_BYTES: usize = 256

/** A block's logs name the same contracts, events and accounts again and again: their bits are kept, by a hash of the name. */
const KEPT_BITS: u64 = 10
/** The name padded to 32 bytes, u16 x 3 bits, u16 length. */
const ENTRY_SIZE: usize = 40
const ENTRIES: usize = memory.data(40 * 1024)
const DIGEST: usize = memory.data(32)
const NAME: usize = memory.data(32)

/** Names to learn together, as messages, the entries that they go to, and their digests. */
const BATCH: u32 = 128
const MESSAGES: usize = memory.data(12 * 128)
const PLACES: usize = memory.data(4 * 128)
const DIGESTS: usize = memory.data(32 * 128)
let waiting: u32 = 0

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

/** A name of 32 bytes that will be marked, which stays where it is until `learnAll`: those that are not known are hashed together. */
export function learn(src: usize): void {
  const entry = placeOf(src, 32)
  if (isOf(entry, 32)) return
  // Whoever comes last to an entry has it: the digests are taken in the same order.
  keep(entry, 32)
  store<u32>(PLACES + (<usize>waiting << 2), <u32>entry)
  describe(MESSAGES + <usize>waiting * MESSAGE_BYTES, src, 32, DIGESTS + (<usize>waiting << 5))
  if (++waiting == BATCH) learnAll()
}

export function learnAll(): void {
  keccakMany(MESSAGES, waiting)
  for (let i: usize = 0; i < waiting; i++) {
    storeBits(load<u32>(PLACES + (i << 2)), DIGESTS + (i << 5))
  }
  waiting = 0
}

function entryOf(src: usize, length: usize): usize {
  const entry = placeOf(src, length)
  if (isOf(entry, length)) return entry
  keep(entry, length)
  keccak256(DIGEST, src, <i32>length)
  storeBits(entry, DIGEST)
  return entry
}

/** Where the name goes, which is in `NAME` then. */
function placeOf(src: usize, length: usize): usize {
  memory.fill(NAME, 0, 32)
  memory.copy(NAME, src, length)
  const low = load<u64>(NAME) ^ rotl(load<u64>(NAME, 8), 19)
  const high = load<u64>(NAME, 16) ^ rotl(load<u64>(NAME, 24), 37)
  const place = <u32>(((low ^ rotl(high, 11)) * 0x9e3779b97f4a7c15) >> (64 - KEPT_BITS))
  return ENTRIES + <usize>place * ENTRY_SIZE
}

@inline
function isOf(entry: usize, length: usize): bool {
  return load<u16>(entry, 38) == <u16>length && memory.compare(entry, NAME, 32) == 0
}

@inline
function keep(entry: usize, length: usize): void {
  memory.copy(entry, NAME, 32)
  store<u16>(entry, <u16>length, 38)
}

function storeBits(entry: usize, digest: usize): void {
  store<u16>(entry, bitAt(digest), 32)
  store<u16>(entry, bitAt(digest + 2), 34)
  store<u16>(entry, bitAt(digest + 4), 36)
}

/** The low 11 bits of a pair of bytes. */
@inline
function bitAt(at: usize): u16 {
  return bswap<u16>(load<u16>(at)) & 0x7ff
}

/** What is in either. */
export function unite(bloom: usize, other: usize): void {
  for (let at: usize = 0; at < BLOOM_BYTES; at += 8) {
    store<u64>(bloom + at, load<u64>(bloom + at) | load<u64>(other + at))
  }
}

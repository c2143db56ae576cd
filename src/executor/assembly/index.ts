/** What the host calls to have a block's receipts: the artefact `receipts`. */
import { keccak256 } from '../../primitives/assembly/keccak'
import { MESSAGE_BYTES, describe, keccakMany } from '../../primitives/assembly/keccak-many'
import { TREE_ROOM, orderedRoot, writeLeaf } from '../../primitives/assembly/ordered-root'
import { BLOOM_BYTES, learnAll } from './bloom'
import { gasUsed, learnTopics, markLogs, writeReceipt } from './receipts'

/** Where the host puts its arguments. The module's own data is below. */
const ARGUMENTS: usize = 0x20000

/** How many receipts' topics are hashed together: fewer names than would crowd each other out of what is kept. */
const TOGETHER: usize = 32
const MESSAGES: usize = memory.data(12 * 32)
/** A message longer than this is hashed alone: beside shorter ones most of it would be, at the price of two. */
const ALONE: usize = 16384

function learnFrom(records: usize, from: usize, to: usize): void {
  for (let i = from; i < to; i++) learnTopics(load<u32>(records + (i << 2)))
  learnAll()
}

/** Room for `size` bytes of arguments. The next call may take it again. */
export function reserve(size: usize): usize {
  const end = ARGUMENTS + size
  const has = (<usize>memory.size()) << 16
  if (end > has && memory.grow(<i32>((end - has + 0xffff) >> 16)) < 0) unreachable()
  return ARGUMENTS
}

/**
 * A part of a block's receipts: the hashes of their leaves in the tree of all.
 * @param result 256 bytes of bloom, which are zeros before, then 32 for each receipt of the part
 * @param records u32 each: where the records are @param types u8 each: of the transactions
 * @param blooms u32 each: where the receipt's bloom is, if it was made before, else 0 @param first place of the part's first receipt in the block, which has `all` @param gasBefore what those before it used
 * @param out room for the receipts, twice
 */
export function leaves(
  result: usize,
  records: usize,
  types: usize,
  blooms: usize,
  count: u32,
  first: u32,
  all: u32,
  gasBefore: f64,
  out: usize,
): void {
  let cumulative = <u64>gasBefore
  let at = out
  let message = MESSAGES
  for (let i: usize = 0; i < count; i++) {
    if ((i & (TOGETHER - 1)) == 0) learnFrom(records, i, min<usize>(i + TOGETHER, count))
    const record: usize = load<u32>(records + (i << 2))
    cumulative += gasUsed(record)
    const known: usize = load<u32>(blooms + (i << 2))
    const leaf = writeReceipt(at, record, load<u8>(types + i), cumulative, result, known)
    const size = writeLeaf(leaf, first + <u32>i, all, at, leaf - at)
    const hash = result + BLOOM_BYTES + (i << 5)
    if (size > ALONE) keccak256(hash, leaf, <i32>size)
    else message = describe(message, leaf, size, hash)
    at = leaf + size
    if ((i & (TOGETHER - 1)) != TOGETHER - 1 && i + 1 != count) continue
    keccakMany(MESSAGES, <u32>((message - MESSAGES) / MESSAGE_BYTES))
    message = MESSAGES
    at = out
  }
}

/** The bits of logs, one after another. @param bloom 256 bytes, which get them too */
export function bloomOf(bloom: usize, logs: usize, count: u32): void {
  memory.fill(bloom, 0, BLOOM_BYTES)
  markLogs(bloom, logs, count)
}

/** The root over receipts of whose leaves there are the hashes: of one, that. @param entries 8 bytes for each, written here @param room `treeRoom` */
export function rootOf(dst: usize, hashes: usize, entries: usize, count: u32, room: usize): void {
  if (count == 1) return memory.copy(dst, hashes, 32)
  for (let i: usize = 0; i < count; i++) {
    store<u32>(entries + (i << 3), <u32>(hashes + (i << 5)))
    store<u32>(entries + (i << 3), 0, 4)
  }
  orderedRoot(dst, entries, count, room)
}

export function treeRoom(): usize {
  return TREE_ROOM
}

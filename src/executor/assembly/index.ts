/** What the host calls to have a block's receipts: the artefact `receipts`. */
import { MESSAGE_BYTES, describe, keccakMany } from '../../primitives/assembly/keccak-many'
import { TREE_ROOM, orderedRoot, writeLeaf } from '../../primitives/assembly/ordered-root'
import { learnAll } from './bloom'
import { gasUsed, learnTopics, writeReceipt } from './receipts'

/** Where the host puts its arguments. The module's own data is below. */
const ARGUMENTS: usize = 0x20000

/** How many receipts' topics are hashed together: fewer names than would crowd each other out of what is kept. */
const TOGETHER: usize = 32
const MESSAGES: usize = memory.data(12 * 32)

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
 * Writes the receipts of a block, one after another, and their root.
 * @param result 32 bytes of root, then 256 of bloom, which are zeros before
 * @param records u32 each: where the records are @param types u8 each: of the transactions
 * @param entries u32 pairs, written here: where each receipt is, and its length
 * @param out where the receipts go @returns their end; the root takes `treeRoom` and the longest receipt's length behind it
 */
export function receipts(
  result: usize,
  records: usize,
  types: usize,
  entries: usize,
  count: u32,
  out: usize,
): usize {
  let cumulative: u64 = 0
  let at = out
  for (let i: usize = 0; i < count; i++) {
    if ((i & (TOGETHER - 1)) == 0) learnFrom(records, i, min<usize>(i + TOGETHER, count))
    const record: usize = load<u32>(records + (i << 2))
    cumulative += gasUsed(record)
    const end = writeReceipt(at, record, load<u8>(types + i), cumulative, result + 32)
    store<u32>(entries + (i << 3), <u32>at)
    store<u32>(entries + (i << 3), <u32>(end - at), 4)
    at = end
  }
  orderedRoot(result, entries, count, at)
  return at
}

/**
 * A part of a block's receipts: the hashes of their leaves in the tree of all.
 * @param result 256 bytes of bloom, which are zeros before, then 32 for each receipt
 * @param records as for `receipts`, of the part @param types likewise
 * @param first place of the part's first receipt in the block, which has `all` @param gasBefore what those before it used
 * @param out room for the receipts, twice
 */
export function leaves(
  result: usize,
  records: usize,
  types: usize,
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
    const leaf = writeReceipt(at, record, load<u8>(types + i), cumulative, result)
    const size = writeLeaf(leaf, first + <u32>i, all, at, leaf - at)
    message = describe(message, leaf, size, result + 256 + (i << 5))
    at = leaf + size
    if ((i & (TOGETHER - 1)) != TOGETHER - 1 && i + 1 != count) continue
    keccakMany(MESSAGES, <u32>((message - MESSAGES) / MESSAGE_BYTES))
    message = MESSAGES
    at = out
  }
}

/** The root over receipts of whose leaves there are the hashes. @param entries 8 bytes for each, written here @param room `treeRoom` */
export function rootOf(dst: usize, hashes: usize, entries: usize, count: u32, room: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u32>(entries + (i << 3), <u32>(hashes + (i << 5)))
    store<u32>(entries + (i << 3), 0, 4)
  }
  orderedRoot(dst, entries, count, room)
}

export function treeRoom(): usize {
  return TREE_ROOM
}

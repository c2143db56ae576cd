/** What the host calls to have a block's receipts: the artefact `receipts`. */
import { TREE_ROOM, orderedRoot } from '../../primitives/assembly/ordered-root'
import { learnAll } from './bloom'
import { gasUsed, learnTopics, writeReceipt } from './receipts'

/** Where the host puts its arguments. The module's own data is below. */
const ARGUMENTS: usize = 0x20000

/** How many receipts' topics are hashed together: fewer names than would crowd each other out of what is kept. */
const TOGETHER: usize = 32

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

export function treeRoom(): usize {
  return TREE_ROOM
}

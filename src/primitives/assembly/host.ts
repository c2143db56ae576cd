/** What the host calls of the primitives: the artefact `primitives`. */
import { TREE_ROOM, orderedRoot } from './ordered-root'

export { keccak256 } from './keccak'

/** Where the host puts its arguments. The module's own data is below. */
const ARGUMENTS: usize = 0x10000

/** Room for `size` bytes of arguments. The next call may take it again. */
export function reserve(size: usize): usize {
  const end = ARGUMENTS + size
  const has = (<usize>memory.size()) << 16
  if (end > has && memory.grow(<i32>((end - has + 0xffff) >> 16)) < 0) unreachable()
  return ARGUMENTS
}

/** The root over `count` items (`ordered-root.ts`), 32 bytes at `dst`. @param room after all arguments */
export function listRoot(dst: usize, items: usize, count: u32, room: usize): void {
  orderedRoot(dst, items, count, room)
}

/** What `listRoot` needs beside the longest item. */
export function listRoom(): usize {
  return TREE_ROOM
}

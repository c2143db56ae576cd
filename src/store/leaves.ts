import { BRANCH_CHILDREN, NODE_BRANCH, NODE_DEPTH, NODE_KIND } from './node-layout.ts'
import type { Version } from './version.ts'

/** Pointers to all leaves below `root`, in the order of their keys. @param version keeps them alive @throws {TrieError} */
export function* leavesOf(version: Version, root: number): Generator<number> {
  const { arena } = version
  // Held apart from the version: a generator may outlive its last use of it.
  arena.retain(root)
  try {
    if (root !== 0) yield* leavesBelow(version, root)
  } finally {
    arena.drop(root)
  }
}

function* leavesBelow(version: Version, node: number): Generator<number> {
  const { arena } = version
  arena.refresh()
  if (arena.u8[node + NODE_KIND] !== NODE_BRANCH) {
    yield node
    return
  }
  const below = arena.u8[node + NODE_DEPTH]! + 1
  for (let nibble = 0; nibble < 16; nibble++) {
    const place = node + BRANCH_CHILDREN + 4 * nibble
    arena.refresh()
    if (arena.u32(place) !== 0) yield* leavesBelow(version, arena.nodeAt(place, below))
  }
}

import type { Arena } from './arena.ts'
import { BRANCH_CHILDREN, NODE_BRANCH, NODE_DEPTH, NODE_KIND } from './node-layout.ts'
import type { Version } from './version.ts'

/**
 * Pointers to all leaves below `root`, in the order of their keys; each is good until its task ends.
 * @param version keeps them alive @throws {TrieError}
 */
export function* leavesOf({ arena }: Version, root: number): Generator<number> {
  if (root !== 0) yield* leavesBelow(arena, root)
}

function* leavesBelow(arena: Arena, node: number): Generator<number> {
  arena.refresh()
  if (arena.u8[node + NODE_KIND] !== NODE_BRANCH) {
    yield node
    return
  }
  // Held: between two leaves, others may let go of it.
  arena.retain(node)
  try {
    const below = arena.u8[node + NODE_DEPTH]! + 1
    for (let nibble = 0; nibble < 16; nibble++) {
      const place = node + BRANCH_CHILDREN + 4 * nibble
      arena.refresh()
      if (arena.u32(place) !== 0) yield* leavesBelow(arena, arena.nodeAt(place, below))
    }
  } finally {
    arena.drop(node)
  }
}

/**
 * Finding, putting and removing leaves. Functions that change take over one ownership of the node they are given and yield one of the
 * node that stands for it then: a node with one owner, reached through such nodes alone, is changed in place, any other is copied.
 */
import {
  ACCOUNT_STORAGE,
  BRANCH_BYTES,
  BRANCH_ID,
  BRANCH_PREFIX,
  HAS_CODE,
  HAS_PREFIX,
  IS_COLD,
  IS_USED,
  LEAF_KEY,
  NODE_ACCOUNT,
  NODE_BRANCH,
  NODE_DEPTH,
  NODE_FLAGS,
  NODE_OWNERS,
  NODE_STUB,
  PREFIXED_BYTES,
} from '../node-layout'
import { copy, isEqual } from '../../primitives/assembly/u256'
import {
  allocate,
  childAt,
  copyOf,
  depthOf,
  drop,
  free,
  hasFlag,
  kindOf,
  retain,
  setFlag,
  soil,
} from './arena'
import { mismatch, nibbleOf, setNibble } from './path'
import { fetch } from './records'

/** The node named at `place`, brought from disk if need be. @param at the nibble at which it is entered */
@inline
export function nodeAt(place: usize, at: i32): usize {
  const node: usize = load<u32>(place)
  return node != 0 && kindOf(node) == NODE_STUB ? bring(place, node, at) : node
}

function bring(place: usize, stub: usize, at: i32): usize {
  const node = fetch(stub, at)
  setFlag(node, IS_USED)
  store<u32>(place, <u32>node)
  drop(stub)
  return node
}

/** The leaf with this key, 0 when there is none. */
export function find(root: usize, key: usize): usize {
  let node = root
  while (node != 0 && kindOf(node) == NODE_BRANCH) {
    store<u8>(node, (load<u8>(node, NODE_FLAGS) | IS_USED) & ~IS_COLD, NODE_FLAGS)
    const depth = depthOf(node)
    node = nodeAt(childAt(node, nibbleOf(key, depth)), depth + 1)
  }
  return node != 0 && isEqual(node + LEAF_KEY, key) ? node : 0
}

/** Puts `leaf`, which becomes the trie's, in place of one with its key. */
export function put(node: usize, at: i32, leaf: usize): usize {
  if (node == 0) return leaf
  const key = leaf + LEAF_KEY
  if (kindOf(node) != NODE_BRANCH) {
    const parting = mismatch(node + LEAF_KEY, key, at, 64)
    if (parting < 64) return fork(node, node + LEAF_KEY, leaf, at, parting)
    drop(node)
    return leaf
  }
  const depth = depthOf(node)
  if (hasFlag(node, HAS_PREFIX)) {
    const parting = mismatch(node + BRANCH_PREFIX, key, at, depth)
    if (parting < depth) return fork(node, node + BRANCH_PREFIX, leaf, at, parting)
  }
  node = own(node)
  const place = childAt(node, nibbleOf(key, depth))
  store<u32>(place, <u32>put(nodeAt(place, depth + 1), depth + 1, leaf))
  return node
}

/** A branch at nibble `parting`, by which `node` (the way to it is `path`) and `leaf` differ. */
function fork(node: usize, path: usize, leaf: usize, at: i32, parting: i32): usize {
  const old = nibbleOf(path, parting)
  const branch = newBranch(parting, parting > at)
  if (parting > at) copy(branch + BRANCH_PREFIX, leaf + LEAF_KEY)
  // Entered later than it was: its hash is another.
  store<u32>(childAt(branch, old), <u32>own(node))
  store<u32>(childAt(branch, nibbleOf(leaf + LEAF_KEY, parting)), <u32>leaf)
  return branch
}

export function newBranch(depth: i32, isPrefixed: bool): usize {
  const branch = isPrefixed
    ? allocate(NODE_BRANCH, HAS_PREFIX, PREFIXED_BYTES)
    : allocate(NODE_BRANCH, 0, BRANCH_BYTES)
  store<u8>(branch, depth, NODE_DEPTH)
  return branch
}

/** Removes the leaf with this key, which is there. Yields 0 when nothing is left. */
export function remove(node: usize, at: i32, key: usize): usize {
  if (kindOf(node) != NODE_BRANCH) {
    drop(node)
    return 0
  }
  node = own(node)
  const depth = depthOf(node)
  const place = childAt(node, nibbleOf(key, depth))
  const child = remove(nodeAt(place, depth + 1), depth + 1, key)
  store<u32>(place, <u32>child)
  return child != 0 ? node : collapse(node, depth, key)
}

/** The branch, or what is left in it when that is one thing. @param key leads to the branch */
function collapse(branch: usize, depth: i32, key: usize): usize {
  let only = -1
  for (let nibble = 0; nibble < 16; nibble++) {
    if (load<u32>(childAt(branch, nibble)) == 0) continue
    if (only >= 0) return branch
    only = nibble
  }
  const place = childAt(branch, only)
  let last = own(nodeAt(place, depth + 1))
  store<u32>(place, 0)
  if (kindOf(last) == NODE_BRANCH) last = withPrefix(last, key, depth, only)
  drop(branch)
  return last
}

/** The branch, ours, entered by the first `depth` nibbles of `key` and then `nibble`. */
function withPrefix(branch: usize, key: usize, depth: i32, nibble: i32): usize {
  let out = branch
  if (!hasFlag(branch, HAS_PREFIX)) {
    out = newBranch(depthOf(branch), true)
    memory.copy(childAt(out, 0), childAt(branch, 0), 64)
    free(branch)
  }
  const path = out + BRANCH_PREFIX
  for (let index = 0; index < depth; index++) setNibble(path, index, nibbleOf(key, index))
  setNibble(path, depth, nibble)
  return out
}

/** The node itself if it has no other owner, else a copy; not hashed either way. */
export function own(node: usize): usize {
  if (load<u32>(node, NODE_OWNERS) == 1) {
    soil(node)
    store<u8>(node, load<u8>(node, NODE_FLAGS) & (HAS_CODE | HAS_PREFIX), NODE_FLAGS)
    if (kindOf(node) == NODE_BRANCH) store<f64>(node, 0, BRANCH_ID)
    return node
  }
  const copied = copyOf(node)
  if (kindOf(copied) == NODE_BRANCH) {
    store<f64>(copied, 0, BRANCH_ID)
    for (let nibble = 0; nibble < 16; nibble++) retain(load<u32>(childAt(copied, nibble)))
  } else if (kindOf(copied) == NODE_ACCOUNT) {
    retain(load<u32>(copied, ACCOUNT_STORAGE))
  }
  drop(node)
  return copied
}

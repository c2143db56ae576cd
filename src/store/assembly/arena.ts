/**
 * Nodes in linear memory, counted by their owners. There are few sizes, so a free list for each leaves no gaps. A node that lost its
 * last owner waits in a list of its own and gives up its children when its turn comes: dropping a whole world costs nothing now.
 */
import {
  ACCOUNT_BYTES,
  ACCOUNT_STORAGE,
  BRANCH_BYTES,
  BRANCH_CHILDREN,
  CONTRACT_BYTES,
  HAS_CODE,
  HAS_PREFIX,
  NODE_ACCOUNT,
  NODE_BRANCH,
  NODE_DEPTH,
  NODE_FLAGS,
  NODE_FREE,
  NODE_KIND,
  NODE_OWNERS,
  NODE_REF,
  NODE_REF_SIZE,
  NODE_STUB,
  PREFIXED_BYTES,
  SLOT_BYTES,
  STUB_BYTES,
} from '../node-layout'

const BASE: usize = (__heap_base + 15) & ~15
/** The least by which the memory grows. */
const GROWTH: usize = 0x100000
/** How many waiting nodes are looked at when a new one is wanted. */
const SWEEP_PER_NODE: i32 = 2

/** The first free node of each size, by size / 8. */
const FREE: usize = memory.data(128)

let top: usize = BASE
let end: usize = 0
/** Nodes without owners, linked by their ref. */
let dying: usize = 0
/** Bytes of nodes that are in use or dying. */
let used: u32 = 0
/** Nodes that were made so far, modulo 2^32. */
let made: u32 = 0

@inline
export function kindOf(node: usize): u32 {
  return load<u8>(node, NODE_KIND)
}

@inline
export function hasFlag(node: usize, flag: u32): bool {
  return (load<u8>(node, NODE_FLAGS) & flag) != 0
}

@inline
export function setFlag(node: usize, flag: u32): void {
  store<u8>(node, load<u8>(node, NODE_FLAGS) | flag, NODE_FLAGS)
}

@inline
export function depthOf(node: usize): i32 {
  return load<u8>(node, NODE_DEPTH)
}

/** The place of a branch's child. */
@inline
export function childAt(branch: usize, nibble: i32): usize {
  return branch + BRANCH_CHILDREN + ((<usize>nibble) << 2)
}

export function sizeOf(node: usize): usize {
  switch (kindOf(node)) {
    case NODE_BRANCH:
      return hasFlag(node, HAS_PREFIX) ? PREFIXED_BYTES : BRANCH_BYTES
    case NODE_ACCOUNT:
      return hasFlag(node, HAS_CODE) ? CONTRACT_BYTES : ACCOUNT_BYTES
    case NODE_STUB:
      return STUB_BYTES
    case NODE_FREE:
      return (<usize>load<u8>(node, NODE_FLAGS)) << 3
    default:
      return SLOT_BYTES
  }
}

/** Nodes lie one after the other from here to `arenaTop`. */
export function arenaBase(): usize {
  return BASE
}

export function arenaTop(): usize {
  return top
}

/** Bytes that nodes take. */
export function usedBytes(): u32 {
  return used
}

export function madeCount(): u32 {
  return made
}

/** Throws. */
@external("host", "full")
declare function hostFull(): void

/** A node of zeros with one owner. */
export function allocate(kind: u32, flags: u32, size: usize): usize {
  if (dying != 0) sweep(SWEEP_PER_NODE)
  const list = FREE + (size >> 1)
  let node: usize = load<u32>(list)
  if (node != 0) {
    store<u32>(list, load<u32>(node, NODE_REF))
  } else {
    if (dying != 0 && top + size > end) {
      // Better a pause than memory that is never given back.
      sweep(i32.MAX_VALUE)
      return allocate(kind, flags, size)
    }
    node = extend(size)
  }
  memory.fill(node, 0, size)
  store<u8>(node, kind, NODE_KIND)
  store<u8>(node, flags, NODE_FLAGS)
  store<u32>(node, 1, NODE_OWNERS)
  used += <u32>size
  made++
  return node
}

function extend(size: usize): usize {
  if (end == 0) end = (<usize>memory.size()) << 16
  if (top + size > end) {
    const more = GROWTH + (((end - BASE) >> 3) & ~0xffff)
    if (memory.grow(<i32>(more >> 16)) < 0 && memory.grow(<i32>(GROWTH >> 16)) < 0) hostFull()
    end = (<usize>memory.size()) << 16
  }
  const node = top
  top += size
  return node
}

/** Gives the room of `node` back; what it points to is the caller's. */
export function free(node: usize): void {
  const size = sizeOf(node)
  const list = FREE + (size >> 1)
  used -= <u32>size
  store<u8>(node, NODE_FREE, NODE_KIND)
  store<u8>(node, <u8>(size >> 3), NODE_FLAGS)
  store<u32>(node, load<u32>(list), NODE_REF)
  store<u32>(list, <u32>node)
}

/** One owner more. Nothing is nobody's. */
export function retain(node: usize): usize {
  if (node != 0) store<u32>(node, load<u32>(node, NODE_OWNERS) + 1, NODE_OWNERS)
  return node
}

/** One owner less. */
export function drop(node: usize): void {
  if (node == 0) return
  const owners = load<u32>(node, NODE_OWNERS) - 1
  store<u32>(node, owners, NODE_OWNERS)
  if (owners != 0) return
  store<u32>(node, <u32>dying, NODE_REF)
  dying = node
}

/** Frees up to `count` nodes that lost their owners. Returns whether more wait. */
export function sweep(count: i32): bool {
  while (dying != 0 && count-- > 0) {
    const node = dying
    dying = load<u32>(node, NODE_REF)
    const kind = kindOf(node)
    if (kind == NODE_BRANCH) {
      for (let nibble = 0; nibble < 16; nibble++) drop(load<u32>(childAt(node, nibble)))
    } else if (kind == NODE_ACCOUNT) {
      drop(load<u32>(node, ACCOUNT_STORAGE))
    }
    free(node)
  }
  return dying != 0
}

/** A copy of `node` with one owner, not hashed and not stored. */
export function copyOf(node: usize): usize {
  const size = sizeOf(node)
  const kind = kindOf(node)
  const flags = load<u8>(node, NODE_FLAGS) & (HAS_CODE | HAS_PREFIX)
  const copy = allocate(kind, flags, size)
  memory.copy(copy + NODE_REF + 32, node + NODE_REF + 32, size - NODE_REF - 32)
  store<u8>(copy, load<u8>(node, NODE_DEPTH), NODE_DEPTH)
  return copy
}

/** Forgets that `node` was hashed. */
@inline
export function soil(node: usize): void {
  store<u8>(node, 0, NODE_REF_SIZE)
}

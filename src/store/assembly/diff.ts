/** What one version has and another has not: branches on disk, or leaves. */
import {
  ACCOUNT_STORAGE,
  BRANCH_ID,
  BRANCH_PREFIX,
  HAS_PREFIX,
  LEAF_KEY,
  NODE_ACCOUNT,
  NODE_BRANCH,
  NODE_SLOT,
} from '../node-layout'
import { childAt, depthOf, hasFlag, kindOf } from './arena'
import { mismatch, nibbleOf } from './path'
import { find, nodeAt } from './trie'

/** @param isWhole all below the branch goes too, and was not looked at */
@external("host", "superseded")
declare function hostSuperseded(id: f64, isWhole: bool): void

@external("host", "leaf")
declare function hostLeaf(leaf: usize): void

const OLD: usize = memory.data(8)
const NEW: usize = memory.data(8)
/** No child is here. */
const NOTHING: usize = memory.data(8)

const LEAVES: i32 = 0
const BRANCHES: i32 = 1
/** Branches too, but of those below which all is gone, the highest alone. */
const HIGHEST: i32 = 2

let wanted: i32 = LEAVES

/** Hands over the leaves below `old` that `next` does not share: for each with another value, and for some with the same. */
export function leavesApart(old: usize, next: usize): void {
  wanted = LEAVES
  walk(old, next)
}

/** Hands over the numbers of the branches below `old`, all taken, that are not below `next`, each alone. */
export function branchesApart(old: usize, next: usize): void {
  wanted = BRANCHES
  walk(old, next)
}

/** Hands over the numbers of the branches below `old`, all stored, that are not below `next`. What both share is not walked. */
export function superseded(old: usize, next: usize): void {
  wanted = HIGHEST
  walk(old, next)
}

function walk(old: usize, next: usize): void {
  store<u32>(OLD, <u32>old)
  store<u32>(NEW, <u32>next)
  compare(OLD, 0, NEW, 0)
}

/**
 * What hangs at `place` against what the other trie has in the same stretch of keys, which may begin earlier there.
 * @param at the nibble at which each is entered
 */
function compare(place: usize, at: i32, other: usize, otherAt: i32): void {
  const raw: usize = load<u32>(place)
  if (raw == 0 || raw == load<u32>(other)) return
  if (!isBranch(raw)) {
    if (wanted == LEAVES) hostLeaf(raw)
    else if (kindOf(raw) == NODE_ACCOUNT) compareStorage(raw)
    return
  }
  const id = load<f64>(raw, BRANCH_ID)
  const otherRaw: usize = load<u32>(other)
  if (otherRaw == 0) return lose(place, at)
  if (id != 0 && isBranch(otherRaw) && load<f64>(otherRaw, BRANCH_ID) == id) return
  const branch = nodeAt(place, at)
  const depth = depthOf(branch)
  const from = at > otherAt ? at : otherAt
  const rival = nodeAt(other, otherAt)
  if (kindOf(rival) != NODE_BRANCH) return split(place, at, from, rival + LEAF_KEY, other, otherAt)
  const rivalDepth = depthOf(rival)
  if (rivalDepth > depth) {
    return split(place, at, from, rival + BRANCH_PREFIX, other, otherAt)
  }
  if (differ(branch, rival, from, rivalDepth)) return lose(place, at)
  if (rivalDepth < depth) {
    const nibble = nibbleOf(branch + BRANCH_PREFIX, rivalDepth)
    return compare(place, at, childAt(rival, nibble), rivalDepth + 1)
  }
  if (wanted != LEAVES) hostSuperseded(id, false)
  for (let nibble = 0; nibble < 16; nibble++) {
    compare(childAt(branch, nibble), depth + 1, childAt(rival, nibble), depth + 1)
  }
}

/** The other trie has nothing of what hangs at `place`, a branch. */
function lose(place: usize, at: i32): void {
  const raw: usize = load<u32>(place)
  if (wanted == HIGHEST) return hostSuperseded(load<f64>(raw, BRANCH_ID), true)
  const node = nodeAt(place, at)
  if (!isBranch(node)) {
    if (wanted == LEAVES) hostLeaf(node)
    else if (kindOf(node) == NODE_ACCOUNT && load<u32>(node, ACCOUNT_STORAGE) != 0) {
      lose(node + ACCOUNT_STORAGE, 0)
    }
    return
  }
  if (wanted == BRANCHES) hostSuperseded(load<f64>(node, BRANCH_ID), false)
  const below = depthOf(node) + 1
  for (let nibble = 0; nibble < 16; nibble++) {
    const child = childAt(node, nibble)
    if (load<u32>(child) != 0) lose(child, below)
  }
}

@inline
function isBranch(node: usize): bool {
  const kind = kindOf(node)
  return kind != NODE_SLOT && kind != NODE_ACCOUNT
}

/** Whether two branches lie apart before nibble `to`. */
function differ(a: usize, b: usize, from: i32, to: i32): bool {
  if (from >= to) return false
  if (!hasFlag(a, HAS_PREFIX) || !hasFlag(b, HAS_PREFIX)) return false
  return mismatch(a + BRANCH_PREFIX, b + BRANCH_PREFIX, from, to) < to
}

/** The other trie has one thing in this stretch, below one child of the branch at `place` or below none. */
function split(
  place: usize,
  at: i32,
  from: i32,
  path: usize,
  other: usize,
  otherAt: i32,
): void {
  const branch = nodeAt(place, at)
  const depth = depthOf(branch)
  const isApart =
    from < depth &&
    hasFlag(branch, HAS_PREFIX) &&
    mismatch(branch + BRANCH_PREFIX, path, from, depth) < depth
  if (isApart) return lose(place, at)
  if (wanted != LEAVES) hostSuperseded(load<f64>(branch, BRANCH_ID), false)
  const way = nibbleOf(path, depth)
  for (let nibble = 0; nibble < 16; nibble++) {
    const child = childAt(branch, nibble)
    if (nibble == way) compare(child, depth + 1, other, otherAt)
    else compare(child, depth + 1, NOTHING, depth + 1)
  }
}

function compareStorage(leaf: usize): void {
  const rival = find(load<u32>(NEW), leaf + LEAF_KEY)
  const other = rival == 0 ? NOTHING : rival + ACCOUNT_STORAGE
  compare(leaf + ACCOUNT_STORAGE, 0, other, 0)
}

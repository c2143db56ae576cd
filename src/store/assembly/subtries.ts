/**
 * What several threads can hash at once: storage tries by their first nibble, and then the trie of accounts by its. Each is sealed by
 * one thread (`seal.ts`), which writes no other node than those of it that are not hashed.
 */
import {
  ACCOUNT_STORAGE,
  BRANCH_ID,
  IS_GIVEN,
  NODE_ACCOUNT,
  NODE_BRANCH,
  NODE_OWNERS,
  SUBTRIE_BYTES,
} from '../node-layout'
import { childAt, copyOf, depthOf, hasFlag, kindOf, retain, setFlag } from './arena'
import { refSize } from './encode'

/** A storage trie with fewer new nodes goes with its account. */
const LEAST: u32 = 256
const MOST: i32 = 256
/** Where each is named, and the nibble at which it is entered; u32 each. */
const SUBTRIES: usize = memory.data(2048)

let count: i32 = 0
let isShared: bool = false

export function subtriesAt(): usize {
  return SUBTRIES
}

export function subtrieCount(): i32 {
  return count
}

/**
 * Counts what is not hashed at `root` and below it, marks it, and lists the subtries of large storage tries. It is 0 when another root that
 * is not hashed either has some of it: then none of it could be replaced.
 */
export function survey(root: usize): u32 {
  count = 0
  isShared = false
  const found = refSize(root) != 0 ? 0 : surveyFrom(root)
  return isShared ? 0 : found
}

function surveyFrom(node: usize): u32 {
  let found: u32 = 1
  setFlag(node, IS_GIVEN)
  const kind = kindOf(node)
  if (kind == NODE_BRANCH) {
    for (let nibble = 0; nibble < 16; nibble++) {
      const child: usize = load<u32>(childAt(node, nibble))
      if (child != 0 && refSize(child) == 0) found += surveyBelow(child)
    }
  } else if (kind == NODE_ACCOUNT) {
    const storage: usize = load<u32>(node, ACCOUNT_STORAGE)
    if (storage == 0 || refSize(storage) != 0) return found
    const below = surveyBelow(storage)
    if (below >= LEAST) list(storage)
    found += below
  }
  return found
}

function surveyBelow(node: usize): u32 {
  if (load<u32>(node, NODE_OWNERS) != 1) isShared = true
  return surveyFrom(node)
}

/** Lists the subtries of `root` in place of others. */
export function divide(root: usize): void {
  count = 0
  list(root)
}

function list(root: usize): void {
  if (kindOf(root) != NODE_BRANCH) return
  for (let nibble = 0; nibble < 16 && count < MOST; nibble++) {
    const place = childAt(root, nibble)
    const child: usize = load<u32>(place)
    if (child == 0 || refSize(child) != 0) continue
    const entry = SUBTRIES + <usize>count * SUBTRIE_BYTES
    count++
    store<u32>(entry, <u32>place)
    store<u32>(entry, depthOf(root) + 1, 4)
  }
}

/**
 * Puts a copy in the place of a subtrie that another thread has begun and not ended. Who has it may write there for all time, and reads only
 * what it keeps: it is never freed, and nobody's, so that nothing in it gives way either.
 */
export function replace(place: usize): void {
  store<u32>(place, <u32>copyGiven(load<u32>(place)))
}

/** What was marked and has other owners was hashed before. */
function copyGiven(node: usize): usize {
  if (node == 0) return 0
  if (!hasFlag(node, IS_GIVEN) || load<u32>(node, NODE_OWNERS) != 1) return retain(node)
  const copied = copyOf(node)
  store<u32>(node, 0, NODE_OWNERS)
  const kind = kindOf(node)
  if (kind == NODE_BRANCH) {
    store<f64>(copied, 0, BRANCH_ID)
    for (let nibble = 0; nibble < 16; nibble++) {
      store<u32>(childAt(copied, nibble), <u32>copyGiven(load<u32>(childAt(node, nibble))))
    }
  } else if (kind == NODE_ACCOUNT) {
    store<u32>(copied, <u32>copyGiven(load<u32>(node, ACCOUNT_STORAGE)), ACCOUNT_STORAGE)
  }
  return copied
}

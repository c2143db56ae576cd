/**
 * Room for other nodes: a branch that is on disk and was not walked through for a whole turn gives way to a stub. A hand goes round over
 * the arena; a branch that it finds unused is cold, and a parent that it finds later lets go of cold children.
 */
import {
  ACCOUNT_STORAGE,
  BRANCH_ID,
  IS_COLD,
  IS_STORED,
  IS_USED,
  NODE_ACCOUNT,
  NODE_BRANCH,
  NODE_FLAGS,
  NODE_OWNERS,
  NODE_REF,
  NODE_REF_SIZE,
  NODE_STUB,
  STUB_BYTES,
} from '../node-layout'
import { copy } from '../../primitives/assembly/u256'
import { allocate, arenaBase, arenaTop, childAt, drop, hasFlag, kindOf, sizeOf } from './arena'

let hand: usize = 0

/** Moves the hand over `count` nodes. No pointer below a root may be in use. */
export function evict(count: i32): void {
  for (; count > 0; count--) {
    if (hand < arenaBase() || hand >= arenaTop()) hand = arenaBase()
    const node = hand
    if (node >= arenaTop()) return
    hand += sizeOf(node)
    const kind = kindOf(node)
    if ((kind != NODE_BRANCH && kind != NODE_ACCOUNT) || load<u32>(node, NODE_OWNERS) == 0) continue
    if (kind == NODE_ACCOUNT) {
      letGo(node + ACCOUNT_STORAGE)
      continue
    }
    const flags = load<u8>(node, NODE_FLAGS)
    const isUsed = (flags & IS_USED) != 0
    store<u8>(node, isUsed ? flags & ~(IS_USED | IS_COLD) : flags | IS_COLD, NODE_FLAGS)
    for (let nibble = 0; nibble < 16; nibble++) letGo(childAt(node, nibble))
  }
}

function letGo(place: usize): void {
  const child: usize = load<u32>(place)
  if (child == 0 || kindOf(child) != NODE_BRANCH) return
  if (!hasFlag(child, IS_STORED) || !hasFlag(child, IS_COLD)) return
  const stub = allocate(NODE_STUB, IS_STORED, STUB_BYTES)
  store<u8>(stub, load<u8>(child, NODE_REF_SIZE), NODE_REF_SIZE)
  copy(stub + NODE_REF, child + NODE_REF)
  store<f64>(stub, load<f64>(child, BRANCH_ID), BRANCH_ID)
  store<u32>(place, <u32>stub)
  drop(child)
}

/**
 * The pass over new nodes, once per block, from the leaves up: what is as high above the leaves is encoded and hashed together, two
 * encodings at a time (`keccak-many.ts`).
 */
import { ACCOUNT_STORAGE, NODE_ACCOUNT, NODE_BRANCH, NODE_REF, NODE_REF_SIZE } from '../node-layout'
import { MESSAGE_BYTES, keccakMany } from '../../primitives/assembly/keccak-many'
import { childAt, depthOf, kindOf } from './arena'
import { HASH, countHashes, encode, encodedAt, refSize } from './encode'

/** Of a node that waits for its hash, in its place: the next one of its height, and the nibble at which it is entered. */
const WAITING_NEXT: usize = NODE_REF
const WAITING_AT: usize = NODE_REF + 4

/** A branch and the accounts above it, and their branches: no node is higher. */
const HEIGHTS: i32 = 132
/** The nodes that wait, by height. */
const WAITING: usize = memory.data(528)

/** Encodings that are hashed together: what stays in the processor's nearest cache, about. */
const MOST: u32 = 64
const LONGEST: usize = 536
const MESSAGES: usize = memory.data(768)
const ENCODINGS: usize = memory.data(34304)

let highest: i32 = -1
let messages: u32 = 0

/**
 * Hashes `node` and all below it that is not hashed yet. May be called on any subtrie of its own.
 * @param at the nibble at which the node is entered
 */
export function seal(node: usize, at: i32): void {
  if (refSize(node) != 0) return
  highest = -1
  enlist(node, at)
  for (let height = 0; height <= highest; height++) {
    const list = WAITING + ((<usize>height) << 2)
    let next: usize = load<u32>(list)
    store<u32>(list, 0)
    while (next != 0) next = encodeWaiting(next)
    flush()
  }
}

/** Puts `node` and what waits below it on their lists. Returns how high it stands above what is hashed already. */
function enlist(node: usize, at: i32): i32 {
  let height = 0
  const kind = kindOf(node)
  if (kind == NODE_BRANCH) {
    const below = depthOf(node) + 1
    for (let nibble = 0; nibble < 16; nibble++) {
      const child: usize = load<u32>(childAt(node, nibble))
      if (child == 0 || refSize(child) != 0) continue
      const over = enlist(child, below) + 1
      if (over > height) height = over
    }
  } else if (kind == NODE_ACCOUNT) {
    const storage: usize = load<u32>(node, ACCOUNT_STORAGE)
    if (storage != 0 && refSize(storage) == 0) height = enlist(storage, 0) + 1
  }
  const list = WAITING + ((<usize>height) << 2)
  store<u32>(node, load<u32>(list), WAITING_NEXT)
  store<u8>(node, at, WAITING_AT)
  store<u32>(list, <u32>node)
  if (height > highest) highest = height
  return height
}

/** Returns the next of the same height. */
function encodeWaiting(node: usize): usize {
  const next: usize = load<u32>(node, WAITING_NEXT)
  const size = encode(node, load<u8>(node, WAITING_AT))
  if (size < HASH) {
    memory.copy(node + NODE_REF, encodedAt(), size)
    store<u8>(node, size, NODE_REF_SIZE)
    return next
  }
  const encoding = ENCODINGS + <usize>messages * LONGEST
  const message = MESSAGES + <usize>messages * MESSAGE_BYTES
  memory.copy(encoding, encodedAt(), size)
  store<u32>(message, <u32>encoding)
  store<u32>(message, size, 4)
  store<u32>(message, <u32>node + <u32>NODE_REF, 8)
  store<u8>(node, HASH, NODE_REF_SIZE)
  if (++messages == MOST) flush()
  return next
}

function flush(): void {
  countHashes(messages)
  keccakMany(MESSAGES, messages)
  messages = 0
}

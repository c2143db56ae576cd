/**
 * The root of the trie over a list, whose keys are rlp(index) (yellow paper, 4.4.3 and appendix D). The trie is made once and never
 * changed: it is encoded from its leaves up, without nodes that could be.
 */
import { keccak256 } from './keccak'
import { MESSAGE_BYTES, describe, keccakMany } from './keccak-many'
import { headSize, stringSize, writeHead, writeString } from './rlp'

/** A branch's sixteen references and its value, which nothing has here. */
const REFS_ROOM: usize = 16 * 33 + 1 + 3
/** Children whose encodings are longer together are hashed without those that come after. */
const CHILDREN_ROOM: usize = 8192
const BRANCH_ROOM: usize = REFS_ROOM + 16 * MESSAGE_BYTES + CHILDREN_ROOM
/** A key has at most five bytes: a branch, or an extension and a branch, for each of their nibbles. */
export const TREE_ROOM: usize = 10 * (BRANCH_ROOM + 64)

const PATH: usize = memory.data(16)

let table: usize = 0
/** How many keys of one byte come before the key of item 0, which is 0x80. */
let beforeZero: u32 = 0

/**
 * @param dst 32 bytes
 * @param items u32 pairs: where each item is, and its length; at least one. Length 0: there is the hash of its leaf (`writeLeaf`)
 * @param room `TREE_ROOM` and the length of the longest item, to work in
 */
export function orderedRoot(dst: usize, items: usize, count: u32, room: usize): void {
  table = items
  countKeys(count)
  const size = encode(room, 0, count, 0)
  keccak256(dst, room, <i32>size)
}

/** Of a list of so many items. */
@inline
function countKeys(count: u32): void {
  beforeZero = (count < 128 ? count : 128) - 1
}

/** The item whose key is the one at `place` among the keys in their order. */
@inline
function itemAt(place: u32): u32 {
  if (place < beforeZero) return place + 1
  return place == beforeZero ? 0 : place
}

@inline
function keyBytes(item: u32): u32 {
  if (item < 0x80) return 1
  return 2 + (item > 0xff ? 1 : 0) + (item > 0xffff ? 1 : 0) + (item > 0xffffff ? 1 : 0)
}

/** A nibble of rlp(item). */
function nibbleOf(item: u32, at: u32): u32 {
  const size = keyBytes(item)
  let byte: u32
  if (size == 1) byte = item == 0 ? 0x80 : item
  else if (at < 2) byte = 0x80 + size - 1
  else byte = (item >> ((size - 1 - (at >> 1)) << 3)) & 0xff
  return (at & 1) == 0 ? byte >> 4 : byte & 15
}

/** Hex-prefix encoding of a key's nibbles from `from` up to `to`. @returns its length, at `PATH` */
function packPath(item: u32, from: u32, to: u32, isLeaf: bool): usize {
  let at = PATH
  const flag: u32 = isLeaf ? 0x20 : 0
  if (((to - from) & 1) != 0) store<u8>(at++, flag + 0x10 + nibbleOf(item, from++))
  else store<u8>(at++, flag)
  for (; from < to; from += 2) store<u8>(at++, (nibbleOf(item, from) << 4) | nibbleOf(item, from + 1))
  return at - PATH
}

/** Writes the node over the keys from place `first` up to `end`, which agree on `depth` nibbles. @returns its length */
function encode(out: usize, first: u32, end: u32, depth: u32): usize {
  const item = itemAt(first)
  const length = keyBytes(item) << 1
  if (end - first == 1) return encodeLeaf(out, item, depth, length)
  const last = itemAt(end - 1)
  let to = depth
  while (to < length && nibbleOf(item, to) == nibbleOf(last, to)) to++
  if (to == depth) return encodeBranch(out, first, end, depth)
  // Room for the head and the path, which are shorter than the branch's reference can be long.
  const branch = out + 64
  const ref = writeRef(branch, branch, encodeBranch(branch, first, end, to))
  const path = packPath(item, depth, to, false)
  const payload = stringSize(PATH, path) + ref
  const at = writeString(writeHead(out, payload, 0xc0), PATH, path)
  memory.copy(at, branch, ref)
  return at + ref - out
}

function encodeLeaf(out: usize, item: u32, depth: u32, length: u32): usize {
  const entry = table + (<usize>item << 3)
  return putLeaf(out, item, depth, length, load<u32>(entry), load<u32>(entry, 4))
}

/**
 * Writes the leaf of one item of a list of `count`, without the others. @returns its length: of 32 bytes and more its parent holds the
 * hash
 */
export function writeLeaf(out: usize, item: u32, count: u32, value: usize, size: usize): usize {
  countKeys(count)
  const place = item == 0 ? beforeZero : item <= beforeZero ? item - 1 : item
  const before = place == 0 ? 0 : sharedNibbles(item, itemAt(place - 1))
  const behind = place + 1 == count ? 0 : sharedNibbles(item, itemAt(place + 1))
  // Below the branch at which its key parts from those beside it, if there are any.
  const depth = count == 1 ? 0 : 1 + max(before, behind)
  return putLeaf(out, item, depth, keyBytes(item) << 1, value, size)
}

/** How many nibbles two keys have in common before they part. */
function sharedNibbles(one: u32, other: u32): u32 {
  let at: u32 = 0
  while (nibbleOf(one, at) == nibbleOf(other, at)) at++
  return at
}

function putLeaf(out: usize, item: u32, depth: u32, length: u32, value: usize, size: usize): usize {
  const path = packPath(item, depth, length, true)
  const payload = stringSize(PATH, path) + stringSize(value, size)
  const at = writeString(writeHead(out, payload, 0xc0), PATH, path)
  return writeString(at, value, size) - out
}

function encodeBranch(out: usize, first: u32, end: u32, depth: u32): usize {
  const refs = out + 3
  const messages = out + REFS_ROOM
  const children = messages + 16 * MESSAGE_BYTES
  let at = refs
  let message = messages
  let child = children
  let from = first
  for (let nibble: u32 = 0; nibble < 16; nibble++) {
    let to = from
    while (to < end && nibbleOf(itemAt(to), depth) == nibble) to++
    if (to == from) {
      store<u8>(at++, 0x80)
      continue
    }
    const entry = table + (<usize>itemAt(from) << 3)
    if (to - from == 1 && load<u32>(entry, 4) == 0) {
      store<u8>(at, 0xa0)
      memory.copy(at + 1, load<u32>(entry), 32)
      at += 33
      from = to
      continue
    }
    const size = encode(child, from, to, depth + 1)
    from = to
    if (size < 32) {
      memory.copy(at, child, size)
      at += size
      continue
    }
    store<u8>(at, 0xa0)
    message = describe(message, child, size, at + 1)
    at += 33
    child += size
    if (child <= children + CHILDREN_ROOM) continue
    hashAll(messages, message)
    message = messages
    child = children
  }
  hashAll(messages, message)
  store<u8>(at++, 0x80)
  const payload = at - refs
  const start = out + headSize(payload)
  if (start != refs) memory.copy(start, refs, payload)
  writeHead(out, payload, 0xc0)
  return start + payload - out
}

function hashAll(messages: usize, end: usize): void {
  keccakMany(messages, <u32>((end - messages) / MESSAGE_BYTES))
}

/** How a parent names a node: by its hash, or as it is when that is shorter. They may overlap. @returns the length */
function writeRef(at: usize, node: usize, size: usize): usize {
  if (size < 32) {
    memory.copy(at, node, size)
    return size
  }
  keccak256(at + 1, node, <i32>size)
  store<u8>(at, 0xa0)
  return 33
}

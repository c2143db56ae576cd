/** Nodes as RLP, and their hashes (yellow paper, appendix D). */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_NONCE,
  ACCOUNT_STORAGE,
  BRANCH_PREFIX,
  HAS_CODE,
  HAS_PREFIX,
  LEAF_KEY,
  NODE_ACCOUNT,
  NODE_BRANCH,
  NODE_REF,
  NODE_REF_SIZE,
  SLOT_VALUE,
} from '../node-layout'
import { keccak256 } from '../../primitives/assembly/keccak'
import { copy } from '../../primitives/assembly/u256'
import { storeBytes32, swapBytes } from '../../primitives/assembly/u256-bytes'
import { childAt, depthOf, hasFlag, kindOf } from './arena'
import { writePath } from './path'

/** Bytes of a hash: what is shorter names itself. */
export const HASH: u32 = 32

/** An encoding, with room before it for the head of its list. The longest is a branch, 532 bytes. */
const ENCODING: usize = memory.data(1024)
const BODY: usize = ENCODING + 8
/** How a branch under an extension is named. */
const INNER: usize = memory.data(40)
const WORD: usize = memory.data(32)

const EMPTY_CODE: usize = memory.data<u8>([
  0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
  0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
])
const EMPTY_ROOT: usize = memory.data<u8>([
  0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
  0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
])

let hashes: u32 = 0

/** How many nodes were hashed so far, modulo 2^32. */
export function hashCount(): u32 {
  return hashes
}

export function countHashes(more: u32): void {
  hashes += more
}

@inline
export function refSize(node: usize): u32 {
  return load<u8>(node, NODE_REF_SIZE)
}

export function isEmptyCode(hash: usize): bool {
  return (
    ((load<u64>(hash) ^ load<u64>(EMPTY_CODE)) |
      (load<u64>(hash, 8) ^ load<u64>(EMPTY_CODE, 8)) |
      (load<u64>(hash, 16) ^ load<u64>(EMPTY_CODE, 16)) |
      (load<u64>(hash, 24) ^ load<u64>(EMPTY_CODE, 24))) ==
    0
  )
}

/** The hash of the trie below `root` as 32 bytes; the root is hashed. A root has no parent to be embedded in. */
export function rootHash(out: usize, root: usize): void {
  if (root == 0) copy(out, EMPTY_ROOT)
  else if (refSize(root) == HASH) copy(out, root + NODE_REF)
  else keccak256(out, root + NODE_REF, refSize(root))
}

/** Where the encoding is that `encode` or one of its parts wrote last. */
let encoded: usize = 0

export function encodedAt(): usize {
  return encoded
}

/** Encodes a node whose children are hashed, with the extension before it if there is one. Returns the bytes. */
export function encode(node: usize, at: i32): u32 {
  switch (kindOf(node)) {
    case NODE_BRANCH:
      return isExtended(node, at) ? encodeExtension(node, at) : encodeBranch(node)
    case NODE_ACCOUNT:
      return encodeAccount(node, at)
    default:
      return encodeSlot(node, at)
  }
}

/** Whether the branch is entered before its nibble. */
export function isExtended(branch: usize, at: i32): bool {
  return hasFlag(branch, HAS_PREFIX) && depthOf(branch) > at
}

function name(out: usize, encoding: usize, size: u32): u32 {
  if (size < HASH) {
    memory.copy(out, encoding, size)
    return size
  }
  hashes++
  keccak256(out, encoding, size)
  return HASH
}

/** An RLP item that names a child. */
@inline
function writeRef(out: usize, ref: usize, size: u32): usize {
  if (size == HASH) {
    store<u8>(out, 0xa0)
    copy(out + 1, ref)
    return out + 33
  }
  memory.copy(out, ref, size)
  return out + size
}

/** Puts the head of a list before the body that ends at `end`. Returns the bytes of both. */
function finish(end: usize): u32 {
  const body = <u32>(end - BODY)
  if (body < 56) {
    encoded = BODY - 1
    store<u8>(encoded, 0xc0 + body)
  } else if (body < 256) {
    encoded = BODY - 2
    store<u8>(encoded, 0xf8)
    store<u8>(encoded, body, 1)
  } else {
    encoded = BODY - 3
    store<u8>(encoded, 0xf9)
    store<u8>(encoded, body >> 8, 1)
    store<u8>(encoded, body, 2)
  }
  return <u32>(end - encoded)
}

/** The branch alone, without an extension before it. */
export function encodeBranch(branch: usize): u32 {
  let out = BODY
  for (let nibble = 0; nibble < 16; nibble++) {
    const child: usize = load<u32>(childAt(branch, nibble))
    if (child == 0) store<u8>(out++, 0x80)
    else out = writeRef(out, child + NODE_REF, refSize(child))
  }
  store<u8>(out++, 0x80)
  return finish(out)
}

export function encodeExtension(branch: usize, at: i32): u32 {
  const bytes = encodeBranch(branch)
  const size = name(INNER, encoded, bytes)
  const out = writePath(BODY, branch + BRANCH_PREFIX, at, depthOf(branch), 0)
  return finish(writeRef(out, INNER, size))
}

function encodeAccount(leaf: usize, at: i32): u32 {
  const path = writePath(BODY, leaf + LEAF_KEY, at, 64, 0x20)
  // A string that is a list of more than 55 bytes: the hashes alone are 66.
  let out = writeNumber(path + 4, load<u64>(leaf, ACCOUNT_NONCE))
  out = writeWord(out, leaf + ACCOUNT_BALANCE)
  store<u8>(out, 0xa0)
  rootHash(out + 1, load<u32>(leaf, ACCOUNT_STORAGE))
  store<u8>(out, 0xa0, 33)
  copy(out + 34, hasFlag(leaf, HAS_CODE) ? leaf + ACCOUNT_CODE : EMPTY_CODE)
  out += 66
  const fields = <u32>(out - path - 4)
  store<u8>(path, 0xb8)
  store<u8>(path, fields + 2, 1)
  store<u8>(path, 0xf8, 2)
  store<u8>(path, fields, 3)
  return finish(out)
}

function encodeSlot(leaf: usize, at: i32): u32 {
  const path = writePath(BODY, leaf + LEAF_KEY, at, 64, 0x20)
  const out = writeWord(path + 1, leaf + SLOT_VALUE)
  const size = <u32>(out - path - 1)
  if (size > 1) {
    store<u8>(path, 0x80 + size)
    return finish(out)
  }
  // A single byte below 0x80 is its own encoding, twice.
  store<u8>(path, load<u8>(path, 1))
  return finish(path + 1)
}

/** A number as RLP: big-endian, no leading zeros. */
function writeNumber(out: usize, value: u64): usize {
  if (value == 0) {
    store<u8>(out, 0x80)
    return out + 1
  }
  if (value < 0x80) {
    store<u8>(out, value)
    return out + 1
  }
  const size = 8 - (<usize>clz(value) >> 3)
  store<u8>(out, 0x80 + size)
  store<u64>(out + 1, swapBytes(value << (64 - (size << 3))))
  return out + 1 + size
}

function writeWord(out: usize, word: usize): usize {
  if ((load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) == 0) {
    return writeNumber(out, load<u64>(word))
  }
  storeBytes32(WORD, word)
  let skip: usize = 0
  while (load<u8>(WORD + skip) == 0) skip++
  store<u8>(out, 0x80 + 32 - skip)
  memory.copy(out + 1, WORD + skip, 32 - skip)
  return out + 33 - skip
}

/**
 * Branches as records on disk, by their number. Leaves stand in the record of the branch above them: a leaf is about as long as its
 * hash and number would be, and is read with its branch. A branch is named by its number and its hash; what is read is hashed again
 * and must have that hash.
 *
 *     record: u8 depth | u8 1 if prefixed | prefix, 32 | u16 which children there are | links of the children
 *     link:   u8 what | nothing: - | branch: u8 length of ref, ref, u48 number | slot: name, value
 *             | account: address, 20 | nonce | balance | code hash, 32, of a contract | link of the storage
 *
 * Numbers and words are a length and so many bytes, the lowest first.
 */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_BYTES,
  ACCOUNT_CODE,
  ACCOUNT_NONCE,
  ACCOUNT_STORAGE,
  BRANCH_ID,
  BRANCH_PREFIX,
  CONTRACT_BYTES,
  HAS_CODE,
  HAS_PREFIX,
  IS_STORED,
  IS_TAKEN,
  LEAF_KEY,
  LEAF_NAME,
  NODE_ACCOUNT,
  NODE_BRANCH,
  NODE_REF,
  NODE_REF_SIZE,
  NODE_SLOT,
  NODE_STUB,
  SLOT_BYTES,
  SLOT_VALUE,
  STUB_BYTES,
} from '../node-layout'
import { copy } from '../../primitives/assembly/u256'
import { allocate, childAt, depthOf, drop, hasFlag, kindOf, setFlag } from './arena'
import { refSize } from './encode'
import { accountKey, slotKey } from './keys'
import { seal } from './seal'
import { newBranch } from './trie'

const LINK_NONE: u32 = 0
const LINK_BRANCH: u32 = 1
const LINK_ACCOUNT: u32 = 2
const LINK_CONTRACT: u32 = 3
const LINK_SLOT: u32 = 4

/** Longer than the longest record: sixteen contracts whose storage is one slot. */
export const RECORD_ROOM: i32 = 8192
export const RECORD: usize = memory.data(8192)

/** Puts the record at `RECORD` and returns its length. Throws when it is missing. */
@external("host", "load")
declare function hostLoad(id: f64, stub: usize): i32
/** Throws. */
@external("host", "damaged")
declare function hostDamaged(id: f64): void
@external("host", "child")
declare function hostChild(id: f64): void
@external("host", "record")
declare function hostRecord(id: f64, at: usize, size: u32): void

let loads: u32 = 0
/** Leaves that were written for the first time, and their bytes. */
let leaves: f64 = 0
let leafBytes: f64 = 0

export function loadCount(): u32 {
  return loads
}

export function leafCount(): f64 {
  return leaves
}

export function leafSize(): f64 {
  return leafBytes
}

/** The branch that `stub` stands for. */
export function fetch(stub: usize, at: i32): usize {
  const id = load<f64>(stub, BRANCH_ID)
  loads++
  const size = hostLoad(id, stub)
  const branch = parseBranch(id)
  if (depthOf(branch) < at || cursor != RECORD + <usize>size) hostDamaged(id)
  seal(branch, at)
  const length = refSize(stub)
  if (refSize(branch) != length) hostDamaged(id)
  if (memory.compare(branch + NODE_REF, stub + NODE_REF, length) != 0) hostDamaged(id)
  store<f64>(branch, id, BRANCH_ID)
  setFlag(branch, IS_STORED)
  return branch
}

/** Hands over the records of all branches below `node` that were not yet, numbered from `next`. Returns the next number. */
export function collect(node: usize, next: f64): f64 {
  if (node == 0) return next
  if (kindOf(node) == NODE_ACCOUNT) return collect(load<u32>(node, ACCOUNT_STORAGE), next)
  if (kindOf(node) != NODE_BRANCH || hasFlag(node, IS_STORED | IS_TAKEN)) return next
  for (let nibble = 0; nibble < 16; nibble++) next = collect(load<u32>(childAt(node, nibble)), next)
  store<f64>(node, next++, BRANCH_ID)
  setFlag(node, IS_TAKEN)
  hostRecord(load<f64>(node, BRANCH_ID), RECORD, writeBranch(node))
  return next
}

/** All below `node` was written. */
export function markStored(node: usize): void {
  if (node == 0) return
  if (kindOf(node) == NODE_ACCOUNT) return markStored(load<u32>(node, ACCOUNT_STORAGE))
  if (kindOf(node) != NODE_BRANCH || hasFlag(node, IS_STORED)) return
  for (let nibble = 0; nibble < 16; nibble++) markStored(load<u32>(childAt(node, nibble)))
  setFlag(node, IS_STORED)
}

function writeBranch(branch: usize): u32 {
  let out = RECORD
  const isPrefixed = hasFlag(branch, HAS_PREFIX)
  store<u8>(out++, depthOf(branch))
  store<u8>(out++, isPrefixed ? 1 : 0)
  if (isPrefixed) {
    copy(out, branch + BRANCH_PREFIX)
    out += 32
  }
  const children = out
  let mask: u32 = 0
  out += 2
  for (let nibble = 0; nibble < 16; nibble++) {
    const child: usize = load<u32>(childAt(branch, nibble))
    if (child == 0) continue
    mask |= 1 << nibble
    out = writeLink(out, child)
  }
  store<u16>(children, mask)
  return <u32>(out - RECORD)
}

/** The link of a root, at `RECORD`. Returns its length. */
export function writeRoot(root: usize): u32 {
  return <u32>(writeLink(RECORD, root) - RECORD)
}

function writeLink(out: usize, node: usize): usize {
  if (node == 0) {
    store<u8>(out, LINK_NONE)
    return out + 1
  }
  const kind = kindOf(node)
  if (kind == NODE_SLOT) {
    store<u8>(out, LINK_SLOT)
    const end = writeWord(writeWord(out + 1, node + LEAF_NAME), node + SLOT_VALUE)
    countLeaf(node, end - out)
    return end
  }
  if (kind == NODE_ACCOUNT) return writeAccount(out, node)
  const size = refSize(node)
  store<u8>(out, LINK_BRANCH)
  store<u8>(out, size, 1)
  memory.copy(out + 2, node + NODE_REF, size)
  out += 2 + size
  store<u64>(out, <u64>load<f64>(node, BRANCH_ID))
  return out + 6
}

function writeAccount(out: usize, leaf: usize): usize {
  const begin = out
  const isContract = hasFlag(leaf, HAS_CODE)
  store<u8>(out, isContract ? LINK_CONTRACT : LINK_ACCOUNT)
  memory.copy(out + 1, leaf + LEAF_NAME, 20)
  store<u64>(WORD, load<u64>(leaf, ACCOUNT_NONCE))
  out = writeWord(writeWord(out + 21, WORD), leaf + ACCOUNT_BALANCE)
  if (isContract) {
    copy(out, leaf + ACCOUNT_CODE)
    out += 32
  }
  countLeaf(leaf, out - begin)
  return writeLink(out, load<u32>(leaf, ACCOUNT_STORAGE))
}

function countLeaf(leaf: usize, size: usize): void {
  if (hasFlag(leaf, IS_STORED | IS_TAKEN)) return
  setFlag(leaf, IS_TAKEN)
  leaves++
  leafBytes += <f64>size
}

/** A word of which only the lowest limb is ever set. */
const WORD: usize = memory.data(32)

function writeWord(out: usize, word: usize): usize {
  let size: usize = 32
  while (size > 0 && load<u8>(word + size - 1) == 0) size--
  store<u8>(out, <u8>size)
  memory.copy(out + 1, word, size)
  return out + 1 + size
}

let cursor: usize = 0
/** Whose record is read. */
let reading: f64 = 0

/** The node of a link of a root, which stands at `RECORD`; a branch stays a stub. */
export function readRoot(): usize {
  cursor = RECORD
  reading = 0
  return readLink()
}

/** Hands over the numbers of the branches that the record at `RECORD` names. */
export function childrenOf(id: f64): void {
  const branch = parseBranch(id)
  for (let nibble = 0; nibble < 16; nibble++) {
    let child: usize = load<u32>(childAt(branch, nibble))
    if (child != 0 && kindOf(child) == NODE_ACCOUNT) child = load<u32>(child, ACCOUNT_STORAGE)
    if (child != 0 && kindOf(child) == NODE_STUB) hostChild(load<f64>(child, BRANCH_ID))
  }
  drop(branch)
}

function parseBranch(id: f64): usize {
  cursor = RECORD
  reading = id
  const depth = take()
  const isPrefixed = take() != 0
  if (depth > 63) hostDamaged(id)
  const branch = newBranch(depth, isPrefixed)
  if (isPrefixed) {
    copy(branch + BRANCH_PREFIX, cursor)
    cursor += 32
  }
  const mask: u32 = load<u16>(cursor)
  cursor += 2
  for (let nibble = 0; nibble < 16; nibble++) {
    if (((mask >> nibble) & 1) != 0) store<u32>(childAt(branch, nibble), <u32>readLink())
  }
  return branch
}

@inline
function take(): i32 {
  return load<u8>(cursor++)
}

function readLink(): usize {
  const what = take()
  switch (what) {
    case LINK_NONE:
      return 0
    case LINK_BRANCH:
      return readStub()
    case LINK_SLOT: {
      const leaf = allocate(NODE_SLOT, IS_STORED, SLOT_BYTES)
      readWord(leaf + LEAF_NAME)
      readWord(leaf + SLOT_VALUE)
      slotKey(leaf + LEAF_KEY, leaf + LEAF_NAME)
      return leaf
    }
    case LINK_ACCOUNT:
    case LINK_CONTRACT:
      return readAccount(what == LINK_CONTRACT)
    default:
      hostDamaged(reading)
      return 0
  }
}

function readStub(): usize {
  const stub = allocate(NODE_STUB, IS_STORED, STUB_BYTES)
  const size = take()
  if (size > 32) hostDamaged(reading)
  store<u8>(stub, size, NODE_REF_SIZE)
  memory.copy(stub + NODE_REF, cursor, size)
  cursor += size
  store<f64>(stub, <f64>(load<u64>(cursor) & 0xffffffffffff), BRANCH_ID)
  cursor += 6
  return stub
}

function readAccount(isContract: bool): usize {
  const leaf = isContract
    ? allocate(NODE_ACCOUNT, HAS_CODE | IS_STORED, CONTRACT_BYTES)
    : allocate(NODE_ACCOUNT, IS_STORED, ACCOUNT_BYTES)
  memory.copy(leaf + LEAF_NAME, cursor, 20)
  cursor += 20
  accountKey(leaf + LEAF_KEY, leaf + LEAF_NAME)
  // The balance's place is free still, and longer than a nonce.
  readWord(leaf + ACCOUNT_BALANCE)
  store<u64>(leaf, load<u64>(leaf, ACCOUNT_BALANCE), ACCOUNT_NONCE)
  memory.fill(leaf + ACCOUNT_BALANCE, 0, 32)
  readWord(leaf + ACCOUNT_BALANCE)
  if (isContract) {
    copy(leaf + ACCOUNT_CODE, cursor)
    cursor += 32
  }
  store<u32>(leaf, <u32>readLink(), ACCOUNT_STORAGE)
  return leaf
}

function readWord(out: usize): void {
  const size = take()
  if (size > 32) hostDamaged(reading)
  memory.copy(out, cursor, size)
  cursor += size
}

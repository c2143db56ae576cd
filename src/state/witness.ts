import type { Address, Hash, Slot } from '../primitives/hex.ts'
import { bytesToHash, hexToBytes } from '../primitives/hex.ts'
import { invariant } from '../primitives/invariant.ts'
import { keccakHash } from '../primitives/keccak.ts'
import { bytesToNibbles, unpackPath } from '../primitives/nibbles.ts'
import { type RlpData, decodeRlp } from '../primitives/rlp.ts'
import type { Arena } from '../store/arena.ts'
import { readSlotValue, storageOf } from './account-leaf.ts'
import { secureKey } from './secure-key.ts'
import type { Version } from './world.ts'

/** Accounts, and slots of each. */
export type Accessed = ReadonlyMap<Address, ReadonlySet<Slot>>

/**
 * The trie nodes by which `accessed` can be read in `before`, and by which its root can be brought to `after`'s: a branch that loses all
 * children but one becomes one with that child, so the child is among them. Each as RLP, once, in no order.
 */
export function witnessNodes(
  before: Version,
  after: Version,
  accessed: Accessed,
): readonly Uint8Array[] {
  const nodes = new Map<Hash, Uint8Array>()
  const gone: Uint8Array[] = []
  const { arena } = before
  for (const [address, slots] of accessed) {
    const key = secureKey(address)
    prove(nodes, arena, before.root, key)
    const leaf = arena.find(before.root, key)
    const leafAfter = after.arena.find(after.root, key)
    if (leaf === 0) continue
    if (leafAfter === 0) gone.push(key)
    const storage = storageOf(arena, leaf)
    const cleared: Uint8Array[] = []
    for (const slot of slots) {
      const slotKey = secureKey(slot)
      prove(nodes, arena, storage, slotKey)
      const was = readSlotValue(arena, leaf, slot)
      const is = leafAfter === 0 ? 0n : readSlotValue(after.arena, leafAfter, slot)
      if (was !== 0n && is === 0n && leafAfter !== 0) cleared.push(slotKey)
    }
    if (storage !== 0) addSurvivors(nodes, arena, storage, cleared)
  }
  if (before.root !== 0) addSurvivors(nodes, arena, before.root, gone)
  return [...nodes.values()]
}

function prove(nodes: Map<Hash, Uint8Array>, arena: Arena, root: number, key: Uint8Array): void {
  for (const node of arena.prove(root, key)) nodes.set(keccakHash(node), node)
}

/** Of each branch that loses children to `gone`, keys of this trie, and keeps one: that one. */
function addSurvivors(
  nodes: Map<Hash, Uint8Array>,
  arena: Arena,
  root: number,
  gone: readonly Uint8Array[],
): void {
  if (gone.length === 0) return
  const keys = gone.map((key) => [...bytesToNibbles(key)])
  /** Whether something is left of the node at `path`. */
  const survives = (
    item: RlpData,
    path: readonly number[],
    dying: readonly number[][],
  ): boolean => {
    if (dying.length === 0) return true
    const node = itemsOf(item, nodes)
    if (node.length === 2) {
      const { path: more, isLeaf } = unpackPath(node[0] as Uint8Array)
      return !isLeaf && survives(node[1]!, [...path, ...more], dying)
    }
    const left: number[] = []
    for (let nibble = 0; nibble < 16; nibble++) {
      const child = node[nibble]!
      if (child.length === 0) continue
      const below = dying.filter((key) => key[path.length] === nibble)
      if (survives(child, [...path, nibble], below)) left.push(nibble)
    }
    if (left.length === 1) prove(nodes, arena, root, keyBelow([...path, left[0]!]))
    return left.length > 0
  }
  survives(hexToBytes(arena.rootHash(root)), [], keys)
}

/** A node's items, whether it is named by its hash or stands in its parent. */
function itemsOf(item: RlpData, nodes: ReadonlyMap<Hash, Uint8Array>): RlpData[] {
  const node = item instanceof Uint8Array ? decodeRlp(nodes.get(bytesToHash(item))!) : item
  invariant(Array.isArray(node), 'a trie node is a list')
  return node
}

/** Some key that begins with `path`. */
function keyBelow(path: readonly number[]): Uint8Array {
  const key = new Uint8Array(32)
  for (const [at, nibble] of path.entries()) key[at >> 1]! |= at % 2 === 0 ? nibble << 4 : nibble
  return key
}

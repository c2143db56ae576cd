import { concatBytes } from '../primitives/bytes.ts'
import { keccak256 } from '../primitives/keccak.ts'
import { packPath, unpackPath } from '../primitives/nibbles.ts'
import { type RlpData, decodeRlp, encodeRlp } from '../primitives/rlp.ts'
import {
  type BranchNode,
  type ExtensionNode,
  type LoadedNode,
  type TrieNode,
  branchNode,
  extensionNode,
  leafNode,
  storedNode,
} from './node.ts'

/** How a value stands in a leaf. Encodings are never empty: an empty value is no entry. */
export interface Codec<Value> {
  encode(value: Value): Uint8Array
  /** @throws when the bytes are no such value. */
  decode(bytes: Uint8Array): Value
}

export class TrieError extends Error {
  override readonly name = 'TrieError'
}

const HASH_REF_BYTES = 33
const EMPTY_REF = Uint8Array.of(0x80)

/** The RLP of a node, its children by reference. Hashes what below it was not hashed yet. */
export function encodeNode<Value>(node: LoadedNode<Value>, codec: Codec<Value>): Uint8Array {
  switch (node.kind) {
    case 'leaf':
      return encodeRlp([packPath(node.path, true), codec.encode(node.value)])
    case 'extension':
      return encodeExtension(node, codec)
    case 'branch':
      return writeBranch(node, codec).slice()
  }
}

/** How a parent names `node`, as RLP: 0xa0 and its hash, or its own encoding when that is under 32 bytes. Cached. */
export function refOf<Value>(node: TrieNode<Value>, codec: Codec<Value>): Uint8Array {
  if (node.ref !== undefined || node.kind === 'stored') return node.ref!
  const encoding = node.kind === 'branch' ? writeBranch(node, codec) : encodeNode(node, codec)
  node.ref = encoding.length < 32 ? encoding.slice() : hashRef(keccak256(encoding))
  return node.ref
}

export function isHashRef(ref: Uint8Array): boolean {
  return ref.length === HASH_REF_BYTES
}

/** @param hash 32 bytes. */
export function hashRef(hash: Uint8Array): Uint8Array {
  const ref = new Uint8Array(HASH_REF_BYTES)
  ref[0] = 0xa0
  ref.set(hash, 1)
  return ref
}

/** A node from its RLP; children are left in the store until they are needed. @throws {TrieError} */
export function decodeNode<Value>(bytes: Uint8Array, codec: Codec<Value>): LoadedNode<Value> {
  try {
    return nodeFromItems(decodeRlp(bytes), codec)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new TrieError(`a trie node cannot be read: ${detail}`, { cause: error })
  }
}

function nodeFromItems<Value>(items: RlpData, codec: Codec<Value>): LoadedNode<Value> {
  if (items instanceof Uint8Array) throw new TrieError('it is no list')
  if (items.length === 17) {
    const children = items.slice(0, 16).map((item) => childFromItem(item, codec))
    const value = bytesOf(items[16])
    const node = branchNode(children, value.length === 0 ? undefined : codec.decode(value))
    return asStored(node)
  }
  if (items.length !== 2) throw new TrieError(`it has ${items.length} items`)
  const { path, isLeaf } = unpackPath(bytesOf(items[0]))
  if (isLeaf) return asStored(leafNode(path, codec.decode(bytesOf(items[1]))))
  const child = childFromItem(items[1], codec)
  if (child === undefined || path.length === 0) throw new TrieError('an extension leads nowhere')
  return asStored(extensionNode(path, child))
}

function childFromItem<Value>(
  item: RlpData | undefined,
  codec: Codec<Value>,
): TrieNode<Value> | undefined {
  if (item === undefined) throw new TrieError('a child is missing')
  if (!(item instanceof Uint8Array)) return nodeFromItems(item, codec)
  if (item.length === 0) return undefined
  if (item.length !== 32) throw new TrieError(`a child is named by ${item.length} bytes`)
  return storedNode(hashRef(item))
}

function bytesOf(item: RlpData | undefined): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new TrieError('a byte string was expected')
  return item
}

function asStored<Node extends { isStored: boolean }>(node: Node): Node {
  node.isStored = true
  return node
}

function encodeExtension<Value>(node: ExtensionNode<Value>, codec: Codec<Value>): Uint8Array {
  const path = encodeRlp(packPath(node.path, false))
  const child = refOf(node.child, codec)
  return concatBytes(Uint8Array.from(listHead(path.length + child.length)), path, child)
}

/** The longest branch without a value is 532 bytes. Only one is written at a time: children are hashed before. */
const scratch = new Uint8Array(1024)

/** A view that the next branch overwrites: a new array for each costs more than the hash. */
function writeBranch<Value>(node: BranchNode<Value>, codec: Codec<Value>): Uint8Array {
  const value = node.value === undefined ? EMPTY_REF : encodeRlp(codec.encode(node.value))
  let payload = value.length
  for (const child of node.children) payload += child === undefined ? 1 : refOf(child, codec).length
  const head = listHead(payload)
  const length = head.length + payload
  const out = length <= scratch.length ? scratch : new Uint8Array(length)
  out.set(head)
  let at = head.length
  for (const child of node.children) {
    if (child === undefined) {
      out[at++] = 0x80
    } else {
      out.set(child.ref!, at)
      at += child.ref!.length
    }
  }
  out.set(value, at)
  return out.subarray(0, length)
}

function listHead(length: number): readonly number[] {
  if (length < 56) return [0xc0 + length]
  if (length < 0x100) return [0xf8, length]
  if (length < 0x10000) return [0xf9, length >> 8, length & 0xff]
  // A long value in a branch, whose key is the start of another: never on chain.
  return [0xfa, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff]
}

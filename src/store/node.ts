/** The nodes of a Merkle-Patricia trie (yellow paper, appendix D): immutable but for what is cached in them. */

interface Cached {
  /**
   * How a parent names this node, as RLP: 33 bytes (0xa0 and the hash), or, when the node's own encoding is
   * under 32 bytes, that encoding. Computed once, when a root is asked for.
   */
  ref: Uint8Array | undefined
  /** Whether the key-value store holds this node, and so all below it. */
  isStored: boolean
}

export interface LeafNode<Value> extends Cached {
  readonly kind: 'leaf'
  /** Nibbles. */
  readonly path: Uint8Array
  readonly value: Value
}

export interface ExtensionNode<Value> extends Cached {
  readonly kind: 'extension'
  /** Nibbles, at least one. */
  readonly path: Uint8Array
  readonly child: TrieNode<Value>
}

export interface BranchNode<Value> extends Cached {
  readonly kind: 'branch'
  /** Sixteen, by the next nibble. */
  readonly children: readonly (TrieNode<Value> | undefined)[]
  /** Of the key that ends here. Keys of one length never do. */
  readonly value: Value | undefined
}

/** A node known by its hash, read from the store when it is needed. */
export interface StoredNode<Value> {
  readonly kind: 'stored'
  /** 33 bytes: 0xa0 and the hash. */
  readonly ref: Uint8Array
  loaded: LoadedNode<Value> | undefined
}

export type LoadedNode<Value> = LeafNode<Value> | ExtensionNode<Value> | BranchNode<Value>
export type TrieNode<Value> = LoadedNode<Value> | StoredNode<Value>

export function leafNode<Value>(path: Uint8Array, value: Value): LeafNode<Value> {
  return { kind: 'leaf', path, value, ref: undefined, isStored: false }
}

export function extensionNode<Value>(
  path: Uint8Array,
  child: TrieNode<Value>,
): ExtensionNode<Value> {
  return { kind: 'extension', path, child, ref: undefined, isStored: false }
}

export function branchNode<Value>(
  children: readonly (TrieNode<Value> | undefined)[],
  value: Value | undefined,
): BranchNode<Value> {
  return { kind: 'branch', children, value, ref: undefined, isStored: false }
}

/** @param ref 33 bytes: 0xa0 and the hash. */
export function storedNode<Value>(ref: Uint8Array): StoredNode<Value> {
  return { kind: 'stored', ref, loaded: undefined }
}

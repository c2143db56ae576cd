import type { Kv, KvWrite } from './kv.ts'
import type { NewNodes, NodeLoader } from './trie.ts'

/** First bytes of keys. A trie node is kept by its hash, so every root ever written stays readable. */
const NODE_PREFIX = 0x6e // n

export function nodeLoader(kv: Kv): NodeLoader {
  return (hash) => kv.get(prefixedKey(NODE_PREFIX, hash))
}

/** The records of `nodes`; after they are written call `markStored`. */
export function nodeWrites(nodes: NewNodes): KvWrite[] {
  return nodes.entries.map(([hash, encoding]) => ({
    key: prefixedKey(NODE_PREFIX, hash),
    value: encoding,
  }))
}

export function prefixedKey(prefix: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(rest.length + 1)
  key[0] = prefix
  key.set(rest, 1)
  return key
}

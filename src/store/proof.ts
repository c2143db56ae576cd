import { equalBytes } from '../primitives/bytes.ts'
import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { EMPTY_ROOT, keccakHash } from '../primitives/keccak.ts'
import { bytesToNibbles, unpackPath } from '../primitives/nibbles.ts'
import { type RlpData, decodeRlp } from '../primitives/rlp.ts'

export type ProofResult =
  | { readonly kind: 'present'; readonly value: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly detail: string }

/**
 * What `proof` says of `key` under `root`. It reads the nodes' RLP itself and shares no code with the trie but for paths
 * and hashes, so that it can judge it. A proof with nodes to spare is invalid.
 */
export function verifyProof(
  root: Hash,
  key: Uint8Array,
  proof: readonly Uint8Array[],
): ProofResult {
  if (root === EMPTY_ROOT && proof.length === 0) return { kind: 'absent' }
  try {
    const walk = new Walk(root, proof)
    const value = walk.follow(bytesToNibbles(key))
    if (walk.used !== proof.length) return invalid(`${proof.length - walk.used} nodes too many`)
    return value === undefined ? { kind: 'absent' } : { kind: 'present', value }
  } catch (error) {
    return invalid(error instanceof Error ? error.message : String(error))
  }
}

function invalid(detail: string): ProofResult {
  return { kind: 'invalid', detail }
}

class Walk {
  readonly #proof: readonly Uint8Array[]
  readonly #root: Hash
  used = 0

  constructor(root: Hash, proof: readonly Uint8Array[]) {
    this.#root = root
    this.#proof = proof
  }

  follow(key: Uint8Array): Uint8Array | undefined {
    let node: RlpData = this.#next(this.#root)
    let at = 0
    for (;;) {
      if (!Array.isArray(node)) throw new TypeError('a node is no list')
      let next: RlpData
      if (node.length === 17) {
        const item = node[at === key.length ? 16 : key[at]!]!
        if (at === key.length) return valueOf(item)
        next = item
        at++
      } else if (node.length === 2 && node[0] instanceof Uint8Array) {
        const { path, isLeaf } = unpackPath(node[0])
        const isWay = equalBytes(path, key.subarray(at, at + path.length))
        at += path.length
        if (isLeaf) return isWay && at === key.length ? valueOf(node[1]!) : undefined
        if (!isWay) return undefined
        next = node[1]!
      } else {
        throw new TypeError(`a node has ${node.length} items`)
      }
      if (next instanceof Uint8Array && next.length === 0) return undefined
      node = next instanceof Uint8Array ? this.#next(bytesToHash(next)) : next
    }
  }

  #next(hash: Hash): RlpData {
    const encoding = this.#proof[this.used]
    if (encoding === undefined) throw new RangeError('the proof ends too early')
    if (keccakHash(encoding) !== hash) throw new RangeError(`node ${this.used} has another hash`)
    this.used++
    return decodeRlp(encoding)
  }
}

function valueOf(item: RlpData): Uint8Array | undefined {
  if (!(item instanceof Uint8Array)) throw new TypeError('a value is no byte string')
  return item.length === 0 ? undefined : item
}

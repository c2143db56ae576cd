/** Proofs as EIP-1186 lists them. */
import { BRANCH_PREFIX, NODE_BRANCH } from '../node-layout'
import { childAt, depthOf, kindOf } from './arena'
import { encode, encodeBranch, encodeExtension, encodedAt, isExtended } from './encode'
import { mismatch, nibbleOf } from './path'
import { nodeAt } from './trie'

@external("host", "proof")
declare function hostProof(at: usize, size: u32): void

/**
 * Hands over the encodings of the nodes on the way to `key`, the root first: of its value or of its absence. All are hashed. Nodes
 * embedded in their parent are left out.
 */
export function prove(root: usize, key: usize): void {
  let node = root
  let at = 0
  while (node != 0) {
    if (kindOf(node) != NODE_BRANCH) {
      list(encode(node, at), node == root)
      return
    }
    const depth = depthOf(node)
    if (isExtended(node, at)) {
      list(encodeExtension(node, at), node == root)
      if (mismatch(node + BRANCH_PREFIX, key, at, depth) < depth) return
      list(encodeBranch(node), false)
    } else {
      list(encodeBranch(node), node == root)
    }
    node = nodeAt(childAt(node, nibbleOf(key, depth)), depth + 1)
    at = depth + 1
  }
}

function list(size: u32, isRoot: bool): void {
  if (isRoot || size >= 32) hostProof(encodedAt(), size)
}

/** Half bytes, one per element, as the paths of a Merkle-Patricia trie are made of them. */

export function bytesToNibbles(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length * 2)
  for (let i = 0; i < bytes.length; i++) {
    out[i * 2] = bytes[i]! >> 4
    out[i * 2 + 1] = bytes[i]! & 15
  }
  return out
}

/** A path of a node and whether it is a leaf's: the hex-prefix encoding (yellow paper, appendix C). @throws {RangeError} when the first byte is no valid flag. */
export function unpackPath(packed: Uint8Array): { path: Uint8Array; isLeaf: boolean } {
  const flags = packed[0]
  if (flags === undefined || flags >= 0x40 || ((flags & 0x10) === 0 && (flags & 15) !== 0)) {
    throw new RangeError('a trie path has a wrong prefix')
  }
  const nibbles = bytesToNibbles(packed)
  return { path: nibbles.slice((flags & 0x10) === 0 ? 2 : 1), isLeaf: (flags & 0x20) !== 0 }
}

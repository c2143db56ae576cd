/** Half bytes, one per element, as the paths of a Merkle-Patricia trie are made of them. */

export function bytesToNibbles(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length * 2)
  for (let i = 0; i < bytes.length; i++) {
    out[i * 2] = bytes[i]! >> 4
    out[i * 2 + 1] = bytes[i]! & 15
  }
  return out
}

/** How many nibbles of `path` agree with `key` from `at` on. */
export function sharedNibbles(path: Uint8Array, key: Uint8Array, at: number): number {
  const limit = Math.min(path.length, key.length - at)
  let count = 0
  while (count < limit && path[count] === key[at + count]) count++
  return count
}

/** A path and what it leads to in one byte string: the hex-prefix encoding (yellow paper, appendix C). */
export function packPath(path: Uint8Array, isLeaf: boolean): Uint8Array {
  const isOdd = path.length % 2 === 1
  const out = new Uint8Array((path.length >> 1) + 1)
  const flags = (isLeaf ? 0x20 : 0) | (isOdd ? 0x10 : 0)
  out[0] = isOdd ? flags | path[0]! : flags
  for (let i = isOdd ? 1 : 0, at = 1; i < path.length; i += 2, at++) {
    out[at] = (path[i]! << 4) | path[i + 1]!
  }
  return out
}

/** The inverse of `packPath`. @throws {RangeError} when the first byte is no valid flag. */
export function unpackPath(packed: Uint8Array): { path: Uint8Array; isLeaf: boolean } {
  const flags = packed[0]
  if (flags === undefined || flags >= 0x40 || ((flags & 0x10) === 0 && (flags & 15) !== 0)) {
    throw new RangeError('a trie path has a wrong prefix')
  }
  const nibbles = bytesToNibbles(packed)
  return { path: nibbles.slice((flags & 0x10) === 0 ? 2 : 1), isLeaf: (flags & 0x20) !== 0 }
}

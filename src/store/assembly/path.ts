/** Keys as paths: 64 nibbles, the high one of each byte first. */

@inline
export function nibbleOf(key: usize, index: i32): i32 {
  const byte = <i32>load<u8>(key + (<usize>index >> 1))
  return (index & 1) != 0 ? byte & 15 : byte >> 4
}

/** The first nibble from `from` on that differs, `to` when none before it does. */
export function mismatch(a: usize, b: usize, from: i32, to: i32): i32 {
  while (from < to && nibbleOf(a, from) == nibbleOf(b, from)) from++
  return from
}

export function setNibble(key: usize, index: i32, nibble: i32): void {
  const at = key + (<usize>index >> 1)
  const byte = <i32>load<u8>(at)
  store<u8>(at, (index & 1) != 0 ? (byte & 0xf0) | nibble : (byte & 15) | (nibble << 4))
}

/**
 * Writes the nibbles `from` to `to` of `key` as a path of a node (yellow paper, appendix C), as an RLP string. Returns where it ends.
 * @param mark 0x20 for a leaf's, 0 for an extension's
 */
export function writePath(out: usize, key: usize, from: i32, to: i32, mark: i32): usize {
  const count = to - from
  const isOdd = (count & 1) != 0
  const size = (count >> 1) + 1
  if (size > 1) store<u8>(out++, 0x80 + size)
  if (isOdd) store<u8>(out++, mark | 0x10 | nibbleOf(key, from++))
  else store<u8>(out++, mark)
  for (; from < to; from += 2) {
    store<u8>(out++, (nibbleOf(key, from) << 4) | nibbleOf(key, from + 1))
  }
  return out
}

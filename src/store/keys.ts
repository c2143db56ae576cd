/** A key of records of one kind: a byte that says which, and what tells them apart. */
export function prefixedKey(prefix: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(rest.length + 1)
  key[0] = prefix
  key.set(rest, 1)
  return key
}

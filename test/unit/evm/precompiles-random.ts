/** Bytes and numbers from a seed. */
export interface RandomBytes {
  below(bound: number): number
  bytes(length: number): Uint8Array
  /** Of 256 bits, small or near 2^256 at times. */
  number(): bigint
  /** `input` or, more often than not, something close: a bit changed, cut, longer, a number near the edge. */
  mutate(input: Uint8Array): Uint8Array
}

export function randomBytes(seed: number): RandomBytes {
  let state = seed >>> 0
  function below(bound: number): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
  function bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => below(256))
  }
  function number(): bigint {
    const kind = below(6)
    if (kind === 0) return BigInt(below(3))
    const full = BigInt(`0x${Buffer.from(bytes(32)).toString('hex')}`)
    if (kind === 1) return 2n ** 256n - 1n - (full & 3n)
    return full
  }
  function mutate(input: Uint8Array): Uint8Array {
    const out = input.slice()
    const at = below(Math.max(1, out.length))
    switch (below(8)) {
      case 0:
        out[at]! ^= 1 << below(8)
        return out
      case 1:
        return out.subarray(0, at)
      case 2:
        return Uint8Array.from([...out, ...bytes(1 + below(40))])
      case 3:
        return out.fill(0, at & ~31, (at & ~31) + 32)
      case 4:
        return out.fill(255, at & ~31, (at & ~31) + 32)
      default:
        return out
    }
  }
  return { below, bytes, number, mutate }
}

const MASK = (1n << 256n) - 1n
const LIMB = (1n << 64n) - 1n

export interface WordSource {
  /** An integer in 0..bound-1. */
  below(bound: number): number
  limb(): bigint
  /** Any number of limbs, edges often. */
  word(): bigint
  /** a, b and m so that carries, equal upper limbs and remainders at the edge are met. */
  triple(): readonly [bigint, bigint, bigint]
}

/** Operands from a seed: the same seed gives the same operands. */
export function wordSource(seed: number): WordSource {
  let state = seed >>> 0
  function below(bound: number): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
  const chance = (oneIn: number) => below(oneIn) === 0
  function limb(): bigint {
    const kind = below(8)
    if (kind === 0) return 0n
    if (kind === 1) return LIMB - BigInt(below(4))
    if (kind === 2) return 1n << 63n
    if (kind === 3) return BigInt(below(4))
    return (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32))
  }
  function word(): bigint {
    if (chance(8)) return ((1n << BigInt(below(257))) - BigInt(below(2))) & MASK
    let value = 0n
    for (let limbs = below(5); limbs > 0; limbs--) value = (value << 64n) | limb()
    return value
  }
  function triple(): readonly [bigint, bigint, bigint] {
    const [a, b, m] = [word(), word(), word()]
    const divisor = b === 0n ? 1n : b
    if (chance(8)) {
      const rest = chance(2) ? divisor - 1n : BigInt(below(3))
      return [(divisor * word() + rest) & MASK, b, m]
    }
    // A remainder whose upper limbs are the divisor's, in the middle of the division.
    if (chance(8)) {
      const narrow = divisor >> 64n === 0n ? divisor : divisor >> 64n
      const edge = narrow - 1n - BigInt(below(2))
      return [(((edge < 0n ? 0n : edge) << 64n) | limb()) & MASK, narrow, m]
    }
    if (chance(8) && m > 2n) return [m - 1n - BigInt(below(2)), 1n << BigInt(64 * below(4)), m]
    if (chance(16)) return [a, b, MASK]
    return [a, b, m]
  }
  return { below, limb, word, triple }
}

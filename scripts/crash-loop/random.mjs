/** Whole numbers below `limit`, the same for the same seed (xorshift32). @param {number} seed */
export function seededRandom(seed) {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return (limit) => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % limit
  }
}

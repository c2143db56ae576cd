// Figures from samples. Nothing here knows what was measured.

/**
 * The middle value, or the mean of the two middle ones.
 * @param {readonly number[]} values at least one, in any order
 * @returns {number}
 * @throws {Error} when there is none
 */
export function median(values) {
  const sorted = ascending(values)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2
}

/**
 * The smallest value that at least `percent` per cent of the values do not exceed (nearest rank).
 * @param {readonly number[]} values at least one, in any order
 * @param {number} percent above 0, up to 100
 * @returns {number}
 * @throws {Error} when there is none
 */
export function percentile(values, percent) {
  const sorted = ascending(values)
  const rank = Math.ceil((percent / 100) * sorted.length)
  return sorted[Math.max(rank, 1) - 1]
}

/**
 * How many times better `ours` is than `theirs`: 2 is twice as good, 0.5 half as good.
 * @param {number} ours
 * @param {number} theirs same unit
 * @param {'lower' | 'higher'} better which direction is the good one
 * @returns {number | undefined} undefined when one of them is not above zero
 */
export function timesBetter(ours, theirs, better) {
  if (!(ours > 0) || !(theirs > 0)) return undefined
  return better === 'lower' ? theirs / ours : ours / theirs
}

/**
 * Median and range of the samples of one figure.
 * @param {readonly number[]} values at least one
 * @returns {{ median: number, min: number, max: number, samples: readonly number[] }} samples in
 *   the order they were taken
 * @throws {Error} when there is none
 */
export function summarize(values) {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    samples: values,
  }
}

function ascending(values) {
  if (values.length === 0) throw new Error('no samples')
  return values.toSorted((a, b) => a - b)
}

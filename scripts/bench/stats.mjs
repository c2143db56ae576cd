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

/**
 * Spearman's rank correlation: 1 when both rise together, -1 when one falls as the other rises. Equal values share their mean rank.
 * @param {readonly number[]} a at least two, not all equal
 * @param {readonly number[]} b as many
 * @returns {number}
 * @throws {Error} when there are too few, or not as many
 */
export function rankCorrelation(a, b) {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`)
  if (a.length < 2) throw new Error('ranks of fewer than two values')
  const [left, right] = [ranks(a), ranks(b)]
  const mean = (a.length + 1) / 2
  let together = 0
  let own = 0
  let other = 0
  for (const [i, rank] of left.entries()) {
    together += (rank - mean) * (right[i] - mean)
    own += (rank - mean) ** 2
    other += (right[i] - mean) ** 2
  }
  return together / Math.sqrt(own * other)
}

function ranks(values) {
  return values.map((value) => {
    const below = values.filter((each) => each < value).length
    const equal = values.filter((each) => each === value).length
    return below + (equal + 1) / 2
  })
}

function ascending(values) {
  if (values.length === 0) throw new Error('no samples')
  return values.toSorted((a, b) => a - b)
}

/**
 * Of samples of one figure the medians.
 * @param {readonly import('./measure.mjs').Sample[]} samples at least one
 * @returns {import('./measure.mjs').Sample}
 */
export function middleOf(samples) {
  const known = samples.map(({ cpuMs }) => cpuMs).filter((cpuMs) => cpuMs !== undefined)
  const value = median(samples.map((sample) => sample.value))
  return known.length === 0 ? { value } : { value, cpuMs: median(known) }
}

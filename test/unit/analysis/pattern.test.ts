import { expect, it } from 'vitest'

import type { Field } from '../../../src/analysis/names/slot-names.ts'
import { patternOf } from '../../../src/analysis/pattern.ts'
import type { Touch } from '../../../src/analysis/touches.ts'

const half = (path: string, offset: number): Field => {
  return { path, variable: path, offset, bytes: 16, type: 'uint128', role: 'value' }
}
const FIELDS = [half('low', 0), half('high', 16)]

function patternOfPairs(...pairs: readonly (readonly [low: bigint, high: bigint])[]): string {
  const words = pairs.map(([low, high]) => (high << 128n) | low)
  const touches = words.slice(1).map((after, tx): Touch => {
    return { tx, read: 'value', write: 'value', before: words[tx]!, after }
  })
  return patternOf({ transactions: [] }, touches, FIELDS)
}

it('amounts that go against each other in one slot are a reserve, whichever way all trade', () => {
  expect(patternOfPairs([100n, 100n], [110n, 91n], [120n, 84n])).toBe('reserve')
  expect(patternOfPairs([100n, 100n], [91n, 110n], [100n, 100n])).toBe('reserve')
  // Both only grow.
  expect(patternOfPairs([100n, 100n], [105n, 109n], [112n, 120n])).toBe('accumulator')
  expect(patternOfPairs([100n, 0n], [101n, 0n], [102n, 0n])).toBe('counter')
})

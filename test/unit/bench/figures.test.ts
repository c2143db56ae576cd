import { describe, expect, it } from 'vitest'
import {
  median,
  percentile,
  rankCorrelation,
  summarize,
  timesBetter,
} from '../../../scripts/bench/stats.mjs'
import {
  formatNumber,
  formatRatio,
  formatTable,
  groupThousands,
} from '../../../scripts/bench/table.mjs'

describe('median', () => {
  it.each([
    [[5], 5],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9], 9.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  it('leaves its input alone', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('refuses to make a figure out of nothing', () => {
    expect(() => median([])).toThrow('no samples')
  })
})

describe('rank correlation', () => {
  it.each([
    [[1, 2, 3], [10, 20, 90], 1],
    [[1, 2, 3], [3, 2, 1], -1],
    [
      [106, 100, 86, 101, 99, 103, 97, 113, 112, 110],
      [7, 27, 2, 50, 28, 29, 20, 12, 6, 17],
      -29 / 165,
    ],
    [[1, 1, 2], [5, 5, 9], 1],
  ])('of %j with %j is %d', (a, b, expected) => {
    expect(rankCorrelation(a, b)).toBeCloseTo(expected, 10)
  })

  it('refuses what has no ranks', () => {
    expect(() => rankCorrelation([1], [2])).toThrow('fewer than two')
    expect(() => rankCorrelation([1, 2], [2])).toThrow('2 values against 1')
  })
})

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

  it.each([
    [50, 50],
    [99, 99],
    [99.5, 100],
    [100, 100],
    [0.1, 1],
  ])('%d of 1 to 100 is %d', (percent, expected) => {
    expect(percentile(hundred, percent)).toBe(expected)
  })

  it('of few samples is one of them', () => {
    expect(percentile([7, 3], 99)).toBe(7)
    expect(percentile([7, 3], 50)).toBe(3)
  })

  it('refuses to make a figure out of nothing', () => {
    expect(() => percentile([], 50)).toThrow('no samples')
  })
})

describe('timesBetter', () => {
  it('is above one for the lower of two times and the higher of two rates', () => {
    expect(timesBetter(5, 10, 'lower')).toBe(2)
    expect(timesBetter(10, 5, 'higher')).toBe(2)
    expect(timesBetter(10, 5, 'lower')).toBe(0.5)
  })

  it('is unknown without two figures above zero', () => {
    expect(timesBetter(0, 5, 'lower')).toBeUndefined()
    expect(timesBetter(5, Number.NaN, 'lower')).toBeUndefined()
    expect(timesBetter(-1, 5, 'lower')).toBeUndefined()
  })
})

describe('summarize', () => {
  it('keeps the samples in the order they came', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, samples: [3, 1, 2] })
  })
})

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [0.0042, '0.0042'],
    [0.0999, '0.100'],
    [0.25, '0.250'],
    [0.9996, '1.00'],
    [1.057, '1.06'],
    [9.996, '10.0'],
    [16.84, '16.8'],
    [99.96, '100'],
    [258.4, '258'],
    [22_099.6, '22,100'],
    [-12.34, '-12.3'],
  ])('writes %d as %s', (value, expected) => {
    expect(formatNumber(value)).toBe(expected)
  })

  it('groups thousands', () => {
    expect([1, 999, 1000, 1_234_567].map(groupThousands)).toEqual([
      '1',
      '999',
      '1,000',
      '1,234,567',
    ])
  })
})

describe('formatRatio', () => {
  it.each([
    [undefined, '-'],
    [0.0123, '0.012x'],
    [0.5, '0.50x'],
    [0.999, '1.0x'],
    [2.44, '2.4x'],
    [40.2, '40x'],
    [1250, '1,250x'],
  ])('writes %s as %s', (ratio, expected) => {
    expect(formatRatio(ratio)).toBe(expected)
  })
})

describe('formatTable', () => {
  it('lines up columns, the first to the left, and lets a heading span them', () => {
    const rows = [['A heading that is longer than the table'], ['mine', '1'], ['submit', '1,234']]
    expect(formatTable(['what', 'ms'], rows)).toBe(
      [
        'what       ms',
        '-------------',
        'A heading that is longer than the table',
        'mine        1',
        'submit  1,234',
      ].join('\n'),
    )
  })

  it('refuses a row that does not fit', () => {
    expect(() => formatTable(['a', 'b'], [['1', '2', '3']])).toThrow(
      'a row of 3 cells in a table of 2: 1 | 2 | 3',
    )
  })
})

import { describe, expect, it } from 'vitest'

import type { Replay } from '../../../src/client/block-answers.ts'
import { fasterBy, measurementsOf } from '../../../src/ui/parallel/measurements.ts'

const run = (executor: string, workers: number, ms: number, serialMs: number, equal = true) =>
  ({
    executor,
    workers,
    ms,
    serialMs,
    aborts: ms,
    inOrder: null,
    equivalence: { equal, difference: equal ? null : { what: 'receipt', expected: 'a', got: 'b' } },
  }) as unknown as Replay

describe('measurements of one block', () => {
  it('are medians by executor and lanes, all against one median in order', () => {
    const found = measurementsOf([
      run('serial', 1, 9, 9),
      run('dag', 2, 90, 12),
      run('dag', 4, 3, 10),
      run('dag', 2, 5, 10),
      run('dag', 2, 4, 50),
    ])
    expect(
      found.map(({ executor, workers, runs, ms, aborts }) => [executor, workers, runs, ms, aborts]),
    ).toEqual([
      ['serial', 1, 1, 10, 9],
      ['dag', 2, 3, 5, 5],
      ['dag', 4, 1, 3, 3],
    ])
    expect(found.map(({ serialMs }) => serialMs)).toEqual([10, 10, 10])
    expect(found.map(fasterBy)).toEqual([1, 2, 10 / 3])
  })

  it('say that they differ when one run does', () => {
    const [only] = measurementsOf([run('dag', 2, 1, 1, false), run('dag', 2, 2, 1)])
    expect(only).toMatchObject({ equal: false, difference: 'receipt' })
  })

  it('are none of nothing', () => {
    expect(measurementsOf([])).toEqual([])
    expect(fasterBy({ ms: 0, serialMs: 0 })).toBe(1)
  })
})

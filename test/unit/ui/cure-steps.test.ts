import { describe, expect, it } from 'vitest'

import { cureSteps, stepName } from '../../../src/ui/parallel/cure-steps.ts'

type Hot = Parameters<typeof cureSteps>[0][number]

const hot = (name: string, boundWithoutUpTo: number): Hot =>
  ({ name, boundWithoutUpTo }) as unknown as Hot

describe('cureSteps', () => {
  it('keeps together what gains only together, and drops what gains nothing', () => {
    const ranked = [
      hot('Fee.collected', 10),
      hot('Fee.balanceOf[0x01]', 10),
      hot('Fee.balanceOf[0x02]', 60),
      hot('Fee.owner', 60.1),
    ]
    const steps = cureSteps(ranked, 1)
    expect(steps.map(({ from, to }) => [from, to])).toEqual([
      [1, 10],
      [10, 60],
    ])
    expect(steps.map(stepName)).toEqual(['Fee.collected', 'Fee.balanceOf, 2 entries'])
  })

  it('names different variables by the first', () => {
    const steps = cureSteps([hot('Pool.reserve0', 1), hot('Pool.fee', 2)], 1)
    expect(stepName(steps[0]!)).toBe('Pool.reserve0 and 1 more')
  })

  it('has no step when nothing gains', () => {
    expect(cureSteps([hot('Pool.reserve0', 3)], 3)).toEqual([])
    expect(cureSteps([], 1)).toEqual([])
  })
})

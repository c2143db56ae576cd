import { describe, expect, it } from 'vitest'

import { NO_EXPERIENCE, afterLanes, afterOrder, whyInOrder } from '../../../src/executor/pays.ts'

const GAS = 1_000_000n

describe('whether lanes pay', () => {
  it('is not asked of a small block', () => {
    expect(whyInOrder(NO_EXPERIENCE, 15)).toBe('it has fewer than 16 transactions')
  })

  it('is tried with the first large block, and compared with the next', () => {
    expect(whyInOrder(NO_EXPERIENCE, 16)).toBeUndefined()
    const tried = afterLanes(NO_EXPERIENCE, 10, GAS, 0)
    expect(whyInOrder(tried, 16)).toBe('it shows what a block takes in order')
  })

  it('is decided by which was faster', () => {
    const tried = afterLanes(NO_EXPERIENCE, 10, GAS, 0)
    expect(whyInOrder(afterOrder(tried, 20, GAS, 16), 16)).toBeUndefined()
    expect(whyInOrder(afterOrder(tried, 5, GAS, 16), 16)).toBe('lanes were slower lately')
  })

  it('is denied when most runs conflict, and tried again much later', () => {
    let experience = afterOrder(NO_EXPERIENCE, 20, GAS, 16)
    for (let block = 0; block < 8; block++) experience = afterLanes(experience, 10, GAS, 0.9)
    expect(whyInOrder(experience, 16)).toMatch(/% conflicted$/)
    for (let block = 0; block < 32; block++) experience = afterOrder(experience, 20, GAS, 16)
    expect(whyInOrder(experience, 16)).toBeUndefined()
  })

  it('learns nothing from small blocks and from empty ones', () => {
    expect(afterOrder(NO_EXPERIENCE, 5, GAS, 3)).toBe(NO_EXPERIENCE)
    expect(afterLanes(NO_EXPERIENCE, 5, 0n, 0).laneMsPerGas).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'

import {
  type Experience,
  NO_EXPERIENCE,
  afterLanes,
  afterOrder,
  whyInOrder,
} from '../../../src/executor/pays.ts'

const WIN = { ms: 5, alone: 9, takenBack: 0 }
const LOSS = { ms: 10, alone: 9, takenBack: 0 }

describe('whether lanes pay', () => {
  it('is not asked of a small block', () => {
    expect(whyInOrder(NO_EXPERIENCE, 15)).toBe('it has fewer than 16 transactions')
  })

  it('is denied where the block takes little more than waking the lanes', () => {
    const light = afterOrder(NO_EXPERIENCE, 100, 0.8)
    expect(whyInOrder(light, 100)).toBe('it takes some 0.8 ms in order')
    expect(whyInOrder(light, 200)).toBeUndefined()
  })

  it('is tried with the first large block, and goes on while they gain', () => {
    expect(whyInOrder(NO_EXPERIENCE, 16)).toBeUndefined()
    expect(whyInOrder(afterLanes(NO_EXPERIENCE, WIN), 16)).toBeUndefined()
  })

  it('is denied after a loss for one block, after the next one for two, and never for more than 64', () => {
    let experience: Experience = NO_EXPERIENCE
    const passed: number[] = []
    for (let loss = 0; loss < 9; loss++) {
      experience = afterLanes(experience, LOSS)
      let count = 0
      while (whyInOrder(experience, 16) !== undefined) {
        experience = afterOrder(experience, 16, 9)
        count++
      }
      passed.push(count)
    }
    expect(passed).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64])
    // One gain, and there are lanes again.
    experience = afterLanes(experience, WIN)
    expect(whyInOrder(experience, 16)).toBeUndefined()
    experience = afterLanes(experience, LOSS)
    expect(whyInOrder(experience, 16)).toBe('lanes gained 0.90x lately')
  })

  it('names conflicts where there are many', () => {
    let experience: Experience = NO_EXPERIENCE
    for (let block = 0; block < 8; block++) {
      experience = afterLanes(experience, { ...LOSS, takenBack: 0.9 })
    }
    expect(whyInOrder(experience, 16)).toMatch(/^of the last runs \d+ % conflicted$/)
  })

  it('learns nothing from small blocks', () => {
    expect(afterOrder(NO_EXPERIENCE, 3, 5)).toBe(NO_EXPERIENCE)
  })
})

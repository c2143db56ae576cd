import { describe, expect, it } from 'vitest'

import {
  type Experience,
  NO_EXPERIENCE,
  afterLanes,
  afterOrder,
  whyInOrder,
} from '../../../src/executor/pays.ts'

const WIN = { ms: 5, alone: 9, takenBack: 0 }
/** Transactions run a millisecond each. */
const KNOWN: Experience = { ...NO_EXPERIENCE, msPerTransaction: 1, seen: 4 }
const LOSS = { ms: 10, alone: 9, takenBack: 0 }

describe('whether lanes pay', () => {
  it('is not asked of a small block', () => {
    expect(whyInOrder(NO_EXPERIENCE, 15, 2)).toBe('it has fewer than 16 transactions')
  })

  it('is not known before a large block has run in order', () => {
    const unknown = 'how long its transactions run is not known yet'
    expect(whyInOrder(NO_EXPERIENCE, 1000, 2)).toBe(unknown)
  })

  it('is for heavy blocks alone while code is cold', () => {
    let cold = afterOrder(NO_EXPERIENCE, 1000, 70, 0)
    expect(whyInOrder(cold, 1000, 2)).toBe('its transactions run some 70.0 ms in order')
    expect(whyInOrder(afterOrder(NO_EXPERIENCE, 1000, 200, 0), 1000, 2)).toBeUndefined()
    for (let block = 0; block < 3; block++) cold = afterOrder(cold, 1000, 20, 0)
    expect(whyInOrder(cold, 1000, 2)).toBeUndefined()
  })

  it('is denied where transactions run for less than lanes cost', () => {
    const light = afterOrder(KNOWN, 1000, 5, 0)
    expect(whyInOrder({ ...light, msPerTransaction: 0.005 }, 1000, 2)).toBe(
      'its transactions run some 5.0 ms in order',
    )
    expect(whyInOrder({ ...light, msPerTransaction: 0.05 }, 20, 2)).toBe(
      'its transactions run some 1.0 ms in order',
    )
    expect(whyInOrder({ ...light, msPerTransaction: 0.05 }, 200, 2)).toBeUndefined()
    // More lanes gain more.
    expect(whyInOrder({ ...light, msPerTransaction: 0.006 }, 1000, 2)).toBeDefined()
    expect(whyInOrder({ ...light, msPerTransaction: 0.006 }, 1000, 16)).toBeUndefined()
  })

  it('goes by the least that transactions took of late', () => {
    expect(afterOrder(KNOWN, 100, 10, 0).msPerTransaction).toBe(0.1)
    const slower = afterOrder(KNOWN, 100, 200, 0).msPerTransaction
    expect(slower).toBeGreaterThan(1)
    expect(slower).toBeLessThan(2)
  })

  it('is tried with heavy blocks, and goes on while they gain', () => {
    expect(whyInOrder(KNOWN, 16, 2)).toBeUndefined()
    expect(whyInOrder(afterLanes(KNOWN, 16, WIN), 16, 2)).toBeUndefined()
  })

  it('is denied after a loss for one block, after the next one for two, and never for more than 64', () => {
    let experience: Experience = KNOWN
    const passed: number[] = []
    for (let loss = 0; loss < 9; loss++) {
      experience = afterLanes(experience, 16, LOSS)
      let count = 0
      while (whyInOrder(experience, 16, 2) !== undefined) {
        experience = afterOrder(experience, 16, 16, 0)
        count++
      }
      passed.push(count)
    }
    expect(passed).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64])
    // One gain, and there are lanes again.
    experience = afterLanes(experience, 16, WIN)
    expect(whyInOrder(experience, 16, 2)).toBeUndefined()
    experience = afterLanes(experience, 16, LOSS)
    expect(whyInOrder(experience, 16, 2)).toBe('lanes gained 0.90x lately')
  })

  it('counts what a block takes besides its transactions, in order and in lanes', () => {
    // Transactions that gain twofold, in a block whose receipts take as long as they do.
    const known = { ...afterOrder({ ...KNOWN, seen: 0 }, 16, 16, 16), seen: 4 }
    expect(known.restMsPerTransaction).toBe(1)
    const gained = afterLanes(known, 16, { ms: 24, alone: 16, takenBack: 0 })
    expect(gained.gain).toBeCloseTo(32 / 24)
    expect(whyInOrder(gained, 16, 2)).toBeUndefined()
    const lost = afterLanes(known, 16, { ms: 34, alone: 16, takenBack: 0 })
    expect(whyInOrder(lost, 16, 2)).toBe('lanes gained 0.94x lately')
  })

  it('names conflicts where there are many', () => {
    let experience: Experience = KNOWN
    for (let block = 0; block < 8; block++) {
      experience = afterLanes(experience, 16, { ...LOSS, takenBack: 0.9 })
    }
    expect(whyInOrder(experience, 16, 2)).toMatch(/^of the last runs \d+ % conflicted$/)
  })

  it('learns nothing from small blocks', () => {
    expect(afterOrder(NO_EXPERIENCE, 3, 5, 0)).toBe(NO_EXPERIENCE)
  })
})

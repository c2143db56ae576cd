import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { barAt, byLane, pan, ticks, visible, zoom } from '../../../src/ui/parallel/timeline-view.ts'

const bars = [
  { lane: 0, start: 5, end: 9 },
  { lane: 0, start: 0, end: 4 },
  { lane: 1, start: 1, end: 2 },
  { lane: 0, start: 12, end: 20 },
]

describe('byLane', () => {
  it('sorts each lane by start and drops lanes that there are not', () => {
    const [first, second] = byLane([...bars, { lane: 7, start: 0, end: 1 }], 2)
    expect(first!.map(({ start }) => start)).toEqual([0, 5, 12])
    expect(second).toHaveLength(1)
  })
})

describe('visible', () => {
  it('holds what a view cuts, and nothing that only touches it', () => {
    const [lane] = byLane(bars, 1)
    expect(visible(lane!, { from: 4, to: 12 }).map(({ start }) => start)).toEqual([5])
    expect(visible(lane!, { from: 3.9, to: 12.1 })).toHaveLength(3)
    expect(visible(lane!, { from: 9, to: 12 })).toEqual([])
  })

  it('agrees with a search through all', () => {
    const gaps = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 5 })), { maxLength: 50 })
    fc.assert(
      fc.property(gaps, fc.nat(300), fc.integer({ min: 1, max: 50 }), (drawn, from, width) => {
        let at = 0
        const lane = drawn.map(([gap, length]) => {
          const start = at + gap
          at = start + length
          return { start, end: at }
        })
        const to = from + width
        expect(visible(lane, { from, to })).toEqual(
          lane.filter(({ start, end }) => end > from && start < to),
        )
      }),
    )
  })
})

describe('barAt', () => {
  it('finds the bar under a moment, else the nearest within reach', () => {
    const [lane] = byLane(bars, 1)
    expect(barAt(lane!, 6)?.start).toBe(5)
    expect(barAt(lane!, 10)).toBeUndefined()
    expect(barAt(lane!, 10, 1)?.start).toBe(5)
    expect(barAt(lane!, 11.5, 3)?.start).toBe(12)
    expect(barAt([], 1, 9)).toBeUndefined()
  })
})

describe('zoom and pan', () => {
  it('keep the moment under the pointer in its place', () => {
    const near = zoom({ from: 0, to: 100 }, 100, 4, 60)
    expect(near).toEqual({ from: 45, to: 70 })
    expect((60 - near.from) / (near.to - near.from)).toBeCloseTo(0.6)
  })

  it('never leave the timeline', () => {
    const view = fc.tuple(fc.double({ min: 0, max: 99, noNaN: true }), fc.nat(100))
    const step = fc.double({ min: -200, max: 200, noNaN: true })
    fc.assert(
      fc.property(
        view,
        step,
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        (drawn, by, factor) => {
          const start = { from: drawn[0], to: Math.min(100, drawn[0] + 1 + drawn[1]) }
          for (const { from, to } of [pan(start, 100, by), zoom(start, 100, factor, drawn[0])]) {
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeLessThanOrEqual(100 + 1e-9)
            expect(to).toBeGreaterThan(from)
          }
        },
      ),
    )
  })
})

describe('ticks', () => {
  it('are round, few, and inside the view', () => {
    expect(ticks({ from: 0, to: 10 }, 5)).toEqual([0, 2, 4, 6, 8, 10])
    expect(ticks({ from: 3.1, to: 4.9 }, 4)).toEqual([3.5, 4, 4.5])
    expect(ticks({ from: 0.21, to: 0.29 }, 1)).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'

import {
  type Execution,
  drawingOf,
  heightOf,
  markAt,
} from '../../../src/ui/parallel/timeline-layout.ts'

const merged = { incarnation: 0, outcome: 'merged' } as const
const execution: Execution = {
  runs: [
    { ...merged, index: 0, lane: 0, start: 0, end: 4 },
    { ...merged, index: 1, lane: 1, start: 1, end: 3 },
  ],
  merges: [{ index: 0, lane: 0, start: 3, end: 6 }],
  steps: [
    { name: 'lanes', start: 0, end: 6 },
    { name: 'root', start: 6, end: 8 },
    { name: 'commit', start: 900, end: 901 },
  ],
}
const scale = { pxPerMs: 10, xOf: (ms: number) => ms * 10, msAt: (x: number) => x / 10 }

describe('what is drawn of a block in lanes', () => {
  it('ends with the last step, but not with one that came long after', () => {
    const drawing = drawingOf(execution)
    expect([drawing.lanes, drawing.extent]).toEqual([2, 8])
    expect(drawing.steps.map(({ name }) => name)).toEqual(['lanes', 'root'])
    const bare = drawingOf({ ...execution, steps: [] })
    expect(bare.extent).toBe(6)
    expect(heightOf(drawing) - heightOf(bare)).toBe(42)
  })

  it('is found by place: runs above, merges below, and the block’s steps in the last row', () => {
    const drawing = drawingOf(execution)
    const at = (x: number, y: number) => {
      const found = markAt(drawing, scale, x, y)?.mark
      return found && [found.kind, found.bar.start]
    }
    expect(at(35, 30)).toEqual(['run', 0])
    expect(at(35, 52)).toEqual(['merge', 3])
    // Where no run is the merge is found from above too.
    expect(at(50, 30)).toEqual(['merge', 3])
    expect(at(20, 75)).toEqual(['run', 1])
    expect(at(50, 75)).toBeUndefined()
    expect(at(70, 115)).toEqual(['step', 6])
    expect(at(90, 115)).toBeUndefined()
  })
})

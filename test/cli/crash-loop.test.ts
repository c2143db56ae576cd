import { expect, it } from 'vitest'
import { crashLoop } from '../../scripts/crash-loop.mjs'

it.each([undefined, 12])(
  'a node that is killed again and again while it writes loses nothing that it said was on disk (history %s)',
  async (history) => {
    const last = await crashLoop({ runs: 12, seed: 7, history, untilMs: 12_000 })
    expect(last.blocks).toBeGreaterThanOrEqual(last.durable)
    expect(last.runs).toBeGreaterThan(0)
  },
  180_000,
)

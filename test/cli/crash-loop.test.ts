import { expect, it } from 'vitest'
import { crashLoop } from '../../scripts/crash-loop.mjs'

it('a node that is killed again and again while it writes loses nothing that it said was on disk', async () => {
  const last = await crashLoop({ runs: 24, seed: 7, untilMs: 25_000 })
  expect(last.blocks).toBeGreaterThanOrEqual(last.durable)
  expect(last.runs).toBeGreaterThan(0)
}, 180_000)

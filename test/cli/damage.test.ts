import { expect, it } from 'vitest'
import { damageLoop } from '../../scripts/damage-loop.mjs'

it('a data folder of which a file is cut or a bit flipped is never taken for another chain, nor for a shorter one', async () => {
  const { named, harmless } = await damageLoop({ runs: 12, seed: 3 })
  expect(named + harmless).toBe(12)
  expect(named).toBeGreaterThan(6)
}, 240_000)

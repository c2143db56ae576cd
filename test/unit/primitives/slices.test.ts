import { expect, it } from 'vitest'

import { type Slices, atOnce, inTurns } from '../../../src/primitives/slices.ts'

function* sum(upTo: number): Slices<number> {
  let total = 0
  for (let n = 1; n <= upTo; n++) {
    total += n
    yield
  }
  return total
}

it('comes to the same at once and in turns', async () => {
  expect(atOnce(sum(1000))).toBe(500_500)
  expect(await inTurns(sum(1000))).toBe(500_500)
})

it('lets others go on before it ends', async () => {
  let isSet = false
  function* untilSet(): Slices<string> {
    while (!isSet) yield
    return 'others had a turn'
  }
  setImmediate(() => (isSet = true))
  expect(await inTurns(untilSet())).toBe('others had a turn')
})

it('ends with the failure of the work', async () => {
  function* broken(): Slices<never> {
    yield
    throw new Error('no')
  }
  expect(() => atOnce(broken())).toThrow('no')
  await expect(inTurns(broken())).rejects.toThrow('no')
})

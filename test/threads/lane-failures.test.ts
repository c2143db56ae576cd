import { afterAll, describe, expect, it } from 'vitest'

import type { Fault } from '../../src/executor/lane/chaos.ts'
import { expectSameBlock } from '../contract/executor-law.ts'
import { SCENARIOS } from '../contract/law-scenarios.ts'
import { SCHEDULES, closePools, crampedSubject, oracle, subject } from './law-subjects.ts'

afterAll(closePools)

const HOT = SCENARIOS['all on one hot slot']!

describe.each(SCHEDULES)('a lane of %s', (schedule) => {
  it.each(['throw', 'exit'] as const)(
    'that fails by %s at any step costs no block',
    async (fault) => {
      let failed = 0
      for (let step = 1; step <= 40; step += 3) {
        const plan = { seed: step, delays: 0, delayUs: 0, aborts: 0.1 }
        const failure = { lane: step % 2, step, fault }
        const executor = subject(schedule, 2, { ...plan, failure })
        const outcome = await expectSameBlock(oracle, executor, HOT)
        if (outcome.kind === 'executed' && outcome.report.failure !== undefined) failed++
      }
      expect(failed).toBeGreaterThan(0)
    },
  )
})

it('a lane that hangs is replaced, and the next block runs in lanes again', async () => {
  const fault: Fault = 'hang'
  const plan = { seed: 1, delays: 0, delayUs: 0, aborts: 0 }
  const hanging = subject('optimistic', 1, { ...plan, failure: { lane: 0, step: 2, fault } })
  const outcome = await expectSameBlock(oracle, hanging, HOT)
  expect(outcome).toMatchObject({ report: { inOrder: 'a lane failed' } })
  const next = await expectSameBlock(oracle, subject('optimistic', 1), HOT)
  expect(next.kind === 'executed' && next.report.inOrder).toBeUndefined()
})

it.each([
  ['before it begins, because its transactions do not fit', 6_000],
  ['in its middle, because records do not fit', 20_000],
])('a block goes to serial %s', async (_, bytes) => {
  const [executor, pool] = crampedSubject('optimistic', bytes)
  try {
    const outcome = await expectSameBlock(oracle, executor, HOT)
    expect(outcome).toMatchObject({ report: { inOrder: 'it did not fit in the lanes' } })
    // The next one has the memory for itself.
    await expectSameBlock(oracle, executor, SCENARIOS['independent transactions']!)
  } finally {
    await pool.close()
  }
})

import { basename } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import type { Executor } from '../../src/executor/executor.ts'
import type { ChaosPlan } from '../../src/executor/lane/chaos.ts'
import {
  differenceIn,
  expectSameBlock,
  expectSameChain,
  expectSameFullBlock,
  searchForDifference,
} from '../contract/executor-law.ts'
import { keptBundles, readBundle } from '../contract/law-divergence.ts'
import { CHAINS, FULL, SCENARIOS } from '../contract/law-scenarios.ts'
import {
  LANE_COUNTS,
  SCHEDULES,
  closePools,
  oracle,
  referenceOracle,
  referenceSubject,
  subject,
} from './law-subjects.ts'

/** Random blocks for each schedule and number of lanes; `npm run law` takes more. */
const RUNS = Number(process.env['LAW_RUNS'] ?? 40)
const SEED = Number(process.env['LAW_SEED'] ?? 1)

afterAll(closePools)

function chaosOf(seed: number): ChaosPlan {
  return { seed, delays: 0.1, delayUs: 200, aborts: 0.05, isApart: seed % 2 === 0 }
}

describe.each(SCHEDULES)('the law, for %s', (schedule) => {
  describe.each(LANE_COUNTS)('with %i lanes', (lanes) => {
    it.each(Object.keys(SCENARIOS))('on %s', async (name) => {
      const executor = subject(schedule, lanes)
      for (let round = 0; round < 2; round++) {
        const outcome = await expectSameBlock(oracle, executor, SCENARIOS[name]!)
        if (outcome.kind === 'executed') expect(outcome.report.inOrder).toBeUndefined()
      }
    })

    it.each(Object.keys(CHAINS))('on %s', async (name) => {
      await expectSameChain(oracle, subject(schedule, lanes), CHAINS[name]!)
    })

    it.each(Object.keys(FULL))('on a block full of %s', async (name) => {
      await expectSameFullBlock(oracle, subject(schedule, lanes), FULL[name]!)
    })

    it('on random blocks, held up and taken back at random', async () => {
      const tally = await searchForDifference(
        oracle,
        (seed) => subject(schedule, lanes, chaosOf(seed)),
        { runs: RUNS, seed: SEED, whose: { executor: schedule, lanes } },
      )
      expect(tally.inLanes).toBeGreaterThan(0)
      const { interleavings, ...counts } = tally
      const line = { schedule, lanes, ...counts, interleavings: interleavings.size }
      process.stderr.write(`${JSON.stringify(line)}\n`)
    })
  })
})

for (const file of keptBundles()) {
  it(`the law, where it was broken once: ${basename(file)}`, async () => {
    const kept = readBundle(file)
    const schedule = SCHEDULES.find((known) => known === kept.executor)
    if (schedule === undefined) throw new Error(`${file}: no executor ${kept.executor}`)
    const chaotic = (seed: number): Executor => subject(schedule, kept.lanes, chaosOf(seed))
    for (let round = 0; round < 8; round++) {
      expect(await differenceIn(oracle, chaotic, kept)).toBeUndefined()
    }
  })
}

describe('the law on the reference engine', () => {
  it.each(Object.keys(SCENARIOS).filter((_, index) => index % 4 === 0))('on %s', async (name) => {
    for (const schedule of SCHEDULES) {
      const executor = referenceSubject(schedule, 2)
      await expectSameBlock(referenceOracle, executor, SCENARIOS[name]!)
    }
  })
})

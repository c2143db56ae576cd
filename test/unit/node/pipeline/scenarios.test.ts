import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ConsensusTimeline, FaultInput } from '../../../../src/rpc/consensus-port.ts'
import { type Virtual, virtualNode } from './support.ts'

/** Nodes that are put through it: `PIPELINE_RUNS` for more. */
const RUNS = Number(process.env['PIPELINE_RUNS'] ?? 12)
const HEALED_MS = 6_000
/** As in `src/consensus/README.md`. */
const ROUNDS_TO_RECOVER = 12
const STRANGER = `0x${'5a'.repeat(20)}`

const ms = (max: number) => fc.nat({ max })

/** One validator of four is at fault, and everybody may be slow. */
const fault = (validator: number): fc.Arbitrary<FaultInput> =>
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('crash', 'silence', 'equivocate', 'wrongRoot'),
      validator: fc.constant(validator),
      atMs: ms(4_000),
      forMs: ms(2_000),
    }),
    fc.record({
      kind: fc.constantFrom('delay', 'slowExecutor'),
      validator: fc.constant(validator),
      byMs: ms(1_500),
      atMs: ms(4_000),
      forMs: ms(2_000),
    }),
    fc.record({
      kind: fc.constant('partition'),
      groups: fc.constant([[validator]]),
      atMs: ms(4_000),
      forMs: ms(2_000),
    }),
    fc.record({
      kind: fc.constant('slowExecutor'),
      byMs: ms(1_000),
      atMs: ms(4_000),
      forMs: ms(2_000),
    }),
  )

const scenario = fc.record({
  protocol: fc.constantFrom('monadbft', 'monadbft', 'hotstuff2'),
  seed: ms(1_000_000),
  rootLag: fc.constantFrom(1, 3),
  delayMs: fc.constantFrom([0, 5], [20, 60], [10, 100]),
  lossRate: fc.constantFrom(0, 0, 0.02),
  latest: fc.constantFrom('proposed', 'finalized'),
  faults: fc.nat({ max: 3 }).chain((one) => fc.array(fault(one), { minLength: 1, maxLength: 5 })),
  sends: fc.array(ms(HEALED_MS), { maxLength: 8 }),
})

/** Advances to a time of the consensus' clock, and looks at each step whether what was final is. */
async function advanceTo({ ask, status }: Virtual, untilMs: number, seen: { finalized: number }) {
  for (;;) {
    const { nowMs, blocks, execution } = await status()
    expect(blocks.finalized).toBeGreaterThanOrEqual(seen.finalized)
    expect(blocks.finalized).toBeLessThanOrEqual(blocks.executed)
    expect(execution.lag).toBeLessThanOrEqual(execution.mostLag)
    seen.finalized = blocks.finalized
    if (nowMs >= untilMs) return
    await ask('parallel_advance', Math.min(100, untilMs - nowMs))
  }
}

describe('a pipeline with one validator of four at fault, for a while', () => {
  it(
    'has one chain, each transaction once, and goes on when all is well',
    async () => {
      const tally = { scenarios: 0, blocks: 0, withdrawn: 0, rivals: 0, transactions: 0, rounds: 0 }
      await fc.assert(
        fc.asyncProperty(scenario, async ({ faults, sends, ...set }) => {
          await using run = await virtualNode({ preset: 'monad', set, scenario: faults })
          const { ask, status, node } = run
          const from = node.accounts[0]!.address
          const seen = { finalized: 0 }
          for (const atMs of sends.toSorted((a, b) => a - b)) {
            await advanceTo(run, atMs, seen)
            await ask('eth_sendTransaction', { from, to: STRANGER, value: '0x1', gas: '0x5208' })
          }
          await advanceTo(run, HEALED_MS, seen)
          await ask('parallel_injectFault', { kind: 'heal' })
          const { round: healed } = await status()
          const firstSince = (timeline: ConsensusTimeline) =>
            timeline.blocks.find(({ round, times }) => round > healed && times.finalized !== null)
          const timelineNow = () =>
            ask<ConsensusTimeline>('parallel_consensusTimeline', { last: 1_024 })
          await run.until(async () => firstSince(await timelineNow()) !== undefined)
          const rounds = firstSince(await timelineNow())!.round - healed
          expect(rounds).toBeLessThanOrEqual(ROUNDS_TO_RECOVER)
          const sent = await ask<string>('eth_getTransactionCount', from, 'pending')
          await run.until(
            async () =>
              (await ask('eth_getTransactionCount', from, 'finalized')) === (sent as never),
          )
          expect(Number(await ask('eth_getBalance', STRANGER, 'finalized'))).toBe(sends.length)
          const { blocks } = await timelineNow()
          const final = blocks.filter(({ times }) => times.finalized !== null)
          expect(final.map(({ number }) => number)).toEqual(final.map((_block, at) => at + 1))
          for (const { number, hash } of final) {
            const block = await ask('eth_getBlockByNumber', `0x${number.toString(16)}`, false)
            expect(hash === null || block === null || block['hash'] === hash).toBe(true)
          }
          const last = await status()
          tally.scenarios++
          tally.blocks += final.length
          tally.withdrawn += last.withdrawnBlocks
          tally.rivals += last.equivocations
          tally.transactions += sends.length
          tally.rounds = Math.max(tally.rounds, rounds)
        }),
        { numRuns: RUNS, seed: Number(process.env['PIPELINE_SEED'] ?? 1) },
      )
      console.log(`pipeline: ${JSON.stringify(tally)}`)
    },
    RUNS * 20_000,
  )
})

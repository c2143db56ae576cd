import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { faultyStake, hasHonest, leaderOf } from '../../../src/consensus/committee.ts'
import {
  type Fault,
  type Partition,
  type Scenario,
} from '../../../src/consensus/simulation/scenario.ts'
import { rootOf, simulate } from '../../../src/consensus/simulation/simulate.ts'
import { agreedChain, blocksOf, calm, everyone } from './scenarios.ts'

const runs = Number(process.env['CONSENSUS_RUNS'] ?? 60)
const healedMs = 4_000
/** When all is well again, a block of one of so many rounds to come is finalized. */
const ROUNDS_TO_RECOVER = 12

/** Delays, losses, partitions and as many faulty validators as may be, all of which end at `healedMs`. */
const disturbed: fc.Arbitrary<Scenario> = fc
  .record({
    protocol: fc.constantFrom('monadbft' as const, 'hotstuff2' as const),
    stakes: fc.oneof(
      fc.constant([1, 1, 1, 1]),
      fc.constant([1, 1, 1, 1, 1, 1, 1]),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 4, maxLength: 7 }),
    ),
    seed: fc.nat(),
    delay: fc.tuple(fc.integer({ min: 20, max: 60 }), fc.nat(100)),
    lossRate: fc.constantFrom(0, 0.02, 0.15),
    duplicateRate: fc.constantFrom(0, 0.2),
    rootLag: fc.constantFrom(0, 3),
    picks: fc.array(fc.nat(6), { maxLength: 4 }),
    kinds: fc.array(fc.constantFrom('crash' as const, 'silence' as const, 'equivocate' as const), {
      minLength: 4,
      maxLength: 4,
    }),
    spans: fc.array(fc.tuple(fc.nat(healedMs), fc.nat(healedMs)), { minLength: 4, maxLength: 4 }),
    cuts: fc.array(fc.tuple(fc.nat(healedMs), fc.nat(2_000), fc.nat(127)), { maxLength: 2 }),
  })
  .map((drawn): Scenario => {
    const { protocol, stakes, seed, delay, lossRate, duplicateRate, rootLag } = drawn
    const config = { protocol, stakes, seed, timeoutMs: 500, rootLag }
    const faults: Fault[] = []
    const faulty = new Set<number>()
    for (const [index, pick] of drawn.picks.entries()) {
      const validator = pick % stakes.length
      const stake = [...faulty, validator].reduce((sum, one) => sum + stakes[one]!, 0)
      if (faulty.has(validator) || stake > faultyStake(config)) continue
      faulty.add(validator)
      const [a, b] = drawn.spans[index]!
      const kind = drawn.kinds[index]!
      faults.push({ kind, validator, fromMs: Math.min(a, b), toMs: Math.max(a, b) })
    }
    const partitions = drawn.cuts.map(([fromMs, lengthMs, mask]): Partition => {
      const groups: [number[], number[]] = [[], []]
      for (const validator of stakes.keys()) groups[(mask >> validator) & 1]!.push(validator)
      return { groups, fromMs, toMs: Math.min(fromMs + lengthMs, healedMs) }
    })
    return {
      ...calm,
      config,
      seed,
      durationMs: healedMs + 12_000,
      delayMs: [delay[0], delay[0] + delay[1]],
      lossRate,
      lossUntilMs: healedMs,
      duplicateRate,
      faults,
      partitions,
    }
  })

describe('on a good network', () => {
  it.each(['monadbft', 'hotstuff2'] as const)(
    '%s finalizes a block a round, two rounds later',
    (protocol) => {
      const scenario = { ...calm, config: { ...calm.config, protocol } }
      const simulation = simulate(scenario)
      const chain = agreedChain(simulation, everyone(scenario))
      expect(chain.length).toBeGreaterThan(60)
      const voted = blocksOf(simulation, 'voted', 0)
      expect(voted.slice(0, chain.length).map(({ id }) => id)).toEqual(chain.map(({ id }) => id))
      expect(chain.every(({ height, round }) => height === round)).toBe(true)
    },
  )

  it('gives the same trace for the same seed, and another for another', () => {
    const text = (seed: number): string =>
      JSON.stringify(simulate({ ...calm, seed, durationMs: 2_000, lossRate: 0.1 }))
    expect(text(3)).toBe(text(3))
    expect(text(3)).not.toBe(text(4))
  })

  it('puts the root of the block three below in each proposal', () => {
    const scenario = { ...calm, config: { ...calm.config, rootLag: 3 } }
    const chain = agreedChain(simulate(scenario), everyone(scenario))
    expect(chain.length).toBeGreaterThan(40)
    for (const { height, delayedRoot } of chain) {
      const below = chain[height - 4]
      expect(delayedRoot).toEqual(below && { height: height - 3, root: rootOf(below.id) })
    }
  })
})

/** The highest round that a validator was in when all was well again. */
function roundAtHealing(scenario: Scenario): number {
  const { states } = simulate({ ...scenario, durationMs: healedMs })
  return Math.max(...states.map(({ round }) => round))
}

describe('with faults of less than a third, which end', () => {
  it('never finalizes two blocks at a height, and goes on after healing', () => {
    const seen = { scenarios: 0, faulty: 0, blocks: 0, lost: 0, rounds: 0 }
    fc.assert(
      fc.property(disturbed, (scenario) => {
        const simulation = simulate(scenario)
        const chain = agreedChain(simulation, everyone(scenario))
        const late = simulation.trace.filter(
          ({ atMs, command }) => atMs > healedMs && command.kind === 'finalized',
        )
        expect(late.length).toBeGreaterThan(0)
        const healed = roundAtHealing(scenario)
        const next = chain.find(({ round }) => round > healed)
        expect(next?.round ?? Infinity).toBeLessThanOrEqual(healed + ROUNDS_TO_RECOVER)
        seen.rounds = Math.max(seen.rounds, next!.round - healed)
        seen.scenarios++
        seen.blocks += chain.length
        seen.lost += simulation.messages.lost
        if (scenario.faults.length > 0) seen.faulty++
      }),
      { numRuns: runs },
    )
    expect(seen.faulty).toBeGreaterThan(runs / 4)
    console.log(`consensus: ${JSON.stringify(seen)}`)
  })

  it('gives the same trace for the same scenario, byte for byte', () => {
    fc.assert(
      fc.property(disturbed, (scenario) => {
        const short = { ...scenario, durationMs: healedMs }
        expect(JSON.stringify(simulate(short))).toBe(JSON.stringify(simulate(short)))
      }),
      { numRuns: Math.ceil(runs / 4) },
    )
  })

  it('finalizes nothing before enough have executed what is `rootLag` below', () => {
    const lagging = fc
      .tuple(disturbed, fc.constantFrom(5, 100, 400))
      .map(([scenario, executeMs]): Scenario => ({
        ...scenario,
        config: { ...scenario.config, rootLag: 3 },
        executeMs,
      }))
    fc.assert(
      fc.property(lagging, (scenario) => {
        const simulation = simulate(scenario)
        const chain = agreedChain(simulation, everyone(scenario))
        const executedAt = new Map<string, number>()
        for (const { atMs, validator, command } of simulation.trace) {
          if (command.kind === 'proposed') {
            executedAt.set(`${validator} ${command.block.id}`, atMs + scenario.executeMs)
          }
          if (command.kind !== 'finalized' || command.block.height <= 3) continue
          const below = chain[command.block.height - 4]!
          const done = everyone(scenario).filter(
            (one) => (executedAt.get(`${one} ${below.id}`) ?? Infinity) <= atMs,
          )
          expect(hasHonest(scenario.config, done)).toBe(true)
        }
      }),
      { numRuns: Math.ceil(runs / 2) },
    )
  })

  it('goes on when a network that lost every seventh message for 15 s is well', () => {
    const scenario: Scenario = {
      ...calm,
      config: { ...calm.config, protocol: 'hotstuff2', stakes: [2, 2, 2, 3, 4, 2, 3], seed: 1 },
      seed: 1_600_630_564,
      durationMs: 20_000,
      lossRate: 0.15,
      lossUntilMs: 16_000,
    }
    const simulation = simulate(scenario)
    agreedChain(simulation, everyone(scenario))
    const late = simulation.trace.filter(
      ({ atMs, command }) => atMs > scenario.lossUntilMs && command.kind === 'finalized',
    )
    expect(late.length).toBeGreaterThan(0)
  })

  it('loses no voted block under monadbft, as long as no leader proposes two', () => {
    const honestLeaders = disturbed.map((scenario) => ({
      ...scenario,
      config: { ...scenario.config, protocol: 'monadbft' as const },
      faults: scenario.faults.filter(({ kind }) => kind !== 'equivocate'),
    }))
    fc.assert(
      fc.property(honestLeaders, (scenario) => {
        const simulation = simulate(scenario)
        const chain = agreedChain(simulation, everyone(scenario))
        for (const validator of everyone(scenario)) {
          for (const { height, id } of blocksOf(simulation, 'voted', validator)) {
            const final = chain[height - 1]
            if (final !== undefined) expect(final.id).toBe(id)
          }
        }
      }),
      { numRuns: runs },
    )
  })
})

describe('a leader that falls silent after a vote', () => {
  /** The votes of round 9 go to the leader of round 10, who says nothing of them. */
  const silenced = (protocol: 'monadbft' | 'hotstuff2'): Scenario => {
    const seed = 12
    const config = { ...calm.config, protocol, seed }
    const validator = leaderOf(config, 10)
    const begin = simulate({ ...calm, config }).trace.find(
      ({ command }) => command.kind === 'proposed' && command.block.round === 9,
    )!.atMs
    const fault = { kind: 'silence', validator, fromMs: begin, toMs: begin + 2_500 } as const
    return { ...calm, config, faults: [fault] }
  }

  it('costs hotstuff2 the block before', () => {
    const scenario = silenced('hotstuff2')
    const chain = agreedChain(simulate(scenario), everyone(scenario))
    expect(chain.some(({ round }) => round === 8)).toBe(true)
    expect(chain.some(({ round }) => round === 9)).toBe(false)
  })

  it('costs monadbft no block: the next leader proposes it again', () => {
    const scenario = silenced('monadbft')
    const chain = agreedChain(simulate(scenario), everyone(scenario))
    expect(chain.some(({ round }) => round === 9)).toBe(true)
    expect(chain.some(({ round }) => round === 10)).toBe(false)
  })
})

describe('with a third or more at fault', () => {
  it('stops and does not fork, whoever they are, and everybody else gives up each round', () => {
    const beginMs = 2_000
    const hopeless = fc
      .tuple(
        disturbed,
        fc.array(fc.constantFrom('crash' as const, 'silence' as const), {
          minLength: 7,
          maxLength: 7,
        }),
      )
      .map(([scenario, kinds]): Scenario => {
        const faults: Fault[] = []
        let stake = 0
        for (const [validator, own] of scenario.config.stakes.entries()) {
          if (stake > faultyStake(scenario.config)) break
          stake += own
          faults.push({ kind: kinds[validator]!, validator, fromMs: beginMs, toMs: Infinity })
        }
        return { ...scenario, partitions: [], faults }
      })
    fc.assert(
      fc.property(hopeless, (scenario) => {
        const simulation = simulate(scenario)
        agreedChain(simulation, everyone(scenario))
        const well = everyone(scenario).filter(
          (one) => !scenario.faults.some(({ validator }) => validator === one),
        )
        const proposedAt = new Map<string, number>()
        for (const { atMs, validator, command } of simulation.trace) {
          if (command.kind === 'proposed' && !proposedAt.has(command.block.id)) {
            proposedAt.set(command.block.id, atMs)
          }
          if (command.kind !== 'voted' && command.kind !== 'finalized') continue
          // A silent leader may see votes for a block, which it can tell nobody of.
          if (!well.includes(validator)) continue
          expect(proposedAt.get(command.block.id)).toBeLessThanOrEqual(beginMs)
        }
        for (const one of well) expect(simulation.states[one]!.hasGivenUp).toBe(true)
      }),
      { numRuns: Math.ceil(runs / 2) },
    )
  })

  it.each([['crash'], ['silence']] as const)('stops and does not fork when they %s', (kind) => {
    const faults = [1, 2].map((validator) => ({ kind, validator, fromMs: 2_000, toMs: 10_000 }))
    const scenario = { ...calm, faults }
    const simulation = simulate(scenario)
    const chain = agreedChain(simulation, everyone(scenario))
    expect(chain.length).toBeGreaterThan(10)
    const late = simulation.trace.filter(
      ({ atMs, command }) => atMs > 3_000 && command.kind === 'finalized',
    )
    expect(late).toEqual([])
  })

  it('goes on when they come back', () => {
    const faults = [1, 2].map(
      (validator) => ({ kind: 'crash', validator, fromMs: 2_000, toMs: 5_000 }) as const,
    )
    const scenario = { ...calm, faults, durationMs: 20_000 }
    const simulation = simulate(scenario)
    agreedChain(simulation, everyone(scenario))
    for (const validator of everyone(scenario)) {
      const last = blocksOf(simulation, 'finalized', validator).at(-1)!
      expect(last.height).toBeGreaterThan(100)
    }
  })
})

describe('a minority that executes to another root', () => {
  it('puts no root of its own into a final block, on any network', () => {
    const divided = fc.tuple(disturbed, fc.nat(6)).map(([scenario, pick]): Scenario => {
      const { stakes } = scenario.config
      const wrong = pick % stakes.length
      const config = { ...scenario.config, rootLag: 3 }
      const isFew = stakes[wrong]! <= faultyStake(config)
      return { ...scenario, config, faults: [], wrongRoots: isFew ? [wrong] : [] }
    })
    fc.assert(
      fc.property(divided, (scenario) => {
        const chain = agreedChain(simulate(scenario), everyone(scenario))
        for (const { height, delayedRoot } of chain) {
          const below = chain[height - 4]
          expect(delayedRoot).toEqual(below && { height: height - 3, root: rootOf(below.id) })
        }
      }),
      { numRuns: Math.ceil(runs / 2) },
    )
  })

  it.each([1, 2, 3, 4])('is left behind though its own proposal is its tip (seed %i)', (seed) => {
    const config = { ...calm.config, seed, rootLag: 3 }
    const scenario = { ...calm, config, seed, wrongRoots: [2], buildMs: 200, durationMs: 60_000 }
    const late = simulate(scenario).trace.filter(
      ({ atMs, command }) => atMs > 50_000 && command.kind === 'finalized',
    )
    expect(late.length).toBeGreaterThan(0)
  })

  it('stops nobody, and its own proposals are refused', () => {
    const config = { ...calm.config, rootLag: 3 }
    const scenario = { ...calm, config, wrongRoots: [2], durationMs: 40_000 }
    const simulation = simulate(scenario)
    const honest = everyone(scenario).filter((validator) => validator !== 2)
    const chain = agreedChain(simulation, honest)
    expect(chain.length).toBeGreaterThan(20)
    expect(chain.filter(({ height }) => height > 3).every(({ author }) => author !== 2)).toBe(true)
    const refusals = simulation.trace.filter(
      ({ validator, command }) => validator !== 2 && command.kind === 'refused',
    )
    expect(refusals.length).toBeGreaterThan(0)
  })
})

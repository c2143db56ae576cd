import fc from 'fast-check'
import { expect, it } from 'vitest'

import { criticalCost } from '../../src/analysis/critical-path.ts'
import { precedenceOf } from '../../src/analysis/precedence.ts'
import {
  type Attempt,
  NO_OVERHEADS,
  type Policy,
  type Schedule,
  type Work,
  serialTime,
} from '../../src/analysis/simulate/policy.ts'
import { type Made, madeBlock, recordingOf, workIn } from '../unit/analysis/blocks.ts'

const cores = fc.constantFrom(1, 2, 3, 4, 8, 64, 1024)
const overheads = fc.record({
  claim: fc.nat(2),
  validate: fc.nat(2),
  merge: fc.nat(2),
  root: fc.nat(8),
})
const ROUNDING = 1e-9

/**
 * What every policy of the simulator keeps.
 * @param skips `one core`: it does not run in the order of the block, so it retries there too
 */
export function policyCases(policy: Policy, skips: readonly 'one core'[] = []): void {
  const onAnyBlock = (check: (work: Work, schedule: Schedule) => void): void => {
    fc.assert(
      fc.property(madeBlock, cores, overheads, (made, count, each) => {
        const work = workIn(recordingOf(made))
        check(work, policy.simulate(work, { cores: count, overheads: each }))
      }),
    )
  }

  it('keeps, rejects or defers each transaction once', () => {
    onAnyBlock((work, { attempts, deferred }) => {
      const settled = attempts.filter(({ outcome }) => outcome !== 'aborted').map(({ tx }) => tx)
      const all = [...settled, ...deferred.map(({ tx }) => tx)].sort((a, b) => a - b)
      expect(all).toEqual([...work.costs.keys()])
    })
  })

  it('runs one transaction at a time on a core that there is, for at least its cost', () => {
    onAnyBlock((work, { attempts, cores: count, makespan }) => {
      const freeAt = new Map<number, number>()
      for (const { core, start, end, tx } of attempts) {
        expect(core).toBeLessThan(count)
        expect(start).toBeGreaterThanOrEqual((freeAt.get(core) ?? 0) - ROUNDING)
        expect(end - start).toBeGreaterThanOrEqual(work.costs[tx]! - ROUNDING)
        expect(makespan).toBeGreaterThanOrEqual(end - ROUNDING)
        freeAt.set(core, end)
      }
    })
  })

  it('counts incarnations from zero, and says why each was thrown away', () => {
    onAnyBlock((_work, { attempts }) => {
      const incarnations = new Map<number, number>()
      for (const { tx, incarnation, outcome, cause } of attempts) {
        expect(incarnation).toBe(incarnations.get(tx) ?? 0)
        incarnations.set(tx, incarnation + 1)
        if (outcome === 'aborted') expect(cause?.by).toBeLessThan(tx)
      }
    })
  })

  it('gives the same schedule for the same work', () => {
    onAnyBlock((work, schedule) => {
      const machine = { cores: schedule.cores, overheads: NO_OVERHEADS }
      const first = JSON.stringify(policy.simulate(work, machine))
      expect(JSON.stringify(policy.simulate(work, machine))).toBe(first)
    })
  })

  if (!skips.includes('one core')) {
    it('on one core wastes nothing and takes as long as serially', () => {
      fc.assert(
        fc.property(madeBlock, (made) => {
          const work = workIn(recordingOf(made))
          const machine = { cores: 1, overheads: NO_OVERHEADS }
          const { attempts, makespan } = policy.simulate(work, machine)
          expect(attempts).toHaveLength(made.length)
          expect(makespan).toBeCloseTo(serialTime(work, machine))
        }),
      )
    })
  }

  it('is never faster with fewer cores when nothing conflicts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 14 }), (gas) => {
        const made = gas.map((each, at): Made => ({ gas: each, selector: selectorAt(at) }))
        const work = workIn(recordingOf(made))
        const times = [1, 2, 3, 4, 8, 1024].map(
          (count) => policy.simulate(work, { cores: count, overheads: NO_OVERHEADS }).makespan,
        )
        expect(times).toEqual(times.toSorted((a, b) => b - a))
        if (policy.name !== 'serial') expect(times.at(-1)).toBe(Math.max(0, ...gas))
      }),
    )
  })

  it('is bounded by the longest transaction and by its cores', () => {
    onAnyBlock((work, { makespan, cores: count }) => {
      const total = work.costs.reduce((sum, cost) => sum + cost, 0)
      expect(makespan).toBeGreaterThanOrEqual(total / count - ROUNDING)
      expect(makespan).toBeGreaterThanOrEqual(Math.max(0, ...work.costs))
    })
  })

  if (policy.respects === 'all') return
  it('keeps nothing that began before what it depends on had ended', () => {
    onAnyBlock((work, { attempts, makespan }) => {
      const kept = new Map<number, Attempt>()
      for (const attempt of attempts) if (attempt.outcome === 'kept') kept.set(attempt.tx, attempt)
      const { first, from } = precedenceOf(work.graph)
      for (const [tx, { start }] of kept) {
        for (const before of from.subarray(first[tx], first[tx + 1])) {
          expect(kept.get(before)!.end).toBeLessThanOrEqual(start + ROUNDING)
        }
      }
      expect(makespan).toBeGreaterThanOrEqual(criticalCost(work.graph, work.costs) - ROUNDING)
    })
  })
}

/** Calls that are not alike: `batch` would put them together. */
function selectorAt(at: number): `0x${string}` {
  return `0x${at.toString(16).padStart(8, '0')}`
}

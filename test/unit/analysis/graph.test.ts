import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BalanceHistory } from '../../../src/analysis/balance-history.ts'
import { speedupBound, speedupCurve, totalCost } from '../../../src/analysis/bounds.ts'
import { criticalCost, criticalPath } from '../../../src/analysis/critical-path.ts'
import { EDGE_KINDS, dependencyGraph } from '../../../src/analysis/graph.ts'
import { listSchedule } from '../../../src/analysis/list-schedule.ts'
import { precedenceOf } from '../../../src/analysis/precedence.ts'
import type { AccountReads, AccountWrites } from '../../../src/state/access.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import { type Made, costsOf, edgesOf, madeBlock, recordingOf, someone } from './blocks.ts'

const kindsOf = (made: readonly Made[], rest = {}): readonly string[] => {
  const graph = dependencyGraph(recordingOf(made, rest))
  return Array.from(graph.kind, (kind, edge) => {
    return `${graph.from[edge]}>${graph.to[edge]} ${EDGE_KINDS[kind]}`
  })
}

describe('who depends on whom', () => {
  it('by the last writer before it, not by earlier ones', () => {
    const made = [{ writes: [1] }, { writes: [1] }, { reads: [1] }, { reads: [2] }]
    expect(edgesOf(dependencyGraph(recordingOf(made)))).toEqual(['0>1:1', '1>2:1'])
  })

  it('is, for any block, who reads what another wrote last', () => {
    fc.assert(
      fc.property(madeBlock, (made) => {
        const wanted: string[] = []
        for (const [to, { reads = [], writes = [] }] of made.entries()) {
          for (const slot of new Set([...reads, ...writes])) {
            const from = made.slice(0, to).findLastIndex((tx) => tx.writes!.includes(slot))
            if (from >= 0) wanted.push(`${from}>${to}:${slot}`)
          }
        }
        const found = edgesOf(dependencyGraph(recordingOf(made)))
        expect(found.toSorted()).toEqual(wanted.sort())
      }),
    )
  })
})

const X = someone(1)
const credit = (wei: bigint, life?: 'created'): { reads: AccountReads; writes: AccountWrites } => ({
  reads: { codeHash: EMPTY_CODE_HASH },
  writes: { balanceWei: wei, ...(life && { life }) },
})
const at = (account: { reads?: AccountReads; writes?: AccountWrites }): Made => ({
  accounts: { [X]: account },
})

describe('balances', () => {
  it('plain credits do not meet, not even where they bring an account to life', () => {
    expect(kindsOf([at(credit(1n, 'created')), at(credit(2n)), at(credit(3n))])).toEqual([])
  })

  it('a payment for a new account waits for who made it one, and the next payment for neither', () => {
    const looking = (wei: bigint, isThere: boolean): Made => {
      const { reads, writes } = credit(wei, isThere ? undefined : 'created')
      return at({ reads: { ...reads, life: isThere }, writes })
    }
    expect(kindsOf([looking(1n, false), looking(2n, true), at(credit(3n))])).toEqual(['0>1 life'])
  })

  it('the reference engine sees whole accounts, so its credits are told by what they did', () => {
    const seen = [at(credit(1n, 'created')), at(credit(2n))].map((made, n): Made => {
      const { reads, writes } = made.accounts![X]!
      return at({ reads: { ...reads, life: n > 0 }, writes: writes! })
    })
    const exact = recordingOf(seen)
    const transactions = exact.transactions.map((transaction) => ({
      ...transaction,
      access: { ...transaction.access, precision: 'accounts' as const },
    }))
    expect(dependencyGraph(exact).edges).toBe(1)
    expect(dependencyGraph({ transactions }).edges).toBe(0)
  })

  it('who looks at a balance waits for every credit since the last look that changed it', () => {
    const look: Made = at({ reads: { balance: { strength: 'exact', wei: 3n } } })
    const made = [at(credit(1n)), at(credit(3n)), look, at(credit(4n)), look]
    expect(kindsOf(made)).toEqual([
      '0>2 balance',
      '1>2 balance',
      '0>4 balance',
      '1>4 balance',
      '3>4 balance',
    ])
  })

  it('who sees whether an account is there waits for who brought it to life', () => {
    const look: Made = at({ reads: { life: true, codeHash: keccakHash(new Uint8Array(0)) } })
    expect(kindsOf([at(credit(1n, 'created')), look])).toEqual(['0>1 life'])
  })

  it('a check that would have held before waits for nobody', () => {
    const covered: Made = at({
      reads: { balance: { strength: 'atLeast', wei: 5n, held: true } },
      writes: { balanceWei: 6n },
    })
    const balancesWei = new Map([[X, 10n]])
    expect(kindsOf([at(credit(11n)), covered], { balancesWei })).toEqual([])
  })

  it('a check waits for the credit without which it would fail, not for those after it', () => {
    const covered: Made = at({ reads: { balance: { strength: 'atLeast', wei: 5n, held: true } } })
    const made = [at(credit(2n)), at(credit(7n)), at(credit(8n)), covered]
    expect(kindsOf(made, { balancesWei: new Map([[X, 1n]]) })).toEqual(['1>3 balance'])
  })

  it('a check of an unknown balance is taken as independent and counted', () => {
    const covered: Made = at({ reads: { balance: { strength: 'atLeast', wei: 5n, held: true } } })
    const graph = dependencyGraph(recordingOf([at(credit(9n)), covered]))
    expect(graph.edges).toBe(0)
    expect(graph.undecidedChecks).toBe(1)
  })

  it('of an account that came to life in the block, all checks are decided', () => {
    const covered: Made = at({ reads: { balance: { strength: 'atLeast', wei: 5n, held: true } } })
    const made = [at(credit(4n, 'created')), at(credit(9n)), covered]
    expect(kindsOf(made)).toEqual(['1>2 balance'])
  })

  it('what an earlier check found of an unknown balance decides a later one', () => {
    const check = (wei: bigint): Made =>
      at({ reads: { balance: { strength: 'atLeast', wei, held: true } } })
    const graph = dependencyGraph(recordingOf([check(6n), at(credit(9n)), check(5n)]))
    expect(graph.undecidedChecks).toBe(0)
  })

  it('the beneficiary looked at is a chain of fees, and not in the headline', () => {
    const look: Made = at({ reads: { balance: { strength: 'exact', wei: 1n } } })
    const recording = recordingOf([at({ writes: { balanceWei: 1n } }), look], { beneficiary: X })
    const graph = dependencyGraph(recording)
    expect(Array.from(graph.kind, (kind) => EDGE_KINDS[kind])).toEqual(['fee'])
    expect(speedupBound(graph, costsOf(recording))).toBe(2)
  })

  it('a check depends, for any history, on the last change that turned its answer', () => {
    const changes = fc.array(fc.bigInt({ min: 0n, max: 6n }), { maxLength: 12 })
    fc.assert(
      fc.property(changes, fc.bigInt({ min: 0n, max: 7n }), (values, threshold) => {
        const history = new BalanceHistory(3n)
        for (const [tx, value] of values.entries()) history.change(tx, value)
        const all = [3n, ...values]
        const held = all.at(-1)! >= threshold
        const turned = values.findLastIndex((value, tx) => {
          return value >= threshold !== all[tx]! >= threshold
        })
        expect(history.dependencyOf({ atLeastWei: threshold, held })).toEqual(
          turned < 0 ? { kind: 'none' } : { kind: 'on', tx: turned },
        )
      }),
    )
  })
})

describe('nonces', () => {
  const nonce = (before: bigint): { reads: AccountReads; writes: AccountWrites } => ({
    reads: { nonce: before },
    writes: { nonce: before + 1n },
  })

  it('of one sender are a chain of their own, outside the headline', () => {
    const made = [0n, 1n, 2n].map((n): Made => ({ sender: 1, accounts: { [X]: nonce(n) } }))
    const recording = recordingOf(made)
    const graph = dependencyGraph(recording)
    expect(kindsOf(made)).toEqual(['0>1 senderNonce', '1>2 senderNonce'])
    expect(speedupBound(graph, costsOf(recording))).toBe(3)
    expect(speedupBound(graph, costsOf(recording), { kinds: new Set(['senderNonce']) })).toBe(1)
  })

  it('of a factory order its creations, and count', () => {
    const made = [0n, 1n].map((n): Made => ({ accounts: { [X]: nonce(n) } }))
    expect(kindsOf(made)).toEqual(['0>1 nonce'])
  })
})

describe('the critical path', () => {
  it('is the most expensive chain, with what each waited for', () => {
    const made = [
      { gas: 5, writes: [1] },
      { gas: 1, writes: [2] },
      { gas: 7, reads: [1], writes: [3] },
      { gas: 9 },
      { gas: 4, reads: [2, 3] },
    ]
    const recording = recordingOf(made)
    const graph = dependencyGraph(recording)
    const costs = costsOf(recording)
    expect(criticalCost(graph, costs)).toBe(16)
    const path = criticalPath(graph, costs).map(({ tx, location }) => {
      const where = location === undefined ? undefined : graph.touches.locations[location]!
      return [tx, where?.kind === 'slot' ? BigInt(where.key) : undefined]
    })
    expect(path).toEqual([
      [0, undefined],
      [2, 1n],
      [4, 3n],
    ])
    expect(speedupBound(graph, costs)).toBe(26 / 16)
  })

  it('is, for any block, the longest of all chains, and no schedule beats it', () => {
    fc.assert(
      fc.property(madeBlock, fc.integer({ min: 1, max: 6 }), (made, cores) => {
        const recording = recordingOf(made)
        const graph = dependencyGraph(recording)
        const costs = costsOf(recording)
        const order = precedenceOf(graph)
        const longest = (tx: number): number => {
          const before = [...order.from.subarray(order.first[tx], order.first[tx + 1])]
          return costs[tx]! + Math.max(0, ...before.map(longest))
        }
        const critical = criticalCost(graph, costs)
        expect(critical).toBe(Math.max(0, ...Array.from(made.keys(), longest)))
        const path = criticalPath(graph, costs)
        expect(path.reduce((sum, { tx }) => sum + costs[tx]!, 0)).toBe(critical)
        const { makespan } = listSchedule(order, costs, cores)
        const share = totalCost(costs) / cores
        expect(makespan).toBeGreaterThanOrEqual(Math.max(critical, share) - 1e-9)
        expect(makespan).toBeLessThanOrEqual(critical + share + 1e-9)
      }),
    )
  })

  it('of nothing is no bound at all', () => {
    const recording = recordingOf([])
    const graph = dependencyGraph(recording)
    expect(speedupBound(graph, costsOf(recording))).toBe(1)
    expect(criticalPath(graph, costsOf(recording))).toEqual([])
    expect(speedupCurve(graph, costsOf(recording)).every(({ bound }) => bound === 1)).toBe(true)
  })
})

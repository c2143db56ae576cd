import { describe, expect, it } from 'vitest'

import { runsToChromeTrace, toChromeTrace } from '../../../src/analysis/formats/chrome-trace.ts'
import { seiCounters } from '../../../src/analysis/formats/sei.ts'
import { alikeShare } from '../../../src/analysis/simulate/batch.ts'
import { compare } from '../../../src/analysis/simulate/compare.ts'
import { hotLocks, locks } from '../../../src/analysis/simulate/locks.ts'
import { ownedOnly, ownership } from '../../../src/analysis/simulate/ownership.ts'
import { POLICIES } from '../../../src/analysis/simulate/policies.ts'
import { NO_OVERHEADS, type Policy, type Schedule } from '../../../src/analysis/simulate/policy.ts'
import { undeclared } from '../../../src/analysis/simulate/strict.ts'
import { slotOf } from '../../../src/primitives/hex.ts'
import { policyCases } from '../../contract/policy.ts'
import { CONTRACT, type Made, recordingOf, someone, workIn } from './blocks.ts'

describe.each(POLICIES.map((policy) => [policy.name, policy] as const))(
  'the policy %s',
  (_name, policy) => {
    policyCases(policy, policy.name === 'batch' ? ['one core'] : [])
  },
)

const policyNamed = (name: string): Policy => POLICIES.find((policy) => policy.name === name)!
const run = (name: string, made: readonly Made[], cores: number): Schedule =>
  policyNamed(name).simulate(workIn(recordingOf(made)), { cores, overheads: NO_OVERHEADS })
const shown = ({ attempts }: Schedule): readonly string[] =>
  attempts.map(({ tx, start, end, outcome }) => `${tx} ${start}-${end} ${outcome}`)

const W: Made = { writes: [1] }
const CHAIN = [W, W, W]

describe('a line of three on three cores', () => {
  it('optimistic: the second and the third run again, one after another', () => {
    expect(shown(run('optimistic', CHAIN, 3))).toEqual([
      '0 0-10 kept',
      '1 0-10 aborted',
      '2 0-10 aborted',
      '1 10-20 kept',
      '2 20-30 kept',
    ])
  })

  it('block-stm: the third waits for the estimate of the second', () => {
    expect(shown(run('block-stm', CHAIN, 3))).toEqual([
      '0 0-10 kept',
      '1 0-10 aborted',
      '2 0-10 aborted',
      '1 10-20 kept',
      '2 20-30 kept',
    ])
  })

  it('occ-rounds: a round for each', () => {
    const schedule = run('occ-rounds', CHAIN, 3)
    expect(schedule.rounds).toBe(3)
    expect(schedule.makespan).toBe(30)
    expect(seiCounters(schedule, () => 'slot')).toEqual({
      txs: 3,
      workers: 3,
      retries: 2,
      maxIncarnation: 1,
      iterations: 3,
      sync: false,
      keyConflicts: [{ key: 'slot', conflicts: 2 }],
    })
  })

  it('dag: in a row, and nothing twice', () => {
    expect(shown(run('dag', CHAIN, 3))).toEqual(['0 0-10 kept', '1 10-20 kept', '2 20-30 kept'])
  })

  it('bal: all at once', () => {
    expect(run('bal', CHAIN, 3).makespan).toBe(10)
  })
})

it('optimistic: the retry takes a core from those that speculate', () => {
  const made: Made[] = [W, W, { gas: 10 }, { gas: 10 }]
  expect(shown(run('optimistic', made, 2))).toEqual([
    '0 0-10 kept',
    '1 0-10 aborted',
    '1 10-20 kept',
    '2 10-20 kept',
    '3 20-30 kept',
  ])
})

it('occ-rounds gives up after ten rounds and runs the rest one after another', () => {
  const made = Array.from({ length: 14 }, () => W)
  const schedule = run('occ-rounds', made, 16)
  expect(schedule).toMatchObject({ rounds: 10, serialised: 4, makespan: 140 })
})

describe('locks', () => {
  const apart: Made[] = [
    { sender: 1, writes: [1] },
    { sender: 2, writes: [2] },
    { sender: 3, writes: [200] },
    { sender: 4, writes: [300] },
  ]

  it.each([
    ['slot', 10],
    ['page128', 20],
    ['page256', 30],
    ['contract', 40],
  ] as const)('by %s cover what lies beside each other', (granularity, makespan) => {
    expect(run(`locks:${granularity}`, apart, 8).makespan).toBe(makespan)
  })

  it('are shared by readers, and keep a writer behind them', () => {
    const made: Made[] = [{ reads: [1] }, { reads: [1] }, { writes: [1] }, { reads: [1] }]
    expect(
      shown(
        locks('slot').simulate(workIn(recordingOf(made)), { cores: 8, overheads: NO_OVERHEADS }),
      ),
    ).toEqual(['0 0-10 kept', '1 0-10 kept', '2 10-20 kept', '3 20-30 kept'])
  })

  it('tell which variable takes more than Solana lets one account take', () => {
    const made: Made[] = [{ gas: 61, writes: [1] }, { gas: 19, writes: [2] }, { gas: 20 }]
    const work = workIn(recordingOf(made))
    expect(hotLocks(work, 'slot')).toMatchObject([
      { share: 0.61, isOverBudget: true },
      { share: 0.19, isOverBudget: false },
    ])
  })
})

describe('ownership', () => {
  it('leaves for another block who would wait too long at a shared location', () => {
    const policy = ownership({ budget: 20 })
    const made: Made[] = [W, W, W, { sender: 0x1000, writes: [9] }]
    const schedule = policy.simulate(workIn(recordingOf(made)), {
      cores: 4,
      overheads: NO_OVERHEADS,
    })
    expect(schedule.deferred.map(({ tx }) => tx)).toEqual([2])
    expect(schedule.makespan).toBe(20)
  })

  it('knows who touches nothing that is shared', () => {
    const made: Made[] = [
      { sender: 1, writes: [1] },
      { sender: 1, writes: [1], reads: [5] },
      { sender: 2, writes: [2], reads: [5] },
      { sender: 3, writes: [2] },
    ]
    expect(ownedOnly(workIn(recordingOf(made)))).toEqual([true, true, false, false])
  })
})

describe('strict', () => {
  const declares = (...keys: number[]): Made => ({
    writes: [1],
    declared: [{ address: CONTRACT, storageKeys: keys.map((key) => slotOf(BigInt(key))) }],
  })

  it('rejects who touches what it did not declare, and names it', () => {
    const made = [declares(1), declares(2), W, declares(1, 2)]
    const work = workIn(recordingOf(made))
    const place = work.graph.touches.locations.findIndex(({ kind }) => kind === 'slot')
    expect(undeclared(work)).toEqual([[], [place], [place], []])
    const { attempts } = run('strict', made, 4)
    expect(attempts.map(({ tx, outcome }) => `${tx} ${outcome}`)).toEqual([
      '0 kept',
      '1 rejected',
      '2 rejected',
      '3 kept',
    ])
  })

  it('takes what is declared for itself, touched or not', () => {
    const idle = { ...declares(7), writes: [] }
    expect(run('strict', [idle, idle], 2).makespan).toBe(20)
  })

  it('wants other accounts declared too, but for the sender and whom it calls', () => {
    const other = someone(7)
    const accounts = { [other]: { reads: { balance: { strength: 'exact', wei: 1n } as const } } }
    const made: Made[] = [
      { accounts },
      { accounts, declared: [{ address: other, storageKeys: [] }] },
      { accounts, to: other, declared: [{ address: CONTRACT, storageKeys: [] }] },
    ]
    const missing = undeclared(workIn(recordingOf(made)))
    expect(missing.map((places) => places.length)).toEqual([1, 0, 0])
  })
})

describe('batch', () => {
  it('lets calls of one function see each other on their core', () => {
    const made: Made[] = CHAIN.map((one) => ({ ...one, selector: '0x00000001' }))
    expect(run('batch', made, 3).attempts.map(({ core }) => core)).toEqual([0, 0, 0])
  })

  it('tells how much of the cost lanes in lockstep could take', () => {
    const made = Array.from({ length: 40 }, (_, at): Made => ({
      gas: 10,
      selector: at < 32 ? '0x00000001' : '0x00000002',
    }))
    expect(alikeShare(workIn(recordingOf(made)))).toBe(0.8)
  })
})

describe('overheads', () => {
  it('count where they fall: claims and checks on the cores, merges in a line, the root at the end', () => {
    const overheads = { claim: 1, validate: 2, merge: 3, root: 8 }
    const made: Made[] = [{ gas: 10 }, { gas: 10 }]
    const machine = { cores: 2, overheads }
    const work = workIn(recordingOf(made))
    expect(policyNamed('serial').simulate(work, machine).makespan).toBe(20 + 6 + 8)
    expect(policyNamed('dag').simulate(work, machine).makespan).toBe(11 + 6 + 4)
    expect(policyNamed('optimistic').simulate(work, machine).makespan).toBe(13 + 6 + 4)
  })
})

describe('comparing', () => {
  it('has a row for each policy and number of cores, over the serial time', () => {
    const rows = compare(workIn(recordingOf(CHAIN)), POLICIES, [1, 4])
    expect(rows).toHaveLength(POLICIES.length * 2)
    const row = rows.find(({ policy, cores }) => policy === 'optimistic' && cores === 4)
    expect(row).toMatchObject({ speedup: 1, executions: 5, aborts: 2, wasted: 0.4 })
    const best = rows.find(({ policy, cores }) => policy === 'bal' && cores === 4)
    expect(best!.speedup).toBe(3)
  })

  it('refuses cores that there cannot be', () => {
    const work = workIn(recordingOf(CHAIN))
    expect(() => compare(work, POLICIES, [0])).toThrow('expected 1 to 1024 cores, got 0')
    expect(() => compare(work, POLICIES, [2000])).toThrow('expected 1 to 1024 cores, got 2000')
  })

  it('takes a block of ten thousand transactions', () => {
    const made = Array.from({ length: 10_000 }, (_, tx): Made => ({ writes: [tx % 500] }))
    const rows = compare(workIn(recordingOf(made)), POLICIES, [64])
    expect(rows).toHaveLength(POLICIES.length)
  })
})

it('a schedule is shown as a track for each core', () => {
  const trace = toChromeTrace(
    run('optimistic', CHAIN.slice(0, 2), 2),
    (tx) => `tx ${tx}`,
    () => 'Counter.count',
  )
  expect(trace.traceEvents.map(({ ph, name, tid, ts }) => [ph, name, tid, ts])).toEqual([
    ['M', 'thread_name', 0, 0],
    ['M', 'thread_name', 1, 0],
    ['X', 'tx 0', 0, 0],
    ['X', 'tx 1', 1, 0],
    ['X', 'tx 1', 0, 10],
  ])
  expect(trace.traceEvents[3]!.args).toEqual({
    tx: 1,
    incarnation: 0,
    outcome: 'aborted',
    because: 'Counter.count',
    by: 0,
  })
})

it('shows measured lanes with their merges, and the steps of the block beside them', () => {
  const at = { index: 0, lane: 1 }
  const trace = runsToChromeTrace(
    {
      executor: 'dag',
      runs: [{ ...at, incarnation: 0, start: 1, end: 2, outcome: 'merged' }],
      merges: [{ ...at, start: 2, end: 2.5 }],
      steps: [{ name: 'root', start: 3, end: 5 }],
    },
    (tx) => `tx ${tx}`,
  )
  expect(trace.traceEvents.map(({ cat, name, tid, ts, dur }) => [cat, name, tid, ts, dur])).toEqual(
    [
      ['', 'thread_name', 1, 0, undefined],
      ['', 'thread_name', 2, 0, undefined],
      ['merged', 'tx 0', 1, 1000, 1000],
      ['merge', 'merge of tx 0', 1, 2000, 500],
      ['block', 'root', 2, 3000, 2000],
    ],
  )
  expect(trace.otherData).toEqual({ basis: 'measured', policy: 'dag' })
})

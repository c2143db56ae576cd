import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { commutativeUse } from '../../../src/analysis/commutativity.ts'
import { criticalCost } from '../../../src/analysis/critical-path.ts'
import { dependencyGraph } from '../../../src/analysis/graph.ts'
import { rankHotLocations } from '../../../src/analysis/hot-locations.ts'
import type { Recording, ValueUse } from '../../../src/analysis/input.ts'
import type { Field } from '../../../src/analysis/names/slot-names.ts'
import { ownershipByVariable } from '../../../src/analysis/ownership.ts'
import { packedUse } from '../../../src/analysis/packed.ts'
import { patternOf } from '../../../src/analysis/pattern.ts'
import { slotOf } from '../../../src/primitives/hex.ts'
import { locationKey } from '../../../src/state/location.ts'
import { CONTRACT, type Made, costsOf, madeBlock, recordingOf } from './blocks.ts'

const placeOf = (recording: Recording, slot: number): number =>
  dependencyGraph(recording).touches.idOf.get(
    locationKey({ kind: 'slot', address: CONTRACT, key: slotOf(BigInt(slot)) }),
  )!

function ranked(made: readonly Made[]) {
  const recording = recordingOf(made)
  const graph = dependencyGraph(recording)
  return rankHotLocations(graph, costsOf(recording)).map((hot) => ({
    ...hot,
    slots: hot.locations.map((place) => {
      const location = graph.touches.locations[place]!
      return location.kind === 'slot' ? Number(location.key) : location.kind
    }),
  }))
}

describe('what to fix first', () => {
  it('is what lies on the critical path, not what has most edges', () => {
    const made = [
      ...Array.from({ length: 5 }, () => ({ gas: 1, writes: [1] })),
      { gas: 50, writes: [2] },
      { gas: 50, writes: [2] },
    ]
    const [first, second] = ranked(made)
    expect(first).toMatchObject({ slots: [2], edges: 1, costBehind: 50, criticalWithout: 50 })
    expect(second).toMatchObject({ slots: [1], edges: 4, costBehind: 4, criticalWithoutUpTo: 50 })
  })

  it('puts together what must be cured together', () => {
    const made = Array.from({ length: 4 }, () => ({ writes: [1, 2] }))
    expect(ranked(made)).toMatchObject([{ slots: [1, 2], criticalWithout: 10, writers: 4 }])
  })

  it('finds that two cures are needed where they tie most of the transactions', () => {
    const made = [{ writes: [1, 2] }, { writes: [1, 2] }, { writes: [1, 2] }, { writes: [2] }]
    const [first, second] = ranked(made)
    expect(first).toMatchObject({ slots: [2], criticalWithout: 30 })
    expect(second).toMatchObject({ slots: [1], criticalWithout: 40, criticalWithoutUpTo: 10 })
  })

  it('tells, for any block, the path as it is without the location', () => {
    fc.assert(
      fc.property(madeBlock, (made) => {
        for (const { slots, criticalWithout } of ranked(made)) {
          const cured = recordingOf(
            made.map(({ reads, writes, ...rest }) => ({
              ...rest,
              reads: reads!.filter((slot) => !slots.includes(slot)),
              writes: writes!.filter((slot) => !slots.includes(slot)),
            })),
          )
          const critical = criticalCost(dependencyGraph(cured), costsOf(cured))
          expect(criticalWithout).toBe(critical)
        }
      }),
    )
  })

  it('looks at ten thousand transactions in less than a test may take', () => {
    const made = Array.from({ length: 10_000 }, (_, tx) => ({ writes: [tx % 40, 40 + (tx % 7)] }))
    expect(ranked(made)).toHaveLength(20)
  })
})

/** A recording whose transactions used slot 1 so. */
function using(uses: readonly (ValueUse | undefined)[], made: readonly Made[]): Recording {
  const recording = recordingOf(made)
  const key = locationKey({ kind: 'slot', address: CONTRACT, key: slotOf(1n) })
  const transactions = recording.transactions.map((transaction, tx) => ({
    ...transaction,
    trace: {
      sites: [],
      volatile: [],
      uses: new Map(uses[tx] === undefined ? [] : [[key, uses[tx]]]),
    },
  }))
  return { ...recording, transactions }
}

const commutative = (recording: Recording) =>
  commutativeUse(recording, dependencyGraph(recording), costsOf(recording), [placeOf(recording, 1)])

describe('a slot that is only added to', () => {
  const add: Made = { writes: [1] }

  it('orders nobody as a delta', () => {
    expect(commutative(using(['added', 'guarded', 'added'], [add, add, add]))).toEqual({
      evidence: 'dataflow',
      guarded: true,
      adders: 3,
      others: 0,
      criticalAsDelta: 10,
    })
  })

  it('still orders who reads it for something else after all that add before', () => {
    const made = [{ ...add, gas: 30 }, add, { reads: [1] }, add]
    const found = commutative(using(['added', 'added', undefined, 'added'], made))
    expect(found).toMatchObject({ adders: 3, others: 1, criticalAsDelta: 40 })
  })

  it('is not one when its value is used', () => {
    expect(commutative(using(['used', 'used'], [add, add]))).toBeUndefined()
  })

  it('is only supposed where nobody followed the values', () => {
    expect(commutative(recordingOf([add, add, add]))).toMatchObject({ evidence: 'values' })
    const uneven = [add, { writes: [1], values: { 1: 9n } }, add]
    expect(commutative(recordingOf(uneven))).toBeUndefined()
  })
})

const field = (path: string, offset: number, bytes: number, type = `uint${bytes * 8}`): Field => ({
  path,
  variable: path,
  offset,
  bytes,
  type,
  role: 'value',
})

describe('a slot that several variables share', () => {
  const LOW = field('low', 0, 16)
  const HIGH = field('high', 16, 16)
  it('would order less with a slot for each', () => {
    const recording = recordingOf([
      { writes: [1], values: { 1: 1n } },
      { writes: [1], values: { 1: 1n + (1n << 128n) } },
      { writes: [1], values: { 1: 2n + (1n << 128n) } },
      { writes: [1], values: { 1: 2n + (2n << 128n) } },
    ])
    const graph = dependencyGraph(recording)
    const place = placeOf(recording, 1)
    expect(packedUse(graph, costsOf(recording), place, [LOW, HIGH])).toEqual({
      fields: [
        { path: 'low', writers: 2 },
        { path: 'high', writers: 2 },
      ],
      criticalUnpacked: 20,
    })
  })

  it('is no matter when one alone is written', () => {
    const recording = recordingOf([{ writes: [1] }, { writes: [1] }])
    const graph = dependencyGraph(recording)
    expect(packedUse(graph, costsOf(recording), placeOf(recording, 1), [LOW, HIGH])).toBeUndefined()
  })
})

describe('what a slot is for', () => {
  const pattern = (
    fields: readonly Field[],
    values: readonly bigint[],
    more: Partial<Made> = {},
  ) => {
    const recording = recordingOf(
      values.map((value) => ({ ...more, writes: [1], values: { 1: value } })),
    )
    const { touches } = dependencyGraph(recording)
    return patternOf(recording, touches.of[placeOf(recording, 1)]!, fields)
  }
  const whole = field('x', 0, 32)

  it.each([
    ['counter', [whole], [1n, 2n, 3n], {}],
    ['accumulator', [whole], [5n, 7n, 20n], {}],
    ['unknown', [whole], [5n, 3n, 20n], {}],
    ['owner', [field('owner', 0, 20, 'address')], [0xaan, 0xbbn], {}],
    ['arrayLength', [{ ...whole, role: 'arrayLength' as const }], [1n, 2n], {}],
    ['timestamp', [whole], [1_700_000_000n, 1_700_000_012n], { volatile: ['TIMESTAMP' as const] }],
    ['accumulator', [whole], [1_700_000_000n, 1_700_000_012n], {}],
    [
      'reserve',
      [field('a', 0, 14), field('b', 14, 14)],
      [100n | (100n << 112n), 110n | (91n << 112n), 105n | (96n << 112n)],
      {},
    ],
  ] as const)('%s', (wanted, fields, values, more) => {
    expect(pattern(fields, values, more)).toBe(wanted)
  })
})

describe('owned or shared', () => {
  it('a variable by how many touch each of its slots', () => {
    const recording = recordingOf([
      { sender: 1, writes: [1], reads: [9] },
      { sender: 1, writes: [1], reads: [9] },
      { sender: 2, writes: [2], reads: [9] },
      { sender: 1, writes: [2] },
    ])
    const { touches } = dependencyGraph(recording)
    const name = (key: bigint): string => (key === 9n ? 'rate' : 'balances')
    const found = ownershipByVariable(recording, touches, (location) =>
      location.kind === 'slot' ? name(BigInt(location.key)) : undefined,
    )
    expect(found).toEqual([
      { variable: 'balances', owned: 1, shared: 1, constant: 0 },
      { variable: 'rate', owned: 0, shared: 0, constant: 1 },
    ])
  })
})

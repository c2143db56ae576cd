import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AccessListGas, accessListCosts } from '../../../src/analysis/access-list-cost.ts'
import { borDependencies } from '../../../src/analysis/formats/bor.ts'
import { toDot } from '../../../src/analysis/formats/dot.ts'
import { edgeList } from '../../../src/analysis/formats/edges.ts'
import { monadPages } from '../../../src/analysis/formats/monad-pages.ts'
import { dependencyGraph } from '../../../src/analysis/graph.ts'
import type { AccessList } from '../../../src/model/transaction.ts'
import { type Slot, slotOf } from '../../../src/primitives/hex.ts'
import { OTHER, SENDER, TestWorld, account, asm, callOf } from '../../contract/engine-world.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { CONTRACT, type Made, madeBlock, recordingOf, someone } from './blocks.ts'

describe("Bor's list of dependencies", () => {
  it('leaves out what another dependency implies', () => {
    const made: Made[] = [
      { writes: [1] },
      { reads: [1], writes: [2] },
      { reads: [1, 2] },
      { reads: [9] },
    ]
    expect(borDependencies(dependencyGraph(recordingOf(made)))).toEqual([[], [0], [1], []])
  })

  it('has the nonces of one sender in it', () => {
    const nonce = (n: bigint): Made => ({
      sender: 1,
      accounts: { [someone(1)]: { reads: { nonce: n }, writes: { nonce: n + 1n } } },
    })
    expect(borDependencies(dependencyGraph(recordingOf([nonce(0n), nonce(1n)])))).toEqual([[], [0]])
  })

  it('orders, for any block, exactly those that the graph orders', () => {
    fc.assert(
      fc.property(madeBlock, (made) => {
        const graph = dependencyGraph(recordingOf(made))
        const reach = (lists: readonly (readonly number[])[]): readonly (readonly number[])[] => {
          const all: Set<number>[] = []
          for (const list of lists) {
            all.push(new Set(list.flatMap((earlier) => [earlier, ...all[earlier]!])))
          }
          return all.map((set) => [...set].sort((a, b) => a - b))
        }
        const whole = made.map((_tx, to) => [
          ...graph.from.subarray(graph.first[to], graph.first[to + 1]),
        ])
        expect(reach(borDependencies(graph))).toEqual(reach(whole))
      }),
    )
  })
})

it('edges are listed with their kind, their place and their name', () => {
  const graph = dependencyGraph(recordingOf([{ writes: [1] }, { reads: [1] }]))
  expect(edgeList(graph, () => 'a name')).toEqual([
    { from: 0, to: 1, kind: 'storage', address: CONTRACT, slot: slotOf(1n), label: 'a name' },
  ])
})

it('Graphviz gets an edge for each dependency, with quotes that it can read', () => {
  const graph = dependencyGraph(recordingOf([{ writes: [1] }, { writes: [1] }]))
  expect(toDot(graph, () => 'names["a"]')).toBe(
    [
      'digraph dependencies {',
      '  rankdir=LR',
      '  node [shape=box]',
      '  t0 [label="0"]',
      '  t1 [label="1"]',
      '  t0 -> t1 [label="names[\\"a\\"]"]',
      '}',
      '',
    ].join('\n'),
  )
})

describe("Monad's pages", () => {
  const keys = (...slots: number[]): readonly Slot[] => slots.map((slot) => slotOf(BigInt(slot)))

  it('hold 128 slots from multiples of 128', () => {
    const [transaction] = recordingOf([{ reads: [127, 128], writes: [1] }]).transactions
    expect(monadPages(transaction!.access)).toEqual({
      declaredPages: 0,
      usedPages: 2,
      pages: [
        { address: CONTRACT, page: '0x0', declared: [], used: keys(1, 127) },
        { address: CONTRACT, page: '0x1', declared: [], used: keys(128) },
      ],
    })
  })

  it('have what is declared beside what is used, each slot once', () => {
    const [transaction] = recordingOf([{ reads: [300, 256], writes: [1] }]).transactions
    const declared: AccessList = [
      { address: CONTRACT, storageKeys: keys(383, 300, 384) },
      { address: CONTRACT, storageKeys: keys(300) },
      { address: OTHER, storageKeys: [slotOf(2n ** 256n - 1n)] },
      { address: SENDER, storageKeys: [] },
    ]
    const last = `0x1${'f'.repeat(62)}`
    expect(monadPages(transaction!.access, declared)).toEqual({
      declaredPages: 3,
      usedPages: 2,
      pages: [
        { address: CONTRACT, page: '0x0', declared: [], used: keys(1) },
        { address: CONTRACT, page: '0x2', declared: keys(300, 383), used: keys(256, 300) },
        { address: CONTRACT, page: '0x3', declared: keys(384), used: [] },
        { address: OTHER, page: last, declared: [slotOf(2n ** 256n - 1n)], used: [] },
      ],
    })
  })
})

describe('the cheapest access list', () => {
  const CALLEE = account(0xca)
  const CALLED = account(0xcb)
  const code = asm(`0x01 SLOAD POP 0x02 SLOAD POP ${callOf(CALLEE)} POP`)
  const calleeCode = asm(Array.from({ length: 3 }, (_, n) => `0x0${n} SLOAD POP`).join(' '))

  async function gasWith(accessList: AccessList) {
    const world = new TestWorld(await loadWasmEngine(), {
      [CALLED]: { code },
      [CALLEE]: { code: calleeCode },
    })
    const outcome = await world.send({ to: CALLED, accessList })
    return {
      gasUsed: Number(outcome.gasUsed),
      access: outcome.access,
      sender: SENDER,
      to: CALLED,
      nonce: 0n,
      declared: accessList,
    }
  }
  const warm = new Set([SENDER, CALLED, account(0xbe)])
  const all = (...keys: number[]): readonly Slot[] => keys.map((key) => slotOf(BigInt(key)))

  it('costs what the engine charges for it, and nothing is cheaper', async () => {
    const plain = await gasWith([])
    const costs = accessListCosts(plain, warm)
    expect(costs.bestList).toEqual([{ address: CALLEE, storageKeys: all(0, 1, 2) }])
    expect(costs.none).toBe(plain.gasUsed)
    const best = await gasWith(costs.bestList)
    expect(best.gasUsed).toBe(costs.best)
    expect(costs.best).toBe(plain.gasUsed - 400)
  })

  it('tells what a list with mistakes in it costs', async () => {
    const flawed: AccessList = [
      { address: OTHER, storageKeys: all(1) },
      { address: CALLED, storageKeys: all(1, 9) },
      { address: CALLED, storageKeys: all(1) },
    ]
    const plain = await gasWith([])
    const declared = await gasWith(flawed)
    const costs = accessListCosts(declared, warm)
    expect(costs.declared).toBe(declared.gasUsed)
    expect(costs.none).toBe(plain.gasUsed)
  })

  it('follows the rules that it is given', async () => {
    const dear: AccessListGas = {
      listedAccount: 9000,
      listedSlot: 9000,
      coldAccount: 2600,
      coldSlot: 2100,
      warm: 100,
    }
    expect(accessListCosts(await gasWith([]), warm, dear).bestList).toEqual([])
  })
})

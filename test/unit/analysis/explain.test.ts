import { describe, expect, it } from 'vitest'

import { dependencyGraph } from '../../../src/analysis/graph.ts'
import { conflictMatrix } from '../../../src/analysis/matrix.ts'
import { reportInSlices, reportOf } from '../../../src/analysis/report.ts'
import { nameBook } from '../../../src/analysis/names/name-book.ts'
import { ValueFlow } from '../../../src/analysis/value-flow.ts'
import { why } from '../../../src/analysis/why.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { TestWorld, account, asm, callOf } from '../../contract/engine-world.ts'
import { type Made, recordingOf } from './blocks.ts'
import { type Call, Workshop, user } from './workshop.ts'

const TOKENS = 10n ** 18n

describe('why one transaction depends on another', () => {
  it('names the variables, with both lines and how calls came there', async () => {
    const shop = new Workshop()
    const factory = await shop.deploy('PairFactory')
    const router = await shop.deploy('Router', [factory])
    const tokens = [
      await shop.deploy('ERC20', ['A', 'A', 10n ** 9n * TOKENS]),
      await shop.deploy('ERC20', ['B', 'B', 10n ** 9n * TOKENS]),
    ]
    for (const n of [1, 2]) {
      for (const to of tokens) {
        await shop.prepare(
          { from: 0, to, function: 'transfer', args: [user(n), 1000n * TOKENS] },
          { from: n, to, function: 'approve', args: [router, 2n ** 256n - 1n] },
        )
      }
    }
    const amounts = [100n * TOKENS, 100n * TOKENS, 0n, 0n]
    await shop.prepare({
      from: 1,
      to: router,
      function: 'addLiquidity',
      args: [...tokens, ...amounts, user(1), 2n ** 64n],
    })
    const swap = (from: number): Call => ({
      from,
      to: router,
      function: 'swapExactTokensForTokens',
      args: [TOKENS, 0n, tokens, user(from), 2n ** 64n],
    })
    await shop.adopt(factory, 'Pair', 'pairOf', tokens)
    const { recording, book, report } = await shop.record([swap(1), swap(2)])
    const hops = why(recording, dependencyGraph(recording), book, 0, 1)
    expect(hops.map(({ from, to }) => [from, to])).toEqual([[0, 1]])
    const reserves = hops[0]!.reasons.find(({ name }) => name.includes('_reserve0'))!
    expect(reserves).toMatchObject({ kind: 'storage', name: 'Pair._reserve0+_reserve1+_locked' })
    const readInRouter = reserves.read.find(({ path }) => path.length === 2)!
    expect(readInRouter.path).toEqual(['Router', 'Pair'])
    expect(readInRouter.line).toMatch(/Pair\.sol:\d+$/)
    expect(reserves.written.every(({ access }) => access === 'write')).toBe(true)
    const pair = report.fixFirst.find(({ name }) => name === 'Pair._reserve0+_reserve1')
    const together = report.fixFirst.flatMap((item) => item.together.map(({ name }) => name))
    expect(pair !== undefined || together.some((name) => name.startsWith('Pair._reserve0'))).toBe(
      true,
    )
  })

  it('goes through others by the shortest chain', () => {
    const recording = recordingOf([
      { writes: [1] },
      { reads: [1], writes: [2] },
      { reads: [2], writes: [3] },
      { reads: [1], writes: [3] },
      { reads: [3] },
    ])
    const graph = dependencyGraph(recording)
    const chain = (a: number, b: number) =>
      why(recording, graph, EMPTY_BOOK, a, b).map(({ from, to }) => [from, to])
    expect(chain(0, 4)).toEqual([
      [0, 3],
      [3, 4],
    ])
    expect(chain(0, 2)).toEqual([
      [0, 1],
      [1, 2],
    ])
    expect(chain(2, 3)).toEqual([[2, 3]])
    expect(chain(4, 0)).toEqual([])
    expect(chain(1, 1)).toEqual([])
  })
})

const EMPTY_BOOK = nameBook({ contracts: [], sites: [], hashed: [], sources: new Map() })

it('functions are graded by how they run beside themselves', async () => {
  const shop = new Workshop()
  const token = await shop.deploy('FeeToken', ['T', 'T', 10n ** 9n * TOKENS])
  const plain = await shop.deploy('ERC20', ['P', 'P', 10n ** 9n * TOKENS])
  const counts = await shop.deploy('UserCounter')
  for (const to of [token, plain]) {
    for (const n of [1, 2, 3]) {
      await shop.prepare({ from: 0, to, function: 'transfer', args: [user(n), TOKENS] })
    }
  }
  const pay = (to: typeof token, from: number, receiver: number): Call => ({
    from,
    to,
    function: 'transfer',
    args: [user(receiver), 1000n],
  })
  const { recording, book } = await shop.record([
    ...[1, 2, 3].map((n) => pay(token, n, n + 10)),
    ...[1, 2, 3].map((n) => pay(plain, n, 20)),
    ...[1, 2, 3].map((from): Call => ({ from, to: counts, function: 'increment' })),
  ])
  const names = ['FeeToken.transfer', 'ERC20.transfer', 'UserCounter.increment']
  const { functions, cells } = conflictMatrix(
    recording,
    dependencyGraph(recording),
    book,
    (tx) => names[Math.floor(tx / 3)]!,
  )
  expect(functions).toEqual([
    {
      function: 'ERC20.transfer',
      calls: 3,
      grade: 'perKey',
      variables: [`ERC20.balanceOf[${user(20)}]`],
    },
    {
      function: 'FeeToken.transfer',
      calls: 3,
      grade: 'serial',
      variables: ['FeeToken.feesCollected'],
    },
    { function: 'UserCounter.increment', calls: 3, grade: 'parallel', variables: [] },
  ])
  expect(cells.map(({ earlier, later, dependencies }) => [earlier, later, dependencies])).toEqual([
    ['FeeToken.transfer', 'FeeToken.transfer', 2],
    ['ERC20.transfer', 'ERC20.transfer', 2],
  ])
})

describe('the report', () => {
  it('shows by time too when there are times, and what it left out', () => {
    const made: Made[] = [
      { gas: 10, ms: 1, writes: [1] },
      { gas: 10, ms: 3, writes: [1] },
      { gas: 20, ms: 8 },
    ]
    const recording = recordingOf(made)
    const report = reportOf(recording, dependencyGraph(recording), EMPTY_BOOK)
    expect(report).toMatchObject({
      serialGas: 40,
      serialMs: 12,
      bound: { byGas: 2, byMs: 1.5 },
      criticalPath: { gas: 20, ms: 8 },
      shape: { independent: 1, waves: 2, dependentShare: 1 / 3, medianDistance: 1 },
      notCounted: { senderNonce: { edges: 0, boundWith: 2 }, fee: { edges: 0, boundWith: 2 } },
    })
    expect(report.curve.find(({ cores }) => cores === 2)).toEqual({
      cores: 2,
      bound: 2,
      scheduled: 2,
    })
  })

  it('can be made in parts, each of a small share of the block', () => {
    const made = Array.from({ length: 1000 }, (_, n): Made => ({ writes: [1, 2 + n] }))
    const recording = recordingOf(made)
    const parts = reportInSlices(recording, dependencyGraph(recording), EMPTY_BOOK)
    let turns = 0
    for (;;) {
      const { done, value } = parts.next()
      if (done === true) {
        expect(value).toEqual(reportOf(recording, dependencyGraph(recording), EMPTY_BOOK))
        break
      }
      turns++
    }
    expect(turns).toBeGreaterThan(40)
  })

  it('is JSON, whatever is in it', () => {
    const recording = recordingOf([{ writes: [1] }, { writes: [1] }])
    const report = reportOf(recording, dependencyGraph(recording), EMPTY_BOOK)
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({ transactions: 2 })
  })
})

describe('what becomes of the value of a slot', () => {
  const HERE = account(0xa)
  const THERE = account(0xb)
  const PRE = '0x01 SLOAD'

  async function useOf(code: string, calleeCode = 'STOP') {
    const world = new TestWorld(await loadWasmEngine(), {
      [HERE]: { code: asm(code), storage: new Map() },
      [THERE]: { code: asm(calleeCode) },
    })
    const observer = new ValueFlow()
    await world.send({ to: HERE }, { observer })
    return observer.uses().get(`s:${HERE}:0x${'1'.padStart(64, '0')}`)
  }

  it.each([
    ['added to', `0x02 ${PRE} ADD 0x01 SSTORE`, 'added'],
    ['added to twice', `0x02 ${PRE} ADD 0x01 SSTORE 0x03 ${PRE} ADD 0x01 SSTORE`, 'added'],
    ['added to, through memory', `${PRE} 0x00 MSTORE 0x02 0x00 MLOAD ADD 0x01 SSTORE`, 'added'],
    [
      'added to, then logged',
      `0x02 ${PRE} ADD 0x01 SSTORE ${PRE} 0x00 MSTORE 0x20 0x00 LOG0`,
      'used',
    ],
    [
      'half covered in memory',
      `${PRE} 0x00 MSTORE 0x05 0x10 MSTORE 0x02 0x00 MLOAD ADD 0x01 SSTORE`,
      'used',
    ],
    ['added to itself', `${PRE} DUP1 ADD 0x01 SSTORE`, 'used'],
    ['compared with another word', `0x02 ${PRE} ADD DUP1 0x05 EQ 0x01 SSTORE 0x01 SSTORE`, 'used'],
    ['written over', '0x07 0x01 SSTORE', 'used'],
    ['copied to another slot', `${PRE} 0x09 SSTORE 0x02 ${PRE} ADD 0x01 SSTORE`, 'used'],
    ['returned', `0x02 ${PRE} ADD DUP1 0x01 SSTORE 0x00 MSTORE 0x20 0x00 RETURN`, 'used'],
    ['a key of storage', `${PRE} SLOAD POP 0x02 ${PRE} ADD 0x01 SSTORE`, 'used'],
    [
      'sent along',
      `0x02 ${PRE} ADD DUP1 0x01 SSTORE 0x00 MSTORE 0x00 0x00 0x20 0x00 0x00 ${THERE} GAS CALL`,
      'used',
    ],
    ['added to after a call', `${callOf(THERE)} POP 0x02 ${PRE} ADD 0x01 SSTORE`, 'added'],
  ] as const)('%s', async (_what, code, use) => {
    expect(await useOf(code)).toBe(use)
  })
})

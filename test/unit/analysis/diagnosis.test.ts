import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { speedupBound } from '../../../src/analysis/bounds.ts'
import { dependencyGraph } from '../../../src/analysis/graph.ts'
import { gasCosts } from '../../../src/analysis/report.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { checkout } from '../../support/checkout.ts'
import { printedScores } from './score.ts'
import { type Call, type Recorded, Workshop, user } from './workshop.ts'

const MANY = 12
const everyone = Array.from({ length: MANY }, (_, n) => n + 1)
const TOKENS = 10n ** 18n
const scores = printedScores('contracts before and after their cure')

/** Calls of everyone, once before the block, so that no slot is new in it, and once in it. */
async function twice(shop: Workshop, callOf: (from: number) => Call): Promise<Recorded> {
  await shop.prepare(...everyone.map(callOf))
  shop.wait(1n)
  return shop.record(everyone.map(callOf))
}

async function count(name: string): Promise<Recorded> {
  const shop = new Workshop()
  const to = await shop.deploy(name)
  return twice(shop, (from) => ({ from, to, function: 'increment' }))
}

async function mint(name: string): Promise<Recorded> {
  const shop = new Workshop()
  const to = await shop.deploy(name, ['Thing', 'THG'])
  return twice(shop, (from) => ({ from, to, function: 'mint' }))
}

async function pay(name: string): Promise<Recorded> {
  const shop = new Workshop()
  const to = await shop.deploy(name, ['Token', 'TKN', 10n ** 9n * TOKENS])
  const transfer = (from: number, receiver: Address): Call => ({
    from,
    to,
    function: 'transfer',
    args: [receiver, TOKENS * BigInt(from === 0 ? 100 : from)],
  })
  await shop.prepare(...everyone.map((n) => transfer(0, user(n))))
  return twice(shop, (from) => transfer(from, user(from + 40)))
}

/** A token of which everyone has much and lets `spender` take it. */
async function equip(shop: Workshop, spender: (token: Address) => Promise<Address>) {
  const token = await shop.deploy('ERC20', ['Token', 'TKN', 10n ** 9n * TOKENS])
  const to = await spender(token)
  for (const from of everyone) {
    const args = [user(from), 1000n * TOKENS]
    await shop.prepare({ from: 0, to: token, function: 'transfer', args })
    const all = [to, 1000n * TOKENS]
    await shop.prepare({ from, to: token, function: 'approve', args: all })
  }
  return { token, to }
}

async function placeOrders(name: string): Promise<Recorded> {
  const shop = new Workshop()
  const { token, to } = await equip(shop, () => shop.deploy(name))
  await shop.prepare(
    ...everyone.map((from) => ({ from, to, function: 'deposit', args: [token, 100n * TOKENS] })),
  )
  return twice(shop, (from) => {
    const market = { base: token, quote: user(from) }
    return { from, to, function: 'place', args: [market, true, 2n, 5n] }
  })
}

async function save(name: string): Promise<Recorded> {
  const shop = new Workshop()
  const { to } = await equip(shop, (token) => shop.deploy(name, [token, 10n ** 9n]))
  return twice(shop, (from) => ({ from, to, function: 'deposit', args: [TOKENS] }))
}

/** The bound if the locations with these names did not conflict. */
function boundWithout({ recording, book }: Recorded, names: readonly string[]): number {
  const graph = dependencyGraph(recording)
  const without = new Set<number>()
  for (const [place, location] of graph.touches.locations.entries()) {
    if (names.includes(book.nameOf(location).name)) without.add(place)
  }
  expect(without.size, `places of ${names.join()}`).toBe(names.length)
  return speedupBound(graph, gasCosts(recording), { without })
}

/** Where a text stands first: `path:line`. */
function sourceLineOf(path: string, text: string): string {
  const before = readFileSync(join(checkout, path), 'utf8').split(text)[0]!
  return `${path}:${before.split('\n').length}`
}

describe.each([
  {
    conflict: 'a fee counter',
    before: () => pay('FeeToken'),
    after: () => pay('FeeTokenPerAccount'),
    planted: ['FeeToken.feesCollected'],
    pattern: 'accumulator',
  },
  {
    conflict: 'an order book',
    before: () => placeOrders('OrderBook'),
    after: () => placeOrders('OrderBookPerMarket'),
    planted: ['OrderBook.orders.length', 'OrderBook.openOrders'],
    pattern: 'arrayLength',
  },
  {
    conflict: 'a counter',
    before: () => count('Counter'),
    after: () => count('UserCounter'),
    planted: ['Counter.count'],
    pattern: 'counter',
  },
  {
    conflict: 'NFT ids',
    before: () => mint('MintCounterNFT'),
    after: () => mint('DerivedIdNFT'),
    planted: ['MintCounterNFT.nextId'],
    pattern: 'counter',
  },
])('$conflict', ({ before, after, planted, pattern }) => {
  it('is named first, with what its cure gains', async () => {
    const sick = await before()
    const cured = await after()
    const [first] = sick.report.fixFirst
    expect([first!.name, ...first!.together.map(({ name }) => name)].sort()).toEqual(
      planted.toSorted(),
    )
    expect(first!.name).toBe(planted[0])
    expect(first!.pattern).toBe(pattern)
    expect(sick.report.bound.byGas).toBeCloseTo(1)
    expect(cured.report.bound.byGas).toBeGreaterThan(MANY * 0.9)
    const saidOverGained = first!.boundWithout / cured.report.bound.byGas
    scores.add({ isFirst: first!.name === planted[0], saidOverGained })
    expect(saidOverGained).toBeCloseTo(1, 1)
    expect(boundWithout(sick, planted)).toBe(first!.boundWithout)
    expect(sick.report.coverage.text).toBe(
      `${sick.report.coverage.slots} of ${sick.report.coverage.slots} slots named`,
    )
  })
})

describe('interest by one index', () => {
  it('orders deposits by the shares, the index and the token that all deposit', async () => {
    const sick = await save('IndexVault')
    const cured = await save('CheckpointVault')
    const [first, second] = sick.report.fixFirst
    const hub = `ERC20.balanceOf[${sick.recording.transactions[0]!.to}]`
    expect(first).toMatchObject({ name: 'IndexVault.totalShares', together: [{ name: hub }] })
    expect(second).toMatchObject({ name: 'IndexVault.index+indexedAt', pattern: 'timestamp' })
    const hubOfCured = `ERC20.balanceOf[${cured.recording.transactions[0]!.to}]`
    expect(cured.report.fixFirst.map(({ name }) => name)).toEqual([hubOfCured])
    const gained = boundWithout(cured, [hubOfCured])
    const saidOverGained = second!.boundWithoutUpTo / gained
    scores.add({ isFirst: second!.name === 'IndexVault.index+indexedAt', saidOverGained })
    expect(saidOverGained).toBeCloseTo(1, 1)
  })

  it('knows that shares are only added to, under checked arithmetic', async () => {
    const { report } = await save('IndexVault')
    const { commutative, sites } = report.fixFirst[0]!
    expect(commutative).toMatchObject({ evidence: 'dataflow', guarded: true, others: 0 })
    expect(commutative!.boundAsDelta).toBe(report.fixFirst[0]!.boundWithout)
    const line = sourceLineOf('contracts/src/vault/IndexVault.sol', 'totalShares += shares;')
    expect(new Set(sites.map((site) => site.line))).toEqual(new Set([line]))
  })

  it('tells which lines read the time', async () => {
    const { report } = await save('CheckpointVault')
    const path = 'contracts/src/vault/CheckpointVault.sol'
    expect(report.volatile).toEqual([
      {
        name: 'TIMESTAMP',
        transactions: MANY,
        lines: [
          sourceLineOf(path, ': block.timestamp;'),
          sourceLineOf(path, 'time: uint64(block.timestamp), rateId'),
        ],
      },
    ])
  })
})

import { describe, expect, it } from 'vitest'

import { printedScores } from './score.ts'
import { type Call, type Recorded, Workshop, user } from './workshop.ts'

/** The diagnosis is judged: a planted conflict, its cure, and what the report said before the cure. */

const MANY = 12
const scores = printedScores('planted conflicts')
const everyone = Array.from({ length: MANY }, (_, n) => n + 1)

interface Case {
  readonly what: string
  readonly contract: string
  readonly function: string
  readonly args?: (from: number) => readonly unknown[]
  readonly valueWei?: bigint
  /** Names of the first place, all in one company. */
  readonly planted: readonly string[]
  readonly pattern?: string
  /** The arguments change from round to round. */
  readonly behindProxy?: boolean
}

const CASES: readonly Case[] = [
  {
    what: 'a member of a struct in a mapping',
    contract: 'Club',
    function: 'earn',
    args: (from) => [7n, from],
    planted: ['Club.seasons[7].total'],
    pattern: 'accumulator',
  },
  {
    what: 'the same behind a proxy',
    contract: 'Club',
    function: 'earn',
    args: (from) => [7n, from],
    planted: ['Club.seasons[7].total'],
    pattern: 'accumulator',
    behindProxy: true,
  },
  {
    what: 'the length of a list',
    contract: 'Guestbook',
    function: 'sign',
    planted: ['Guestbook.visitors.length'],
    pattern: 'arrayLength',
  },
  {
    what: 'the list of all tokens of an ERC-721',
    contract: 'EnumerableNFT',
    function: 'mintListed',
    planted: ['EnumerableNFT._allTokens.length'],
    pattern: 'arrayLength',
  },
  {
    what: 'a nonce that is shared',
    contract: 'Forwarder',
    function: 'forward',
    args: (from) => [BigInt(from), `0x${'11'.repeat(32)}`],
    planted: ['Forwarder.nonce'],
    pattern: 'counter',
  },
  {
    what: 'the best bid',
    contract: 'Auction',
    function: 'bid',
    args: (from) => [BigInt(from)],
    planted: ['Auction.best.amount', 'Auction.best.bidder'],
  },
  {
    what: 'one accumulator for all shares',
    contract: 'RewardPool',
    function: 'claim',
    args: (from) => [from * 10_000],
    planted: ['RewardPool.rewardPerShare'],
    pattern: 'accumulator',
  },
  {
    what: 'a count that is packed beside an owner',
    contract: 'Raffle',
    function: 'enter',
    planted: ['Raffle.tickets'],
    pattern: 'counter',
  },
  {
    what: 'an entry of a mapping in a mapping',
    contract: 'Ballot',
    function: 'vote',
    args: () => [3n, 1],
    planted: ['Ballot.tally[3][1]'],
    pattern: 'counter',
  },
  {
    what: 'an element of a fixed array',
    contract: 'Hours',
    function: 'visit',
    args: () => [9n],
    planted: ['Hours.visits[9]'],
    pattern: 'counter',
  },
  {
    what: 'an end of a queue',
    contract: 'TicketQueue',
    function: 'join',
    planted: ['TicketQueue.tail'],
    pattern: 'counter',
  },
  {
    what: 'a balance that code looks at',
    contract: 'Donations',
    function: 'give',
    valueWei: 5n,
    planted: ['balance of Donations'],
  },
]

/** Everyone once before the block, so that nothing is new in it, and once in it. */
async function run(judged: Case, name: string): Promise<Recorded> {
  const shop = new Workshop()
  let to = await shop.deploy(name)
  if (judged.behindProxy === true) {
    to = await shop.deploy('ERC1967Proxy', [to, '0x'])
    shop.useFunctionsOf(to, name)
  }
  let turn = 0
  const next = (from: number): Call => ({
    from,
    to,
    function: judged.function,
    // Nonces and bids go up with each call.
    args: judged.args?.(['forward', 'bid'].includes(judged.function) ? turn++ : from) ?? [],
    ...(judged.valueWei !== undefined && { valueWei: judged.valueWei }),
  })
  if (judged.function === 'bid') turn = 1
  await shop.prepare(...everyone.map(next))
  shop.wait(1n)
  return shop.record(everyone.map(next))
}

describe.each(CASES)('$what', (judged) => {
  it('is named first, and its cure gains what was said', async () => {
    const sick = await run(judged, judged.contract)
    const [first] = sick.report.fixFirst
    const names = [first!.name, ...first!.together.map(({ name }) => name)]
    const isFirst = names.toSorted().join() === judged.planted.toSorted().join()
    if (judged.pattern !== undefined) expect(first!.pattern).toBe(judged.pattern)
    expect(sick.report.bound.byGas).toBeLessThan(1.01)
    const { coverage } = sick.report
    expect(coverage.named).toBe(coverage.slots)
    const cured = await run(judged, `Cured.sol/Cured${judged.contract}`)
    expect(cured.report.fixFirst).toEqual([])
    const said = first!.boundWithout / cured.report.bound.byGas
    scores.add({ isFirst, saidOverGained: said })
    expect(names.toSorted()).toEqual(judged.planted.toSorted())
    expect(said).toBeGreaterThan(0.9)
    expect(said).toBeLessThan(1.1)
  })
})

describe('two fields of one slot', () => {
  it('are told apart, and slots of their own gain what was said', async () => {
    const halves = async (name: string): Promise<Recorded> => {
      const shop = new Workshop()
      const to = await shop.deploy(name)
      const call = (from: number): Call => ({
        from,
        to,
        function: from % 2 === 0 ? 'payIn' : 'payOut',
        args: [from],
      })
      const fill = (from: number): Call => ({ from, to, function: 'payIn', args: [1000n] })
      await shop.prepare(...everyone.map(fill), ...everyone.map(call))
      return shop.record(everyone.map(call))
    }
    const sick = await halves('TwoInOneSlot')
    const cured = await halves('Cured.sol/CuredTwoInOneSlot')
    const [first] = sick.report.fixFirst
    expect(first!.name).toBe('TwoInOneSlot.paidIn+paidOut')
    const said = first!.packed!.boundUnpacked / cured.report.bound.byGas
    scores.add({ isFirst: first!.name === 'TwoInOneSlot.paidIn+paidOut', saidOverGained: said })
    expect(said).toBeGreaterThan(0.9)
    expect(said).toBeLessThan(1.1)
  })
})

describe('the first of a block who writes the time', () => {
  it('is waited for by all, and reading the time oneself gains what was said', async () => {
    const look = async (name: string): Promise<Recorded> => {
      const shop = new Workshop()
      const to = await shop.deploy(name)
      const call = (from: number): Call => ({ from, to, function: 'look' })
      await shop.prepare(...everyone.map(call))
      shop.wait(1n)
      return shop.record(everyone.map(call))
    }
    const sick = await look('PriceFeed')
    const cured = await look('Cured.sol/CuredPriceFeed')
    const [first] = sick.report.fixFirst
    expect(first).toMatchObject({ name: 'PriceFeed.updatedAt', pattern: 'timestamp', writers: 1 })
    expect(cured.report.fixFirst).toEqual([])
    const said = first!.boundWithout / cured.report.bound.byGas
    scores.add({ isFirst: first!.name === 'PriceFeed.updatedAt', saidOverGained: said })
    expect(said).toBeGreaterThan(0.9)
    expect(said).toBeLessThan(1.1)
  })
})

describe('a rebase in the middle of a block', () => {
  it('is what transfers wait for, and without it they gain what was said', async () => {
    const pay = async (rebases: boolean): Promise<Recorded> => {
      const shop = new Workshop()
      const to = await shop.deploy('RebasingToken', [10n ** 24n])
      const transfer = (from: number, receiver: number, value: bigint): Call => ({
        from,
        to,
        function: 'transfer',
        args: [user(receiver), value],
      })
      await shop.prepare(...everyone.map((n) => transfer(0, n, 10n ** 9n)))
      await shop.prepare(...everyone.map((n) => transfer(n, n + 30, 1000n)))
      const block = everyone.map((n) => transfer(n, n + 30, 1000n))
      const rebase: Call = { from: 20, to, function: 'rebase', args: [5n] }
      return shop.record(rebases ? [rebase, ...block] : block)
    }
    const sick = await pay(true)
    const cured = await pay(false)
    const [first] = sick.report.fixFirst
    expect(first).toMatchObject({ name: 'RebasingToken.scale', writers: 1, readers: 13 })
    const said = first!.boundWithout / cured.report.bound.byGas
    scores.add({ isFirst: first!.name === 'RebasingToken.scale', saidOverGained: said })
    expect(said).toBeGreaterThan(0.9)
    expect(said).toBeLessThan(1.1)
  })
})

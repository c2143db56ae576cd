import { describe, expect, it } from 'vitest'

import type { FixFirst } from '../../../src/analysis/report.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { type Call, type Recorded, Workshop, user } from './workshop.ts'

const everyone = Array.from({ length: 8 }, (_, n) => n + 1)

/** Everyone once before the block, so that no slot is new in it, and once in it. */
async function twice(shop: Workshop, callOf: (from: number) => Call): Promise<Recorded> {
  await shop.prepare(...everyone.map(callOf))
  shop.wait(1n)
  return shop.record(everyone.map(callOf))
}

async function calls(
  name: string,
  fn: string,
  argsOf: (from: number) => readonly unknown[] = () => [],
): Promise<Recorded> {
  const shop = new Workshop()
  const to = await shop.deploy(name)
  return twice(shop, (from) => ({ from, to, function: fn, args: argsOf(from) }))
}

const first = ({ report }: Recorded): FixFirst => report.fixFirst[0]!

describe('a planted variable is found', () => {
  it('a field of a packed slot, told apart from its neighbour', async () => {
    const shop = new Workshop()
    const to = await shop.deploy('TwoInOneSlot')
    const half = (from: number): Call => ({
      from,
      to,
      function: from % 2 === 0 ? 'payIn' : 'payOut',
      args: [from],
    })
    const fill = (from: number): Call => ({ from, to, function: 'payIn', args: [100n] })
    await shop.prepare(...everyone.map(fill))
    const recorded = await twice(shop, half)
    expect(first(recorded)).toMatchObject({ name: 'TwoInOneSlot.paidIn+paidOut' })
    expect(first(recorded).packed!.fields).toEqual([
      { path: 'paidIn', writers: 4 },
      { path: 'paidOut', writers: 4 },
    ])
    expect(recorded.report.bound.byGas).toBeCloseTo(1)
    expect(first(recorded).packed!.boundUnpacked).toBeCloseTo(2, 1)
    const oneWay = await calls('TwoInOneSlot', 'payIn', (from) => [from])
    expect(first(oneWay)).toMatchObject({ name: 'TwoInOneSlot.paidIn', pattern: 'accumulator' })
    expect(first(oneWay).packed).toBeUndefined()
  })

  it('a member of a struct in a mapping', async () => {
    const recorded = await calls('Club', 'earn', (from) => [7n, from])
    expect(first(recorded)).toMatchObject({ name: 'Club.seasons[7].total', pattern: 'accumulator' })
    expect(recorded.report.ownership).toEqual([
      { variable: 'Club.seasons', owned: 8, shared: 1, constant: 0 },
    ])
  })

  it('behind a proxy, by the layout of its implementation', async () => {
    const shop = new Workshop()
    const club = await shop.deploy('Club')
    const to = await shop.deploy('ERC1967Proxy', [club, '0x'])
    shop.useFunctionsOf(to, 'Club')
    const recorded = await twice(shop, (from) => ({ from, to, function: 'earn', args: [7n, from] }))
    expect(first(recorded)).toMatchObject({
      name: 'Club.seasons[7].total',
      location: { address: to },
    })
    const [site] = first(recorded).sites
    expect(site!.path).toEqual(['ERC1967Proxy', 'Club'])
    expect(site!.line).toMatch(/^contracts\/src\/planted\/Club\.sol:\d+$/)
    const { coverage } = recorded.report
    expect(coverage.named).toBe(coverage.slots)
    const names = recorded.report.ownership.map(({ variable }) => variable)
    expect(names).toContain('ERC1967Proxy.ERC1967.implementation')
  })

  it('behind two proxies of one implementation, each by its address', async () => {
    const shop = new Workshop()
    const club = await shop.deploy('Club')
    const proxies = [
      await shop.deploy('ERC1967Proxy', [club, '0x']),
      await shop.deploy('ERC1967Proxy', [club, '0x']),
    ]
    for (const to of proxies) shop.useFunctionsOf(to, 'Club')
    const recorded = await twice(shop, (from) => ({
      from,
      to: proxies[from % 2]!,
      function: 'earn',
      args: [7n, from],
    }))
    const names = recorded.report.fixFirst.map(({ name }) => name)
    expect(names.toSorted()).toEqual(
      proxies.map((to) => `Club@${to.slice(0, 10)}.seasons[7].total`).toSorted(),
    )
  })

  it('the length of a list that all push to', async () => {
    const recorded = await calls('Guestbook', 'sign')
    expect(first(recorded)).toMatchObject({
      name: 'Guestbook.visitors.length',
      pattern: 'arrayLength',
    })
    expect(first(recorded).boundWithout).toBeCloseTo(8, 0)
  })

  it('the list of all tokens, and not the lists by owner', async () => {
    const recorded = await calls('EnumerableNFT', 'mintListed')
    expect(recorded.report.fixFirst.map(({ name }) => name)).toEqual([
      'EnumerableNFT._allTokens.length',
    ])
  })

  it('the time of the last look, by who is first in the block', async () => {
    const recorded = await calls('PriceFeed', 'look')
    expect(first(recorded)).toMatchObject({ name: 'PriceFeed.updatedAt', pattern: 'timestamp' })
    expect(first(recorded)).toMatchObject({ writers: 1, readers: 8, edges: 7 })
  })

  it('a nonce that all relayers share', async () => {
    const message = `0x${'11'.repeat(32)}`
    const shop = new Workshop()
    const to = await shop.deploy('Forwarder')
    let nonce = 0n
    const next = (from: number): Call => ({
      from,
      to,
      function: 'forward',
      args: [nonce++, message],
    })
    await shop.prepare(...everyone.map(next))
    const recorded = await shop.record(everyone.map(next))
    expect(first(recorded)).toMatchObject({
      name: 'Forwarder.nonce',
      pattern: 'counter',
      commutative: undefined,
    })
  })

  it('the scale of a token that is rebased in the middle of a block', async () => {
    const shop = new Workshop()
    const to = await shop.deploy('RebasingToken', [10n ** 24n])
    const pay = (from: number, receiver: Address): Call => ({
      from,
      to,
      function: 'transfer',
      args: [receiver, 1000n],
    })
    const give = (n: number): Call => ({
      from: 0,
      to,
      function: 'transfer',
      args: [user(n), 10n ** 9n],
    })
    await shop.prepare(...everyone.map(give))
    const transfers = everyone.map((from) => pay(from, user(from + 30)))
    const rebase: Call = { from: 20, to, function: 'rebase', args: [5n] }
    const recorded = await shop.record([...transfers.slice(0, 4), rebase, ...transfers.slice(4)])
    expect(first(recorded)).toMatchObject({ name: 'RebasingToken.scale', writers: 1, edges: 4 })
    expect(recorded.report.fixFirst).toHaveLength(1)
  })
})

it('a lock against reentrancy orders nobody', async () => {
  const recorded = await calls('Vending', 'buy', () => [3n])
  expect(recorded.report.fixFirst).toEqual([])
  expect(recorded.report.shape.independent).toBe(8)
})

describe('a contract whose artefact is not at hand', () => {
  it('has its slots by shape, and says so', async () => {
    const shop = new Workshop()
    const to = await shop.deploy('Club')
    shop.forget(to)
    shop.useFunctionsOf(to, 'Club')
    const recorded = await twice(shop, (from) => ({ from, to, function: 'earn', args: [7n, from] }))
    expect(first(recorded)).toMatchObject({ name: `${to} slot 0[7]+1`, nameBy: 'shape' })
    expect(recorded.report.coverage.text).toBe('0 of 9 slots named')
    const member = recorded.recording.transactions[0]!.access.writes.accounts.get(to)!.slots!.keys()
    const names = [...member].map(
      (key) => recorded.book.nameOf({ kind: 'slot', address: to, key }).name,
    )
    expect(names).toContain(`${to} slot 0[7][${BigInt(user(1))}]`)
  })

  it('is never named after another that does not fit its code', async () => {
    const shop = new Workshop()
    const to = await shop.deploy('Club')
    shop.pretend(to, 'Guestbook')
    shop.useFunctionsOf(to, 'Club')
    const recorded = await twice(shop, (from) => ({ from, to, function: 'earn', args: [7n, from] }))
    expect(first(recorded).nameBy).toBe('shape')
    expect(recorded.report.coverage.refused).toEqual([
      {
        address: to,
        contract: 'Guestbook',
        reason: 'the code of the account is not what the artefact compiles to',
      },
    ])
  })
})

import { afterEach, describe, expect, it } from 'vitest'

import { type Fields, type Profiled, feeChain, profiled, stranger } from './profiled.ts'
import type { Contention } from '../../../src/client/answers.ts'

const open: Profiled[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]()
})

async function fees() {
  const made = await feeChain()
  open.push(made)
  return made
}

async function bare(config: Parameters<typeof profiled>[0] = {}): Promise<Profiled> {
  const made = await profiled(config)
  open.push(made)
  return made
}

const FEE_LINE = 'contracts/src/tokens/FeeToken.sol:42'

const firstOf = (report: Fields): Fields => (report['fixFirst'] as readonly Fields[])[0]!

describe('parallel_getContention', () => {
  it('names the variable and its lines in transactions of many blocks', async () => {
    const { ask } = await fees()
    const report = await ask('parallel_getContention', { last: 8 })
    expect(report).toMatchObject({
      subject: { text: 'blocks 11 to 18, 8 transactions', deploymentsLeftOut: 0, failed: 0 },
      transactions: 8,
      coverage: { text: '17 of 17 slots named', refused: [] },
      bound: { byGas: expect.closeTo(1, 5) as number },
    })
    expect(report['fixFirst']).toHaveLength(1)
    expect(firstOf(report)).toMatchObject({
      name: 'FeeToken.feesCollected',
      pattern: 'accumulator',
      readers: 8,
      writers: 8,
      edges: 7,
      commutative: { evidence: 'dataflow', adders: 8 },
      sites: [
        { access: 'read', line: FEE_LINE, path: ['FeeToken'] },
        { access: 'write', line: FEE_LINE, path: ['FeeToken'] },
      ],
    })
    expect(firstOf(report)['boundWithout']).toBeCloseTo(8, 1)
    const labels = (report['calls'] as readonly Fields[]).map(({ label }) => label)
    expect(labels).toEqual(Array.from({ length: 8 }, () => 'FeeToken.transfer'))
  })

  it('lists who waits for whom, each location once by its name', async () => {
    const { ask } = await fees()
    const { dependencies } = (await ask('parallel_getContention', { last: 8 })) as {
      dependencies: Contention['dependencies']
    }
    const { locations, edges } = dependencies
    const fee = locations.findIndex(({ name }) => name === 'FeeToken.feesCollected')
    expect(locations[fee]!.location).toMatchObject({ kind: 'slot' })
    expect(new Set(locations.map(({ name }) => name)).size).toBe(locations.length)
    expect(edges.filter(({ location }) => location === fee)).toEqual(
      Array.from({ length: 7 }, (_, tx) => ({
        from: tx,
        to: tx + 1,
        kind: 'storage',
        location: fee,
      })),
    )
  })

  it('runs a window as one block, without its deployments, and changes nothing', async () => {
    const { ask } = await fees()
    const root = async (): Promise<unknown> =>
      (await ask('eth_getBlockByNumber', 'latest', false))['stateRoot']
    const before = await root()
    const report = await ask('parallel_getContention', {
      fromBlock: '0x1',
      toBlock: 'latest',
      asBlock: true,
    })
    expect(report).toMatchObject({
      subject: { text: 'blocks 1 to 18, 17 transactions, run again as one block' },
      transactions: 17,
    })
    expect((report['subject'] as Fields)['deploymentsLeftOut']).toBe(1)
    expect(firstOf(report)['name']).toBe('FeeToken.feesCollected')
    const { senderNonce } = report['notCounted'] as Record<string, Fields>
    expect(senderNonce!['edges']).toBe(8)
    expect(await root()).toBe(before)
  })

  it('lets stand-ins send, who have in every mapping what the sender had', async () => {
    const { ask } = await fees()
    const report = await ask('parallel_getContention', {
      fromBlock: '0x2',
      toBlock: '0xa',
      spreadSenders: true,
    })
    expect(report).toMatchObject({
      subject: { failed: 0, failedAnew: 0, asBlock: true, spreadSenders: true },
      edges: { senderNonce: 0 },
    })
    // From one key the balance of the sender orders them too; from keys of their own it does not.
    const names = (report['fixFirst'] as readonly Fields[]).map(({ name }) => name)
    expect(names).toEqual(['FeeToken.feesCollected'])
    const senders = new Set((report['calls'] as readonly Fields[]).map(({ from }) => from))
    expect(senders.size).toBe(9)
  })

  it('names what a contract of the window made, whose init code is not its code', async () => {
    const { ask, deploy, send } = await bare()
    const tokens = [
      await deploy('ERC20', 'A', 'A', 10n ** 24n),
      await deploy('ERC20', 'B', 'B', 10n ** 24n),
    ]
    const factory = await deploy('PairFactory')
    await send(0, factory, 'PairFactory', 'createPair', ...tokens)
    const { coverage } = (await ask('parallel_getContention', { last: 1 })) as {
      coverage: { slots: number; named: number; refused: readonly unknown[] }
    }
    expect(coverage.slots).toBeGreaterThan(2)
    expect(coverage).toMatchObject({ named: coverage.slots, refused: [] })
  })

  it('looks at a bundle that was never sent', async () => {
    const { ask, call, token } = await fees()
    const transactions = [1, 2, 3].map((from) =>
      call(from, token, 'FeeToken', 'transfer', stranger(from), 1000n),
    )
    const report = await ask('parallel_getContention', { transactions })
    expect(report).toMatchObject({ transactions: 3, subject: { failed: 0 } })
    expect(firstOf(report)['name']).toBe('FeeToken.feesCollected')
    expect(await ask('eth_blockNumber')).toBe('0x12')
  })

  it('lets the node answer others before it has ended', async () => {
    const { node, call, token } = await fees()
    const { port } = await node.serve({ port: 0 })
    const transactions = Array.from({ length: 300 }, (_, n) =>
      call(1 + (n % 9), token, 'FeeToken', 'transfer', stranger(1 + (n % 9)), 1000n),
    )
    const answered: string[] = []
    const post = async (method: string, params: readonly unknown[]): Promise<void> => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body })
      expect(await response.json()).toHaveProperty('result')
      answered.push(method)
    }
    const report = post('parallel_getContention', [{ transactions }])
    await Promise.all([report, post('eth_blockNumber', []), post('eth_chainId', [])])
    expect(answered.at(-1)).toBe('parallel_getContention')
  })

  it('refuses what is no window, by name', async () => {
    const { ask } = await bare()
    await expect(ask('parallel_getContention', { last: 0 })).rejects.toThrow(
      '`subject.last`: expected a number from 1 to 9007199254740991, got 0',
    )
    await expect(ask('parallel_getContention', { last: 1, hashes: [] })).rejects.toThrow(
      '`subject`: expected a block, or an object with last',
    )
    await expect(
      ask('parallel_getContention', { fromBlock: '0x9', toBlock: '0x2' }),
    ).rejects.toThrow('`subject`: fromBlock 9 comes after toBlock 2')
    await expect(ask('parallel_getContention', '0x9')).rejects.toThrow('block 9 not found')
    await expect(ask('parallel_getContention', '0x0')).rejects.toThrow(
      "block 0 is the chain's first, nothing was executed for it",
    )
    await expect(
      ask('parallel_getContention', { transactions: [{ to: stranger(1), gas: '0x5' }] }),
    ).rejects.toThrow('`transactions[0]`: intrinsic gas too low')
  })

  it('takes so many transactions and blocks as it was told', async () => {
    const { ask } = await bare({ maxBundle: 2, maxRange: 3 })
    await ask('anvil_mine', 5)
    const refused = (wanted: string) => `${wanted}, this node takes 2 (--max-bundle)`
    const pay = { to: stranger(1) }
    const hash = `0x${'00'.repeat(32)}`
    for (const [subject, reason] of [
      [{ last: 3 }, refused('`last`: 3 transactions')],
      [{ hashes: [hash, hash, hash] }, refused('`hashes`: 3 transactions')],
      [{ transactions: [pay, pay, pay] }, refused('`transactions`: 3 transactions')],
      [{ transactions: [pay], setup: [pay, pay, pay] }, refused('`setup`: 3 transactions')],
      [
        { fromBlock: 'earliest', toBlock: '0x3' },
        'blocks 0 to 3: 4 blocks, this node takes 3 (--max-range)',
      ],
    ] as const) {
      await expect(ask('parallel_getContention', subject)).rejects.toThrow(
        expect.objectContaining({ code: -32602, message: `invalid params: ${reason}` }),
      )
    }
    await expect(
      ask('parallel_simulateBundle', [pay, pay, pay], 'latest', { orders: 1000 }),
    ).rejects.toThrow(refused('`transactions`: 3 transactions'))
    expect(await ask('parallel_getContention', { transactions: [pay, pay] })).toMatchObject({
      transactions: 2,
    })
    expect(await ask('parallel_getContention', { fromBlock: '0x1', toBlock: '0x3' })).toMatchObject(
      { transactions: 0 },
    )
  })
})

describe('parallel_explain', () => {
  it('has the variable and both lines, across blocks and in any order of the two', async () => {
    const { ask, hashes } = await fees()
    for (const pair of [
      [hashes[0], hashes[1]],
      [hashes[1], hashes[0]],
    ]) {
      expect(await ask('parallel_explain', ...pair)).toMatchObject({
        depends: true,
        earlier: { hash: hashes[0] },
        later: { hash: hashes[1] },
        hops: [
          {
            reasons: [
              {
                kind: 'storage',
                name: 'FeeToken.feesCollected',
                written: [{ line: FEE_LINE, path: ['FeeToken'] }],
                read: [{ line: FEE_LINE, path: ['FeeToken'] }],
              },
            ],
          },
        ],
      })
    }
    const through = await ask('parallel_explain', hashes[0], hashes[3])
    expect(through['hops']).toHaveLength(3)
  })

  it('says when nothing ties them, and which hash is unknown', async () => {
    const { ask, node, accounts } = await bare()
    const pay = async (from: number, to: string): Promise<unknown> =>
      ask('eth_sendTransaction', { from: accounts[from], to, value: '0x1' })
    const [a, b] = [await pay(1, stranger(1)), await pay(2, stranger(2))]
    expect(await ask('parallel_explain', a, b)).toMatchObject({ depends: false, hops: [] })
    const unknown = `0x${'12'.repeat(32)}`
    await expect(
      node.request({ method: 'parallel_explain', params: [a, unknown] }),
    ).rejects.toThrow(`transaction ${unknown} is in no block`)
  })
})

describe('parallel_assertNoConflict', () => {
  it('passes and fails by names, variables, patterns and speed-ups', async () => {
    const { ask, hashes } = await fees()
    const asserted = async (options: object): Promise<Fields> =>
      ask('parallel_assertNoConflict', { hashes }, options)
    expect(await asserted({})).toMatchObject({
      pass: false,
      conflicts: [{ name: 'FeeToken.feesCollected', edges: 7, written: [{ line: FEE_LINE }] }],
    })
    for (const name of ['FeeToken.feesCollected', 'FeeToken.*', '*']) {
      expect(await asserted({ allow: [name] })).toMatchObject({ pass: true, conflicts: [] })
    }
    expect(await asserted({ allow: ['FeeToken.balanceOf'] })).toMatchObject({ pass: false })
    expect(await asserted({ minSpeedup: '2@4' })).toMatchObject({
      pass: false,
      speedup: { times: 2, cores: 4, reached: 1, basis: 'modelled' },
    })
    expect(await asserted({ minSpeedup: '1@4' })).toMatchObject({ pass: true })
    await expect(asserted({ minSpeedup: 'fast' })).rejects.toThrow(
      '`options.minSpeedup`: expected a speed-up at a number of cores from 1 to 1024, as 4@8',
    )
    const [first] = hashes
    const alone = await ask('parallel_assertNoConflict', { hashes: [first] })
    expect(alone).toMatchObject({ pass: true, transactions: 1 })
  })
})

describe('parallel_compare', () => {
  it('has a row for each chain model and number of cores', async () => {
    const { ask, hashes } = await fees()
    const { runs } = (await ask('parallel_compare', { hashes }, { cores: [4, 8] })) as {
      runs: readonly Fields[]
    }
    expect(runs).toHaveLength(26)
    const dag = runs.find(({ policy, cores }) => policy === 'dag' && cores === 4)
    expect(dag).toMatchObject({ basis: 'modelled', speedup: expect.closeTo(1, 5) as number })
    const sei = runs.find(({ policy, cores }) => policy === 'occ-rounds' && cores === 4)!
    const { retries, keyConflicts } = sei['sei'] as { retries: number; keyConflicts: unknown }
    expect(sei).toMatchObject({ sei: { txs: 8, workers: 4, iterations: sei['rounds'] } })
    expect(keyConflicts).toEqual([{ key: 'FeeToken.feesCollected', conflicts: retries }])
    expect(runs.filter((run) => 'sei' in run)).toHaveLength(2)
    await expect(ask('parallel_compare', { hashes }, { policies: 'best' })).rejects.toThrow(
      '`options.policies`: best is not known here; there are serial, optimistic',
    )
  })
})

describe('parallel_simulateBundle', () => {
  it('finds the orders in which transactions do something else', async () => {
    const { ask, deploy, call } = await bare()
    const to = await deploy('Forwarder')
    const message = `0x${'11'.repeat(32)}`
    const bundle = [0n, 1n].map((nonce, from) =>
      call(from, to, 'Forwarder', 'forward', nonce, message),
    )
    const answer = await ask('parallel_simulateBundle', bundle, 'latest', {
      orders: 'all',
      workers: [1, 2],
    })
    expect(answer).toMatchObject({
      transactions: 2,
      conflicts: [{ name: 'Forwarder.nonce', edges: 1 }],
      workers: [{ cores: 1 }, { cores: 2 }],
      orders: { tried: 1 },
    })
    const { differing } = answer['orders'] as { differing: readonly Fields[] }
    expect(differing).toMatchObject([
      { order: [1, 0], transactions: [{ tx: 1, given: 'success 0x' }] },
    ])
    expect(await ask('eth_call', { to, data: call(0, to, 'Forwarder', 'nonce')['data'] })).toBe(
      `0x${'0'.repeat(64)}`,
    )
  })

  it('runs a setup first, and names what of it fails', async () => {
    const { ask, accounts } = await bare()
    // Reverts as it is deployed.
    const broken = { from: accounts[0], data: '0x5f5ffd' }
    const pay = { from: accounts[1], to: stranger(1), value: '0x1' }
    await expect(
      ask('parallel_simulateBundle', [pay], 'latest', { setup: [pay, broken] }),
    ).rejects.toThrow('`setup[1]`: it fails: execution reverted')
    const nine = Array.from({ length: 9 }, () => pay)
    await expect(ask('parallel_simulateBundle', nine, 'latest', { orders: 'all' })).rejects.toThrow(
      '9 transactions have more than 720 orders; give how many to draw',
    )
    const drawn = await ask('parallel_simulateBundle', nine, 'latest', { orders: 5 })
    expect(drawn['orders']).toEqual({ tried: 5, differing: [] })
  })
})

describe('access lists', () => {
  it('are shown by name and line, and in the formats of others', async () => {
    const { ask, hashes, token } = await fees()
    const named = await ask('parallel_getAccessSet', hashes[0])
    const reads = named['reads'] as readonly Fields[]
    expect(reads.find(({ name }) => name === 'FeeToken.feesCollected')).toMatchObject({
      kind: 'slot',
      address: token,
      lines: [FEE_LINE],
    })
    const listed = await ask('parallel_getAccessSet', hashes[0], 'latest', { format: 'eip2930' })
    const list = listed['accessList'] as readonly { address: string; storageKeys: string[] }[]
    expect(list.find(({ address }) => address === token)!.storageKeys).toHaveLength(3)
    const bal = await ask('parallel_getAccessSet', hashes[0], 'latest', { format: 'bal' })
    expect(bal['blockAccessList']).toContainEqual(expect.objectContaining({ address: token }))
    const pages = await ask('parallel_getAccessSet', hashes[0], 'latest', { format: 'monad-pages' })
    expect(pages['pages']).toContainEqual(expect.objectContaining({ address: token, page: '0x0' }))
  })

  it('are checked entry by entry, with gas that was measured', async () => {
    const { ask, call, token, accounts } = await fees()
    const plain = call(1, token, 'FeeToken', 'transfer', stranger(9), 1000n)
    const nothing = await ask('parallel_checkAccessList', plain)
    expect(nothing).toMatchObject({ superfluous: [], missing: [], undeclared: 4, cheapest: [] })
    const stale = {
      ...plain,
      accessList: [
        { address: stranger(77), storageKeys: [] },
        { address: token, storageKeys: [`0x${'0'.repeat(63)}5`, `0x${'0'.repeat(63)}9`] },
      ],
    }
    const checked = await ask('parallel_checkAccessList', stale)
    expect(checked).toMatchObject({
      superfluous: [
        { address: stranger(77), slot: null, costs: 2400, why: 'not used' },
        { address: token, costs: 1900, why: 'not used' },
      ],
      stability: [],
    })
    const gas = checked['gas'] as { none: number; declared: number; best: number }
    // Two accounts and two slots are paid for; one slot is warm for it.
    expect(gas.declared - gas.none).toBe(2 * 2400 + 2 * 1900 - 2000)
    expect(gas.best).toBe(gas.none)
    const sent = await ask('eth_sendTransaction', { ...plain, from: accounts[1] })
    expect(await ask('parallel_checkAccessList', sent)).toMatchObject({ gas: { none: gas.none } })
  })

  it('change with what is read: the reason is told', async () => {
    const { ask, deploy, send } = await bare()
    const to = await deploy('PriceFeed')
    const hash = await send(1, to, 'PriceFeed', 'look')
    const slot = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`
    // Reads the slot whose number is in slot 0; reads the slot that has the time as its number.
    const [pointer, clock] = [stranger(0xc0), stranger(0xc1)]
    await ask('anvil_setCode', pointer, '0x6000545450')
    await ask('anvil_setCode', clock, '0x425450')
    await ask('anvil_setStorageAt', pointer, slot(0), slot(5))
    await ask('evm_mine')
    await ask('anvil_setStorageAt', pointer, slot(0), slot(7))
    const moved = await ask('parallel_checkAccessList', { to: pointer })
    expect(moved['stability']).toMatchObject([
      { slot: slot(7), in: 'its place', why: `${pointer} slot 0 was 5, not 7` },
      { slot: slot(5), notIn: 'its place', in: expect.stringMatching(/^the state after block/) },
    ])
    const timed = await ask('parallel_checkAccessList', { to: clock })
    const [, later] = timed['stability'] as readonly Fields[]
    expect(later).toMatchObject({
      in: 'a block an hour later',
      why: expect.stringMatching(/^TIMESTAMP/),
    })
    const used = await ask('parallel_getAccessSet', hash)
    expect(used['volatile']).toMatchObject([
      { name: 'TIMESTAMP', lines: [expect.stringContaining('PriceFeed.sol') as string] },
    ])
  })
})

import { createPublicClient, custom, http, webSocket } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import '../../../src/client/vitest.ts'
import type { BlockAccessList } from '../../../src/client/block-answers.ts'
import { parallelActions } from '../../../src/client/viem.ts'
import { type Profiled, feeChain, stranger } from '../node/profiled.ts'

let chain: Profiled & { readonly token: string; readonly hashes: readonly string[] }
beforeAll(async () => {
  chain = await feeChain()
})
afterAll(() => chain[Symbol.asyncDispose]())

const transfers = (name = 'FeeToken') =>
  [1, 2, 3].map((from) => {
    const { from: account, ...rest } = chain.call(
      from,
      chain.token,
      name,
      'transfer',
      stranger(from),
      1000n,
    )
    return { ...rest, account: account as string, value: 0n }
  })

describe('heddle/viem', () => {
  it('extends a client with what parallel_* answers', async () => {
    const client = createPublicClient({ transport: custom(chain.node, { retryCount: 0 }) }).extend(
      parallelActions(),
    )
    const { fixFirst, coverage } = await client.getContention({ last: 8 })
    expect(fixFirst[0]).toMatchObject({ name: 'FeeToken.feesCollected', writers: 8 })
    expect(coverage.text).toBe('17 of 17 slots named')
    const [earlier, later] = chain.hashes
    const { depends, hops } = await client.explain({ earlier: earlier!, later: later! })
    expect(depends).toBe(true)
    expect(hops[0]!.reasons[0]!.written[0]!.line).toBe('contracts/src/tokens/FeeToken.sol:42')
    const bundle = { transactions: transfers(), block: 18n }
    expect(await client.assertNoConflict(bundle)).toMatchObject({ pass: false })
    const allow = ['FeeToken.feesCollected']
    expect(await client.assertNoConflict(bundle, { allow })).toMatchObject({ pass: true })
    expect(await client.assertNoConflict(bundle, { minSpeedup: '2@4' })).toMatchObject({
      pass: false,
      speedup: { reached: 1 },
    })
    const { runs } = await client.compareExecutors({ hashes: chain.hashes }, { cores: [2] })
    expect(runs).toHaveLength(13)
    expect(await client.simulateBundle(transfers(), { orders: 2 })).toMatchObject({
      orders: { tried: 2 },
    })
    expect(await client.checkAccessList(earlier!)).toMatchObject({ superfluous: [] })
    expect(await client.getAccessSet(transfers()[0]!, { format: 'eip2930' })).toHaveProperty(
      'accessList',
    )
    const { cells, madeUp } = await client.explainContract(chain.token, { callers: 4 })
    const transfer = 'FeeToken.transfer'
    expect(cells).toContainEqual(
      expect.objectContaining({ first: transfer, second: transfer, grade: 'serial', failed: 0 }),
    )
    expect(madeUp).toContain('FeeToken.approve')
    expect(await client.getBlockNumber()).toBe(18n)
  })

  it('has reports, runs, certificates and settings as typed functions', async () => {
    const { port } = await chain.node.serve({ port: 0 })
    const client = createPublicClient({
      transport: http(`http://127.0.0.1:${port}`, { retryCount: 0 }),
    }).extend(parallelActions())
    const [hash] = chain.hashes
    const report = await client.getBlockReport(18n)
    expect(report).toMatchObject({ blockNumber: 18, transactions: 1, edges: { storage: 0 } })
    expect(report.measured).toMatchObject({ basis: 'measured', run: 'as mined' })
    const { index, incarnations, writeSet } = await client.getTransactionReport(hash!)
    expect([index, incarnations?.length]).toEqual([0, 1])
    expect(writeSet.map(({ label }) => label)).toContain('FeeToken.feesCollected')
    expect((await client.getDependencies('latest')).edges).toEqual([])
    expect((await client.getDependencies(18, { format: 'bor' })).dependencies).toEqual([[]])
    expect((await client.getDependencies(18, { format: 'dot' })).dot).toContain('digraph')
    const { equivalence, executor } = await client.replayBlock(18n, {
      executor: 'block-stm',
      workers: 2,
    })
    expect([executor, equivalence.equal]).toEqual(['block-stm', true])
    expect(await client.diffExecution(18n, { executor: 'dag' })).toMatchObject({
      executor: 'dag',
      equal: true,
      difference: null,
    })
    const { traceEvents } = await client.exportTrace(18n, { policy: 'serial', cores: 2 })
    expect(traceEvents.length).toBeGreaterThan(0)
    const { steps, proofs, blockHash } = await client.getCertificate(18n, { proofs: true })
    expect(steps).toHaveLength(3)
    expect(proofs?.length).toBeGreaterThan(0)
    expect(blockHash).toBe(report.blockHash)
    const list = (await client.request({
      method: 'eth_getBlockAccessList',
      params: ['0x12'],
    } as never)) as BlockAccessList
    expect(await client.checkBlockAccessList(18n, list)).toEqual({ equal: true, difference: null })
    const { difference } = await client.checkBlockAccessList(18n, list.slice(1))
    expect(difference).toMatchObject({ kind: 'missing', address: list[0]!.address })
    const before = await client.getParallelConfig()
    expect(await client.setParallelConfig({ record: 7 })).toEqual({ ...before, record: 7 })
    await client.setParallelConfig({ record: before.record })
    await expect(client.subscribeParallel('parallelBlocks', { onData() {} })).rejects.toThrow(
      'subscribeParallel: the transport http is not pushed to: expected webSocket() or ipc()',
    )
  })

  it('follows what happens, until it is ended', async () => {
    const { port } = await chain.node.serve({ port: 0 })
    const client = createPublicClient({
      transport: webSocket(`ws://127.0.0.1:${port}`, { reconnect: false }),
    }).extend(parallelActions())
    const blocks: number[] = []
    const events: string[] = []
    const endBlocks = await client.subscribeParallel('parallelBlocks', {
      onData: ({ blockNumber, transactions }) => blocks.push(blockNumber, transactions),
    })
    const endEvents = await client.subscribeParallel('parallelEvents', {
      events: ['TXN_END', 'BLOCK_END'],
      onData: ({ event }) => events.push(event),
    })
    const pay = () => chain.send(1, chain.token, 'FeeToken', 'transfer', stranger(1), 1n)
    await pay()
    await expect.poll(() => blocks).toEqual([19, 1])
    await expect.poll(() => events).toEqual(['TXN_END', 'BLOCK_END'])
    await endEvents()
    await pay()
    await expect.poll(() => blocks).toEqual([19, 1, 20, 1])
    expect(events).toHaveLength(2)
    await endBlocks()
    const connection = await client.transport.getRpcClient()
    connection.close()
  })
})

describe('heddle/vitest', () => {
  it('passes when nothing conflicts but what is allowed', async () => {
    const { node } = chain
    await expect(transfers()).toConflict({ node })
    await expect(transfers()).not.toConflict({ node, allow: ['FeeToken.feesCollected'] })
    await expect(chain.hashes.slice(0, 1)).not.toConflict({ node })
  })

  it('fails with the two lines', async () => {
    const failure = await expect(transfers())
      .not.toConflict({ node: chain.node })
      .then(
        () => '',
        (error: unknown) => (error as Error).message,
      )
    expect(failure).toBe(
      [
        'expected the transactions not to conflict',
        '',
        'FeeToken.feesCollected (2 times)',
        '  written at contracts/src/tokens/FeeToken.sol:42 by transaction 0, FeeToken.transfer',
        '  read    at contracts/src/tokens/FeeToken.sol:42 by transaction 1, FeeToken.transfer',
      ].join('\n'),
    )
  })

  it('asks for a speed-up too, and says what stands against it', async () => {
    const { node } = chain
    await expect(transfers()).not.toHaveSpeedupAtLeast(1.5, { cores: 8, node })
    await expect(chain.hashes.slice(0, 1)).toHaveSpeedupAtLeast(1, { cores: 8, node })
    await expect(expect(transfers()).toHaveSpeedupAtLeast(1.5, { cores: 8, node })).rejects.toThrow(
      'expected the transactions to be 1.5 times faster on 8 cores: 1.00\n\nFeeToken.feesCollected (2 times)',
    )
    await expect(expect(7).toHaveSpeedupAtLeast(2, { cores: 8, node })).rejects.toThrow(
      'toHaveSpeedupAtLeast: expected a list of transactions',
    )
  })

  it('says what it cannot take, and when nobody answers', async () => {
    await expect(expect([]).not.toConflict({ node: chain.node })).rejects.toThrow(
      'toConflict: expected a list of transactions',
    )
    await expect(
      expect(transfers()).not.toConflict({ node: 'http://127.0.0.1:1' }),
    ).rejects.toThrow('toConflict: no node answers at http://127.0.0.1:1: start one with heddle')
  })
})

import { createPublicClient, custom } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import '../../../src/client/vitest.ts'
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

  it('says what it cannot take, and when nobody answers', async () => {
    await expect(expect([]).not.toConflict({ node: chain.node })).rejects.toThrow(
      'toConflict: expected a list of transactions',
    )
    await expect(
      expect(transfers()).not.toConflict({ node: 'http://127.0.0.1:1' }),
    ).rejects.toThrow('toConflict: no node answers at http://127.0.0.1:1: start one with heddle')
  })
})

import { describe, expect, it } from 'vitest'

import type { ConsensusOptions } from '../../../../src/node/pipeline/presets.ts'
import { virtualNode } from './support.ts'

const ETHER = 10n ** 18n
const GWEI = 10n ** 9n
const hex = (value: bigint | number): string => `0x${value.toString(16)}`

const monad = (set: ConsensusOptions['set'] = {}) =>
  virtualNode({ preset: 'monad', set }, { network: 'monad:ten' })

describe('Monad’s timing with Monad’s rules', () => {
  it('says both, charges for gas limits, and has Monad’s base fee', async () => {
    await using run = await monad()
    const { ask, until, node } = run
    expect(await ask('parallel_consensusStatus')).toMatchObject({
      preset: 'monad',
      rules: 'Monad (MONAD_TEN)',
    })
    const [from, to] = node.accounts.map(({ address }) => address)
    const hash = await ask('eth_sendTransaction', { from, to, value: '0x1', gas: hex(50_000) })
    await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    const receipt = await ask('eth_getTransactionReceipt', hash)
    expect(receipt).toMatchObject({ status: '0x1', gasUsed: hex(50_000) })
    const block = await ask('eth_getBlockByNumber', receipt['blockNumber'], false)
    expect(block).toMatchObject({ gasLimit: hex(150_000_000), baseFeePerGas: hex(100n * GWEI) })
    expect(await ask('parallel_diffExecution', receipt['blockNumber'])).toMatchObject({
      equal: true,
    })
  })

  it('lets a sender’s first transaction in three blocks spend the reserve, though nothing is decided', async () => {
    // Execution is late: the blocks before are proposed, and not in the chain.
    await using run = await monad({ executeMs: 700 })
    const { ask, until, node } = run
    const [from, to] = node.accounts.map(({ address }) => address)
    await ask('parallel_advance', 2_000)
    const spend = { from, to, gas: hex(21_000) }
    const first = await ask('eth_sendTransaction', { ...spend, value: '0x1' })
    await ask('parallel_advance', 350)
    const second = await ask('eth_sendTransaction', { ...spend, value: hex(9_995n * ETHER) })
    const receiptOf = (hash: unknown) => ask('eth_getTransactionReceipt', hash)
    await until(async () => (await receiptOf(second)) !== null)
    const [one, two] = [await receiptOf(first), await receiptOf(second)]
    expect(Number(two['blockNumber']) - Number(one['blockNumber'])).toBeLessThan(3)
    expect([one['status'], two['status']]).toEqual(['0x1', '0x0'])
    await until(({ blocks }) => blocks.executed >= Number(two['blockNumber']) + 4)
    const third = await ask('eth_sendTransaction', { ...spend, value: hex(9_995n * ETHER) })
    await until(async () => (await receiptOf(third)) !== null)
    expect(await receiptOf(third)).toMatchObject({ status: '0x1' })
    for (const { blockNumber } of [one, two, await receiptOf(third)] as { blockNumber: string }[]) {
      expect(await ask('parallel_diffExecution', blockNumber)).toMatchObject({ equal: true })
    }
  })

  it('has no more fees in flight than the reserve covers, and leaves nothing out', async () => {
    await using run = await monad({ executeMs: 250 })
    const { ask, until, node, status } = run
    const [from, to] = node.accounts.map(({ address }) => address)
    await ask('parallel_advance', 1_000)
    // Each may take 6 of the 10 that are kept.
    const dear = { from, to, gas: hex(30_000_000), gasPrice: hex(200n * GWEI) }
    const hashes: unknown[] = []
    for (let nonce = 0; nonce < 4; nonce++) {
      hashes.push(await ask('eth_sendTransaction', { ...dear, nonce: hex(nonce) }))
    }
    await until(({ pooled, execution }) => pooled === 0 && execution.lag === 0)
    const numbers: number[] = []
    for (const hash of hashes) {
      const receipt = await ask('eth_getTransactionReceipt', hash)
      expect(receipt['status']).toBe('0x1')
      numbers.push(Number(receipt['blockNumber']))
    }
    // The first may take what it has, the second comes out of the reserve; the third waits until it is the first again.
    expect(numbers[1]).toBe(numbers[0])
    expect(numbers[2]! - numbers[1]!).toBeGreaterThanOrEqual(3)
    expect(numbers[3]).toBe(numbers[2])
    expect(await status()).toMatchObject({ leftOutTransactions: 0, standsStill: null })
  })
})

describe('MegaETH’s timing with MegaETH’s rules', () => {
  it('puts what is too much for a block into the next one, mini-block by mini-block', async () => {
    await using run = await virtualNode({ preset: 'megaeth' }, { network: 'megaeth:rex5' })
    const { ask, until, node, subscribe } = run
    await ask('parallel_advance', 1_100)
    const minis = await subscribe('miniBlocks')
    const sealed = Number(await ask('eth_blockNumber'))
    const [open, next] = [hex(sealed + 1), hex(sealed + 2)]
    const filling = `0x${Array.from({ length: 400 }, (_, n) => `600161${n.toString(16).padStart(4, '0')}55`).join('')}`
    const hashes: unknown[] = []
    for (let at = 0; at < 5; at++) {
      const from = node.accounts[at]!.address
      const fields = { from, data: filling, gas: hex(20_000_000) }
      hashes.push(await ask('eth_sendTransaction', fields))
      await ask('parallel_advance', 20)
    }
    const placed = async () => {
      const receipts: (readonly [unknown, unknown] | null)[] = []
      for (const hash of hashes) {
        const receipt = await ask('eth_getTransactionReceipt', hash)
        receipts.push(receipt && [receipt['blockNumber'], receipt['status']])
      }
      return receipts
    }
    // A thousand new slots and accounts are a block's; the one that goes beyond is in it still.
    expect(await placed()).toEqual([[open, '0x1'], [open, '0x1'], [open, '0x1'], null, null])
    expect(minis().map((mini) => (mini['receipts'] as unknown[]).length)).toEqual([1, 1, 1])
    await until(({ pooled }) => pooled === 0)
    expect((await placed()).slice(3)).toEqual([
      [next, '0x1'],
      [next, '0x1'],
    ])
    for (const number of [open, next]) {
      expect(await ask('parallel_diffExecution', number)).toMatchObject({ equal: true })
    }
  })
})

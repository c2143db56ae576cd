import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../../src/node/create-node.ts'
import { faultyRemote } from '../../../support/faulty-remote.ts'
import { virtualNode } from './support.ts'

const MONAD = { preset: 'monad' } as const

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'heddle-pipeline-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const numberOf = async (ask: (method: string, ...params: unknown[]) => Promise<unknown>) =>
  Number(await ask('eth_blockNumber'))

describe('a pipeline on disk', () => {
  it('keeps what was final when it ends, and takes back what was only proposed', async () => {
    let [hash, wasFinal, wasHead] = ['' as unknown, 0, 0]
    const final: unknown[] = []
    {
      await using run = await virtualNode(MONAD, { dataDir })
      const { ask, until, node } = run
      const [from, to] = node.accounts.map(({ address }) => address)
      const first = await ask('eth_sendTransaction', { from, to, value: '0x7' })
      await until(({ blocks }) => blocks.finalized > 5)
      expect(await ask('eth_getTransactionReceipt', first)).not.toBe(null)
      hash = await ask('eth_sendTransaction', { from, to, value: '0x9' })
      const { blocks } = await until(
        async () => (await ask('eth_getTransactionReceipt', hash)) !== null,
      )
      wasFinal = blocks.finalized
      wasHead = blocks.executed
      expect(wasHead).toBeGreaterThan(wasFinal)
      for (let number = 0; number <= wasFinal; number++) {
        final.push(await ask('eth_getBlockByNumber', `0x${number.toString(16)}`, true))
      }
    }
    await using run = await virtualNode(MONAD, { dataDir })
    const { ask, until, node, status } = run
    const notices: string[] = []
    node.listen((event) => event.kind === 'notice' && notices.push(event.text), 'notices')
    expect(notices).toEqual([
      expect.stringMatching(
        /blocks those above \d+ were not final when the node ended: they are taken back/,
      ),
    ])
    expect(await numberOf(ask)).toBe(wasFinal)
    expect(await status()).toMatchObject({ pooled: 1, blocks: { finalized: wasFinal } })
    for (const [number, block] of final.entries()) {
      expect(await ask('eth_getBlockByNumber', `0x${number.toString(16)}`, true)).toEqual(block)
    }
    expect(await ask('eth_getTransactionReceipt', hash)).toBe(null)
    const to = node.accounts[1]!.address
    expect(BigInt(await ask<string>('eth_getBalance', to, 'latest'))).toBe(10n ** 22n + 7n)
    await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    expect(BigInt(await ask<string>('eth_getBalance', to, 'latest'))).toBe(10n ** 22n + 16n)
    await until(({ blocks }) => blocks.finalized > wasHead)
  })

  it('takes nothing back of blocks that came without consensus, or by a cheat', async () => {
    {
      await using run = await virtualNode(MONAD, { dataDir })
      await run.until(({ blocks }) => blocks.executed > 4)
    }
    {
      await using node = await createNode({ workers: 1, artefactDirs: [], dataDir })
      await node.request({ method: 'anvil_mine', params: ['0x3'] })
    }
    let head: number
    {
      await using run = await virtualNode(MONAD, { dataDir })
      const { ask } = run
      head = await numberOf(ask)
      const id = await ask('evm_snapshot')
      await ask('evm_mine')
      expect(await ask('evm_revert', id)).toBe(true)
      expect(await numberOf(ask)).toBe(head)
    }
    await using run = await virtualNode(MONAD, { dataDir })
    expect(await numberOf(run.ask)).toBe(head)
  })
})

it('a pipeline on a fork goes on from the remote chain’s newest block', async () => {
  await using there = await createNode({ workers: 1, artefactDirs: [], chainId: 777n })
  const remote = (method: string, ...params: unknown[]) => there.request({ method, params })
  const [from, to] = there.accounts.map(({ address }) => address)
  await remote('eth_sendTransaction', { from, to, value: '0x1234' })
  await remote('anvil_mine', '0x4')
  await using server = await faultyRemote((method, params) => there.request({ method, params }))
  await using run = await virtualNode(MONAD, {
    fork: { url: server.url },
    genesisTimestamp: undefined,
  })
  const { ask, until, status } = run
  expect(await status()).toMatchObject({ baseBlock: 5, blocks: { finalized: 5 } })
  const stranger = `0x${'5a'.repeat(20)}`
  const hash = await ask('eth_sendTransaction', { from: to, to: stranger, value: '0x99' })
  await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
  const receipt = await ask('eth_getTransactionReceipt', hash)
  expect(Number(receipt['blockNumber'])).toBeGreaterThan(5)
  await until(({ blocks }) => blocks.finalized >= Number(receipt['blockNumber']))
  expect(await ask('eth_getBalance', stranger, 'finalized')).toBe('0x99')
  expect(await remote('eth_getBalance', stranger, 'latest')).toBe('0x0')
  // Below, the remote chain speaks.
  expect(BigInt(await ask<string>('eth_getBalance', to, '0x4'))).toBe(10n ** 22n + 0x1234n)
  expect(await status()).toMatchObject({ standsStill: null, leftOutTransactions: 0 })
})

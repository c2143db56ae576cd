import { afterEach, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

const ZERO = `0x${'0'.repeat(64)}`

let node: HeddleNode | undefined
afterEach(() => node?.close())

async function start(config: Partial<NodeConfig> = {}) {
  const made = await createNode({ workers: 1, artefactDirs: [], ...config })
  node = made
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    made.request({ method, params })
  const head = (await ask('eth_getBlockByNumber', 'latest', false)) as Record<string, string>
  const attributes = {
    timestamp: `0x${(BigInt(head['timestamp']!) + 10n).toString(16)}`,
    prevRandao: ZERO,
    suggestedFeeRecipient: made.accounts[3]!.address,
    withdrawals: [],
    parentBeaconBlockRoot: ZERO,
  }
  const build = (...rest: unknown[]) =>
    ask('testing_buildBlockV1', head['hash'], attributes, ...rest)
  const [from, to] = made.accounts.map((account) => account.address)
  return { ask, head, attributes, build, call: { from, to, value: '0x1', gas: '0x5208' } }
}

describe('testing_buildBlockV1', () => {
  it('answers an empty block, and the head stays', async () => {
    const { ask, head, attributes, build } = await start()
    const answer = await build([], '0x01')
    expect(answer).toMatchObject({
      executionPayload: {
        parentHash: head['hash'],
        blockNumber: '0x1',
        timestamp: attributes.timestamp,
        extraData: '0x01',
        feeRecipient: attributes.suggestedFeeRecipient,
        transactions: [],
        withdrawals: [],
        blobGasUsed: '0x0',
      },
      blockValue: '0x0',
      blobsBundle: { commitments: [], proofs: [], blobs: [] },
      executionRequests: [],
      shouldOverrideBuilder: false,
    })
    expect(await ask('eth_blockNumber')).toBe('0x0')
  })

  it('takes the transactions that it is given', async () => {
    const { ask, build, call } = await start()
    const raw = await ask('eth_signTransaction', call)
    const answer = (await build([raw])) as { executionPayload: unknown; blockValue: string }
    expect(answer.executionPayload).toMatchObject({ transactions: [raw], gasUsed: '0x5208' })
    expect(BigInt(answer.blockValue)).toBeGreaterThan(0n)
    expect(await ask('txpool_status')).toEqual({ pending: '0x0', queued: '0x0' })
  })

  it('takes those of the pool when it is given null', async () => {
    const { ask, build, call } = await start()
    await ask('evm_setAutomine', false)
    await ask('eth_sendTransaction', call)
    expect(await build(null)).toMatchObject({ executionPayload: { gasUsed: '0x5208' } })
    expect(await build([])).toMatchObject({ executionPayload: { gasUsed: '0x0' } })
    expect(await ask('txpool_status')).toEqual({ pending: '0x1', queued: '0x0' })
  })

  it('says why there is no block', async () => {
    const { ask, head, attributes, build, call } = await start()
    const method = 'testing_buildBlockV1'
    await expect(ask(method, ZERO, attributes, [])).rejects.toMatchObject({ code: -32602 })
    const early = { ...attributes, timestamp: head['timestamp'] }
    await expect(ask(method, head['hash'], early, [])).rejects.toThrow(/timestamp`: expected more/)
    await expect(ask(method, head['hash'], {}, [])).rejects.toThrow(/expected timestamp/)
    await expect(build(['0xc0'])).rejects.toThrow(/transactions\[0\]`/)
    await expect(build([], `0x${'00'.repeat(33)}`)).rejects.toThrow(/at most 32 bytes/)
    const raw = await ask('eth_signTransaction', { ...call, nonce: '0x9' })
    await expect(build([raw])).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining('nonce too high'),
      data: { index: 0 },
    })
  })
})

describe('testing_commitBlockV1', () => {
  const method = 'testing_commitBlockV1'

  it('makes the block that testing_buildBlockV1 would, and the head of it', async () => {
    const { ask, attributes, build, call } = await start()
    const raw = await ask('eth_signTransaction', call)
    const built = (await build([raw], '0x01')) as { executionPayload: { blockHash: string } }
    const hash = await ask(method, attributes, [raw], '0x01')
    expect(hash).toBe(built.executionPayload.blockHash)
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toMatchObject({
      hash,
      number: '0x1',
      timestamp: attributes.timestamp,
      extraData: '0x01',
      miner: attributes.suggestedFeeRecipient.toLowerCase(),
    })
    expect(await ask('eth_getTransactionCount', call.from, 'latest')).toBe('0x1')
    await ask('evm_mine')
    expect(await ask('eth_blockNumber')).toBe('0x2')
  })

  it('takes the transactions of the pool, and they are gone from there', async () => {
    const { ask, attributes, call } = await start()
    await ask('evm_setAutomine', false)
    const sent = await ask('eth_sendTransaction', call)
    await ask(method, attributes, null)
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toMatchObject({
      transactions: [sent],
    })
    expect(await ask('txpool_status')).toEqual({ pending: '0x0', queued: '0x0' })
  })

  it('leaves the head as it is when there is no such block', async () => {
    const { ask, head, attributes, call } = await start()
    const raw = await ask('eth_signTransaction', { ...call, nonce: '0x9' })
    await expect(ask(method, attributes, [raw])).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining('nonce too high'),
    })
    const early = { ...attributes, timestamp: head['timestamp'] }
    await expect(ask(method, early, [])).rejects.toMatchObject({ code: -32602 })
    await expect(ask(method, attributes, [], `0x${'00'.repeat(33)}`)).rejects.toThrow(/at most 32/)
    expect(await ask('eth_blockNumber')).toBe('0x0')
  })
})

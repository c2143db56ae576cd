import { afterEach, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

async function start(config: Partial<NodeConfig> = {}) {
  const made = await createNode({ workers: 1, artefactDirs: [], ...config })
  node = made
  const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
    made.request({ method, params }) as Promise<T>
  return { ask, first: made.accounts[0]!.address.toLowerCase() }
}

interface Block {
  readonly extraData: string
  readonly withdrawals: readonly unknown[]
}
const TO = `0x${'77'.repeat(20)}`
const withdrawal = (index: number) => ({
  index: `0x${index.toString(16)}`,
  validatorIndex: '0x2',
  address: TO,
  amount: '0x3b9aca00',
})
const ETHER = 10n ** 18n

describe('dev_addWithdrawal', () => {
  it('mines a block with it, which pays in gwei', async () => {
    const { ask } = await start()
    expect(await ask('dev_addWithdrawal', withdrawal(0))).toBeNull()
    const block = await ask<Block>('eth_getBlockByNumber', 'latest', false)
    expect(block.withdrawals).toEqual([withdrawal(0)])
    expect(BigInt(await ask('eth_getBalance', TO))).toBe(ETHER)
  })

  it('waits for the next block without automine, sixteen to a block, and goes with a snapshot', async () => {
    const { ask } = await start({ mining: { kind: 'manual' } })
    const snapshot = await ask('evm_snapshot')
    for (let index = 0; index < 20; index++) await ask('dev_addWithdrawal', withdrawal(index))
    const pending = await ask<Block>('eth_getBlockByNumber', 'pending', false)
    expect(pending.withdrawals).toHaveLength(16)
    await ask('anvil_mine', 3)
    expect(BigInt(await ask('eth_getBalance', TO))).toBe(20n * ETHER)
    const counts = await Promise.all(
      ['0x1', '0x2', '0x3'].map(async (at) => {
        return (await ask<Block>('eth_getBlockByNumber', at, false)).withdrawals.length
      }),
    )
    expect(counts).toEqual([16, 4, 0])
    await ask('dev_addWithdrawal', withdrawal(20))
    await ask('evm_revert', snapshot)
    await ask('evm_mine')
    expect(BigInt(await ask('eth_getBalance', TO))).toBe(0n)
  })

  it('is refused before Shanghai', async () => {
    const { ask } = await start({ hardfork: 'paris' })
    await expect(ask('dev_addWithdrawal', withdrawal(0))).rejects.toThrow('before Shanghai')
  })
})

it('miner_setExtra goes into the blocks to come, as text or as bytes', async () => {
  const { ask } = await start()
  expect(await ask('miner_setExtra', 'loom')).toBe(true)
  const extra = async (): Promise<string> => {
    await ask('evm_mine')
    return (await ask<Block>('eth_getBlockByNumber', 'latest', false)).extraData
  }
  expect(await extra()).toBe('0x6c6f6f6d')
  await ask('miner_setExtra', '0x0102')
  expect(await extra()).toBe('0x0102')
  await expect(ask('miner_setExtra', 'x'.repeat(33))).rejects.toThrow('at most 32 bytes, got 33')
  expect(await extra()).toBe('0x0102')
})

describe("other nodes' names", () => {
  it('eth_callAfter waits until an account has sent so many transactions', async () => {
    const { ask, first } = await start()
    const call = { from: first, to: TO }
    const waiting = ask('eth_callAfter', call, { nonce: '0x1', timeout: 20_000 })
    await ask('eth_sendTransaction', { from: first, to: TO })
    expect(await waiting).toBe('0x')
    const late = ask('eth_callAfter', call, { account: first, nonce: 9, timeout: 20 })
    await expect(late).rejects.toThrow('did not reach 9 within 20 ms')
  })

  it('eth_getLogsWithCursor and erigon_getLatestLogs', async () => {
    const { ask, first } = await start()
    await ask('anvil_setCode', TO, '0x60006000a0') // LOG0
    for (let count = 0; count < 3; count++) {
      await ask('eth_sendTransaction', { from: first, to: TO })
    }
    const logs = await ask<readonly object[]>('eth_getLogs', { fromBlock: '0x0' })
    expect(logs).toHaveLength(3)
    expect(await ask('erigon_getLogs', { fromBlock: '0x0' })).toEqual(logs)
    expect(await ask('eth_getLogsWithCursor', { fromBlock: '0x0' })).toEqual({ logs })
    const rest = await ask('eth_getLogsWithCursor', { fromBlock: '0x0', cursor: '2-0' })
    expect(rest).toEqual({ logs: logs.slice(2) })
    const latest = (options: object) => ask('erigon_getLatestLogs', { fromBlock: '0x0' }, options)
    expect(await latest({ logCount: 1 })).toEqual([logs[2]])
    expect(await latest({ blockCount: 2 })).toEqual([logs[2], logs[1]])
  })

  it('eth_sendTransaction without a sender is of the first account, as with Anvil', async () => {
    const { ask, first } = await start()
    const hash = await ask('eth_sendTransaction', { to: TO, data: '' })
    expect(await ask('eth_getTransactionByHash', hash)).toMatchObject({ from: first, input: '0x' })
  })
})

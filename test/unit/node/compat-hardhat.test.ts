import { afterEach, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

async function start(config: Partial<NodeConfig> = {}) {
  const made = await createNode({ workers: 1, artefactDirs: [], ...config })
  node = made
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    made.request({ method, params })
  return { ask, from: made.accounts[0]!.address }
}

const REVERTER = `0x${'4e'.repeat(20)}`
/** Reverts with the four bytes 0xdeadbeef. */
const REVERT = '0x63deadbeef60e01b5f5260045ffd'

describe("answers by a name's prefix", () => {
  it.each([
    ['hardhat_setBalance', 'anvil_setBalance', [`0x${'aa'.repeat(20)}`, '0x1']],
    ['hardhat_setNonce', 'anvil_setNonce', [`0x${'aa'.repeat(20)}`, '0x5']],
    ['hardhat_setCode', 'anvil_setCode', [`0x${'aa'.repeat(20)}`, '0x00']],
    ['hardhat_setCoinbase', 'anvil_setCoinbase', [`0x${'aa'.repeat(20)}`]],
    ['hardhat_impersonateAccount', 'anvil_impersonateAccount', [`0x${'aa'.repeat(20)}`]],
    ['hardhat_mine', 'anvil_mine', ['0x2']],
  ] as const)('%s says true, %s null', async (hardhat, anvil, params) => {
    const { ask } = await start()
    expect(await ask(hardhat, ...params)).toBe(true)
    expect(await ask(anvil, ...params)).toBeNull()
  })

  it('names that both have follow Anvil', async () => {
    const { ask } = await start()
    expect(await ask('evm_increaseTime', '0x5')).toBe(5)
    expect(await ask('evm_mine')).toBe('0x0')
    expect(await ask('evm_setNextBlockTimestamp', 4_000_000_000)).toBeNull()
    expect(await ask('evm_setIntervalMining', 0)).toBeNull()
    expect(await ask('anvil_getAutomine')).toBe(false)
  })
})

describe('compat hardhat', () => {
  const config = { compat: 'hardhat' } as const

  it('answers as Hardhat does by names that both have', async () => {
    const { ask } = await start(config)
    expect(await ask('evm_increaseTime', '0x5')).toBe('5')
    expect(await ask('evm_mine')).toBe('0')
    expect(await ask('evm_mine', 4_000_000_000)).toBe('0')
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toMatchObject({
      timestamp: '0xee6b2800',
    })
    expect(await ask('evm_setNextBlockTimestamp', '0xee6b2900')).toBe('4000000256')
    expect(await ask('evm_setAutomine', false)).toBe(true)
  })

  it('interval mining is in milliseconds, or between two, and leaves automine alone', async () => {
    const { ask } = await start(config)
    expect(await ask('evm_setIntervalMining', 86_400_000)).toBe(true)
    expect(await ask('anvil_getIntervalMining')).toBe(86_400)
    expect(await ask('hardhat_getAutomine')).toBe(true)
    expect(await ask('evm_setIntervalMining', [1, 20])).toBe(true)
    await expect.poll(() => ask('eth_blockNumber')).not.toBe('0x0')
    expect(await ask('evm_setIntervalMining', 0)).toBe(true)
    expect(await ask('hardhat_getAutomine')).toBe(true)
    await expect(ask('evm_setIntervalMining', [5, 1])).rejects.toThrow('[least, most]')
  })

  it('a transaction that is mined at once and fails is an error with its data', async () => {
    const { ask, from } = await start(config)
    await ask('hardhat_setCode', REVERTER, REVERT)
    const sent = ask('eth_sendTransaction', { from, to: REVERTER, gas: '0x186a0' })
    await expect(sent).rejects.toMatchObject({ code: 3, data: '0xdeadbeef' })
    expect(await ask('eth_blockNumber')).toBe('0x1')
    await ask('hardhat_setCode', REVERTER, '0xfe')
    const halted = ask('eth_sendTransaction', { from, to: REVERTER, gas: '0x186a0' })
    await expect(halted).rejects.toMatchObject({
      code: -32000,
      message: 'invalid opcode: INVALID',
      data: { txHash: expect.stringMatching(/^0x/) },
    })
    expect(await ask('eth_sendTransaction', { from, to: from })).toMatch(/^0x/)
  })
})

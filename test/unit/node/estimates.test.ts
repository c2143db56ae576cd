import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex } from '../../../src/primitives/hex.ts'
import { asm } from '../../contract/engine-world.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

const TARGET = `0x${'7a'.repeat(20)}`
const OTHER = `0x${'7b'.repeat(20)}`

async function start() {
  const made = await createNode({ workers: 1, artefactDirs: [] })
  node = made
  const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
    made.request({ method, params }) as Promise<T>
  return { ask, from: made.accounts[0]!.address }
}

describe('eth_estimateGas', () => {
  it.each([
    ['a transfer', '', {}],
    ['storage that is set', '0x01 0x00 SSTORE', {}],
    ['storage that is cleared, with a refund', '0x00 0x01 SSTORE', {}],
    ['call data, at the floor price', 'STOP', { data: `0x${'ff'.repeat(500)}` }],
    // The call keeps a 64th back, and the other fails with less than it takes.
    [
      'a call that must get enough',
      `hex ${'6000'.repeat(5)}73${OTHER.slice(2)}6200fffff1602857fe5b00`,
      {},
    ],
  ] as const)('is the least limit that succeeds: %s', async (_, code, more) => {
    const { ask, from } = await start()
    await ask('anvil_setCode', OTHER, bytesToHex(asm('0x01 0x05 SSTORE 0x01 0x06 SSTORE')))
    const bytes = code.startsWith('hex ') ? `0x${code.slice(4)}` : bytesToHex(asm(code))
    await ask('anvil_setCode', TARGET, bytes)
    await ask('anvil_setStorageAt', TARGET, '0x1', `0x${'0'.repeat(63)}1`)
    const call = { from, to: TARGET, ...more }
    const gas = BigInt(await ask<string>('eth_estimateGas', call))
    const runs = async (limit: bigint): Promise<boolean> => {
      try {
        await ask('eth_call', { ...call, gas: `0x${limit.toString(16)}` })
        return true
      } catch {
        return false
      }
    }
    expect(await runs(gas)).toBe(true)
    expect(await runs(gas - 1n)).toBe(false)
    const hash = await ask('eth_sendTransaction', { ...call, gas: `0x${gas.toString(16)}` })
    expect(await ask('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x1' })
  })

  it('says what is missing when the sender cannot pay', async () => {
    const { ask } = await start()
    const poor = `0x${'99'.repeat(20)}`
    await expect(ask('eth_estimateGas', { from: poor, to: TARGET, value: '0x5' })).rejects.toThrow(
      `insufficient funds for gas * price + value: address ${poor} have 0 want 5`,
    )
    await ask('anvil_setBalance', poor, '0x2540be400')
    const priced = { from: poor, to: TARGET, maxFeePerGas: '0x77359400' }
    await expect(ask('eth_estimateGas', priced)).rejects.toThrow(
      `gas required exceeds allowance (5): ${poor} has 10000000000 wei, which pays for no more at 2000000000 wei per gas`,
    )
  })
})

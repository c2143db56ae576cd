import { describe, expect, it } from 'vitest'

import { createRpc } from '../../../src/rpc/rpc.ts'
import { ALICE, BALANCE_WEI, wireBackend } from '../../support/rpc.ts'

const HASH = `0x${'11'.repeat(32)}`

function ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
  return createRpc(wireBackend()).request({ method, params })
}

describe('the two dialects', () => {
  it.each([
    ['setBalance', [ALICE, '0x1']],
    ['setCode', [ALICE, '0x00']],
    ['setNonce', [ALICE, 5]],
    ['impersonateAccount', [ALICE]],
    ['stopImpersonatingAccount', [ALICE]],
    ['setNextBlockBaseFeePerGas', ['1']],
    ['setCoinbase', [ALICE]],
    ['setLoggingEnabled', [false]],
    ['mine', ['0x2', '0xa']],
    ['reset', []],
  ])('%s is null for Anvil and true for Hardhat', async (name, params) => {
    expect(await ask(`anvil_${name}`, ...params)).toBeNull()
    expect(await ask(`hardhat_${name}`, ...params)).toBe(true)
  })

  // As Anvil 1.7.1 answers.
  it.each([
    ['evm_mine', [], '0x0'],
    ['evm_mine', [{ timestamp: 1_900_000_000 }], '0x0'],
    ['evm_mine', ['0xb2388700'], '0x0'],
    ['evm_increaseTime', ['0x5'], 5],
    ['evm_increaseTime', ['5'], 5],
    ['anvil_increaseTime', [5], 5],
    ['evm_setTime', [1_900_000_000], 1_900_000_000],
    ['anvil_setTime', [1_900_000_000_000], 1_900_000_000],
    ['evm_setNextBlockTimestamp', [2_000_000_000], null],
    ['anvil_setBlockTimestampInterval', [3], null],
    ['anvil_removeBlockTimestampInterval', [], true],
    ['anvil_getAutomine', [], true],
    ['evm_setAutomine', [true], null],
    ['anvil_getIntervalMining', [], null],
    ['evm_setIntervalMining', [0], null],
    ['evm_snapshot', [], '0x0'],
    ['evm_revert', ['0x0'], true],
    ['evm_revert', [7], false],
    ['anvil_dropTransaction', [HASH], null],
    ['hardhat_dropTransaction', [HASH], false],
    ['anvil_setStorageAt', [ALICE, '0x0', `0x${'0'.repeat(63)}1`], true],
    ['hardhat_setStorageAt', [ALICE, 0, '0x1'], true],
    ['anvil_setBlockGasLimit', ['0x1c9c380'], true],
    ['evm_setBlockGasLimit', [30_000_000], true],
    ['anvil_rollback', [], null],
    ['anvil_getGenesisTime', [], 1_700_000_000],
    ['miner_stop', [], null],
    ['evm_setAccountNonce', [ALICE, '0x1'], null],
    ['eth_coinbase', [], `0x${'0'.repeat(40)}`],
    ['net_version', [], '31337'],
    ['net_peerCount', [], '0x0'],
    ['eth_syncing', [], false],
  ])('%s %j', async (method, params, expected) => {
    expect(await ask(method, ...params)).toEqual(expected)
  })

  it('mines blocks that it can show', async () => {
    const blocks = await ask('anvil_mine_detailed', { blocks: 2 })
    expect(blocks).toMatchObject([{ number: '0x1' }, { number: '0x2', transactions: [] }])
  })

  it('adds to a balance', async () => {
    const backend = wireBackend()
    await createRpc(backend).request({ method: 'anvil_addBalance', params: [ALICE, '0x1'] })
    expect(backend.asked).toEqual([`setBalance ${ALICE} ${BALANCE_WEI + 1n}`])
  })

  it('remembers the interval in seconds', async () => {
    const rpc = createRpc(wireBackend())
    await rpc.request({ method: 'evm_setIntervalMining', params: [0.5] })
    expect(await rpc.request({ method: 'anvil_getIntervalMining' })).toBe(0.5)
  })

  it('describes the node as Anvil does', async () => {
    expect(await ask('anvil_nodeInfo')).toMatchObject({
      currentBlockNumber: '0x0',
      currentBlockTimestamp: 1_700_000_000,
      transactionOrder: 'fees',
      environment: {
        baseFee: '0x342770c0',
        chainId: 31337,
        gasLimit: '0x1c9c380',
        gasPrice: '0x77359400',
      },
      forkConfig: { forkUrl: null, forkBlockNumber: null, forkRetryBackoff: null },
    })
    expect(await ask('hardhat_metadata')).toMatchObject({
      clientVersion: 'heddle/v0.0.0-test',
      chainId: 31337,
      latestBlockNumber: 0,
      forkedNetwork: null,
      snapshots: {},
    })
  })
})

describe('signing', () => {
  const typed = {
    types: {
      EIP712Domain: [
        { name: 'name', type: 'string' },
        { name: 'version', type: 'string' },
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
      Person: [
        { name: 'name', type: 'string' },
        { name: 'wallet', type: 'address' },
      ],
      Mail: [
        { name: 'from', type: 'Person' },
        { name: 'to', type: 'Person' },
        { name: 'contents', type: 'string' },
      ],
    },
    primaryType: 'Mail',
    domain: {
      name: 'Ether Mail',
      version: '1',
      chainId: 1,
      verifyingContract: '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC',
    },
    message: {
      from: { name: 'Cow', wallet: '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826' },
      to: { name: 'Bob', wallet: '0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB' },
      contents: 'Hello, Bob!',
    },
  }

  async function digests(method: string, params: readonly unknown[]): Promise<string> {
    let seen = ''
    const backend = wireBackend()
    const accounts = {
      ...backend.accounts,
      sign: (_: unknown, digest: Uint8Array) => {
        seen = Buffer.from(digest).toString('hex')
        return new Uint8Array(65)
      },
    }
    await createRpc({ ...backend, accounts }).request({ method, params })
    return seen
  }

  it('hashes the example of EIP-712, as an object and as text', async () => {
    const expected = 'be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2'
    expect(await digests('eth_signTypedData_v4', [ALICE, typed])).toBe(expected)
    expect(await digests('eth_signTypedData_v4', [ALICE, JSON.stringify(typed)])).toBe(expected)
  })

  it('prefixes messages (EIP-191), in both argument orders', async () => {
    const expected = await digests('personal_sign', ['0x68656c6c6f', ALICE])
    expect(expected).toBe('50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750')
    expect(await digests('personal_sign', ['hello', ALICE])).toBe(expected)
    expect(await digests('eth_sign', [ALICE, '0x68656c6c6f'])).toBe(expected)
  })

  it.each([
    ['{', '`typedData`: expected typed data as an object or as JSON text'],
    [{}, '`typedData.types`: expected an object, got nothing'],
    [{ ...typed, primaryType: 'Nope' }, '`typedData`'],
    [{ ...typed, message: { from: {} } }, '`typedData`'],
  ])('refuses %j', async (value, message) => {
    const signing = ask('eth_signTypedData_v4', ALICE, value)
    await expect(signing).rejects.toMatchObject({ code: -32602 })
    await expect(signing).rejects.toThrow(message)
  })
})

describe('the document', () => {
  it('lists every method with named parameters', async () => {
    const document = (await ask('rpc_discover')) as {
      methods: { name: string; params: { name: string; required: boolean }[] }[]
    }
    const byName = new Map(document.methods.map((one) => [one.name, one]))
    expect(byName.size).toBe(document.methods.length)
    expect(
      byName.get('eth_getBalance')?.params.map(({ name, required }) => [name, required]),
    ).toEqual([
      ['address', true],
      ['block', false],
    ])
    expect(await ask('rpc_modules')).toMatchObject({ eth: '1.0', anvil: '1.0', hardhat: '1.0' })
  })
})

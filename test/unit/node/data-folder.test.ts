import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createNode } from '../../../src/node/create-node.ts'
import type { NodeConfig } from '../../../src/node/config.ts'
import { openLevelKv } from '../../../src/store/level-kv.ts'
import { temporaryFolder } from '../../support/checkout.ts'

const folder = temporaryFolder('data-folder')
afterAll(() => folder.remove())

type Ask = (method: string, ...params: unknown[]) => Promise<unknown>

/** A node over the folder `name`, asked by `use`, and closed. */
async function over<T>(
  name: string,
  use: (ask: Ask) => Promise<T>,
  options: Partial<NodeConfig> = {},
): Promise<T> {
  await using node = await createNode({
    artefactDirs: [],
    workers: 1,
    dataDir: join(folder.path, name),
    ...options,
  })
  return await use((method, ...params) => node.request({ method, params }))
}

const STRANGER = '0x00000000000000000000000000000000000000aa'
const COINBASE = '0x00000000000000000000000000000000000000cb'

it('keeps what was set over a restart: clock, mining, impersonation, blocks to come', async () => {
  await over('settings', async (ask) => {
    await ask('evm_increaseTime', 1_000_000)
    await ask('evm_setAutomine', false)
    await ask('anvil_impersonateAccount', STRANGER)
    await ask('anvil_setBalance', STRANGER, '0xde0b6b3a7640000')
    await ask('anvil_setCoinbase', COINBASE)
    await ask('evm_setBlockGasLimit', '0x1312d00')
    await ask('anvil_setNextBlockBaseFeePerGas', '0x3e8')
    await ask('anvil_setPrevRandao', `0x${'07'.repeat(32)}`)
    await ask('evm_mine')
    await ask('anvil_setBlockTimestampInterval', 7)
    await ask('anvil_setNextBlockBaseFeePerGas', '0x7d0')
  })
  await over('settings', async (ask) => {
    expect(await ask('anvil_getAutomine')).toBe(false)
    const before = (await ask('eth_getBlockByNumber', 'latest', false)) as Record<string, string>
    const fees = { maxFeePerGas: '0x77359400', maxPriorityFeePerGas: '0x0' }
    await ask('eth_sendTransaction', { from: STRANGER, to: COINBASE, value: '0x1', ...fees })
    expect(await ask('eth_blockNumber')).toBe('0x1')
    await ask('evm_mine')
    const block = (await ask('eth_getBlockByNumber', 'latest', false)) as Record<string, string>
    expect(block).toMatchObject({ miner: COINBASE, gasLimit: '0x1312d00', baseFeePerGas: '0x7d0' })
    expect(block['transactions']).toHaveLength(1)
    expect(block['mixHash']).not.toBe(before['mixHash'])
    expect(Number(block['timestamp'])).toBe(Number(before['timestamp']) + 7)
    expect(Number(before['timestamp'])).toBeGreaterThan(Date.now() / 1000 + 900_000)
  })
})

it('what is asked for at a start goes before what was kept', async () => {
  await over('asked', async (ask) => {
    await ask('evm_setAutomine', false)
    await ask('evm_setBlockGasLimit', '0x1312d00')
  })
  const options = { mining: { kind: 'auto' }, gasLimit: 40_000_000n } as const
  await over(
    'asked',
    async (ask) => {
      expect(await ask('anvil_getAutomine')).toBe(true)
      await ask('evm_mine')
      expect(await ask('eth_getBlockByNumber', 'latest', false)).toMatchObject({
        gasLimit: '0x2625a00',
      })
    },
    options,
  )
})

it('a snapshot ends with the process, and nonces never go back', async () => {
  const [id, sender] = await over('snapshots', async (ask) => {
    const [first] = (await ask('eth_accounts')) as string[]
    const snapshot = await ask('evm_snapshot')
    await ask('eth_sendTransaction', { from: first, to: STRANGER, value: '0x1' })
    return [snapshot, first] as const
  })
  await over('snapshots', async (ask) => {
    expect(await ask('evm_revert', id)).toBe(false)
    expect(await ask('eth_getTransactionCount', sender, 'latest')).toBe('0x1')
  })
})

it('a state that is not kept any longer is refused with the flag, in memory and on disk', async () => {
  const check = async (ask: Ask): Promise<void> => {
    await ask('anvil_mine', '0x14')
    expect(await ask('eth_getBalance', STRANGER, '0x11')).toBe('0x0')
    const refused = { message: expect.stringMatching(/state of block 5 .*--history 4/) as string }
    await expect(ask('eth_getBalance', STRANGER, '0x5')).rejects.toMatchObject(refused)
    await expect(ask('eth_call', { to: STRANGER }, '0x5')).rejects.toMatchObject(refused)
    await expect(ask('eth_getProof', STRANGER, [], '0x5')).rejects.toMatchObject(refused)
    expect(await ask('eth_getBlockByNumber', '0x5', false)).toMatchObject({ number: '0x5' })
    await expect(ask('anvil_rollback', 10)).rejects.toMatchObject({
      message: expect.stringMatching(/--history 4/) as string,
    })
  }
  await over('pruned', check, { keptStates: 4 })
  await over('pruned-memory', check, { keptStates: 4, dataDir: undefined })
})

it('tells what the store reads and writes for a block, on disk and in memory', async () => {
  const counted = async (ask: Ask) => {
    const [from] = (await ask('eth_accounts')) as string[]
    for (let block = 0; block < 4; block++) {
      await ask('eth_sendTransaction', { from, to: STRANGER, value: '0x1' })
    }
    await ask('heddle_flush')
    return (await ask('heddle_storageStats')) as Record<string, number> & {
      readonly perBlock: Record<string, number>
    }
  }
  const disk = await over('counted', counted)
  expect(disk).toMatchObject({ measured: true, blocks: 4 })
  expect(disk.perBlock['recordsWritten']).toBe(disk['recordsWritten']! / 4)
  // A block writes a root, what is obsolete, the next numbers and at least the tries' upper branches.
  expect(disk.perBlock['recordsWritten']).toBeGreaterThanOrEqual(4)
  expect(disk.perBlock['bytesWritten']).toBeGreaterThan(100)
  expect(disk.perBlock['nodesHashed']).toBeGreaterThan(0)
  // The genesis, and in each block at least who sends and who is paid.
  expect(disk['valuesChanged']).toBeGreaterThanOrEqual(8)
  expect(disk['writeAmplification']).toBe(
    Math.round((100 * disk['bytesWritten']!) / disk['bytesChanged']!) / 100,
  )
  const memory = await over('counted', counted, { dataDir: undefined })
  expect(memory).toMatchObject({ blocks: 4 })
  expect(memory.perBlock['nodesHashed']).toBeGreaterThan(0)
  expect(memory).not.toHaveProperty('recordsWritten')
})

it('takes the accounts of a genesis file once, and refuses a file of other content, naming it and the folder', async () => {
  const [file, moved] = ['genesis.json', 'moved.json'].map((name) => join(folder.path, name))
  const genesis = (balance: string): string =>
    JSON.stringify({
      config: { chainId: 77, homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0 },
      alloc: { [STRANGER]: { balance } },
      gasLimit: '0x1c9c380',
      difficulty: '0x0',
      number: '0x5',
    })
  const asks = async (ask: Ask): Promise<unknown> => [
    await ask('eth_chainId'),
    await ask('eth_getBlockByNumber', '0x5', true),
    await ask('eth_getBalance', STRANGER, '0x5'),
  ]
  writeFileSync(file!, genesis('0x1234'))
  const first = await over(
    'genesis',
    async (ask) => {
      await ask('evm_mine')
      return asks(ask)
    },
    { genesisFile: file },
  )
  expect(first).toMatchObject(['0x4d', { number: '0x5' }, '0x1234'])

  // Where it lies does not matter.
  copyFileSync(file!, moved!)
  rmSync(file!)
  await over(
    'genesis',
    async (ask) => {
      expect(await ask('eth_blockNumber')).toBe('0x6')
      expect(await asks(ask)).toEqual(first)
      await ask('evm_mine')
      // The chain's own rules hold: no base fee before London.
      expect(await ask('eth_getBlockByNumber', '0x7', false)).not.toHaveProperty('baseFeePerGas')
      // Nothing of the file is asked for until then.
      rmSync(moved!)
      await ask('anvil_reset')
      expect(await asks(ask)).toEqual(first)
      expect(await ask('eth_blockNumber')).toBe('0x5')
    },
    { genesisFile: moved },
  )

  await expect(over('genesis', asks, { genesisFile: file })).rejects.toThrow(
    /^the genesis file .*genesis\.json cannot be read: /,
  )
  // What stands in it is not read again, so this says no more than that it differs.
  for (const text of [genesis('0x1235'), 'no JSON']) {
    writeFileSync(file!, text)
    await expect(over('genesis', asks, { genesisFile: file })).rejects.toThrow(
      /^the genesis file \S+genesis\.json is not the one that the chain in the data folder \S+genesis was made from: its content differs$/,
    )
  }
  await expect(over('genesis', asks)).rejects.toThrow(
    /holds another chain: .*SHA-256 [0-9a-f]{64}$/,
  )
  writeFileSync(file!, genesis('0x1234'))
  const other = await over('other', async (ask) => {
    await ask('evm_mine')
    return ask('anvil_dumpState')
  })
  await over(
    'genesis',
    async (ask) => {
      expect(await asks(ask)).toEqual(first)
      await ask('anvil_loadState', other)
      expect(await ask('eth_getBlockByNumber', '0x5', false)).toBeNull()
      // Its own first block is made again, of the accounts in the file.
      await ask('anvil_reset')
      expect(await asks(ask)).toEqual(first)
    },
    { genesisFile: file },
  )
})

it('keeps an interval that is drawn for each block, and goes on drawing', async () => {
  const hardhat = { compat: 'hardhat' } as const
  await over('drawn', (ask) => ask('evm_setIntervalMining', [1, 15]), hardhat)
  await over('drawn', async (ask) => {
    const there = Number(await ask('eth_blockNumber'))
    await expect.poll(() => ask('eth_blockNumber').then(Number)).toBeGreaterThan(there + 1)
  })
  expect(await recordOf('drawn', 'K')).toMatchObject({ intervalMs: 1, mostMs: 15 })
})

it('a folder that lost what was set is refused, at the first block too', async () => {
  for (const blocks of [0, 3]) {
    const name = `unset-${blocks}`
    await over(name, async (ask) => {
      for (let block = 0; block < blocks; block++) await ask('evm_mine')
    })
    const kv = await openLevelKv(join(folder.path, name))
    await kv.write([{ key: Buffer.from('K'), value: undefined }])
    await kv.close()
    await expect(over(name, (ask) => ask('eth_blockNumber'))).rejects.toThrow(
      'the record of what was set is missing in the data folder',
    )
  }
})

async function recordOf(name: string, key: string): Promise<unknown> {
  const kv = await openLevelKv(join(folder.path, name))
  const bytes = kv.get(Buffer.from(key))
  await kv.close()
  return bytes && JSON.parse(Buffer.from(bytes).toString())
}

import { afterEach, describe, expect, it } from 'vitest'

import { nextBaseFee } from '../../../src/model/fees.ts'
import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { StartError } from '../../../src/node/start-error.ts'

const open: HeddleNode[] = []
afterEach(async () => {
  for (const node of open.splice(0)) await node.close()
})

const GWEI = 10n ** 9n
const ETHER = 10n ** 18n
type Fields = Readonly<Record<string, string>>

async function start(config: Partial<NodeConfig> = {}) {
  const given = { workers: 1, artefactDirs: [], ...config }
  const node = await createNode({ network: 'monad:ten', ...given })
  open.push(node)
  const ask = <T = string>(method: string, ...params: unknown[]): Promise<T> =>
    node.request({ method, params }) as Promise<T>
  const [alice, bob] = node.accounts.map(({ address }) => address)
  const send = async (fields: object): Promise<Fields> =>
    ask('eth_getTransactionReceipt', await ask('eth_sendTransaction', { from: alice, ...fields }))
  return { node, ask, send, alice: alice!, bob: bob! }
}

const hex = (value: bigint): string => `0x${value.toString(16)}`
/** Deploys code of up to 255 bytes. */
const deploying = (code: string): string =>
  `0x60${(code.length / 2).toString(16).padStart(2, '0')}80600b6000396000f3${code}`
/** Adds one to slot 0, and to slot 127 of the same page. */
const COUNTERS = '6000546001016000556001607f5401607f5500'

describe('a chain with Monad’s rules', () => {
  it('says whose they are, wherever it says what it runs by', async () => {
    const { node, ask } = await start()
    expect(node.describe().rules).toBe('osaka; gas rules Monad (MONAD_TEN)')
    expect(await ask('parallel_getConfig')).toMatchObject({ network: 'monad:ten' })
    expect(await ask('eth_config')).toMatchObject({ current: { network: 'monad:ten' } })
    const head = await ask('eth_getBlockByNumber', 'latest', false)
    expect(head).toMatchObject({ gasLimit: hex(150_000_000n), baseFeePerGas: hex(100n * GWEI) })
  })

  it('says nothing of that where they are Ethereum’s', async () => {
    const { node, ask } = await start({ network: undefined })
    expect(node.describe().rules).toBe('osaka')
    expect(await ask('parallel_getConfig')).toMatchObject({ network: 'ethereum' })
    expect(Object.keys((await ask<{ current: object }>('eth_config')).current)).not.toContain(
      'network',
    )
  })

  it('charges for the gas limit: receipt, block and balance have it so', async () => {
    const { ask, send, alice, bob } = await start()
    const before = BigInt(await ask('eth_getBalance', alice, 'latest'))
    const receipt = await send({ to: bob, value: '0x1', gas: hex(50_000n) })
    expect(receipt).toMatchObject({ status: '0x1', gasUsed: hex(50_000n) })
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toMatchObject({
      gasUsed: hex(50_000n),
    })
    const paid = before - BigInt(await ask('eth_getBalance', alice, 'latest'))
    expect(paid).toBe(50_000n * BigInt(receipt['effectiveGasPrice']!) + 1n)
  })

  it('estimates what is needed, not what it would be charged for', async () => {
    const { ask, send, alice, bob } = await start()
    expect(await ask('eth_estimateGas', { from: alice, to: bob, value: '0x1' })).toBe(hex(21_000n))
    const { contractAddress } = await send({ data: deploying(COUNTERS) })
    const call = { from: alice, to: contractAddress }
    // Two growing slots of one page, read before: 8,100 once, 100 thrice, 2,800 once, 17,000 twice, and the rest.
    const needed = 21_000n + 8_100n + 3n * 100n + 2_800n + 2n * 17_000n + 24n
    expect(await ask('eth_estimateGas', call)).toBe(hex(needed))
    expect(await send({ to: contractAddress, gas: hex(needed - 1n) })).toMatchObject({
      status: '0x0',
    })
    expect(await send({ to: contractAddress, gas: hex(needed) })).toMatchObject({ status: '0x1' })
  })

  it('estimates with fees that more gas than is needed would take from the reserve, also right after another', async () => {
    const { ask, send, alice, bob } = await start()
    await send({ to: bob, value: '0x1', gas: hex(21_000n) })
    // 30 million gas at this price are 12 ether of fees.
    const fees = { maxFeePerGas: hex(400n * GWEI), maxPriorityFeePerGas: hex(300n * GWEI) }
    const call = { from: alice, to: bob, data: '0x01', ...fees }
    expect(Number(await ask('eth_estimateGas', call))).toBeLessThan(22_000)
    // What spends the reserve by its value is told of, in the block after one of the sender's.
    const dip = { ...call, value: hex(9_995n * ETHER) }
    await expect(ask('eth_estimateGas', dip)).rejects.toThrow('reserve balance violation')
    await ask('anvil_mine', hex(3n))
    expect(Number(await ask('eth_estimateGas', dip))).toBeLessThan(22_000)
  })

  it('lists one slot of a page for access', async () => {
    const { ask, send, alice } = await start()
    const { contractAddress } = await send({ data: deploying(COUNTERS) })
    const { accessList } = await ask<{ accessList: unknown }>('eth_createAccessList', {
      from: alice,
      to: contractAddress,
    })
    expect(accessList).toEqual([{ address: contractAddress, storageKeys: [`0x${'0'.repeat(64)}`] }])
  })

  it('traces by the same rules', async () => {
    const { ask, send } = await start()
    const { contractAddress } = await send({ data: deploying(COUNTERS) })
    const { transactionHash } = await send({ to: contractAddress })
    const { structLogs } = await ask<{ structLogs: { op: string; gasCost: number }[] }>(
      'debug_traceTransaction',
      transactionHash,
    )
    const costs = structLogs
      .filter(({ op }) => op === 'SLOAD' || op === 'SSTORE')
      .map(({ gasCost }) => gasCost)
    expect(costs).toEqual([8_100, 19_900, 100, 17_100])
  })

  it('refuses more than 30 million gas, and blobs, at the door', async () => {
    const { ask, alice, bob } = await start()
    const tx = { from: alice, to: bob, value: '0x1' }
    await expect(ask('eth_sendTransaction', { ...tx, gas: hex(30_000_001n) })).rejects.toThrow(
      'transaction gas limit too high: cap 30000000, tx 30000001',
    )
    await expect(ask('eth_sendTransaction', { ...tx, gas: hex(30_000_000n) })).resolves.toMatch(
      '0x',
    )
    const blobs = { blobVersionedHashes: [`0x01${'00'.repeat(31)}`], maxFeePerBlobGas: '0x1' }
    await expect(ask('eth_call', { ...tx, ...blobs }, 'latest')).rejects.toThrow(
      'type 3 is not valid in monad:ten',
    )
  })

  it('keeps ten of a balance for fees, but lets the first transaction in three blocks have it', async () => {
    const { ask, send, alice, bob } = await start({ poolBalanceChecks: false })
    const spend = { to: bob, value: hex(9_995n * ETHER), gas: hex(21_000n) }
    expect(await send({ to: bob, value: '0x1' })).toMatchObject({ status: '0x1' })
    expect(await send(spend)).toMatchObject({ status: '0x0' })
    await ask('anvil_mine', hex(1n))
    expect(await send(spend)).toMatchObject({ status: '0x0' })
    await ask('anvil_mine', hex(2n))
    expect(await send(spend)).toMatchObject({ status: '0x1' })
    expect(BigInt(await ask('eth_getBalance', alice, 'latest'))).toBeLessThan(5n * ETHER)
  })

  it('knows who sent earlier in the same block, and runs it again alike', async () => {
    const { ask, alice, bob } = await start()
    await ask('evm_setAutomine', false)
    const spend = { from: alice, to: bob, value: hex(4_997n * ETHER), gas: hex(21_000n) }
    const hashes = [
      await ask('eth_sendTransaction', spend),
      await ask('eth_sendTransaction', spend),
    ]
    await ask('evm_mine')
    const receipts = await Promise.all(
      hashes.map((it) => ask<Fields>('eth_getTransactionReceipt', it)),
    )
    expect(receipts.map((receipt) => receipt['status'])).toEqual(['0x1', '0x0'])
    expect(await ask('debug_traceTransaction', hashes[1], { tracer: 'callTracer' })).toMatchObject({
      error: 'reserve balance violation',
    })
    expect(await ask('parallel_diffExecution', 'latest')).toMatchObject({ equal: true })
  })
})

describe('many transactions in a block', () => {
  it.each(['serial', 'optimistic'] as const)(
    'of one sender dip but once, by %s',
    async (executor) => {
      const { ask, alice, bob } = await start({ executor })
      await ask('evm_setAutomine', false)
      const spend = { from: alice, to: bob, value: hex(9n * ETHER), gas: hex(21_000n) }
      const rich = { ...spend, value: '0x1' }
      const hashes: string[] = []
      for (let n = 0; n < 30; n++)
        hashes.push(await ask('eth_sendTransaction', n === 0 ? rich : spend))
      await ask('anvil_setBalance', alice, hex(100n * ETHER))
      await ask('evm_mine')
      const receipts = await Promise.all(
        hashes.map((it) => ask<Fields>('eth_getTransactionReceipt', it)),
      )
      const paid = receipts.filter(({ status }) => status === '0x1').length
      // The first dips and takes a wei; then nine at a time down to ten and fees.
      expect(paid).toBe(10)
      expect(await ask('parallel_diffExecution', 'latest')).toMatchObject({ equal: true })
    },
  )
})

describe('a block of MegaETH', () => {
  /** Init code that stores ones in so many slots. */
  const filling = (slots: number): string =>
    `0x${Array.from({ length: slots }, (_, n) => `600161${n.toString(16).padStart(4, '0')}55`).join('')}`

  it.each(['serial', 'optimistic', 'block-stm'] as const)(
    'takes no more when it has as many new slots as it may, by %s',
    async (executor) => {
      const { ask, alice, bob } = await start({ network: 'megaeth:rex5', executor })
      await ask('evm_setAutomine', false)
      const gas = hex(20_000_000n)
      const hashes: string[] = []
      for (const from of [alice, bob, alice, bob, alice]) {
        hashes.push(await ask('eth_sendTransaction', { from, data: filling(400), gas }))
      }
      await ask('evm_mine')
      const mined = async () =>
        (
          await Promise.all(hashes.map((it) => ask<Fields | null>('eth_getTransactionReceipt', it)))
        ).map((receipt) => receipt && [receipt['blockNumber'], receipt['status']])
      // The third goes beyond a thousand, and is in it still.
      const full = ['0x1', '0x1']
      expect(await mined()).toEqual([full, full, full, null, null])
      expect(await ask('parallel_diffExecution', 'latest')).toMatchObject({ equal: true })
      await ask('evm_mine')
      const next = ['0x2', '0x1']
      expect(await mined()).toEqual([full, full, full, next, next])
    },
  )

  it('tells a caller of too much by an error that it can read', async () => {
    const { ask, send, alice } = await start({ network: 'megaeth:rex5' })
    const receipt = await send({ data: filling(1_001), gas: hex(60_000_000n) })
    expect(receipt).toMatchObject({ status: '0x0' })
    // What was not used came back: gas is paid for as it was spent.
    expect(BigInt(receipt['gasUsed']!)).toBeLessThan(50_000_000n)
    await expect(
      ask('eth_call', { from: alice, data: filling(1_001), gas: hex(60_000_000n) }, 'latest'),
    ).rejects.toThrow('state growth limit exceeded')
  })
})

describe('the base fee on Monad', () => {
  const of = (gasUsed: bigint, baseFeePerGasWei = 200n * GWEI): bigint =>
    nextBaseFee({ gasLimit: 150_000_000n, gasUsed, baseFeePerGasWei }, { network: 'monad:nine' })

  it('stays where four fifths of the gas are used, and rises by a 28th at most', () => {
    expect(of(120_000_000n)).toBe(200n * GWEI)
    expect(Number(of(150_000_000n)) / Number(200n * GWEI)).toBeCloseTo(Math.exp(1 / 28), 9)
    expect(Number(of(0n)) / Number(200n * GWEI)).toBeCloseTo(Math.exp(-4 / 28), 9)
  })

  it('is never below 100 gwei', () => {
    expect(of(0n, 100n * GWEI)).toBe(100n * GWEI)
    expect(of(0n, 1n)).toBe(100n * GWEI)
  })
})

describe('rules of a network that cannot be had', () => {
  it.each([
    [{ engine: 'ethereumjs' }, 'the reference engine, ethereumjs'],
    [{ hardfork: 'prague' }, 'hardfork osaka, changed: it cannot be prague'],
    [{ fork: { url: ['http://127.0.0.1:1'] } }, 'not yet for a fork of a remote one'],
    [{ genesisFile: 'genesis.json' }, 'not yet for a genesis file'],
  ] as const)('with %j are refused', async (config, why) => {
    const starting = createNode({ network: 'monad:ten', ...(config as Partial<NodeConfig>) })
    await expect(starting).rejects.toThrow(StartError)
    await expect(starting).rejects.toThrow(why)
  })
})

it('a reset keeps the rules, and does not put them on a fork', async () => {
  const { ask, send, bob } = await start()
  await ask('anvil_reset')
  expect(await ask('eth_config')).toMatchObject({ current: { network: 'monad:ten' } })
  expect(await send({ to: bob, gas: hex(50_000n) })).toMatchObject({ gasUsed: hex(50_000n) })
  const forking = { jsonRpcUrl: 'http://127.0.0.1:1' }
  await expect(ask('anvil_reset', { forking })).rejects.toThrow('monad:ten cannot become a fork')
})

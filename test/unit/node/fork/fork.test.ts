import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../../../src/node/config.ts'
import { createNode } from '../../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../../src/node/node.ts'
import { type FaultyRemote, faultyRemote } from '../../../support/faulty-remote.ts'

const COUNTER_AT = `0x${'c0'.repeat(20)}`
const TOPIC = `0x${'01'.padStart(64, '0')}`
const STRANGER = `0x${'5a'.repeat(20)}`

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

type Ask = (method: string, ...params: unknown[]) => Promise<unknown>

/** No threads: the worker is a built file, and these tests run from the sources. */
async function start(config: Partial<NodeConfig> = {}): Promise<{ node: HeddleNode; ask: Ask }> {
  const node = await createNode({ workers: 1, artefactDirs: [], ...config })
  open.push(node)
  return { node, ask: (method, ...params) => node.request({ method, params }) }
}

/** A chain of five blocks: a payment in 1, a call of the counter in 2, and the node before which it lies. */
async function remoteChain(): Promise<{
  there: FaultyRemote
  ask: Ask
  paid: string
  called: string
}> {
  const { node, ask } = await start({ chainId: 777n })
  const [alice, bob] = node.accounts.map(({ address }) => address)
  await ask('anvil_setCode', COUNTER_AT, counterCode)
  await ask('anvil_setStorageAt', COUNTER_AT, '0x1', `0x${'07'.padStart(64, '0')}`)
  await ask('anvil_setBalance', STRANGER, '0xde0b6b3a7640000')
  const paid = await ask('eth_sendTransaction', { from: alice, to: bob, value: '0x1234' })
  const called = await ask('eth_sendTransaction', { from: alice, to: COUNTER_AT })
  await ask('anvil_mine', 3)
  const there = await faultyRemote((method, params) => node.request({ method, params }))
  open.push(there)
  return { there, ask, paid: paid as string, called: called as string }
}

/** Counts its calls in slot 0, logs the count, and returns what slot 1 holds. */
const counterCode = '0x5f5460010180' + '5f55' + '5f52' + '600160205fa1' + '6001545f5260205ff3'

const word = (value: number): string => `0x${value.toString(16).padStart(64, '0')}`

describe('a fork of a node', () => {
  it('starts at its newest block with its chain id, fees and time', async () => {
    const { there, ask } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    expect(await fork.ask('eth_chainId')).toBe('0x309')
    expect(await fork.ask('eth_blockNumber')).toBe('0x5')
    expect(await fork.ask('eth_getBlockByNumber', 'latest', true)).toEqual(
      await ask('eth_getBlockByNumber', 'latest', true),
    )
    expect(await fork.ask('eth_gasPrice')).toBe(await ask('eth_gasPrice'))
    await fork.ask('evm_mine')
    const head = (await ask('eth_getBlockByNumber', 'latest', false)) as Record<string, string>
    const mined = (await fork.ask('eth_getBlockByNumber', '0x6', false)) as Record<string, string>
    expect(mined).toMatchObject({ parentHash: head['hash'], gasLimit: head['gasLimit'] })
    expect(Number(mined['timestamp'])).toBeGreaterThan(Number(head['timestamp']))
    expect(await fork.ask('anvil_nodeInfo')).toMatchObject({
      forkConfig: { forkUrl: there.url, forkBlockNumber: 5, forkRetryBackoff: 1000 },
    })
    expect(await fork.ask('hardhat_metadata')).toMatchObject({
      forkedNetwork: { chainId: 777, forkBlockNumber: 5, forkBlockHash: head['hash'] },
    })
  })

  it('runs contracts on state that it fetches, once, and changes only its own', async () => {
    const { there, ask } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    expect(await fork.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    const [alice] = fork.node.accounts
    const hash = await fork.ask('eth_sendTransaction', { from: alice!.address, to: COUNTER_AT })
    expect(await fork.ask('eth_getTransactionReceipt', hash)).toMatchObject({
      status: '0x1',
      blockNumber: '0x6',
      logs: [{ data: word(2) }],
    })
    expect(await fork.ask('eth_getStorageAt', COUNTER_AT, '0x0', 'latest')).toBe(word(2))
    expect(await fork.ask('eth_getStorageAt', COUNTER_AT, '0x0', '0x5')).toBe(word(1))
    expect(await fork.ask('eth_getStorageAt', COUNTER_AT, '0x0', '0x1')).toBe(word(0))
    expect(await ask('eth_getStorageAt', COUNTER_AT, '0x0', 'latest')).toBe(word(1))
    const before = there.asked.length
    expect(await fork.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    expect(there.asked).toHaveLength(before)
  })

  it('fetches an account with one batch, and what an access list names with it', async () => {
    const { there } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    const before = there.asked.length
    const accessList = [{ address: COUNTER_AT, storageKeys: [word(0), word(1)] }]
    await fork.ask('eth_call', { from: STRANGER, to: COUNTER_AT, accessList })
    const asked = there.asked.slice(before)
    expect(asked).toHaveLength(1)
    // The beneficiary, the sender and the contract.
    expect(asked[0]!.map(({ method }) => method).toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => 'eth_getBalance'),
      ...Array.from({ length: 3 }, () => 'eth_getCode'),
      ...Array.from({ length: 2 }, () => 'eth_getStorageAt'),
      ...Array.from({ length: 3 }, () => 'eth_getTransactionCount'),
    ])
  })

  it('knows what happened before, in the words of the remote', async () => {
    const { there, ask, paid, called } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    await fork.ask('evm_mine')
    for (const [method, ...params] of [
      ['eth_getTransactionByHash', paid],
      ['eth_getTransactionReceipt', called],
      ['eth_getBlockReceipts', '0x2'],
      ['eth_getBlockByNumber', 'earliest', false],
      ['eth_getTransactionByBlockNumberAndIndex', '0x1', '0x0'],
      ['debug_traceTransaction', called, { tracer: 'callTracer' }],
      ['eth_getProof', COUNTER_AT, ['0x0'], '0x5'],
      ['eth_getBalance', STRANGER, '0x0'],
      ['eth_call', { to: COUNTER_AT }, '0x3'],
    ] as const) {
      expect(await fork.ask(method, ...params), method).toEqual(await ask(method, ...params))
    }
    const { hash } = (await ask('eth_getBlockByNumber', '0x2', false)) as { hash: string }
    expect(await fork.ask('eth_getBlockByHash', hash, false)).toMatchObject({ number: '0x2' })
    expect(await fork.ask('eth_getTransactionByHash', word(5))).toBeNull()
    await expect(fork.ask('eth_call', { to: COUNTER_AT }, '0xff')).rejects.toThrow(
      /header not found/,
    )
    await expect(fork.ask('eth_getProof', STRANGER, [], 'latest')).rejects.toThrow(/on a fork/)
  })

  it('names the block of what it did not execute, and what does', async () => {
    const { there, ask, called } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    await fork.ask('evm_mine')
    const { hash } = (await ask('eth_getBlockByNumber', '0x2', false)) as { hash: string }
    const why = /is from before the fork at block 5: .*heddle replay --rpc URL 2 /
    for (const [method, ...params] of [
      ['heddle_explainTransaction', called],
      ['heddle_getStateDiff', called],
      ['heddle_getStorage', COUNTER_AT, '0x2'],
      ['parallel_getTransactionReport', called],
      ['parallel_getBlockReport', '0x2'],
      ['parallel_replayBlock', hash],
      ['parallel_getAccessSet', { to: COUNTER_AT }, '0x2'],
      ['parallel_getContention', { fromBlock: '0x2', toBlock: 'latest' }],
      ['heddle_getChanges', COUNTER_AT, { fromBlock: '0x2' }],
    ] as const) {
      await expect(fork.ask(method, ...params), method).rejects.toThrow(why)
    }
    await expect(fork.ask('heddle_explainTransaction', word(5))).rejects.toThrow(/not found/)
    expect(await fork.ask('heddle_getChanges', COUNTER_AT)).toEqual([])
    expect(await fork.ask('heddle_listBlocks')).toMatchObject([{ number: '0x6' }, {}])
    const root = (await ask('debug_intermediateRoots', hash)) as string[]
    expect(await fork.ask('debug_intermediateRoots', hash)).toEqual(root)
  })

  it('sees nothing of what the remote does later', async () => {
    const { there, ask } = await remoteChain()
    const fork = await start({ fork: { url: there.url, blockNumber: 3n } })
    const [alice] = fork.node.accounts
    const later = await ask('eth_sendTransaction', { from: alice!.address, to: COUNTER_AT })
    expect(await fork.ask('eth_blockNumber')).toBe('0x3')
    expect(await fork.ask('eth_getBlockByNumber', '0x4', false)).toBeNull()
    expect(await fork.ask('eth_getTransactionByHash', later)).toBeNull()
    expect(await fork.ask('eth_getTransactionReceipt', later)).toBeNull()
    const { blockHash } = (await ask('eth_getTransactionByHash', later)) as { blockHash: string }
    expect(await fork.ask('eth_getBlockByHash', blockHash, false)).toBeNull()
    expect(await fork.ask('eth_getStorageAt', COUNTER_AT, '0x0', 'latest')).toBe(word(1))
  })

  it('finds logs on both sides of the boundary', async () => {
    const { there } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    const [alice] = fork.node.accounts
    await fork.ask('eth_sendTransaction', { from: alice!.address, to: COUNTER_AT })
    const filter = { fromBlock: '0x0', toBlock: 'latest', address: COUNTER_AT, topics: [TOPIC] }
    const logs = (await fork.ask('eth_getLogs', filter)) as Record<string, string>[]
    expect(logs.map(({ blockNumber, data }) => [blockNumber, data])).toEqual([
      ['0x2', word(1)],
      ['0x6', word(2)],
    ])
    expect(logs[0]!['blockTimestamp']).toMatch(/^0x/)
    const id = await fork.ask('eth_newFilter', filter)
    expect(await fork.ask('eth_getFilterLogs', id)).toEqual(logs)
    const blockHash = logs[0]!['blockHash']
    expect(await fork.ask('eth_getLogs', { blockHash })).toMatchObject([{ data: word(1) }])
    expect(await fork.ask('eth_feeHistory', '0x4', 'latest', [])).toMatchObject({
      oldestBlock: '0x3',
      gasUsedRatio: [0, 0, 0, expect.any(Number)],
    })
  })

  it('knows hashes of earlier blocks inside of contracts', async () => {
    const { there, ask } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    await fork.ask('evm_mine')
    // PUSH1 3 BLOCKHASH PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
    const code = '0x6003405f5260205ff3'
    const answer = await fork.ask('eth_call', { to: STRANGER }, 'latest', { [STRANGER]: { code } })
    expect(await ask('eth_getBlockByNumber', '0x3', false)).toMatchObject({ hash: answer })
  })

  it('takes cheats, impersonation, snapshots and reverts on remote accounts', async () => {
    const { there } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    const snapshot = await fork.ask('evm_snapshot')
    await fork.ask('anvil_setStorageAt', COUNTER_AT, '0x1', word(0))
    expect(await fork.ask('eth_call', { to: COUNTER_AT })).toBe(word(0))
    await fork.ask('anvil_setBalance', COUNTER_AT, '0x5')
    expect(await fork.ask('eth_getCode', COUNTER_AT, 'latest')).toBe(counterCode)
    await fork.ask('anvil_impersonateAccount', STRANGER)
    const hash = await fork.ask('eth_sendTransaction', {
      from: STRANGER,
      to: COUNTER_AT,
      value: '0x1',
    })
    expect(await fork.ask('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x1' })
    expect(await fork.ask('eth_getBalance', COUNTER_AT, 'latest')).toBe('0x6')
    expect(await fork.ask('eth_getTransactionCount', STRANGER, 'latest')).toBe('0x1')
    expect(
      await fork.ask('debug_traceTransaction', hash, { tracer: 'prestateTracer' }),
    ).toMatchObject({
      [COUNTER_AT]: { balance: '0x5' },
    })
    await fork.ask('evm_revert', snapshot)
    expect(await fork.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    expect(await fork.ask('eth_getBalance', COUNTER_AT, 'latest')).toBe('0x0')
    expect(await fork.ask('eth_blockNumber')).toBe('0x5')
  })

  it('is dumped, and loaded on another fork of that block', async () => {
    const { there } = await remoteChain()
    const fork = await start({ fork: { url: there.url } })
    await fork.ask('anvil_setStorageAt', COUNTER_AT, '0x1', word(0))
    await fork.ask('anvil_setBalance', STRANGER, '0x5')
    const [alice] = fork.node.accounts
    const hash = await fork.ask('eth_sendTransaction', { from: alice!.address, to: COUNTER_AT })
    const dump = await fork.ask('anvil_dumpState')
    const other = await start({ fork: { url: there.url } })
    expect(await other.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    await other.ask('anvil_loadState', dump)
    expect(await other.ask('eth_call', { to: COUNTER_AT })).toBe(word(0))
    expect(await other.ask('eth_getStorageAt', COUNTER_AT, '0x0', 'latest')).toBe(word(2))
    expect(await other.ask('eth_getBalance', STRANGER, 'latest')).toBe('0x5')
    expect(await other.ask('eth_blockNumber')).toBe('0x6')
    expect(await other.ask('eth_getTransactionReceipt', hash)).toMatchObject({ blockNumber: '0x6' })
    expect(await other.ask('eth_getBlockByNumber', '0x5', false)).toEqual(
      await fork.ask('eth_getBlockByNumber', '0x5', false),
    )
  })

  it('estimates, simulates, lists accesses and traces calls on state that is not here yet', async () => {
    const { there } = await remoteChain()
    const call = { from: STRANGER, to: COUNTER_AT }
    const asks: [string, unknown[]][] = [
      ['eth_estimateGas', [call]],
      ['eth_createAccessList', [call]],
      ['debug_traceCall', [call, 'latest', { tracer: 'prestateTracer' }]],
      ['debug_traceCall', [call, 'latest', { tracer: 'callTracer' }]],
      ['trace_call', [call, ['trace', 'vmTrace', 'stateDiff'], 'latest']],
      [
        'eth_simulateV1',
        [
          {
            blockStateCalls: [
              { calls: [call], stateOverrides: { [COUNTER_AT]: { balance: '0x9' } } },
            ],
          },
          'latest',
        ],
      ],
    ]
    for (const engine of ['wasm', 'ethereumjs'] as const) {
      for (const [method, params] of asks) {
        const cold = await start({ fork: { url: there.url }, engine })
        const first = await cold.ask(method, ...params)
        expect(first, method).toEqual(await cold.ask(method, ...params))
        expect(JSON.stringify(first)).not.toBe('null')
      }
    }
  })

  it('starts after a transaction, and five blocks back', async () => {
    const { there, ask, called } = await remoteChain()
    const fork = await start({ fork: { url: there.url, transactionHash: called as `0x${string}` } })
    expect(await fork.ask('eth_blockNumber')).toBe('0x2')
    expect(await fork.ask('eth_getStorageAt', COUNTER_AT, '0x0', 'latest')).toBe(word(1))
    const receipt = (await ask('eth_getTransactionReceipt', called)) as Record<string, unknown>
    const { gasUsed, transactionHash } = receipt
    expect(await fork.ask('eth_getTransactionReceipt', called)).toMatchObject({
      gasUsed,
      transactionHash,
    })
    const back = await start({ fork: { url: there.url, blockNumber: -4 } })
    expect(await back.ask('eth_blockNumber')).toBe('0x1')
  })

  it('is reset to another block, to no remote, and to one again', async () => {
    const { there } = await remoteChain()
    const fork = await start({ fork: { url: there.url, blockNumber: 4 } })
    await fork.ask('anvil_setBalance', STRANGER, '0x1')
    await fork.ask('anvil_reset', { forking: {} })
    expect(await fork.ask('eth_blockNumber')).toBe('0x5')
    expect(await fork.ask('eth_getBalance', STRANGER, 'latest')).toBe('0xde0b6b3a7640000')
    await fork.ask('hardhat_reset')
    expect(await fork.ask('eth_blockNumber')).toBe('0x0')
    expect(await fork.ask('eth_getBalance', STRANGER, 'latest')).toBe('0x0')
    expect(await fork.ask('anvil_nodeInfo')).toMatchObject({ forkConfig: { forkUrl: null } })
    await fork.ask('anvil_reset', { forking: { jsonRpcUrl: there.url, blockNumber: 2 } })
    expect(await fork.ask('eth_blockNumber')).toBe('0x2')
    expect(await fork.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    await expect(fork.ask('anvil_reset', { forking: { jsonRpcUrl: 'ftp://x' } })).rejects.toThrow(
      /not supported/,
    )
    await expect(fork.ask('anvil_reset', { forking: { blockNumber: 99 } })).rejects.toThrow(
      /has no block 0x63/,
    )
    expect(await fork.ask('eth_blockNumber')).toBe('0x2')
  })

  it('goes on when the remote fails, and fails only what needs it', async () => {
    const { there } = await remoteChain()
    const fork = await start({ fork: { url: there.url, retries: 1, retryBackoffMs: 1 } })
    const [alice, bob] = fork.node.accounts.map(({ address }) => address)
    there.failAlways({ kind: 'status', status: 503 })
    const failing = fork.ask('eth_sendTransaction', { from: alice, to: COUNTER_AT, gas: '0x20000' })
    await expect(failing).rejects.toMatchObject({ code: -32_000, message: /HTTP 503/ })
    expect(await fork.ask('eth_getBalance', bob, 'latest')).toBe('0x21e19e0c9bab2400000')
    there.failAlways(undefined)
    expect(await fork.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    await fork.ask('eth_sendTransaction', { from: alice, to: COUNTER_AT })
    expect(await fork.ask('eth_getStorageAt', COUNTER_AT, '0x0', 'latest')).toBe(word(2))
    there.failAlways({ kind: 'error', code: -32_000, message: 'missing trie node abcd (path 01)' })
    await expect(fork.ask('eth_getBalance', `0x${'99'.repeat(20)}`)).rejects.toThrow(
      /has no state of block 5 \(missing trie node.*archive node/,
    )
    there.failAlways(undefined)
    const second = await faultyRemote(there.url)
    open.push(second)
    await fork.ask('anvil_setRpcUrl', second.url)
    await fork.ask('eth_getBlockByNumber', '0x1', false)
    expect(second.asked).toHaveLength(1)
  })

  it.each([
    ['no URL', { url: 'nonsense' }, /is no URL/],
    ['another protocol', { url: 'ftp://localhost:1' }, /not supported: expected http/],
    ['a block to come', { blockNumber: 9 }, /has no block 0x9/],
    ['one before the first', { blockNumber: -9 }, /before its first/],
    ['another chain', { chainId: 5n }, /is chain 777, not 5/],
    ['an unknown transaction', { transactionHash: word(1) as `0x${string}` }, /has no transaction/],
  ])('refuses to start with %s', async (_, wrong, words) => {
    const { there } = await remoteChain()
    await expect(start({ fork: { url: there.url, ...wrong } })).rejects.toThrow(words)
  })

  it('refuses endpoints of different chains, and what a fork cannot have', async () => {
    const { there } = await remoteChain()
    const other = await faultyRemote()
    open.push(other)
    other.answer('eth_chainId', () => '0x1')
    await expect(start({ fork: { url: [there.url, other.url] } })).rejects.toThrow(
      /chain 777.*chain 1$/,
    )
    await expect(start({ fork: { url: there.url }, dataDir: '/nowhere' })).rejects.toThrow(
      /--state/,
    )
  })
})

describe('what was fetched', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-fork-'))
    return () => rm(folder, { recursive: true })
  })

  it('is there for the next run, also when the remote is not', async () => {
    const { there, called } = await remoteChain()
    const settings = { url: there.url, cachePath: folder, retries: 0, retryBackoffMs: 1 }
    const first = await createNode({ workers: 1, artefactDirs: [], fork: settings })
    const ask: Ask = (method, ...params) => first.request({ method, params })
    expect(await ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    const receipt = await ask('eth_getTransactionReceipt', called)
    await first.close()
    expect(await readdir(join(folder, '777'))).toHaveLength(1)
    const before = there.asked.length
    const second = await start({ fork: settings })
    const after = there.asked.length
    expect(await second.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    expect(there.asked).toHaveLength(after)
    expect(after - before).toBeLessThan(4)
    there.failAlways({ kind: 'drop' })
    const third = await start({ fork: settings })
    expect(third.node.describe().fork?.offline).toMatch(/connection was dropped/)
    expect(await third.ask('eth_call', { to: COUNTER_AT })).toBe(word(7))
    expect(await third.ask('eth_getTransactionReceipt', called)).toEqual(receipt)
    await expect(third.ask('eth_getBalance', `0x${'98'.repeat(20)}`)).rejects.toThrow(
      /does not answer/,
    )
    const asked = there.asked.length
    const fourth = await start({ fork: { ...settings, chainId: 777n, blockNumber: 5n } })
    expect(await fourth.ask('eth_blockNumber')).toBe('0x5')
    expect(there.asked).toHaveLength(asked)
    await expect(start({ fork: { ...settings, blockNumber: 4n } })).rejects.toThrow(
      /does not answer/,
    )
  })

  it('of several runs at once is all kept', async () => {
    const { there } = await remoteChain()
    const settings = { url: there.url, cachePath: folder }
    const nodes = await Promise.all(
      [1, 2, 3].map(() => createNode({ workers: 1, artefactDirs: [], fork: settings })),
    )
    await Promise.all(
      nodes.map((node, index) =>
        node.request({
          method: 'eth_getBalance',
          params: [`0x${String(index + 1).repeat(40)}`, 'latest'],
        }),
      ),
    )
    for (const node of nodes) await node.close()
    there.failAlways({ kind: 'drop' })
    const offline = await start({ fork: { ...settings, retries: 0 } })
    for (const index of [1, 2, 3]) {
      expect(await offline.ask('eth_getBalance', `0x${String(index).repeat(40)}`)).toBe('0x0')
    }
  })
})

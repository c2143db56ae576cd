import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import type { NodeEvent } from '../../../src/node/events.ts'
import { RecordedAccess } from '../../../src/state/record.ts'

const open: HeddleNode[] = []
const folders: string[] = []
afterEach(async () => {
  for (const node of open.splice(0)) await node.close()
})
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

/** No threads: the worker is a built file, and these tests run from the sources. */
async function start(config: Partial<NodeConfig> = {}) {
  const node = await createNode({ workers: 1, artefactDirs: [], ...config })
  open.push(node)
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    node.request({ method, params })
  const [alice, bob] = node.accounts.map((account) => account.address)
  const pay = (value = '0x1'): Promise<unknown> =>
    ask('eth_sendTransaction', { from: alice, to: bob, value, gas: '0x5208' })
  return { node, ask, pay, alice: alice!, bob: bob! }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a node in process', () => {
  it('answers as soon as it is made, and is gone after its block', async () => {
    let node: HeddleNode
    {
      await using made = await createNode({ workers: 1, artefactDirs: [] })
      node = made
      expect(await made.request({ method: 'eth_chainId' })).toBe('0x7a69')
    }
    await expect(node.close()).resolves.toBeUndefined()
  })

  it('has mined a transaction when it answers it', async () => {
    const { ask, pay } = await start()
    const hash = await pay()
    expect(await ask('eth_getTransactionReceipt', hash)).toMatchObject({
      status: '0x1',
      blockNumber: '0x1',
    })
  })

  it('mines concurrent transactions all, whatever blocks they share', async () => {
    const { ask, pay } = await start()
    const hashes = await Promise.all(Array.from({ length: 20 }, () => pay()))
    for (const hash of hashes) expect(await ask('eth_getTransactionReceipt', hash)).not.toBeNull()
    expect(await ask('eth_getTransactionCount', open[0]!.accounts[0]!.address, 'latest')).toBe(
      '0x14',
    )
  })
})

describe('mining', () => {
  it('manual: only when asked', async () => {
    const { ask, pay } = await start({ mining: { kind: 'manual' } })
    const hash = await pay()
    expect(await ask('eth_getTransactionReceipt', hash)).toBeNull()
    await ask('evm_mine')
    expect(await ask('eth_getTransactionReceipt', hash)).toMatchObject({ blockNumber: '0x1' })
  })

  it('interval: blocks come by themselves, with what waits', async () => {
    const { ask, pay } = await start({ mining: { kind: 'interval', intervalMs: 20 } })
    const hash = await pay()
    await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    const seen = BigInt((await ask('eth_blockNumber')) as string)
    await until(async () => BigInt((await ask('eth_blockNumber')) as string) > seen)
  })

  it('mixed: at once for a transaction, and by itself without one', async () => {
    const { ask, pay } = await start({ mining: { kind: 'mixed', intervalMs: 30 } })
    const hash = await pay()
    expect(await ask('eth_getTransactionReceipt', hash)).not.toBeNull()
    const seen = BigInt((await ask('eth_blockNumber')) as string)
    await until(async () => BigInt((await ask('eth_blockNumber')) as string) > seen)
  })

  it('turned on mines what waits; a zero interval turns it off', async () => {
    const { ask, pay } = await start({ mining: { kind: 'manual' } })
    const waiting = await pay()
    expect(await ask('evm_setAutomine', true)).toBeNull()
    // Its answer comes when that is mined.
    expect(await ask('eth_getTransactionReceipt', waiting)).not.toBeNull()
    await ask('evm_setIntervalMining', 0)
    expect(await ask('anvil_getAutomine')).toBe(false)
    expect(await ask('eth_getTransactionReceipt', await pay())).toBeNull()
  })
})

describe('a snapshot over RPC', () => {
  it('brings back what filters had gathered', async () => {
    const { ask, pay } = await start()
    const blocks = await ask('eth_newBlockFilter')
    await pay()
    const before = (await ask('eth_getBlockByNumber', 'latest', false)) as { hash: string }
    const id = await ask('evm_snapshot')
    const young = await ask('eth_newBlockFilter')
    await pay()
    expect(await ask('eth_getFilterChanges', blocks)).toHaveLength(2)
    expect(await ask('evm_revert', id)).toBe(true)
    expect(await ask('eth_getFilterChanges', blocks)).toEqual([before.hash])
    expect(await ask('eth_getFilterChanges', young)).toEqual([])
  })
})

describe('what a log is told', () => {
  it('each request and each mined transaction, by its name', async () => {
    const { node, ask, pay, bob } = await start()
    const events: NodeEvent[] = []
    node.listen((event) => events.push(event))
    await pay('0xde0b6b3a7640000')
    await ask('eth_getBalance', bob, 'nonsense').catch(() => undefined)
    await until(async () => events.some((event) => event.kind === 'mined'))
    const mined = events.find((event) => event.kind === 'mined')
    expect(mined).toMatchObject({ transactions: [{ label: 'transfer 1 ETH', failure: undefined }] })
    const requests = events.filter((event) => event.kind === 'request')
    expect(requests.map((event) => event.method)).toEqual(['eth_sendTransaction', 'eth_getBalance'])
    expect(requests[1]!.error?.code).toBe(-32602)
  })

  it('nothing of a call that logs nothing, whose reads nobody decodes', async () => {
    const { node, ask, alice, bob } = await start()
    const events: NodeEvent[] = []
    node.listen((event) => events.push(event))
    const decoded = vi.spyOn(RecordedAccess.prototype, 'reads', 'get')
    await ask('eth_call', { from: alice, to: bob, value: '0x1' })
    expect(events.map((event) => event.kind)).toEqual(['request'])
    expect(decoded).not.toHaveBeenCalled()
    decoded.mockRestore()
  })
})

describe.each(['wasm', 'ethereumjs'] as const)('console.log on %s', (engine) => {
  /** STATICCALLs the console with log(uint256) of its call data's first word, then stops. */
  const code = '0x63f82c50f160e01b600052600035600452600080602460006a636f6e736f6c652e6c6f675afa00'

  it('is told of calls and of mined transactions, and only of those that log', async () => {
    const { node, ask, pay, alice } = await start({ engine, mining: { kind: 'manual' } })
    const logger = `0x${'10'.repeat(20)}`
    await ask('anvil_setCode', logger, code)
    const events: NodeEvent[] = []
    node.listen((event) => events.push(event))
    const seven = `0x${'7'.padStart(64, '0')}`
    await ask('eth_call', { to: logger, data: seven })
    await ask('eth_call', { to: alice })
    expect(events.filter((event) => event.kind === 'call')).toEqual([
      { kind: 'call', method: 'eth_call', console: ['7'], trace: [] },
    ])
    await pay()
    await ask('eth_sendTransaction', { from: alice, to: logger, data: seven, gas: '0x186a0' })
    await ask('evm_mine')
    await until(async () => events.some((event) => event.kind === 'mined'))
    const mined = events.find((event) => event.kind === 'mined')
    expect(mined).toMatchObject({ transactions: [{ console: [] }, { console: ['7'] }] })
  })
})

describe('a data folder', () => {
  async function folder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), 'heddle-'))
    folders.push(made)
    return made
  }

  it('keeps blocks, state, cheats and reverts over a restart', async () => {
    const dataDir = await folder()
    const first = await start({ dataDir })
    await first.pay()
    const id = await first.ask('evm_snapshot')
    await first.pay()
    await first.pay()
    await first.ask('evm_revert', id)
    await first.pay('0x5')
    await first.ask('anvil_setBalance', first.bob, '0x99')
    const head = await first.ask('eth_getBlockByNumber', 'latest', true)
    await first.node.close()
    open.length = 0

    const second = await start({ dataDir })
    expect(await second.ask('eth_getBlockByNumber', 'latest', true)).toEqual(head)
    expect(await second.ask('eth_getBalance', second.bob, 'latest')).toBe('0x99')
    expect(await second.ask('eth_getTransactionCount', second.alice, 'latest')).toBe('0x2')
    await second.pay()
    expect(await second.ask('eth_blockNumber')).toBe('0x3')
  })

  it('of another chain is refused by name, and left as it is', async () => {
    const dataDir = await folder()
    const first = await start({ dataDir })
    await first.pay()
    await first.node.close()
    open.length = 0
    await expect(createNode({ dataDir, chainId: 5n })).rejects.toThrow(/holds another chain/)
    const again = await start({ dataDir })
    expect(await again.ask('eth_blockNumber')).toBe('0x1')
  })
})

describe('files that cannot be used', () => {
  it('are named with what is wrong', async () => {
    await expect(createNode({ genesisFile: '/nowhere.json' })).rejects.toThrow(
      /the genesis file \/nowhere\.json cannot be read/,
    )
    await expect(createNode({ genesisFile: 'package.json' })).rejects.toThrow(
      /^package\.json: genesis: /,
    )
    await expect(createNode({ importFile: 'package.json' })).rejects.toThrow(
      /^package\.json: block: expected a list/,
    )
  })
})

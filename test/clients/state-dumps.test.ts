import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Hex, createTestClient, custom, http, numberToHex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../support/checkout.ts'
import { nodeInProcess, spawnCommand, spawnNode } from '../support/node.ts'
import { spawnAnvil } from '../support/anvil.ts'
import { ensurePeers } from '../support/peers.ts'
import {
  type Clients,
  STRANGER,
  alice,
  bob,
  carol,
  chain,
  clientsOver,
  deployToken,
} from './viem-clients.ts'

const folder = temporaryFolder('dumps')
beforeAll(ensurePeers)
afterAll(() => folder.remove())

function workFolder(name: string): string {
  const path = join(folder.path, name)
  mkdirSync(path)
  return path
}

const CODE = '0x5f5f5260ff60205fa15f355f5500'
const CALLED = '0x00000000000000000000000000000000000c0de5'

/** Transactions of every kind that needs no blobs, cheats, logs, storage and a delegation. */
async function fill(clients: Clients, url: string): Promise<{ readonly token: Hex }> {
  const cheat = createTestClient({ mode: 'anvil', chain, transport: http(url) })
  const { reader, wallet } = clients
  const send = async (request: object): Promise<void> => {
    const hash = await wallet.sendTransaction({ to: bob.address, value: 1n, ...request } as never)
    await reader.waitForTransactionReceipt({ hash })
  }
  const token = await deployToken(clients)
  const { address, abi } = token
  const args = [bob.address, 7n]
  const hash = await wallet.writeContract({ address, abi, functionName: 'transfer', args })
  await reader.waitForTransactionReceipt({ hash })
  const gasPrice = 3_000_000_000n
  await send({ type: 'legacy', gasPrice })
  const accessList = [{ address: bob.address, storageKeys: [numberToHex(1, { size: 32 })] }]
  await send({ type: 'eip2930', gasPrice, accessList })
  await cheat.setCode({ address: CALLED, bytecode: CODE })
  await cheat.setStorageAt({ address: CALLED, index: 5, value: numberToHex(9, { size: 32 }) })
  await send({ to: CALLED, data: numberToHex(77, { size: 32 }), value: 0n, gas: 100_000n })
  const authorization = await carol.signAuthorization({
    address: CALLED,
    chainId: chain.id,
    nonce: 0,
  })
  await send({
    authorizationList: [authorization],
    to: carol.address,
    gas: 200_000n,
    data: numberToHex(3, { size: 32 }),
  })
  await cheat.impersonateAccount({ address: STRANGER })
  await cheat.setBalance({ address: STRANGER, value: 10n ** 18n })
  await send({ account: STRANGER })
  await send({ to: CALLED, gas: 22_000n, data: numberToHex(1, { size: 32 }) })
  await cheat.mine({ blocks: 3 })
  return { token: address }
}

/** All that clients see of the chain, without what only one of the two says. */
async function seen({ reader }: Clients, token: Hex): Promise<unknown> {
  const head = await reader.getBlockNumber()
  const blocks: unknown[] = []
  const transactions: unknown[] = []
  for (let blockNumber = 0n; blockNumber <= head; blockNumber++) {
    const block = await reader.getBlock({ blockNumber })
    const hashes = block.transactions
    // Anvil counts a block's size without the list of withdrawals.
    blocks.push({ ...block, size: 0n, totalDifficulty: null })
    for (const hash of hashes) {
      const receipt = await reader.getTransactionReceipt({ hash })
      const logs = receipt.logs.map((log) => ({ ...log, blockTimestamp: 0 }))
      // Anvil's receipts name the block's time, and a price of blobs for all.
      const same = { ...receipt, logs, blockTimestamp: 0, blobGasPrice: 0n, blobGasUsed: 0n }
      const { nonce, input, value, r, s } = await reader.getTransaction({ hash })
      transactions.push({ ...same, nonce, input, value, r, s })
    }
  }
  const accounts = [alice, bob, carol].map(({ address }) => address)
  const states = [...accounts, STRANGER, CALLED, token] as readonly Hex[]
  return {
    head,
    blocks,
    transactions,
    states: await Promise.all(
      states.map(async (address) => [
        await reader.getBalance({ address }),
        await reader.getTransactionCount({ address }),
        await reader.getCode({ address }),
        await reader.getStorageAt({ address, slot: '0x0' }),
        await reader.getStorageAt({ address, slot: '0x5' }),
      ]),
    ),
    logs: (await reader.getLogs({ fromBlock: 0n })).length,
  }
}

it("loads Anvil's dump: blocks, transactions, receipts, logs and accounts are the same", async () => {
  await using anvil = await spawnAnvil()
  const from = clientsOver(http(anvil.url))
  const { token } = await fill(from, anvil.url)
  const cheat = createTestClient({ mode: 'anvil', chain, transport: http(anvil.url) })
  const dump = await cheat.dumpState()

  await using node = await nodeInProcess()
  const to = clientsOver(custom(node))
  await node.request({ method: 'anvil_loadState', params: [dump] })
  expect(await seen(to, token)).toEqual(await seen(from, token))
  const hash = await to.wallet.sendTransaction({ to: bob.address, value: 1n })
  const mined = await to.reader.waitForTransactionReceipt({ hash })
  const parent = await to.reader.getBlock({ blockNumber: mined.blockNumber - 1n })
  expect(await to.reader.getBlock()).toMatchObject({ parentHash: parent.hash })
})

it("loads the states of Anvil's blocks when the dump has them", async () => {
  await using anvil = await spawnAnvil()
  const from = clientsOver(http(anvil.url))
  await fill(from, anvil.url)
  const params = [true] as never
  const dump = await from.reader.request({ method: 'anvil_dumpState' as never, params })
  await using node = await nodeInProcess()
  await node.request({ method: 'anvil_loadState', params: [dump] })
  const to = clientsOver(custom(node))
  for (const blockNumber of [2n, 4n, 6n]) {
    for (const { address } of [alice, bob]) {
      const there = { address, blockNumber }
      expect(await to.reader.getBalance(there)).toBe(await from.reader.getBalance(there))
    }
    expect(await to.reader.getCode({ address: CALLED, blockNumber })).toBe(
      await from.reader.getCode({ address: CALLED, blockNumber }),
    )
  }
})

it.each([false, true])('Anvil loads our dump, with states of blocks: %s', async (historical) => {
  await using node = await spawnNode()
  const from = clientsOver(http(node.url))
  const { token } = await fill(from, node.url)
  const params = [historical] as never
  const dump = await from.reader.request({ method: 'anvil_dumpState' as never, params })
  await using anvil = await spawnAnvil()
  const to = clientsOver(http(anvil.url))
  await to.reader.request({ method: 'anvil_loadState' as never, params: [dump] as never })
  expect(await seen(to, token)).toEqual(await seen(from, token))
  if (historical) {
    const there = { address: bob.address, blockNumber: 4n }
    expect(await to.reader.getBalance(there)).toBe(await from.reader.getBalance(there))
  }
})

it('our dump of a chain that Anvil made, and of our own, comes back as it was', async () => {
  await using anvil = await spawnAnvil()
  const first = clientsOver(http(anvil.url))
  const { token } = await fill(first, anvil.url)
  const cheat = createTestClient({ mode: 'anvil', chain, transport: http(anvil.url) })
  await using node = await nodeInProcess()
  await node.request({ method: 'anvil_loadState', params: [await cheat.dumpState()] })
  await node.request({ method: 'evm_mine' })
  const dump = await node.request({ method: 'hardhat_dumpState' })
  await using again = await nodeInProcess()
  await again.request({ method: 'hardhat_loadState', params: [dump] })
  const want = await seen(clientsOver(custom(node)), token)
  expect(await seen(clientsOver(custom(again)), token)).toEqual(want)
})

it('--state takes the chain over a restart, to Anvil and back', async () => {
  const cwd = workFolder('state')
  const flags = ['--state', 'state.json']
  const node = await spawnNode({ cwd, flags })
  const { token } = await fill(clientsOver(http(node.url)), node.url)
  const want = await seen(clientsOver(http(node.url)), token)
  expect((await node.interrupt()).code).toBe(0)
  const file = join(cwd, 'state.json')
  const anvil = await spawnAnvil(['--state', file])
  expect(await seen(clientsOver(http(anvil.url)), token)).toEqual(want)
  await anvil.stop()
  await using again = await spawnNode({ cwd, flags })
  expect(await seen(clientsOver(http(again.url)), token)).toEqual(want)
})

it('--dump-state in a folder writes state.json, and --state-interval does so while it runs', async () => {
  const cwd = workFolder('interval')
  await using node = await spawnNode({ cwd, flags: ['--dump-state', '.', '-s', '0.05'] })
  const { wallet, reader } = clientsOver(http(node.url))
  const hash = await wallet.sendTransaction({ to: bob.address, value: 1n })
  await reader.waitForTransactionReceipt({ hash })
  const dumped = (): unknown => {
    try {
      return JSON.parse(readFileSync(join(cwd, 'state.json'), 'utf8'))
    } catch {
      return undefined
    }
  }
  await expect.poll(dumped).toMatchObject({ best_block_number: 1 })
})

it('a bad state file is refused in one line that names it and the entry', async () => {
  const cwd = workFolder('bad')
  const refused = async (name: string, content: string, flags: readonly string[] = []) => {
    writeFileSync(join(cwd, name), content)
    await using running = spawnCommand({
      cwd,
      flags: ['--port', '0', ...flags, '--load-state', name],
    })
    const { code, stderr } = await running.ended
    return { code, stderr }
  }
  expect(await refused('text.json', 'nothing')).toEqual({
    code: 1,
    stderr:
      'heddle: the state file text.json cannot be loaded: not JSON: unexpected nothing at character 1\n',
  })
  const account = { nonce: -1, balance: '0x0', code: '0x', storage: {} }
  const accounts = JSON.stringify({ accounts: { [alice.address]: account } })
  expect((await refused('nonce.json', accounts)).stderr).toMatch(
    /^heddle: the state file nonce.json cannot be loaded: `accounts.0x\w+.nonce`: expected a number .*\n$/,
  )
  const header = JSON.stringify({ accounts: {}, blocks: [{ header: { number: '0x1' } }] })
  expect((await refused('header.json', header)).stderr).toMatch(
    /`blocks\[0\].header.parentHash`: missing/,
  )
  expect((await refused('cut.json', accounts.replace('-1', '1').slice(0, -5))).stderr).toMatch(
    /it ends too early/,
  )
  await using none = spawnCommand({ cwd, flags: ['--port', '0', '--load-state', 'none.json'] })
  expect((await none.ended).stderr).toMatch(
    /^heddle: the state file none.json cannot be loaded: ENOENT/,
  )
  await using nowhere = spawnCommand({ cwd, flags: ['--port', '0', '--state', 'no/such.json'] })
  expect((await nowhere.ended).stderr).toBe(
    'heddle: the state cannot be dumped to no/such.json: there is no such folder\n',
  )
  await using both = spawnCommand({
    cwd,
    flags: ['--state', 'a', '--data-dir', 'b', '--port', '0'],
  })
  expect((await both.ended).stderr).toMatch(/--state and --data-dir both keep the chain/)
})

it('--data-dir dumps and loads too, with the names of what it read from disk', async () => {
  const cwd = workFolder('kept')
  const flags = ['--data-dir', 'chain']
  const node = await spawnNode({ cwd, flags })
  const { token } = await fill(clientsOver(http(node.url)), node.url)
  await node.interrupt()
  await using again = await spawnNode({ cwd, flags })
  const clients = clientsOver(http(again.url))
  const dump = await clients.reader.request({ method: 'anvil_dumpState' as never })
  const json = JSON.parse(String(gunzipSync(Buffer.from(String(dump).slice(2), 'hex')))) as {
    accounts: Record<string, { storage: object }>
  }
  expect(json.accounts[token.toLowerCase()]?.storage).not.toEqual({})

  await using other = await spawnNode({ cwd, flags: ['--data-dir', 'other'] })
  const there = clientsOver(http(other.url))
  await there.reader.request({ method: 'anvil_loadState' as never, params: [dump] as never })
  const want = await seen(clients, token)
  expect(await seen(there, token)).toEqual(want)
  await other.interrupt()
  await using last = await spawnNode({ cwd, flags: ['--data-dir', 'other'] })
  expect(await seen(clientsOver(http(last.url)), token)).toEqual(want)
})

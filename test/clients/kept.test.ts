import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Hex, concatHex, createTestClient, custom, hexToBytes, http, toHex } from 'viem'
import { afterAll, expect, it } from 'vitest'
import { temporaryFolder } from '../support/checkout.ts'
import { nodeInProcess, spawnCommand, spawnNode } from '../support/node.ts'
import { SUPPLY, alice, bob, chain, clientsOver, deployToken } from './viem-clients.ts'

const folder = temporaryFolder('kept')
afterAll(() => folder.remove())

/** A new folder to start a node in; what the node leaves there is seen. */
function workFolder(name: string): string {
  const path = join(folder.path, name)
  mkdirSync(path)
  return path
}

it('Ctrl-C ends the node at once, with nothing left behind', async () => {
  const cwd = workFolder('interrupted')
  const node = await spawnNode({ cwd })
  const clients = clientsOver(http(node.url))
  await deployToken(clients)
  const ended = await node.interrupt()
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  expect(readdirSync(cwd)).toEqual([])
})

it('a port in use gives one line and exit 1', async () => {
  await using node = await spawnNode()
  await using second = spawnCommand({ flags: ['--port', String(node.port)] })
  const ended = await second.ended
  expect(ended).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `heddle: port ${node.port} is in use on 127.0.0.1 (use --port, or --port 0 for a free one)\n`,
  })
})

it('--data-dir keeps balances, receipts, logs, history and nonces over restarts', async () => {
  const cwd = workFolder('restarted')
  const flags = ['--data-dir', 'chain']
  const node = await spawnNode({ cwd, flags })
  const clients = clientsOver(http(node.url))
  const token = await deployToken(clients)
  const { address, abi } = token
  const transfer = { address, abi, functionName: 'transfer', args: [bob.address, 7n] } as const
  const hash = await clients.wallet.writeContract(transfer)
  const receipt = await clients.reader.waitForTransactionReceipt({ hash })
  const head = await clients.reader.getBlock({ includeTransactions: true })

  await using second = spawnCommand({ cwd, flags: ['--port', '0', ...flags] })
  const refused = await second.ended
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/^heddle: .*chain.*in use by another process.*\n$/)
  expect((await node.interrupt()).code).toBe(0)

  await using again = await spawnNode({ cwd, flags })
  const { reader, wallet } = clientsOver(http(again.url))
  expect(await reader.getBlock({ includeTransactions: true })).toEqual(head)
  expect(await reader.getTransactionReceipt({ hash })).toEqual(receipt)
  expect(await reader.getLogs({ fromBlock: 0n })).toHaveLength(2)
  expect(await reader.getTransactionCount({ address: alice.address })).toBe(2)
  const read = { address, abi, functionName: 'balanceOf', args: [bob.address] } as const
  expect(await reader.readContract(read)).toBe(7n)
  const blockNumber = receipt.blockNumber - 1n
  expect(await reader.readContract({ ...read, blockNumber })).toBe(0n)
  const next = await wallet.writeContract(transfer)
  const mined = await reader.waitForTransactionReceipt({ hash: next })
  expect(mined).toMatchObject({ status: 'success', blockNumber: head.number + 1n })
  expect((await reader.getBlock()).parentHash).toBe(head.hash)
  expect(await reader.readContract({ ...read, args: [alice.address] })).toBe(SUPPLY - 14n)
})

it('--data-dir keeps what was reverted to, what was set without a block, and what a kill left', async () => {
  const cwd = workFolder('killed')
  const start = () => spawnNode({ cwd, flags: ['--data-dir', 'chain'] })
  const clients = (url: string) => {
    const cheat = createTestClient({ mode: 'anvil', chain, transport: http(url) })
    return { ...clientsOver(http(url)), cheat }
  }
  const node = await start()
  const { wallet, reader, cheat } = clients(node.url)
  const send = async () => {
    const hash = await wallet.sendTransaction({ to: bob.address, value: 1n })
    return reader.waitForTransactionReceipt({ hash })
  }
  await send()
  const kept = await reader.getBlock()
  const id = await cheat.snapshot()
  await send()
  await cheat.mine({ blocks: 2 })
  await cheat.revert({ id })
  await cheat.setBalance({ address: bob.address, value: 5n })
  await node.interrupt()

  const second = await start()
  const there = clients(second.url)
  expect(await there.reader.getBlock()).toEqual(kept)
  expect(await there.reader.getBalance({ address: bob.address })).toBe(5n)
  for (let nonce = 1; nonce <= 20; nonce++) {
    await there.wallet.sendTransaction({ to: bob.address, value: 1n, nonce })
  }
  second.child.kill('SIGKILL')
  await second.ended

  await using third = await start()
  const last = clients(third.url)
  const head = await last.reader.getBlock()
  expect(head.number).toBeGreaterThanOrEqual(kept.number)
  const sent = head.number - kept.number
  expect(await last.reader.getBalance({ address: bob.address })).toBe(5n + sent)
  expect(await last.reader.getTransactionCount({ address: alice.address })).toBe(1 + Number(sent))
  const hash = await last.wallet.sendTransaction({ to: bob.address, value: 1n })
  const { blockNumber } = await last.reader.waitForTransactionReceipt({ hash })
  expect((await last.reader.getBlock({ blockNumber })).parentHash).toBe(head.hash)
})

/** What a chain of our own needs in its genesis: the dev accounts and the contracts of the forks. */
async function genesisFile(): Promise<string> {
  await using node = await nodeInProcess()
  const { reader } = clientsOver(custom(node))
  const system: Hex[] = [
    '0x000f3df6d732807ef1319fb7b8bb8522d0beac02',
    '0x0000f90827f1c53a10cb7a02335b175320002935',
    '0x00000961ef480eb55e80d19ad83579a64c007002',
    '0x0000bbddc7ce488642fb579f8b00f3a590007251',
  ]
  const codes = await Promise.all(system.map((address) => reader.getCode({ address })))
  const contracts = system.map((address, at) => {
    return [address, { balance: '0x0', nonce: '0x1', code: codes[at] }]
  })
  const funded = [alice, bob].map(({ address }) => [address, { balance: toHex(10n ** 22n) }])
  const blocks = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople']
  const more = ['petersburg', 'istanbul', 'berlin', 'london']
  const times = ['shanghai', 'cancun', 'prague', 'osaka']
  const blob = { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 }
  return JSON.stringify({
    config: {
      chainId: 4242,
      ...Object.fromEntries([...blocks, ...more].map((name) => [`${name}Block`, 0])),
      terminalTotalDifficulty: 0,
      ...Object.fromEntries(times.map((name) => [`${name}Time`, 0])),
      blobSchedule: { cancun: { ...blob, target: 3, max: 6 }, prague: blob, osaka: blob },
    },
    alloc: Object.fromEntries([...funded, ...contracts]),
    difficulty: '0x0',
    gasLimit: '0x1c9c380',
    baseFeePerGas: '0x3b9aca00',
    timestamp: '0x65000000',
  })
}

it('--genesis and --import start on a chain that another node made', async () => {
  const cwd = workFolder('imported')
  writeFileSync(join(cwd, 'genesis.json'), await genesisFile())
  const flags = ['--genesis', 'genesis.json']
  const maker = await spawnNode({ cwd, flags })
  const clients = clientsOver(http(maker.url), alice, 4242)
  const { reader, wallet } = clients
  expect(await reader.getChainId()).toBe(4242)
  const { address, abi } = await deployToken(clients)
  const hash = await wallet.writeContract({
    address,
    abi,
    functionName: 'transfer',
    args: [bob.address, 7n],
  })
  const receipt = await reader.waitForTransactionReceipt({ hash })
  await reader.request({ method: 'evm_mine' } as never)
  const head = await reader.getBlock()
  const blocks: Hex[] = []
  for (let number = 1n; number <= head.number; number++) {
    const params = [toHex(number)]
    blocks.push(await reader.request({ method: 'debug_getRawBlock', params } as never))
  }
  writeFileSync(join(cwd, 'chain.rlp'), hexToBytes(concatHex(blocks)))
  await maker.interrupt()

  await using taker = await spawnNode({ cwd, flags: [...flags, '--import', 'chain.rlp'] })
  const there = clientsOver(http(taker.url), alice, 4242)
  expect(await there.reader.getBlock()).toEqual(head)
  expect(await there.reader.getTransactionReceipt({ hash })).toEqual(receipt)
  const read = { address, abi, functionName: 'balanceOf', args: [bob.address] } as const
  expect(await there.reader.readContract(read)).toBe(7n)
  expect(await there.reader.getTransactionCount({ address: alice.address })).toBe(2)
})

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  type Address,
  type Hex,
  createTestClient,
  encodeFunctionData,
  getContractAddress,
  http,
  parseAbi,
  publicActions,
  toHex,
  walletActions,
} from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkout, runIn, temporaryFolder } from '../support/checkout.ts'
import { loadContract } from '../support/contracts.ts'
import { KEYS, type SpawnedNode, spawnNode } from '../support/node.ts'
import { ensureHardhat, hardhatCommand } from '../support/peers.ts'
import { alice, bob } from './viem-clients.ts'

const folder = temporaryFolder('hardhat')
const counter = loadContract('Counter')
let node: SpawnedNode

/** npm's, which is here. */
const require = createRequire(import.meta.url)
const solc = { version: '0.8.37', path: require.resolve('solc/soljson.js') }

const config = `export default {
  solidity: { compilers: [${JSON.stringify(solc)}] },
  networks: {
    unlocked: { type: 'http', chainType: 'l1', url: process.env.NODE_URL },
    keyed: { type: 'http', chainType: 'l1', url: process.env.NODE_URL, accounts: ['${KEYS[1]}'] },
  },
}
`

/** Deploys a counter, counts, reads; then reads a revert. Prints one line of JSON. */
const script = `import { network } from 'hardhat'
const { provider } = await network.connect(process.env.NETWORK)
const ask = (method, ...params) => provider.request({ method, params })
const [from] = await ask('eth_accounts')
const mined = async (hash) => {
  for (;;) {
    const receipt = await ask('eth_getTransactionReceipt', hash)
    if (receipt !== null) return receipt
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const send = async (fields) => mined(await ask('eth_sendTransaction', { from, ...fields }))
const deployed = await send({ data: process.env.BYTECODE })
const to = deployed.contractAddress
const counted = await send({ to, data: process.env.INCREMENT })
const count = await ask('eth_call', { to, data: process.env.COUNT }, 'latest')
const failure = await ask('eth_call', { to, data: '0xdeadbeef' }, 'latest').catch((error) => error)
await ask('hardhat_setBalance', to, '0x10')
await ask('hardhat_mine', '0x3')
console.log(JSON.stringify({
  from,
  to,
  statuses: [deployed.status, counted.status],
  type: counted.type,
  count,
  failure: { code: failure.code, message: failure.message },
  balance: await ask('eth_getBalance', to, 'latest'),
  mined: Number(await ask('eth_blockNumber')) - Number(counted.blockNumber),
}))
`

beforeAll(async () => {
  await ensureHardhat()
  symlinkSync(
    join(checkout, 'test', 'peers', 'hardhat', 'node_modules'),
    join(folder.path, 'node_modules'),
  )
  writeFileSync(join(folder.path, 'package.json'), '{ "private": true, "type": "module" }\n')
  writeFileSync(join(folder.path, 'hardhat.config.js'), config)
  writeFileSync(join(folder.path, 'script.mjs'), script)
  node = await spawnNode()
}, 600_000)

afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

it.each([
  ['unlocked', alice, '0x2'],
  ['keyed', bob, '0x2'],
])("hardhat run works on Hardhat's http network, %s", async (network, { address }, type) => {
  const [command, hardhat] = hardhatCommand()
  const call = (functionName: string) => encodeFunctionData({ abi: counter.abi, functionName })
  const env = {
    ...process.env,
    NODE_URL: node.url,
    NETWORK: network,
    BYTECODE: counter.bytecode,
    INCREMENT: call('increment'),
    COUNT: call('count'),
    HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true',
  }
  const args = [hardhat, 'run', '--no-compile', 'script.mjs']
  const ended = await runIn(folder.path, command, args, env)
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  const line = ended.stdout.split('\n').find((one) => one.startsWith('{')) ?? '{}'
  expect(JSON.parse(line)).toEqual({
    from: address.toLowerCase(),
    to: getContractAddress({ from: address, nonce: 0n }).toLowerCase(),
    statuses: ['0x1', '0x1'],
    type,
    count: toHex(1n, { size: 32 }),
    failure: { code: 3, message: 'execution reverted' },
    balance: '0x10',
    mined: 3,
  })
})

/** Every helper once; what it prints is what each led to. */
const helped = `import { network } from 'hardhat'
const { networkHelpers: helpers, provider } = await network.connect('helped')
const ask = (method, ...params) => provider.request({ method, params })
const [from, to] = await ask('eth_accounts')
const someone = '0x' + '5e'.repeat(20)
const seen = {}
const base = await helpers.takeSnapshot()
await helpers.setBalance(someone, 10n ** 18n)
seen.balance = await ask('eth_getBalance', someone, 'latest')
await helpers.setCode(someone, '0x6001')
seen.code = await ask('eth_getCode', someone, 'latest')
await helpers.setNonce(someone, 7)
seen.nonce = await ask('eth_getTransactionCount', someone, 'latest')
await helpers.setStorageAt(someone, 1, 42)
seen.slot = await helpers.getStorageAt(someone, 1)
await helpers.setCode(someone, '0x')
await helpers.impersonateAccount(someone)
const hash = await ask('eth_sendTransaction', { from: someone, to, value: '0x1' })
seen.sender = (await ask('eth_getTransactionReceipt', hash)).from
await helpers.stopImpersonatingAccount(someone)
seen.stopped = await ask('eth_sendTransaction', { from: someone, to }).catch(({ message }) => message)
await helpers.setCoinbase(someone)
await helpers.setBlockGasLimit(20_000_000)
await helpers.setNextBlockBaseFeePerGas(3n)
await helpers.setPrevRandao(5)
await helpers.mine()
const block = await ask('eth_getBlockByNumber', 'latest', false)
seen.block = [block.miner, block.gasLimit, block.baseFeePerGas, block.mixHash]
const first = await helpers.time.latestBlock()
await helpers.mine(3, { interval: 60 })
seen.mined = (await helpers.time.latestBlock()) - first
await helpers.mineUpTo(first + 5)
seen.upTo = (await helpers.time.latestBlock()) - first
const time = await helpers.time.latest()
await helpers.time.increase(100)
seen.increased = (await helpers.time.latest()) - time >= 100
await helpers.time.increaseTo(time + 1_000)
seen.increasedTo = (await helpers.time.latest()) - time
await helpers.time.setNextBlockTimestamp(time + 2_000)
await helpers.mine()
seen.nextTime = (await helpers.time.latest()) - time
await ask('evm_setAutomine', false)
const waiting = await ask('eth_sendTransaction', { from, to })
seen.dropped = await helpers.dropTransaction(waiting)
seen.gone = await ask('eth_getTransactionByHash', waiting)
await ask('evm_setAutomine', true)
let runs = 0
const fixture = async () => {
  runs++
  await ask('eth_sendTransaction', { from, to })
  return ask('eth_blockNumber')
}
const fixed = await helpers.loadFixture(fixture)
await helpers.mine(2)
seen.fixture = [(await helpers.loadFixture(fixture)) === fixed, runs, (await ask('eth_blockNumber')) === fixed]
await base.restore()
seen.restored = await ask('eth_getBalance', someone, 'latest')
console.log(JSON.stringify(seen))
`

it('hardhat-network-helpers work with it, each of them, by --compat hardhat', async () => {
  await using compatible = await spawnNode({ flags: ['--compat', 'hardhat'] })
  const plugin = `import helpers from '@nomicfoundation/hardhat-network-helpers'\n`
  const networks = `{ helped: { type: 'http', chainType: 'l1', url: process.env.NODE_URL } }`
  const file = 'hardhat.helped.config.js'
  const text = `${plugin}export default { plugins: [helpers], networks: ${networks} }\n`
  writeFileSync(join(folder.path, file), text)
  writeFileSync(join(folder.path, 'helped.mjs'), helped)
  const [command, hardhat] = hardhatCommand()
  const env = {
    ...process.env,
    NODE_URL: compatible.url,
    HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true',
  }
  const args = [hardhat, '--config', file, 'run', '--no-compile', 'helped.mjs']
  const ended = await runIn(folder.path, command, args, env)
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  const line = ended.stdout.split('\n').find((one) => one.startsWith('{')) ?? '{}'
  const someone = `0x${'5e'.repeat(20)}`
  expect(JSON.parse(line)).toEqual({
    balance: '0xde0b6b3a7640000',
    code: '0x6001',
    nonce: '0x7',
    slot: toHex(42n, { size: 32 }),
    sender: someone,
    stopped: expect.stringContaining('unknown account'),
    block: [someone, toHex(20_000_000), '0x3', toHex(5n, { size: 32 })],
    mined: 3,
    upTo: 5,
    increased: true,
    increasedTo: 1_000,
    nextTime: 2_000,
    dropped: true,
    gone: null,
    fixture: [true, 1, true],
    restored: '0x0',
  })
})

const vault = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract Vault {
  uint256 public held;
  function put(uint256 amount) external {
    require(amount < 5, "too much");
    held += amount;
  }
}
`

it('names the lines of what Hardhat compiled', async () => {
  mkdirSync(join(folder.path, 'contracts'))
  writeFileSync(join(folder.path, 'contracts', 'Vault.sol'), vault)
  const [command, hardhat] = hardhatCommand()
  const env = { ...process.env, NODE_URL: node.url, HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true' }
  const ended = await runIn(folder.path, command, [hardhat, 'compile'], env)
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  const file = join(folder.path, 'artifacts', 'contracts', 'Vault.sol', 'Vault.json')
  const { bytecode } = JSON.parse(readFileSync(file, 'utf8')) as { readonly bytecode: Hex }
  await using watching = await spawnNode({ cwd: folder.path })
  const client = createTestClient({ mode: 'anvil', transport: http(watching.url) })
    .extend(publicActions)
    .extend(walletActions)
  const send = (fields: { readonly to?: Address; readonly data: Hex }): Promise<Hex> =>
    client.sendTransaction({ account: alice.address, chain: null, gas: 1_000_000n, ...fields })
  const { contractAddress } = await client.getTransactionReceipt({
    hash: await send({ data: bytecode }),
  })
  const abi = parseAbi(['function put(uint256 amount)'])
  const data = encodeFunctionData({ abi, functionName: 'put', args: [7n] })
  const hash = await send({ to: contractAddress!, data })
  const explained: unknown = await client.request({
    method: 'heddle_explainTransaction' as 'txpool_status',
    params: [hash] as never,
  })
  expect(explained).toMatchObject({
    failure: {
      frames: [{ contract: 'Vault', function: 'put', source: 'contracts/Vault.sol', line: 6 }],
    },
  })
  await expect.poll(() => watching.stdout()).toContain('at Vault.put (contracts/Vault.sol:6)')
})

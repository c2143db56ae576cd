import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeFunctionData, getContractAddress, toHex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkout, runIn, temporaryFolder } from '../support/checkout.ts'
import { loadContract } from '../support/contracts.ts'
import { KEYS, type SpawnedNode, spawnNode } from '../support/node.ts'
import { ensureHardhat, hardhatCommand } from '../support/peers.ts'
import { alice, bob } from './viem-clients.ts'

const folder = temporaryFolder('hardhat')
const counter = loadContract('Counter')
let node: SpawnedNode

const config = `export default {
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

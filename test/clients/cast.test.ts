import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { temporaryFolder } from '../support/checkout.ts'
import { KEYS, type SpawnedNode, spawnNode } from '../support/node.ts'
import { ensurePeers, peerBinary } from '../support/peers.ts'

// What foundry.test.ts does not use of cast.

const run = promisify(execFile)
const folder = temporaryFolder('cast')
const FIRST = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const SECOND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const LOGGER = `0x${'1e'.repeat(20)}`
/** LOG1 of one word by topic 7. */
const LOG = '0x602a600052600760206000a100'
/** EIP-1967's place of an implementation. */
const IMPLEMENTATION = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'

let node: SpawnedNode

async function cast(command: string, ...args: readonly string[]): Promise<string> {
  const ours = { ETH_RPC_URL: node.url, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1', NO_COLOR: '1' }
  const env = { ...process.env, ...ours }
  const all = [command, ...args]
  const { stdout } = await run(peerBinary('cast'), all, { cwd: folder.path, env, timeout: 180_000 })
  return stdout.trim()
}
const json = async <T>(command: string, ...args: readonly string[]): Promise<T> =>
  JSON.parse(await cast(command, ...args)) as T

beforeAll(async () => {
  await ensurePeers()
  node = await spawnNode()
}, 600_000)
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

it('mktx and publish, send --async, tx --raw, find-block, da-estimate, block --raw', async () => {
  const key = ['--private-key', KEYS[0]]
  const raw = await cast('mktx', SECOND, '--value', '1', ...key)
  const published = await json<{ transactionHash: string; status: string }>('publish', raw)
  expect(published.status).toBe('0x1')
  expect(await cast('tx', published.transactionHash, '--raw')).toBe(raw)
  const hash = await cast('send', SECOND, '--value', '2', '--async', ...key)
  expect(await json('receipt', hash, '--json')).toMatchObject({ status: '0x1', blockNumber: '0x2' })
  const { timestamp } = await json<{ timestamp: string }>('block', '1', '--json')
  expect(await cast('find-block', `${Number(timestamp)}`)).toBe('1')
  expect(await cast('da-estimate', '1')).toContain('block 1 with 1 transactions')
  expect(await cast('block', '1', '--raw')).toMatch(/^0xf9[0-9a-f]{1000,}$/)
  expect(await json('rpc', '--raw', 'eth_getTransactionByHash', `["${hash}"]`)).toMatchObject({
    hash,
    value: '0x2',
  })
})

it('trace, call --trace, logs, by the names of Parity and Geth', async () => {
  await cast('rpc', 'anvil_setCode', LOGGER, LOG)
  const sent = ['--unlocked', '--from', SECOND, '--json']
  const { transactionHash } = await json<{ transactionHash: string }>('send', LOGGER, ...sent)
  expect(await json('trace', transactionHash)).toMatchObject([{ type: 'call', traceAddress: [] }])
  const call = JSON.stringify({ from: FIRST, to: SECOND, value: '0x1' })
  expect(await cast('call', LOGGER, '--trace', '--from', FIRST)).toContain('topic 0: 0x')
  expect(await json('rpc', 'trace_call', call, '["trace"]', 'latest')).toMatchObject({
    trace: [{ action: { value: '0x1' } }],
  })
  const topic = `0x${'7'.padStart(64, '0')}`
  const logs = await json<readonly object[]>('logs', topic, '--from-block', '0', '--json')
  expect(logs).toMatchObject([{ address: LOGGER, data: `0x${'2a'.padStart(64, '0')}` }])
})

it('tx-pool, implementation, codehash, balance at a block, nonce at a block', async () => {
  await cast('rpc', 'evm_setAutomine', 'false')
  await cast('send', SECOND, '--unlocked', '--from', FIRST, '--async')
  expect(await json('tx-pool', 'status')).toEqual({ pending: '0x1', queued: '0x0' })
  expect(await json('tx-pool', 'content-from', '--from', FIRST)).toMatchObject({
    pending: { 2: { to: SECOND.toLowerCase() } },
  })
  expect(await cast('tx-pool', 'inspect')).toContain('gas')
  await cast('rpc', 'evm_setAutomine', 'true')
  const word = `0x${LOGGER.slice(2).padStart(64, '0')}`
  await cast('rpc', 'anvil_setStorageAt', SECOND, IMPLEMENTATION, word)
  expect((await cast('implementation', SECOND)).toLowerCase()).toBe(LOGGER)
  expect(await cast('codehash', FIRST)).toMatch(/^0xc5d2460186f7/)
  expect(await cast('balance', SECOND, '--block', '1')).toBe('10000000000000000000001')
  expect(await cast('nonce', FIRST, '--block', '1')).toBe('1')
})

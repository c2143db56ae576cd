import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { checkout, temporaryFolder } from '../support/checkout.ts'
import { KEYS, type SpawnedNode, spawnNode } from '../support/node.ts'
import { ensurePeers, peerBinary } from '../support/peers.ts'

// forge asks the net for the compiler's commit and for the compiler, unless both are told: a compiler of its own kind is in the home that it
// sees here, and a dead proxy is the net.

const run = promisify(execFile)
const folder = temporaryFolder('verify')
const project = join(folder.path, 'project')
const home = join(folder.path, 'home')
const { version } = createRequire(import.meta.url)('solc/package.json') as { version: string }
const commit = (createRequire(import.meta.url)('solc') as { version(): string })
  .version()
  .split('.Emscripten')[0]!
const env = {
  ...process.env,
  HOME: home,
  FOUNDRY_DISABLE_NIGHTLY_WARNING: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1',
}

const source = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract Vault {
    mapping(address => uint256) public held;
    uint256 private immutable limit;
    constructor(uint256 most) payable { limit = most; }
    function put(uint256 amount) external {
        require(amount <= limit, "too much");
        held[msg.sender] += amount;
    }
}
`
const ARGS = '7'.padStart(64, '0')
/** Not those that it was made with. */
const OTHERS = '8'.padStart(64, '0')

let node: SpawnedNode

/** forge takes an explorer without an entry for none, and a key of one for a wish to verify there. */
function configure(...explorer: readonly string[]): void {
  const profile = ['[profile.default]', `solc = "${join(checkout, 'scripts', 'solc')}"`]
  const lines = [...profile, 'offline = true', 'evm_version = "osaka"', ...explorer]
  writeFileSync(join(project, 'foundry.toml'), `${lines.join('\n')}\n`)
}

async function tool(peer: 'forge' | 'cast', ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(peerBinary(peer), [...args], { cwd: project, env, timeout: 180_000 })
  return stdout
}

async function rpc<T>(method: string, ...params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(node.url, { method: 'POST', headers, body })
  return ((await answer.json()) as { result: T }).result
}

async function deployed(): Promise<string> {
  const where = ['--rpc-url', node.url, '--private-key', KEYS[0]]
  const made = ['create', 'src/Vault.sol:Vault', '--broadcast', '--json', ...where]
  const printed = await tool('forge', ...made, '--constructor-args', '7')
  return (JSON.parse(printed.slice(printed.indexOf('{'))) as { deployedTo: string }).deployedTo
}

/**
 * @returns what forge printed, of a failure too: a refusal is not asked for again, but a slow machine compiles longer than forge waits
 * for one answer
 */
async function verify(address: string, ...more: readonly string[]): Promise<string> {
  const retries = more.includes(OTHERS) ? '1' : '20'
  const compiler = ['--compiler-version', commit, '--compilation-profile', 'default']
  const args = ['verify-contract', address, 'src/Vault.sol:Vault', '--rpc-url', node.url, '--watch']
  try {
    return await tool('forge', ...args, ...compiler, '--retries', retries, ...more)
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    return stdout + stderr
  }
}

beforeAll(async () => {
  await ensurePeers()
  mkdirSync(join(project, 'src'), { recursive: true })
  const compilers = join(home, '.svm', version)
  mkdirSync(compilers, { recursive: true })
  const solc = join(compilers, `solc-${version}`)
  writeFileSync(solc, `#!/bin/sh\nexec "${join(checkout, 'scripts', 'solc')}" "$@"\n`)
  chmodSync(solc, 0o755)
  writeFileSync(join(project, 'src', 'Vault.sol'), source)
  node = await spawnNode({ cwd: home })
}, 600_000)

afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

/** put(8), which is too much. */
const PUT = `0x3f81a2c0${'8'.padStart(64, '0')}`

it("forge verifies by Etherscan's API, and names and lines are known from then on", async () => {
  configure('[etherscan]', 'local = { key = "any", chain = 31337, url = "http://127.0.0.1:1" }')
  const address = await deployed()
  const [from] = await rpc<readonly string[]>('eth_accounts')
  const call = { from, to: address, data: PUT, gas: '0x30000' }
  const failed = await rpc<string>('eth_sendTransaction', call)
  expect(await rpc('heddle_getContract', address)).toMatchObject({ name: null })

  const api = ['--verifier', 'etherscan', '--verifier-url', `${node.url}/api`]
  const wrong = await verify(address, ...api, '--constructor-args', OTHERS)
  expect(wrong).toContain(`the constructor arguments are 0x${ARGS}, not 0x${OTHERS}`)
  const printed = await verify(address, ...api, '--constructor-args', ARGS)
  expect(printed).toContain('Contract successfully verified')
  expect(await verify(address, ...api)).toContain('is already verified')

  const known = { name: 'Vault', source: 'src/Vault.sol' }
  expect(await rpc('heddle_getContract', address)).toMatchObject(known)
  const place = { contract: 'Vault', function: 'put', source: 'src/Vault.sol', line: 8 }
  expect(await rpc('heddle_explainTransaction', failed)).toMatchObject({
    failure: { frames: [place] },
  })
  const told = `verified: ${address.toLowerCase()} is src/Vault.sol:Vault`
  await expect.poll(node.stdout).toContain(told)

  const explorer = ['--explorer-api-url', `${node.url}/api`, '--explorer-url', node.url]
  const read = await tool('cast', 'source', address, '--chain', '31337', '-e', 'x', ...explorer)
  expect(read).toContain('require(amount <= limit, "too much");')
})

it("forge verifies by Sourcify's API, and by one like Etherscan's from a flat source", async () => {
  configure()
  const [address, other] = [await deployed(), await deployed()]
  const sourcify = ['--verifier', 'sourcify', '--verifier-url', node.url]
  expect(await verify(address, ...sourcify)).toContain('Status: `exact_match`')
  expect(await verify(address, ...sourcify)).toContain('is already verified')
  const flat = ['--flatten', '--guess-constructor-args']
  const custom = ['--verifier', 'custom', '--verifier-url', `${node.url}/api`]
  expect(await verify(other, ...custom, ...flat)).toContain('Contract successfully verified')
})

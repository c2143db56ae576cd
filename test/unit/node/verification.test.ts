import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { type Abi, encodeDeployData } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { temporaryFolder } from '../../support/checkout.ts'

const require = createRequire(import.meta.url)
const { version } = require('solc/package.json') as { version: string }
/** One that no machine has. */
const ABSENT = '0.8.999'

const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
contract Box {
  uint256 public immutable size;
  uint256 internal held;
  constructor(uint256 s) { size = s; }
  function put(uint256 n) external { require(n < size, "full"); held = n; }
}
contract Maker { function make() external returns (Box) { return new Box(3); } }
`
const inputOf = (content: string, settings: object = {}) => ({
  language: 'Solidity',
  sources: { 'src/Box.sol': { content } },
  settings: { evmVersion: 'cancun', ...settings },
})

interface Compiled {
  readonly abi: Abi
  readonly metadata: string
  readonly evm: Record<'bytecode' | 'deployedBytecode', { readonly object: string }>
}

const folder = temporaryFolder('verification')
let node: HeddleNode
let url: string
let compiled: Readonly<Record<'Box' | 'Maker', Compiled>>
const ask = <T>(method: string, ...params: unknown[]): Promise<T> =>
  node.request({ method, params }) as Promise<T>

function compile(): typeof compiled {
  const solc = require('solc') as { compile(input: string): string }
  const input = inputOf(SOURCE, { outputSelection: { '*': { '*': ['*'] } } })
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    readonly contracts: { readonly 'src/Box.sol': typeof compiled }
  }
  return output.contracts['src/Box.sol']
}

async function deploy(name: 'Box' | 'Maker', ...args: readonly unknown[]): Promise<string> {
  const { abi, evm } = compiled[name]
  const data = encodeDeployData({ abi, bytecode: `0x${evm.bytecode.object}`, args } as never)
  const from = node.accounts[0]!.address
  const hash = await ask('eth_sendTransaction', { from, data })
  return (await ask<{ contractAddress: string }>('eth_getTransactionReceipt', hash)).contractAddress
}

interface Outcome {
  readonly isJobCompleted: boolean
  readonly contract: Readonly<Record<'match' | 'runtimeMatch' | 'creationMatch', string | null>>
  readonly error?: { readonly message: string }
}

async function verify(
  address: string,
  contractIdentifier: string,
  stdJsonInput: object = inputOf(SOURCE),
  compilerVersion = version,
): Promise<Outcome> {
  const body = JSON.stringify({ contractIdentifier, stdJsonInput, compilerVersion })
  const path = `${url}/v2/verify/31337/${address}`
  const headers = { 'content-type': 'application/json' }
  const started = await fetch(path, { method: 'POST', headers, body })
  const { verificationId } = (await started.json()) as { readonly verificationId: string }
  // It answers that it is not done when the compiler takes long.
  for (;;) {
    const job = await fetch(`${url}/v2/verify/${verificationId}`)
    const outcome = (await job.json()) as Outcome
    if (outcome.isJobCompleted) return outcome
  }
}

const why = async (...claim: Parameters<typeof verify>): Promise<string | undefined> =>
  (await verify(...claim)).error?.message

beforeAll(async () => {
  compiled = compile()
  mkdirSync(join(folder.path, 'out', 'Box.sol'), { recursive: true })
  node = await createNode({ workers: 1, artefactDirs: [join(folder.path, 'out')] })
  const { port } = await node.serve({ port: 0 })
  url = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  await node.close()
  folder.remove()
})

it('without the compiler takes an artefact that vouches for the sources', async () => {
  const box = await deploy('Box', 6n)
  expect(await why(box, 'Box', inputOf(SOURCE), ABSENT)).toMatch(
    /^there is no solc 0\.8\.999 on this machine .* and no artefact that is watched has this code/,
  )
  const { abi, metadata, evm } = compiled.Box
  const parsed = JSON.parse(metadata) as { readonly compiler: object }
  const told = { ...parsed, compiler: { version: `${ABSENT}+commit.00000000` } }
  const artefact = { abi, metadata: told, ...evm }
  writeFileSync(join(folder.path, 'out', 'Box.sol', 'Box.json'), JSON.stringify(artefact))
  await expect
    .poll(() => verify(box, 'Box', inputOf(SOURCE), ABSENT))
    .toMatchObject({ contract: { match: 'exact_match' } })
  const other = await deploy('Box', 8n)
  expect(await why(other, 'Box', inputOf(`${SOURCE} `), ABSENT)).toContain(
    'src/Box.sol is another text',
  )
})

it('compiles what is claimed, and compares the code and how it was created', async () => {
  const box = await deploy('Box', 5n)
  expect(await verify(box, 'src/Box.sol:Box')).toMatchObject({
    contract: { match: 'exact_match', runtimeMatch: 'exact_match', creationMatch: 'exact_match' },
  })
  const other = await deploy('Box', 6n)
  const commented = inputOf(`${SOURCE}// a word more\n`)
  expect(await verify(other, 'Box', commented)).toMatchObject({
    contract: { match: 'match', runtimeMatch: 'match', creationMatch: 'match' },
  })
})

it('finds how a contract that another one made was created', async () => {
  const maker = await deploy('Maker')
  const from = node.accounts[0]!.address
  const hash = await ask('eth_sendTransaction', { from, to: maker, data: '0xc6dad082' })
  const [box] = await ask<readonly { to: string }[]>('ots_getInternalOperations', hash)
  const query = `module=contract&action=getcontractcreation&contractaddresses=${box!.to}`
  const answer = await fetch(`${url}/api?${query}`)
  expect(await answer.json()).toMatchObject({
    result: [{ txHash: hash, contractCreator: from.toLowerCase(), contractFactory: maker }],
  })
  expect(await verify(box!.to, 'Box')).toMatchObject({ contract: { creationMatch: 'exact_match' } })
})

it('says what is wrong with a claim', async () => {
  const box = await deploy('Box', 5n)
  expect(await why(box, 'Maker')).toMatch(
    /is not Maker: it has \d+ bytes of code, these sources \d+$/,
  )
  const longer = SOURCE.replace('n < size', 'n > size')
  expect(await why(box, 'Box', inputOf(longer))).toMatch(/differs from byte \d+ of \d+ on$/)
  expect(await why(box, 'Chest')).toBe(
    'there is no contract "Chest" in these sources, but src/Box.sol:Box, src/Box.sol:Maker',
  )
  expect(await why(box, 'Box', inputOf('contract Box {'))).toContain('does not compile it')
  const imports = inputOf('import "./package.json"; contract Box {}')
  expect(await why(box, 'Box', imports)).toContain('not found')
  expect(await why(node.accounts[0]!.address, 'Box')).toContain('Unable to locate ContractCode')
})

it('forgets what is no longer there', async () => {
  const box = await deploy('Box', 7n)
  const snapshot = await ask('evm_snapshot')
  await verify(box, 'Box')
  const path = `${url}/v2/contract/31337/${box}`
  expect((await fetch(path)).status).toBe(200)
  await ask('anvil_setCode', box, '0x00')
  expect((await fetch(path)).status).toBe(404)
  await ask('evm_revert', snapshot)
  expect((await fetch(path)).status).toBe(200)
})

it('with a data folder what was verified is known after a restart', async () => {
  const dataDir = join(folder.path, 'chain')
  const memory = [node, url] as const
  const open = async (): Promise<void> => {
    node = await createNode({ workers: 1, artefactDirs: [], dataDir })
    url = `http://127.0.0.1:${(await node.serve({ port: 0 })).port}`
  }
  try {
    await open()
    const box = await deploy('Box', 7n)
    await verify(box, 'Box')
    const path = (): string => `${url}/v2/contract/31337/${box}`
    const before: unknown = await (await fetch(`${path()}?fields=all`)).json()
    await node.close()
    await open()
    expect(await (await fetch(`${path()}?fields=all`)).json()).toEqual(before)
    const call = { to: box, data: `0x3f81a2c0${'9'.padStart(64, '0')}` }
    await expect(ask('eth_call', call)).rejects.toThrow('full')
    expect(await ask('heddle_getContract', box)).toMatchObject({ name: 'Box' })
  } finally {
    await node.close()
    ;[node, url] = memory
  }
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Abi, encodeDeployData, encodeFunctionData } from 'viem'
import { afterEach, expect, it } from 'vitest'

import { Artefacts } from '../../../src/node/artefacts.ts'
import { createNode } from '../../../src/node/create-node.ts'
import { CompiledContracts } from '../../../src/node/profiler/compiled.ts'
import { temporaryFolder } from '../../support/checkout.ts'

const endings: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

const USER = `pragma solidity ^0.8.30;
import "DEPENDENCY";
contract User is Base {
  uint256 public count;
  function fail(uint256 n) external {
    count = n;
    below(n);
  }
}
`
const BASE = `pragma solidity ^0.8.30;
abstract contract Base {
  function below(uint256 n) internal pure {
    require(n > 5, "too few");
  }
}
`

interface Output {
  readonly contracts: Record<
    string,
    Record<string, { abi: Abi; evm: Record<string, { object: string }> }>
  >
}

interface Paths {
  /** As the compiler is told them. */
  readonly user: string
  readonly base: string
}

function compile({ user, base }: Paths, outputs: readonly string[]) {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string }
  const input = {
    language: 'Solidity',
    sources: {
      [user]: { content: USER.replace('DEPENDENCY', base) },
      [base]: { content: BASE },
    },
    settings: { outputSelection: { '*': { '*': ['abi', 'evm', ...outputs], '': ['ast'] } } },
  }
  return { input, output: JSON.parse(solc.compile(JSON.stringify(input))) as Output }
}

type Made = ReturnType<typeof compile> & { readonly files: Readonly<Record<string, unknown>> }

function contractOf({ output }: ReturnType<typeof compile>, user: string) {
  const { abi, evm } = output.contracts[user]!['User']!
  const [bytecode, deployedBytecode] = ['bytecode', 'deployedBytecode'].map(
    (name) => `0x${evm[name]!.object}`,
  )
  const sourceName = 'contracts/User.sol'
  return { contractName: 'User', sourceName, abi, bytecode, deployedBytecode }
}

function hardhat2(): Made {
  const user = 'contracts/User.sol'
  const made = compile({ user, base: '@dep/Base.sol' }, ['storageLayout'])
  return {
    ...made,
    files: {
      'artifacts/contracts/User.sol/User.json': contractOf(made, user),
      'artifacts/contracts/User.sol/User.dbg.json': { buildInfo: '../../build-info/one.json' },
      'artifacts/build-info/one.json': { solcVersion: '0.8.37', ...made },
    },
  }
}

function hardhat3(): Made {
  const user = 'project/contracts/User.sol'
  const made = compile({ user, base: 'npm/@dep/dep@1.0.0/Base.sol' }, [])
  return {
    ...made,
    files: {
      'artifacts/contracts/User.sol/User.json': {
        ...contractOf(made, user),
        inputSourceName: user,
        buildInfoId: 'solc-one',
      },
      'artifacts/build-info/solc-one.json': { solcVersion: '0.8.37', input: made.input },
      'artifacts/build-info/solc-one.output.json': { output: made.output },
    },
  }
}

/** Nothing but artefacts: sources are where they were compiled. */
function project({ files }: Made): string {
  const folder = temporaryFolder('hardhat-stacks')
  endings.push(() => folder.remove())
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true })
    writeFileSync(join(folder.path, name), JSON.stringify(content))
  }
  return folder.path
}

it.each([
  ['2', hardhat2, '@dep/Base.sol'],
  ['3', hardhat3, 'npm/@dep/dep@1.0.0/Base.sol'],
])(
  'stack traces have lines by the artefacts of Hardhat %s, of dependencies too',
  async (_, make, base) => {
    const made = make()
    const folder = project(made)
    const node = await createNode({ workers: 1, artefactDirs: [join(folder, 'artifacts')] })
    endings.push(() => node.close())
    const ask = async <T>(method: string, ...params: unknown[]): Promise<T> =>
      (await node.request({ method, params })) as T
    const { abi, evm } = Object.values(made.output.contracts).find((each) => 'User' in each)![
      'User'
    ]!
    const send = async (fields: object): Promise<string> =>
      ask('eth_sendTransaction', { from: node.accounts[0]!.address, gas: '0x100000', ...fields })
    const bytecode = `0x${evm['bytecode']!.object}` as const
    const deployed = await send({ data: encodeDeployData({ abi, bytecode }) })
    const { contractAddress } = await ask<{ contractAddress: string }>(
      'eth_getTransactionReceipt',
      deployed,
    )
    const data = encodeFunctionData({ abi, functionName: 'fail', args: [3n] })
    const hash = await send({ to: contractAddress, data })
    expect(await ask('heddle_explainTransaction', hash)).toMatchObject({
      failure: {
        frames: [
          { contract: 'User', function: 'below', source: base, line: 4 },
          { contract: 'User', function: 'fail', source: 'contracts/User.sol', line: 7 },
        ],
      },
    })
  },
)

it.each([
  ['2', hardhat2],
  ['3', hardhat3],
])(
  'slots are named and storage has its layout by the artefacts of Hardhat %s, under the names of the project',
  async (_, make) => {
    using artefacts = new Artefacts(['artifacts'], project(make()))
    await artefacts.load()
    const contract = artefacts.contracts.find(({ name }) => name === 'User')!
    const compiled = (await new CompiledContracts().of(contract))!
    expect([...compiled.sources.keys()]).toContain('contracts/User.sol')
    expect([...compiled.artefact.sourcePaths.values()]).toContain('contracts/User.sol')
    const { layout } = compiled.artefact
    expect(layout.kind === 'layout' && layout.layout.variables.map(({ label }) => label)).toEqual([
      'count',
    ])
  },
)

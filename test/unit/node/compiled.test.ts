import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

import { Artefacts } from '../../../src/node/artefacts.ts'
import { type Compiled, CompiledContracts } from '../../../src/node/profiler/compiled.ts'
import { checkout, temporaryFolder } from '../../support/checkout.ts'
import { loadArtefact } from '../../support/contracts.ts'

const SOURCE = 'contracts/src/counters/Counter.sol'

const endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings.splice(0)) end()
})

type Json = Record<string, unknown>

function project(files: Readonly<Record<string, unknown>>): string {
  const { path, remove } = temporaryFolder('compiled')
  endings.push(remove)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return path
}

async function read(folder: string, artefacts: string, wanted = 'Counter'): Promise<Compiled> {
  using found = new Artefacts([artefacts], folder)
  await found.load()
  const contract = found.contracts.find(({ name }) => name === wanted)
  const compiled = await new CompiledContracts().of(contract!)
  return compiled!
}

const text = readFileSync(join(checkout, SOURCE), 'utf8')
const whole = (): Json => structuredClone(loadArtefact('Counter')) as unknown as Json
const labels = ({ artefact }: Compiled): unknown =>
  artefact.layout.kind === 'layout'
    ? artefact.layout.layout.variables.map(({ label }) => label)
    : artefact.layout.reason

function foundry(artefact: Json, source: string): string {
  const id = String(artefact['id'])
  return project({
    'out/Counter.sol/Counter.json': artefact,
    'out/build-info/abc.json': { id: 'abc', source_id_to_path: { [id]: SOURCE } },
    [SOURCE]: source,
  })
}

describe('an artefact of Foundry', () => {
  it('has its layout, its source and the numbers of source maps', async () => {
    const compiled = await read(foundry(whole(), text), 'out')
    expect(labels(compiled)).toEqual(['count'])
    expect([...compiled.artefact.sourcePaths.values()]).toEqual([SOURCE])
    expect([...compiled.sources.keys()]).toEqual([SOURCE])
  })

  it('without a layout is compiled again by a compiler that is here', async () => {
    const { storageLayout: _none, ...artefact } = whole()
    expect(labels(await read(foundry(artefact, text), 'out'))).toEqual(['count'])
  })

  it('of many sources is compiled again too: what the compiler prints is more than a pipe holds', async () => {
    const { storageLayout: _none, ...artefact } = structuredClone(
      loadArtefact('CheckpointVault'),
    ) as unknown as Json
    const metadata = artefact['metadata'] as { readonly sources: Readonly<Record<string, unknown>> }
    const paths = Object.keys(metadata.sources)
    expect(paths.length).toBeGreaterThan(1)
    const folder = project({
      'out/CheckpointVault.sol/CheckpointVault.json': artefact,
      ...Object.fromEntries(
        paths.map((path) => [path, readFileSync(join(checkout, path), 'utf8')] as const),
      ),
    })
    const compiled = await read(folder, 'out', 'CheckpointVault')
    expect(compiled.artefact.layout.kind).toBe('layout')
    expect([...compiled.sources.keys()].toSorted()).toEqual(paths.toSorted())
  })

  it('says the line to add when there is no such compiler, or a source is another', async () => {
    const { storageLayout: _none, ...artefact } = whole()
    const line = 'add extra_output = ["storageLayout"] to [profile.default] in foundry.toml'
    const metadata = artefact['metadata'] as Json
    const old = { ...artefact, metadata: { ...metadata, compiler: { version: '0.8.3+commit.0' } } }
    expect(labels(await read(foundry(old, text), 'out'))).toContain(line)
    const edited = await read(foundry(artefact, `// edited\n${text}`), 'out')
    expect(labels(edited)).toContain(line)
    // Its lines would be others.
    expect(edited.sources.size).toBe(0)
  })
})

describe('an artefact of Hardhat', () => {
  const contract = (withLayout: boolean): Json => {
    const { abi, bytecode, deployedBytecode, storageLayout } = loadArtefact('Counter')
    const layout = withLayout ? { storageLayout } : {}
    return { abi, evm: { bytecode, deployedBytecode }, ...layout }
  }
  const input = {
    language: 'Solidity',
    sources: { [SOURCE]: { content: text } },
    settings: { evmVersion: 'osaka' },
  }
  const output = (withLayout: boolean): Json => ({
    contracts: { [SOURCE]: { Counter: contract(withLayout) } },
    sources: { [SOURCE]: { id: 0 } },
  })
  const artefact = (more: Json): Json => {
    const { abi, bytecode, deployedBytecode } = loadArtefact('Counter')
    return {
      contractName: 'Counter',
      sourceName: SOURCE,
      abi,
      bytecode: bytecode.object,
      deployedBytecode: deployedBytecode.object,
      ...more,
    }
  }
  const version = { solcVersion: '0.8.37' }

  it('of version 2 is read from the build-info that its .dbg.json names', async () => {
    const folder = project({
      [`artifacts/${SOURCE}/Counter.json`]: artefact({}),
      [`artifacts/${SOURCE}/Counter.dbg.json`]: {
        buildInfo: '../../../../build-info/one.json',
      },
      'artifacts/build-info/one.json': { ...version, input, output: output(true) },
    })
    const compiled = await read(folder, 'artifacts')
    expect(labels(compiled)).toEqual(['count'])
    expect(compiled.sources.get(SOURCE)).toBe(text)
  })

  it('of version 3 is read from the output beside, and compiled again for a layout', async () => {
    const folder = project({
      [`artifacts/${SOURCE}/Counter.json`]: artefact({
        buildInfoId: 'two',
        inputSourceName: SOURCE,
      }),
      'artifacts/build-info/two.json': { ...version, input },
      'artifacts/build-info/two.output.json': { output: output(false) },
    })
    const compiled = await read(folder, 'artifacts')
    expect(labels(compiled)).toEqual(['count'])
    expect(compiled.artefact.sourcePaths.get(0)).toBe(SOURCE)
  })
})

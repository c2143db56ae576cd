import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { encodeDeployData, toEventSelector, toFunctionSelector } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'

import { compareRuntime, toTemplate } from '../../../src/node/artefact-code.ts'
import { Artefacts } from '../../../src/node/artefacts.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import { checkout, temporaryFolder } from '../../support/checkout.ts'
import { buildContracts, loadArtefact } from '../../support/contracts.ts'
import { createRig } from '../tracer/rig.ts'

const endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings.splice(0)) end()
})

function folder(): string {
  const { path, remove } = temporaryFolder('artefacts')
  endings.push(remove)
  return path
}

function open(folders: readonly string[], cwd: string): Artefacts {
  const artefacts = new Artefacts(folders, cwd)
  endings.push(() => artefacts[Symbol.dispose]())
  return artefacts
}

/** Writes as a compiler may: whole, by a rename. */
function write(path: string, json: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.tmp`, typeof json === 'string' ? json : JSON.stringify(json))
  renameSync(`${path}.tmp`, path)
}

/** Loads until `seen`: a change of files is noticed soon, not at once. */
async function loadUntil(artefacts: Artefacts, seen: () => boolean): Promise<void> {
  const look = async (): Promise<boolean> => {
    await artefacts.load()
    return seen()
  }
  await expect.poll(look).toBe(true)
}

const names = ({ contracts }: Artefacts): string[] => contracts.map(({ name }) => name)

const code = (byte: string): { readonly object: string } => ({ object: `0x60${byte}600055` })
const foundry = (byte: string): unknown => ({
  abi: [
    { type: 'function', name: 'get', inputs: [], outputs: [], stateMutability: 'view' },
    { type: 'error', name: 'Bad', inputs: [{ name: 'n', type: 'uint256' }] },
    { type: 'event', name: 'Seen', inputs: [{ name: 'n', type: 'uint256', indexed: true }] },
  ],
  bytecode: code(byte),
  deployedBytecode: code(byte),
})

describe('Artefacts of Foundry', () => {
  it('know the contracts of this repository by their code', async () => {
    buildContracts()
    const artefacts = open(['out'], checkout)
    await artefacts.load()
    const rig = createRig()
    for (const name of ['Diagnostics', 'WETH', 'Counter', 'Multicall']) {
      const { bytecode, abi } = loadArtefact(name)
      const inputs = abi.find((item) => item.type === 'constructor')?.inputs ?? []
      if (inputs.length > 0) continue
      expect(artefacts.byCreation(hexToBytes(bytecode.object))?.name).toBe(name)
      const address = await rig.deploy(bytecode.object)
      const deployed = rig.view.code(rig.view.account(address)!.codeHash)
      expect(artefacts.byRuntime(deployed)?.name).toBe(name)
    }
    const contract = artefacts.contracts.find(({ name }) => name === 'Diagnostics')!
    expect(contract.source).toMatch(/Diagnostics\.sol$/)
    expect(await artefacts.storageLayoutOf(contract)).toMatchObject({
      storage: expect.arrayContaining([expect.objectContaining({ label: 'value' })]),
    })
  })

  it('are recognised with constructor arguments and with immutables set', async () => {
    const artefacts = open(['out'], checkout)
    await artefacts.load()
    const withImmutables = artefacts.contracts.filter(
      ({ creation, runtime }) => creation !== undefined && (runtime?.gaps.length ?? 0) > 0,
    )
    expect(withImmutables.length).toBeGreaterThan(0)
    for (const { name, runtime } of withImmutables) {
      const set = runtime!.bytes.slice()
      for (const { start, length } of runtime!.gaps) set.fill(0xab, start, start + length)
      expect(artefacts.byRuntime(set)?.name).toBe(name)
    }
    const { abi, bytecode } = loadArtefact('ERC20')
    const inputs = abi.find((item) => item.type === 'constructor')!.inputs
    const args = inputs.map(({ type }) => (type === 'string' ? 'Token' : 1n))
    const data = encodeDeployData({ abi, bytecode: bytecode.object, args })
    expect(artefacts.byCreation(hexToBytes(data))?.name).toBe('ERC20')
  })

  it('find functions, errors and events by selector and topic', async () => {
    const cwd = folder()
    write(join(cwd, 'out/Thing.sol/Thing.json'), foundry('01'))
    const artefacts = open(['out'], cwd)
    await artefacts.load()
    expect(artefacts.functionOf(toFunctionSelector('get()'))?.name).toBe('get')
    expect(artefacts.errorOf(toFunctionSelector('Bad(uint256)'))?.signature).toBe('Bad(uint256)')
    const topic = toEventSelector('Seen(uint256)')
    expect(artefacts.eventOf(topic as Parameters<Artefacts['eventOf']>[0])?.name).toBe('Seen')
    expect(artefacts.functionOf('0xdeadbeef')).toBeUndefined()
  })

  it('say what is there by counting files', () => {
    const cwd = folder()
    expect(open(['out', 'artifacts'], cwd).describe()).toBe(
      'none found (looked in out/, artifacts/)',
    )
    write(join(cwd, 'out/A.sol/A.json'), foundry('01'))
    expect(open(['out', 'artifacts'], cwd).describe()).toBe('out/ (1 contract)')
    write(join(cwd, 'out/B.sol/B.json'), 'not read here')
    write(join(cwd, 'out/build-info/abc.json'), {})
    write(join(cwd, 'artifacts/contracts/C.sol/C.json'), {})
    write(join(cwd, 'artifacts/contracts/C.sol/C.dbg.json'), {})
    expect(open(['out', 'artifacts'], cwd).describe()).toBe(
      'out/ (2 contracts), artifacts/ (1 contract)',
    )
    expect(open([], cwd).describe()).toBe('none (no folder is named)')
  })
})

describe('Artefacts while the node runs', () => {
  it('notice new, changed and removed files, and folders that appear later', async () => {
    const cwd = folder()
    const artefacts = open(['out'], cwd)
    await artefacts.load()
    expect(names(artefacts)).toEqual([])

    write(join(cwd, 'out/A.sol/A.json'), foundry('01'))
    await loadUntil(artefacts, () => names(artefacts).join() === 'A')
    expect(artefacts.byRuntime(hexToBytes(code('01').object))?.name).toBe('A')

    write(join(cwd, 'out/B.sol/B.json'), foundry('02'))
    await loadUntil(artefacts, () => names(artefacts).join() === 'A,B')

    write(join(cwd, 'out/A.sol/A.json'), { ...(foundry('03') as object), longer: true })
    const changed = hexToBytes(code('03').object)
    await loadUntil(artefacts, () => artefacts.byRuntime(changed)?.name === 'A')
    expect(artefacts.byRuntime(hexToBytes(code('01').object))).toBeUndefined()

    rmSync(join(cwd, 'out/B.sol'), { recursive: true })
    await loadUntil(artefacts, () => names(artefacts).join() === 'A')
    rmSync(join(cwd, 'out'), { recursive: true })
    await loadUntil(artefacts, () => names(artefacts).length === 0)
  })

  it('keep what a file was while it is half written, and pass over what is no artefact', async () => {
    const cwd = folder()
    const path = join(cwd, 'out/A.sol/A.json')
    write(path, foundry('01'))
    for (const [name, json] of Object.entries({
      text: 'no json',
      list: [1, 2],
      wrong: { abi: [{ name: 1 }, null, { type: 'function', name: 'f', inputs: [{}] }] },
      word: '"abi"',
      codes: { abi: [], bytecode: 7, deployedBytecode: { object: '0xzz' } },
    })) {
      write(join(cwd, `out/${name}.json`), json)
    }
    const artefacts = open(['out'], cwd)
    await artefacts.load()
    expect(names(artefacts)).toEqual(['A', 'codes', 'wrong'])
    write(path, JSON.stringify(foundry('02')).slice(0, 50))
    write(join(cwd, 'out/Z.sol/Z.json'), foundry('05'))
    await loadUntil(artefacts, () => names(artefacts).includes('Z'))
    expect(artefacts.byRuntime(hexToBytes(code('01').object))?.name).toBe('A')
    write(path, foundry('02'))
    await loadUntil(
      artefacts,
      () => artefacts.byRuntime(hexToBytes(code('02').object)) !== undefined,
    )
  })

  it('answer nothing when nothing was loaded, and load nothing when closed', async () => {
    const cwd = folder()
    write(join(cwd, 'out/A.sol/A.json'), foundry('01'))
    const artefacts = open(['out'], cwd)
    expect(artefacts.byRuntime(hexToBytes('0x00'))).toBeUndefined()
    expect(artefacts.byCreation(hexToBytes('0x00'))).toBeUndefined()
    artefacts[Symbol.dispose]()
    await artefacts.load()
    expect(artefacts.contracts).toEqual([])
  })
})

describe('Artefacts of Hardhat', () => {
  const layout = { storage: [{ label: 'total' }], types: {} }

  it('are read as Hardhat 2 writes them', async () => {
    const cwd = folder()
    const base = 'artifacts/contracts/Token.sol/Token'
    write(join(cwd, `${base}.json`), {
      _format: 'hh-sol-artifact-1',
      contractName: 'Token',
      sourceName: 'contracts/Token.sol',
      abi: [],
      bytecode: `0x7f${'00'.repeat(32)}6001`,
      deployedBytecode: `0x7f${'00'.repeat(32)}6002`,
    })
    write(join(cwd, `${base}.dbg.json`), { buildInfo: '../../build-info/1.json' })
    write(join(cwd, 'artifacts/build-info/1.json'), {
      output: {
        contracts: { 'contracts/Token.sol': { Token: { abi: [], storageLayout: layout } } },
      },
    })
    const artefacts = open(['artifacts'], cwd)
    await artefacts.load()
    expect(names(artefacts)).toEqual(['Token'])
    // Hardhat 2 does not say where the immutables are.
    expect(artefacts.byRuntime(hexToBytes(`0x7f${'11'.repeat(32)}6002`))?.name).toBe('Token')
    expect(await artefacts.storageLayoutOf(artefacts.contracts[0]!)).toEqual(layout)
  })

  it('are read as Hardhat 3 writes them', async () => {
    const cwd = folder()
    write(join(cwd, 'artifacts/contracts/Token.sol/Token.json'), {
      _format: 'hh3-artifact-1',
      contractName: 'Token',
      sourceName: 'contracts/Token.sol',
      abi: [],
      bytecode: '0x6001',
      deployedBytecode: '0x60006002',
      immutableReferences: { 5: [{ start: 1, length: 1 }] },
      inputSourceName: 'project/contracts/Token.sol',
      buildInfoId: 'solc-1',
    })
    write(join(cwd, 'artifacts/build-info/solc-1.output.json'), {
      output: {
        contracts: { 'project/contracts/Token.sol': { Token: { storageLayout: layout } } },
      },
    })
    const artefacts = open(['artifacts'], cwd)
    await artefacts.load()
    expect(artefacts.byRuntime(hexToBytes('0x60ff6002'))?.name).toBe('Token')
    expect(await artefacts.storageLayoutOf(artefacts.contracts[0]!)).toEqual(layout)
  })

  it('are read from a build-info when there is nothing else', async () => {
    const cwd = folder()
    const evm = { bytecode: { object: '6001' }, deployedBytecode: { object: '6002' } }
    write(join(cwd, 'artifacts/build-info/1.json'), {
      output: { contracts: { 'a.sol': { One: { abi: [], evm }, Two: { abi: [] } } } },
    })
    const artefacts = open(['artifacts'], cwd)
    await artefacts.load()
    expect(names(artefacts)).toEqual(['One', 'Two'])
    expect(artefacts.byRuntime(hexToBytes('0x6002'))?.name).toBe('One')
  })
})

describe('a code template', () => {
  const metadata = (hash: string): string =>
    `a26469706673${hash.repeat(22)}64736f6c6343${'08'.repeat(3)}`
  const withMetadata = (body: string, hash: string): string => {
    const tail = metadata(hash)
    return `0x${body}${tail}${(tail.length / 2).toString(16).padStart(4, '0')}`
  }

  it('fits code that differs in its metadata only', () => {
    const template = toTemplate(withMetadata('60016002', 'aa'))!
    const like = (hex: string): string => compareRuntime(template, hexToBytes(hex))
    expect(like(withMetadata('60016002', 'aa'))).toBe('exact')
    expect(like(withMetadata('60016002', 'bb'))).toBe('butMetadata')
    expect(like(withMetadata('60016003', 'aa'))).toBe('none')
    // A build may leave it out.
    expect(like('0x60016002')).toBe('butMetadata')
    expect(like('0x')).toBe('none')
  })

  it('leaves room for the addresses of libraries and for its own', () => {
    const address = 'cd'.repeat(20)
    const linked = toTemplate(`0x6001__$${'0123456789abcdef'.repeat(2)}01$__6002`)
    expect(linked?.gaps).toEqual([{ start: 2, length: 20 }])
    const code = hexToBytes(`0x6001${address}6002`)
    expect(compareRuntime(linked!, code)).toBe('exact')
    const library = toTemplate(`0x73${'00'.repeat(20)}3014`)!
    expect(compareRuntime(library, hexToBytes(`0x73${address}3014`))).toBe('exact')
    expect(compareRuntime(library, hexToBytes(`0x73${address}3015`))).toBe('none')
    expect(toTemplate('0x')).toBeUndefined()
    expect(toTemplate('0x6')).toBeUndefined()
  })
})

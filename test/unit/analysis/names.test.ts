import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { compileStandardJson } from '../../../scripts/solc-json.mjs'

import {
  type ContractArtefact,
  readCompilerOutput,
  readFoundryArtefact,
} from '../../../src/analysis/names/artefact.ts'
import { parseLayout } from '../../../src/analysis/names/layout.ts'
import {
  type BookInput,
  type NameBook,
  changedFields,
  nameBook,
} from '../../../src/analysis/names/name-book.ts'
import { namespaceSlot } from '../../../src/analysis/names/well-known.ts'
import { bytesToBigInt, concatBytes } from '../../../src/primitives/bytes.ts'
import { type Address, bytesToHex, slotOf } from '../../../src/primitives/hex.ts'
import { keccak256 } from '../../../src/primitives/keccak.ts'
import { checkout } from '../../support/checkout.ts'
import { loadArtefact } from '../../support/contracts.ts'
import { CONTRACT } from './blocks.ts'
import { type Call, Workshop, user } from './workshop.ts'

/** The names of what a call of `Shapes` changed. */
async function changedBy(fn: string, args: readonly unknown[] = []): Promise<readonly string[]> {
  const shop = new Workshop()
  const to = await shop.deploy('Shapes')
  const call: Call = { from: 1, to, function: fn, args }
  const { recording, book, report } = await shop.record([call])
  expect(report.coverage.named).toBe(report.coverage.slots)
  const { reads, writes } = recording.transactions[0]!.access
  const slots = [...writes.accounts.get(to)!.slots!]
  return slots
    .flatMap(([key, after]) => {
      const { fields, contract } = book.nameOf({ kind: 'slot', address: to, key })
      const before = reads.get(to)!.slots!.get(key)!
      return changedFields(fields, before, after).map(({ path }) => `${contract}.${path}`)
    })
    .toSorted()
}

describe('a slot is named', () => {
  it('as a variable, each of those that share it apart', async () => {
    expect(await changedBy('simple')).toEqual(['Shapes.boss', 'Shapes.flag', 'Shapes.small'])
  })

  it('as a member of structs in storage, in mappings of mappings, in arrays', async () => {
    const owner = user(3)
    expect(await changedBy('structs', [owner])).toEqual([
      'Shapes.origin.label',
      'Shapes.origin.tags[1]',
      'Shapes.pairs[-3][1].y',
      `Shapes.pointOf[${owner}][42].by`,
      'Shapes.points.length',
      'Shapes.points[1].tags[2]',
    ])
  })

  it('as an element, also where several share a slot', async () => {
    expect(await changedBy('arrays', [2n])).toEqual([
      'Shapes.fixedWords[2]',
      'Shapes.listOf["a name"].length',
      'Shapes.listOf["a name"][0]',
      'Shapes.listOf["a name"][1]',
      'Shapes.packedList.length',
      ...Array.from({ length: 10 }, (_, n) => `Shapes.packedList[${n}]`),
      'Shapes.packedWords[5]',
    ])
  })

  it('as an entry whose key the compiler had hashed itself, and as a part of long bytes', async () => {
    const names = await changedBy('keys')
    expect(names).toContain(`Shapes.atNobody[0x${'0'.repeat(40)}]`)
    expect(names).toContain('Shapes.blob')
    expect(names).toContain('Shapes.blob (bytes 0..)')
    expect(names).toContain('Shapes.blob (bytes 32..)')
    expect(names.filter((name) => /^Shapes\.known\[0x[0-9a-f]{8}\]$/.test(name))).toHaveLength(1)
  })
})

const artefactWith = (more: object): ContractArtefact =>
  readFoundryArtefact({ ...loadArtefact('Counter'), ...more }, 'Counter', new Map())!
const bookOf = (artefact: ContractArtefact, sites: BookInput['sites'] = []): NameBook =>
  nameBook({
    contracts: [{ address: CONTRACT, artefact, fits: 'exact' }],
    sites,
    hashed: [],
    sources: new Map(),
  })
const slot = (key: bigint, address: Address = CONTRACT) =>
  ({ kind: 'slot', address, key: slotOf(key) }) as const

const variable = (label: string, type: string) => ({ label, offset: 0, slot: '0', type })
const value = (label: string) => ({ encoding: 'inplace', label, numberOfBytes: '32' })

it('an entry whose key is a text of the sources, or the hash of one, is named', () => {
  const storageLayout = {
    storage: [variable('places', 't_places')],
    types: {
      t_places: {
        encoding: 'mapping',
        label: 'mapping(bytes32 => uint256)',
        numberOfBytes: '32',
        key: 't_key',
        value: 't_value',
      },
      t_key: value('bytes32'),
      t_value: value('uint256'),
    },
  }
  const code = { object: '0x00', sourceMap: '0:1:7:-:0' }
  const json = { ...loadArtefact('Counter'), storageLayout, deployedBytecode: code }
  const artefact = readFoundryArtefact(json, 'Counter', new Map([[7, 'Registry.sol']]))!
  const text = `bytes32 constant POOL = 'POOL'; bytes32 constant ADMIN = keccak256("ADMIN");`
  const book = nameBook({
    contracts: [{ address: CONTRACT, artefact, fits: 'exact' }],
    sites: [],
    hashed: [],
    sources: new Map([['Registry.sol', text]]),
  })
  const entry = (key: Uint8Array) =>
    book.nameOf(slot(bytesToBigInt(keccak256(concatBytes(key, new Uint8Array(32)))))).name
  const pool = Buffer.concat([Buffer.from('POOL')], 32)
  const admin = keccak256(Buffer.from('ADMIN'))
  expect(entry(pool)).toBe(`Counter.places[${bytesToHex(pool)}]`)
  expect(entry(admin)).toBe(`Counter.places[${bytesToHex(admin)}]`)
  expect(entry(keccak256(Buffer.from('OTHER')))).toContain('slot 0x')
})

it('a slot that only libraries touch has the name of the implementation that called them', () => {
  const [proxy, library] = [`0x${'a1'.repeat(20)}`, `0x${'b2'.repeat(20)}`] as Address[]
  const storageLayout = { storage: [variable('total', 't')], types: { t: value('uint256') } }
  const site = {
    location: slot(0n, proxy),
    access: 'write',
    pc: 0,
    codeAddress: library!,
    path: [proxy!, CONTRACT, library!],
  } as const
  const { name } = bookOf(artefactWith({ storageLayout }), [site]).nameOf(slot(0n, proxy))
  expect(name).toBe('Counter.total')
})

describe('what cannot be used is refused by name', () => {
  it('an artefact without a layout says how to get one', () => {
    const book = bookOf(artefactWith({ storageLayout: undefined }))
    expect(book.refused).toEqual([
      {
        address: CONTRACT,
        contract: 'Counter',
        reason:
          'no storage layout: add extra_output = ["storageLayout"] to [profile.default] in foundry.toml',
      },
    ])
    expect(book.nameOf(slot(0n))).toMatchObject({ by: 'shape', name: 'Counter slot 0' })
  })

  it.each([
    ['a layout that is none', 7, 'the layout: expected an object'],
    [
      'a variable without a slot',
      { storage: [{ label: 'x', offset: 0, type: 't' }] },
      'storage[0].slot: expected a decimal number in quotes, got undefined',
    ],
    [
      'an offset beyond the slot',
      { storage: [{ label: 'x', offset: 32, slot: '0', type: 't' }] },
      'storage[0].offset: expected 0 to 31, got 32',
    ],
    [
      'a type that is not there',
      { storage: [{ label: 'x', offset: 0, slot: '0', type: 't' }], types: {} },
      'x: its type t is not among the types',
    ],
    [
      'an encoding of another world',
      { storage: [], types: { t: { label: 't', numberOfBytes: '32', encoding: 'vyper' } } },
      't.encoding: unknown vyper',
    ],
  ])('%s', (_what, json, reason) => {
    expect(parseLayout(json)).toEqual({ kind: 'refused', reason })
  })

  it('an artefact that has no access where the code that ran had one', () => {
    const site = {
      location: slot(0n),
      access: 'read',
      pc: 1,
      codeAddress: CONTRACT,
      path: [CONTRACT],
    } as const
    const book = bookOf(artefactWith({}), [site])
    expect(book.refused[0]!.reason).toContain("is not the artefact's")
    expect(book.nameOf(slot(0n)).by).toBe('shape')
  })
})

describe('standard slots', () => {
  it('of ERC-1967 are known in any contract', () => {
    const key = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbcn
    expect(bookOf(artefactWith({})).nameOf(slot(key)).name).toBe('Counter.ERC1967.implementation')
  })

  it('of ERC-7201 lie where the standard says', () => {
    const main = 0x183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500n
    expect(namespaceSlot('example.main')).toBe(main)
  })
})

describe('structs in namespaces (ERC-7201)', () => {
  it('are named from the syntax tree, those that are inherited too', async () => {
    const path = 'contracts/src/planted/Namespaced.sol'
    const input = {
      language: 'Solidity',
      sources: { [path]: { content: readFileSync(join(checkout, path), 'utf8') } },
      settings: {
        evmVersion: 'osaka',
        optimizer: { enabled: true, runs: 200 },
        outputSelection: { '*': { '*': ['storageLayout', 'evm.deployedBytecode'], '': ['ast'] } },
      },
    }
    const output = JSON.parse(compileStandardJson(JSON.stringify(input)))
    const artefact = readCompilerOutput(output).get(`${path}:Namespaced`)!
    const shop = new Workshop()
    const to = await shop.deploy('Namespaced')
    const calls: Call[] = [
      { from: 1, to, function: 'add', args: [5n] },
      { from: 2, to, function: 'fill' },
    ]
    const { recording, hashed } = await shop.record(calls)
    const book = nameBook({
      contracts: [{ address: to, artefact, fits: 'exact' }],
      sites: [],
      hashed,
      sources: new Map(),
    })
    const names = recording.transactions.flatMap(({ access }) =>
      [...access.writes.accounts.get(to)!.slots!].flatMap(([key, after]) => {
        const { fields } = book.nameOf({ kind: 'slot', address: to, key })
        return changedFields(fields, access.reads.get(to)!.slots!.get(key)!, after)
      }),
    )
    expect(names.map(({ path: name, type }) => `${name} ${type}`).toSorted()).toEqual([
      `BaseStorage.credits[${user(1)}] uint256`,
      'BaseStorage.since uint64',
      'MainStorage.entry.level enum Namespaced.Level',
      'MainStorage.entry.marks.length uint256',
      'MainStorage.entry.marks[0] uint256',
      'MainStorage.entry.price uint96',
      'MainStorage.recent[2] uint64',
      'MainStorage.title string',
      'MainStorage.total uint128',
    ])
  })
})

it("the compiler's own output, as Hardhat keeps it, names contracts by path", () => {
  const { deployedBytecode, storageLayout } = loadArtefact('Counter')
  const evm = { deployedBytecode: { object: deployedBytecode.object.slice(2), sourceMap: '0:1:3' } }
  const output = {
    sources: { 'a/Counter.sol': { id: 3 } },
    contracts: { 'a/Counter.sol': { Counter: { storageLayout, evm } } },
  }
  for (const json of [output, { output }]) {
    const artefact = readCompilerOutput(json).get('a/Counter.sol:Counter')!
    expect(artefact.layout.kind).toBe('layout')
    expect(artefact.sourcePaths).toEqual(new Map([[3, 'a/Counter.sol']]))
    expect(artefact.runtime).toHaveLength((deployedBytecode.object.length - 2) / 2)
    expect(bookOf(artefact).nameOf(slot(0n)).name).toBe('Counter.count')
  }
})

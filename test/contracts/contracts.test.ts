import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkout } from '../support/checkout.ts'
import { buildContracts, loadArtefact, loadContract } from '../support/contracts.ts'
import type { StorageEntry } from '../support/contracts.ts'

const deployable = [
  'Airdrop',
  'BatchDelegate',
  'CheckpointVault',
  'Counter',
  'DerivedIdNFT',
  'Diagnostics',
  'ERC1967Proxy',
  'ERC20',
  'FeeToken',
  'FeeTokenPerAccount',
  'IndexVault',
  'MintCounterNFT',
  'Multicall',
  'NameRegistry',
  'NameRegistryV2',
  'OrderBook',
  'OrderBookPerMarket',
  'Pair',
  'PairFactory',
  'Router',
  'ShardedCounter',
  'UserCounter',
  'WETH',
] as const

function fieldsOf(name: string): string[] {
  const show = ({ label, slot, offset }: StorageEntry): string => `${label} ${slot}+${offset}`
  return loadContract(name).storageLayout.storage.map(show)
}

function buildInfos(): Record<string, string>[] {
  const folder = join(checkout, 'out', 'build-info')
  return readdirSync(folder)
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown)
    .map((info) => (info as { source_id_to_path: Record<string, string> }).source_id_to_path)
}

describe('the contracts, built by npm', () => {
  beforeAll(() => {
    buildContracts()
  })

  it('compile without a warning', () => {
    const { stdout, stderr } = buildContracts()
    const warnings = stderr.split('\n').filter((line) => /warning/i.test(line))
    expect(warnings.filter((line) => !/license/i.test(line))).toEqual([])
    expect(stdout).toContain('up to date')
  })

  it.each(deployable)('%s can be deployed, and says where its code comes from', (name) => {
    const { abi, bytecode, deployedBytecode, storageLayout, id } = loadArtefact(name)
    expect(abi.length).toBeGreaterThan(0)
    expect(bytecode.object).toMatch(/^0x(?:[0-9a-f]{2})+$/)
    expect(bytecode.linkReferences).toEqual({})
    expect(deployedBytecode.object).toMatch(/^0x(?:[0-9a-f]{2})+$/)
    expect(deployedBytecode.sourceMap.split(';').length).toBeGreaterThan(10)
    expect(deployedBytecode.sourceMap).toMatch(new RegExp(`^\\d+:\\d+:${id}:`))
    expect(storageLayout.storage).toBeInstanceOf(Array)
    const sources = buildInfos().map((paths) => paths[id])
    expect(sources.some((path) => path?.endsWith(`/${name}.sol`))).toBe(true)
  })

  it('code is under the limit of 24,576 bytes (EIP-170)', () => {
    const tooLong = deployable.filter((name) => {
      const { deployedBytecode } = loadContract(name)
      return (deployedBytecode.length - 2) / 2 > 24_576
    })
    expect(tooLong).toEqual([])
  })

  it('storage layouts name the variables that conflict', () => {
    expect(fieldsOf('Counter')).toEqual(['count 0+0'])
    expect(fieldsOf('FeeToken')).toContain('feesCollected 5+0')
    expect(fieldsOf('FeeTokenPerAccount')).toContain('feesOf 5+0')
    expect(fieldsOf('OrderBook')).toEqual([
      'funds 0+0',
      'orders 1+0',
      'marketOf 2+0',
      'openOrders 3+0',
    ])
    expect(fieldsOf('IndexVault')).toEqual([
      'index 0+0',
      'indexedAt 0+24',
      'totalShares 1+0',
      'sharesOf 2+0',
    ])
    expect(fieldsOf('Pair').slice(-3)).toEqual(['_reserve0 5+0', '_reserve1 5+14', '_locked 5+28'])
  })

  it('the second version of the registry keeps the first one as it lies', () => {
    const before = fieldsOf('NameRegistry')
    expect(fieldsOf('NameRegistryV2')).toEqual([...before, 'fee 3+0'])
  })

  it('before and after offer the same functions where they can', () => {
    const identifiers = (name: string): string[] =>
      Object.keys(loadArtefact(name).methodIdentifiers)
    expect(identifiers('ShardedCounter')).toContain('increment()')
    expect(identifiers('UserCounter')).toContain('increment()')
    expect(identifiers('DerivedIdNFT')).toContain('mint()')
    const place = 'place((address,address),bool,uint64,uint128)'
    expect(identifiers('OrderBook')).toContain(place)
    expect(identifiers('OrderBookPerMarket')).toContain(place)
  })

  it('immutables are marked in the deployed code', () => {
    const { immutableReferences } = loadArtefact('ERC20').deployedBytecode
    expect(Object.keys(immutableReferences)).toHaveLength(1)
  })

  it('a name that no contract has is refused', () => {
    expect(() => loadContract('Nothing')).toThrow('no contract Nothing in contracts/src')
  })
})

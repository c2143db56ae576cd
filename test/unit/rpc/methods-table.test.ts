import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { absent, faultsOf, peers, renderTable } from '../../../scripts/methods/table.mjs'
import { methodRegistry } from '../../../src/rpc/registry.ts'

const registry = methodRegistry()
const names = ['rpc_discover', ...registry.keys()]
const kinds = registry.get('eth_subscribe')!.params[0]!.schema['enum'] as readonly string[]
const parametersOf = (name: string): string =>
  registry
    .get(name)!
    .params.map((each) => `${each.name}${each.optional ? '?' : ''}`)
    .join(', ')
const file = join(import.meta.dirname, '../../../src/rpc/METHODS.md')

describe('the table of methods', () => {
  it('is current; `npm run methods` writes it', () => {
    expect(readFileSync(file, 'utf8')).toBe(renderTable(names, parametersOf, kinds))
  })

  it('has every method of other nodes, or a reason why it is not here', () => {
    expect(faultsOf(names)).toEqual([])
  })

  it('notices what is missing, and a reason for what is there', () => {
    expect(faultsOf(names.filter((name) => name !== 'eth_call'))).toEqual([
      'eth_call: is missing without a reason',
    ])
    expect(faultsOf([...names, 'heddle_new'])).toEqual(['heddle_new: own.json says nothing of it'])
    expect(faultsOf(names.filter((name) => name !== 'heddle_flush'))).toEqual([
      'heddle_flush: is in own.json, but not here',
    ])
    expect(faultsOf([...names, 'eth_getWork'])).toEqual([
      'eth_getWork: is here, and has a reason why not',
    ])
  })

  it("has all of Anvil 1.7.1's and Hardhat's methods but those with a reason", () => {
    const of = (peer: string): string[] =>
      Object.keys(peers).filter((name) => peers[name]!.includes(peer) && !names.includes(name))
    expect(of('hardhat')).toEqual([])
    expect(of('anvil').every((name) => name in absent)).toBe(true)
  })
})

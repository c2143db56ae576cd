import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { loadArtefact } from '../../support/contracts.ts'
import { type Profiled, profiled } from './profiled.ts'

interface Field {
  readonly name: string
  readonly type: string
  readonly value?: string
  readonly before?: string
  readonly after?: string
}
interface Slot {
  readonly slot: string
  readonly label: string
  readonly fields: readonly Field[]
}
interface Storage {
  readonly slots: readonly Slot[]
  readonly next: string | null
}

let stage: Profiled
let token: string
let ask: <T>(method: string, ...params: unknown[]) => Promise<T>

beforeAll(async () => {
  stage = await profiled()
  ask = async <T>(method: string, ...params: unknown[]) => (await stage.ask(method, ...params)) as T
  token = await stage.deploy('ERC20', 'Token <b>', 'TOK', 1_000n)
}, 60_000)
afterAll(() => stage[Symbol.asyncDispose]())

const valuesOf = ({ slots }: Storage): Record<string, string | undefined> =>
  Object.fromEntries(slots.flatMap(({ fields }) => fields.map(({ name, value }) => [name, value])))

describe('heddle_getContract', () => {
  it('has the name, the source and the ABI of code that an artefact has', async () => {
    const found = await ask<Record<string, unknown>>('heddle_getContract', token)
    expect(found).toMatchObject({
      address: token,
      name: 'ERC20',
      source: 'contracts/src/tokens/ERC20.sol',
      implementation: null,
    })
    expect(found['abi']).toEqual(loadArtefact('ERC20').abi)
  })

  it('is null for an account without code, and before the code was there', async () => {
    expect(await ask('heddle_getContract', stage.accounts[0])).toBeNull()
    expect(await ask('heddle_getContract', token, '0x0')).toBeNull()
  })

  it('has no name for code that no artefact has', async () => {
    const address = `0x${'c0'.repeat(20)}`
    await ask('anvil_setCode', address, '0x6001')
    expect(await ask('heddle_getContract', address)).toEqual({
      address,
      name: null,
      source: null,
      abi: null,
      implementation: null,
    })
  })

  it('names a block that is not there', async () => {
    await expect(ask('heddle_getContract', token, '0x999')).rejects.toThrow('block #2457 not found')
  })
})

describe('heddle_findContracts', () => {
  it('finds deployed contracts by a part of their names, whatever the case', async () => {
    const { contracts } = await ask<{ contracts: unknown }>('heddle_findContracts', 'erc2')
    expect(contracts).toEqual([{ address: token, name: 'ERC20' }])
  })

  it('says when there are more', async () => {
    const found = await ask<{ complete: boolean; contracts: unknown[] }>(
      'heddle_findContracts',
      '',
      1,
    )
    expect(found.contracts).toHaveLength(1)
    expect(found.complete).toBe(false)
    expect(await ask('heddle_findContracts', 'nowhere')).toEqual({ contracts: [], complete: true })
  })
})

describe('heddle_getStorage', () => {
  it('shows variables by name, with entries of mappings, one and two keys deep', async () => {
    const [owner, spender] = stage.accounts
    await stage.send(0, token, 'ERC20', 'approve', spender, 7n)
    const values = valuesOf(await ask('heddle_getStorage', token))
    expect(values).toMatchObject({
      name: '"Token <b>"',
      symbol: '"TOK"',
      totalSupply: '1000',
      [`balanceOf[${owner}]`]: '1000',
      [`allowance[${owner}][${spender}]`]: '7',
    })
  })

  it('is of the block that is asked about, and comes in pages', async () => {
    expect(await ask('heddle_getStorage', token, '0x0')).toEqual({ slots: [], next: null })
    const all = await ask<Storage>('heddle_getStorage', token)
    const first = await ask<Storage>('heddle_getStorage', token, 'latest', { limit: 2 })
    expect(first.slots).toEqual(all.slots.slice(0, 2))
    const rest = await ask<Storage>('heddle_getStorage', token, 'latest', { start: first.next })
    expect(rest.slots).toEqual(all.slots.slice(2))
  })

  it('has the variables of a proxy by the contract behind it', async () => {
    const registry = await stage.deploy('NameRegistry')
    const init = encodeFunctionData({
      abi: loadArtefact('NameRegistry').abi,
      functionName: 'initialize',
      args: [stage.accounts[2]] as never,
    })
    const proxy = await stage.deploy('ERC1967Proxy', registry, init)
    expect(await ask('heddle_getContract', proxy)).toMatchObject({ implementation: registry })
    const { slots } = await ask<Storage>('heddle_getStorage', proxy)
    expect(slots.flatMap(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ name: 'owner', value: stage.accounts[2] }),
    )
  })
})

describe('heddle_getStateDiff', () => {
  it('shows what a transaction changed, by variable, before and after', async () => {
    const [sender, receiver] = stage.accounts
    const hash = await stage.send(0, token, 'ERC20', 'transfer', receiver, 5n)
    const { accounts } = await ask<{
      accounts: { address: string; nonce?: unknown; balance?: unknown; storage: Slot[] }[]
    }>('heddle_getStateDiff', hash)
    const fields = accounts.flatMap(({ storage }) => storage.flatMap((slot) => slot.fields))
    expect(fields).toEqual(
      expect.arrayContaining([
        { name: `balanceOf[${sender}]`, type: 'uint256', before: '1000', after: '995' },
        { name: `balanceOf[${receiver}]`, type: 'uint256', before: '0', after: '5' },
      ]),
    )
    const own = accounts.find(({ address }) => address === sender)
    expect(own?.nonce).toEqual({ before: expect.any(Number), after: expect.any(Number) })
    expect(own?.balance).toBeDefined()
  })

  it('has the variables that a constructor set, and the code', async () => {
    const { hash } = await ask<{ hash: string }>(
      'eth_getTransactionByBlockNumberAndIndex',
      '0x1',
      '0x0',
    )
    const { accounts } = await ask<{
      accounts: { address: string; code?: unknown; storage: Slot[] }[]
    }>('heddle_getStateDiff', hash)
    const made = accounts.find(({ address }) => address === token)
    expect(made?.code).toMatchObject({ before: '0x' })
    expect(made?.storage.flatMap(({ fields }) => fields)).toContainEqual({
      name: 'totalSupply',
      type: 'uint256',
      before: '0',
      after: '1000',
    })
  })

  it('names a transaction that is not there', async () => {
    await expect(ask('heddle_getStateDiff', `0x${'ab'.repeat(32)}`)).rejects.toThrow(
      'transaction not found',
    )
  })
})

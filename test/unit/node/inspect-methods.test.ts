import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex, hexToBytes, slotOf } from '../../../src/primitives/hex.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'
import { asm } from '../../contract/engine-world.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

/** Adds one to slot 0 and returns what it was. */
const COUNTER = `0x${'c0'.repeat(20)}`
const COUNT = bytesToHex(
  asm('0x00 SLOAD 0x00 MSTORE 0x00 MLOAD 0x01 ADD 0x00 SSTORE 0x20 0x00 RETURN'),
)
const word = (value: number): string => slotOf(BigInt(value))

/** A node whose block 1 calls the counter twice, from two senders. */
async function start() {
  const made = await createNode({ workers: 1, artefactDirs: [], mining: { kind: 'manual' } })
  node = made
  const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
    made.request({ method, params }) as Promise<T>
  await ask('anvil_setCode', COUNTER, COUNT)
  const senders = made.accounts.map(({ address }) => address)
  const hashes: string[] = []
  for (const from of senders.slice(0, 2)) {
    hashes.push(await ask('eth_sendTransaction', { from, to: COUNTER, gas: '0x7a120' }))
  }
  await ask('evm_mine')
  return { ask, senders, hashes }
}

describe('states inside a block', () => {
  it('debug_storageRangeAt shows slots before a transaction, and after the block', async () => {
    const { ask } = await start()
    const value = async (index: number): Promise<string | undefined> => {
      const { storage } = await ask<{ storage: Record<string, { key: string; value: string }> }>(
        'debug_storageRangeAt',
        '0x1',
        index,
        COUNTER,
        '0x00',
        10,
      )
      const entry = storage[keccakHash(hexToBytes(word(0)))]
      expect(entry?.key ?? word(0)).toBe(word(0))
      return entry?.value
    }
    expect([await value(0), await value(1), await value(2)]).toEqual([undefined, word(1), word(2)])
  })

  it('debug_storageRangeAt goes on where it stopped', async () => {
    const { ask } = await start()
    for (const slot of [1, 2, 3]) {
      await ask('anvil_setStorageAt', COUNTER, word(slot), word(9))
    }
    const seen: string[] = []
    for (let start: string | null = '0x'; start !== null;) {
      const page: { storage: Record<string, { key: string }>; nextKey: string | null } = await ask(
        'debug_storageRangeAt',
        'latest',
        99,
        COUNTER,
        start,
        1,
      )
      seen.push(...Object.values(page.storage).map(({ key }) => key))
      start = page.nextKey
    }
    // Slot 0 is that of the block; the cheats came after it.
    expect(seen.toSorted()).toEqual([word(0)])
  })

  it('debug_accountAt follows a nonce through the block', async () => {
    const { ask, senders } = await start()
    const nonce = async (index: number, sender: string | undefined): Promise<unknown> =>
      (await ask<{ nonce: string }>('debug_accountAt', '0x1', index, sender)).nonce
    expect([await nonce(1, senders[0]), await nonce(1, senders[1])]).toEqual(['0x1', '0x0'])
    expect(await ask('debug_accountInfoAt', '0x1', 0, `0x${'99'.repeat(20)}`)).toBeNull()
  })

  it('debug_intermediateRoots ends in the root of the block', async () => {
    const { ask } = await start()
    const block = await ask<{ hash: string; stateRoot: string }>(
      'eth_getBlockByNumber',
      '0x1',
      false,
    )
    const roots = await ask<string[]>('debug_intermediateRoots', block.hash)
    expect(roots).toHaveLength(2)
    expect(roots[1]).toBe(block.stateRoot)
    expect(roots[0]).not.toBe(roots[1])
  })

  it('debug_getModifiedAccountsByNumber names who changed', async () => {
    const { ask, senders } = await start()
    const changed = await ask<string[]>('debug_getModifiedAccountsByNumber', '0x1')
    expect(changed).toEqual(expect.arrayContaining([COUNTER, senders[0], senders[1]]))
    expect(await ask('debug_getModifiedAccountsByNumber', '0x0', '0x1')).toEqual(changed)
    await expect(ask('debug_getModifiedAccountsByNumber', '0x1', '0x0')).rejects.toThrow(
      'must be less than',
    )
  })

  it('debug_accountRange pages through debug_dumpBlock', async () => {
    const { ask } = await start()
    type Dump = { root: string; accounts: Record<string, object>; next?: string }
    const whole = await ask<Dump>('debug_dumpBlock', 'latest')
    expect(whole.accounts[COUNTER]).toMatchObject({
      nonce: 0,
      code: COUNT,
      storage: { [word(0)]: '0x2' },
    })
    const paged: Record<string, object> = {}
    for (let start: string | undefined = '0x'; start !== undefined;) {
      const page: Dump = await ask('debug_accountRange', 'latest', start, 5)
      Object.assign(paged, page.accounts)
      start = page.next
    }
    expect(paged).toEqual(whole.accounts)
  })

  it('debug_codeByHash and debug_getRawTransactions read what is stored', async () => {
    const { ask, hashes } = await start()
    expect(await ask('debug_codeByHash', keccakHash(hexToBytes(COUNT)))).toBe(COUNT)
    expect(await ask('debug_codeByHash', word(1))).toBeNull()
    const raws = await ask<string[]>('debug_getRawTransactions', '0x1')
    expect(raws).toEqual([
      await ask('eth_getRawTransactionByHash', hashes[0]),
      await ask('eth_getRawTransactionByHash', hashes[1]),
    ])
  })

  it('debug_traceBlock traces a block by its encoding', async () => {
    const { ask } = await start()
    const raw = await ask('debug_getRawBlock', '0x1')
    const options = { tracer: 'callTracer' }
    const traced = await ask('debug_traceBlock', raw, options)
    expect(traced).toEqual(await ask('debug_traceBlockByNumber', '0x1', options))
    await expect(ask('debug_traceBlock', '0xc0', options)).rejects.toMatchObject({ code: -32602 })
  })

  it('debug_setHead takes blocks back', async () => {
    const { ask } = await start()
    await ask('anvil_mine', 3)
    await ask('debug_setHead', '0x1')
    expect(await ask('eth_blockNumber')).toBe('0x1')
    await expect(ask('debug_setHead', '0x9')).rejects.toThrow('there is no block 9 yet')
  })
})

describe('calls one after another', () => {
  it('eth_callMany: each sees those before it, and nothing stays', async () => {
    const { ask } = await start()
    const bundle = { transactions: [{ to: COUNTER }, { to: COUNTER }] }
    const answers = await ask('eth_callMany', [bundle, bundle], { blockNumber: 'latest' })
    expect(answers).toEqual([
      [{ value: word(2) }, { value: word(3) }],
      [{ value: word(4) }, { value: word(5) }],
    ])
    expect(await ask('eth_call', { to: COUNTER })).toBe(word(2))
  })

  it('eth_callMany runs inside a block when it is told to', async () => {
    const { ask } = await start()
    const bundle = { transactions: [{ to: COUNTER }] }
    const at = (transactionIndex: number) =>
      ask('eth_callMany', [bundle], { blockNumber: '0x1', transactionIndex })
    expect([await at(0), await at(1), await at(-1)]).toEqual([
      [[{ value: word(0) }]],
      [[{ value: word(1) }]],
      [[{ value: word(2) }]],
    ])
  })

  it('debug_traceCallMany traces each', async () => {
    const { ask } = await start()
    const bundle = { transactions: [{ to: COUNTER }, { to: COUNTER }] }
    const options = { tracer: 'callTracer' }
    const traces = await ask('debug_traceCallMany', [bundle], { blockNumber: 'latest' }, options)
    expect(traces).toMatchObject([[{ output: word(2) }, { output: word(3) }]])
  })

  it('trace_callMany and trace_rawTransaction give what was asked for', async () => {
    const { ask, hashes } = await start()
    const calls = [
      [{ to: COUNTER }, ['trace']],
      [{ to: COUNTER }, ['stateDiff']],
    ]
    expect(await ask('trace_callMany', calls)).toMatchObject([
      { output: word(2), trace: [{ type: 'call' }], stateDiff: null, vmTrace: null },
      {
        output: word(3),
        trace: [],
        stateDiff: {
          [COUNTER]: { storage: { [word(0)]: { '*': { from: word(3), to: word(4) } } } },
        },
      },
    ])
    const raw = await ask('eth_getRawTransactionByHash', hashes[0])
    expect(await ask('trace_rawTransaction', raw, ['trace'])).toMatchObject({ output: word(2) })
    await expect(ask('trace_call', { to: COUNTER }, ['all'])).rejects.toThrow('traceTypes[0]')
  })

  it('vmTrace has each instruction with what it left', async () => {
    const { ask } = await start()
    const { vmTrace } = await ask<{ vmTrace: { code: string; ops: object[] } }>(
      'trace_call',
      { to: COUNTER, gas: '0x10000' },
      ['vmTrace'],
    )
    expect(vmTrace.code).toBe(COUNT)
    const gas = 0x10000 - 21_000
    expect(vmTrace.ops.slice(0, 4)).toEqual([
      { cost: 3, pc: 0, op: 'PUSH1', sub: null, ex: effect(gas - 3, ['0x0']) },
      { cost: 2100, pc: 2, op: 'SLOAD', sub: null, ex: effect(gas - 2103, ['0x2']) },
      { cost: 3, pc: 3, op: 'PUSH1', sub: null, ex: effect(gas - 2106, ['0x0']) },
      {
        cost: 6,
        pc: 5,
        op: 'MSTORE',
        sub: null,
        ex: { ...effect(gas - 2112, []), mem: { off: 0, data: word(2) } },
      },
    ])
    expect(vmTrace.ops.at(-4)).toMatchObject({
      op: 'SSTORE',
      ex: { store: { key: '0x0', val: '0x3' } },
    })
  })
})

function effect(used: number, push: readonly string[]): object {
  return { used, push, mem: null, store: null }
}

describe('counting instructions', () => {
  it('trace_transactionOpcodeGas adds up to what the code used', async () => {
    const { ask, hashes } = await start()
    type Uses = { opcodeGas: { opcode: string; count: number; gasUsed: number }[] }
    const { opcodeGas } = await ask<Uses>('trace_transactionOpcodeGas', hashes[1])
    expect(opcodeGas.find(({ opcode }) => opcode === 'SLOAD')).toEqual({
      opcode: 'SLOAD',
      count: 1,
      gasUsed: 2100,
    })
    const total = opcodeGas.reduce((sum, { gasUsed }) => sum + gasUsed, 0)
    const receipt = await ask<{ gasUsed: string }>('eth_getTransactionReceipt', hashes[1])
    expect(total).toBe(Number(receipt.gasUsed) - 21_000)
    expect(await ask('trace_blockOpcodeGas', '0x1')).toMatchObject({
      blockNumber: 1,
      transactions: [{ transactionHash: hashes[0] }, { transactionHash: hashes[1], opcodeGas }],
    })
  })
})

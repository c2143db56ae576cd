import { afterEach, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex, slotOf } from '../../../src/primitives/hex.ts'
import { asm } from '../../contract/engine-world.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

/** Adds one to slot 0. */
const COUNTER = `0x${'c0'.repeat(20)}`
const COUNT = bytesToHex(asm('0x00 SLOAD 0x01 ADD 0x00 SSTORE'))
const STRANGER = `0x${'5a'.repeat(20)}`

interface Edge {
  readonly from: number
  readonly to: number
}
type Fields = Readonly<Record<string, unknown>>

/** Accounts 0 and 1 count, account 2 pays a stranger, account 0 pays one too: in that order, not mined yet. */
async function start(config: Partial<NodeConfig> = {}) {
  const made = await createNode({
    workers: 1,
    artefactDirs: [],
    mining: { kind: 'manual' },
    order: 'fifo',
    ...config,
  })
  node = made
  const ask = async (method: string, ...params: unknown[]): Promise<Fields> =>
    (await made.request({ method, params })) as Fields
  await ask('anvil_setCode', COUNTER, COUNT)
  const [a, b, c] = made.accounts.map(({ address }) => address)
  const hashes: unknown[] = []
  for (const [from, to] of [
    [a, COUNTER],
    [b, COUNTER],
    [c, STRANGER],
    [a, STRANGER],
  ]) {
    const value = to === COUNTER ? '0x0' : '0x1'
    hashes.push(await ask('eth_sendTransaction', { from, to, value, gas: '0x7a120' }))
  }
  return { ask, hashes, a }
}

describe('parallel_getDependencies', () => {
  it('has who waits for whom, of a mined block and of the pending one', async () => {
    const { ask, hashes } = await start()
    const pending = await ask('parallel_getDependencies', 'pending')
    await ask('evm_mine')
    const mined = await ask('parallel_getDependencies', '0x1')
    for (const found of [pending, mined]) {
      expect(found).toMatchObject({
        blockNumber: 1,
        granularity: 'slot',
        basis: 'measured',
        transactions: hashes,
        dependencies: [[], [0], [], []],
      })
      const edges = found['edges'] as readonly Edge[]
      expect(edges).toContainEqual(
        expect.objectContaining({
          from: 0,
          to: 1,
          kind: 'storage',
          address: COUNTER,
          slot: slotOf(0n),
        }),
      )
      expect(edges).toContainEqual(expect.objectContaining({ from: 0, to: 3, kind: 'senderNonce' }))
    }
    expect(await ask('parallel_getDependencies', '0x1', { format: 'bor' })).toMatchObject({
      dependencies: [[], [0], [], [0]],
    })
    const { dot } = await ask('parallel_getDependencies', '0x1', { format: 'dot' })
    expect(dot).toContain('t0 -> t1')
    expect(await ask('parallel_getDependencies', '0x1', { format: 'edges' })).toMatchObject({
      edges: mined['edges'],
    })
  })

  it('refuses a format and a block that are not there, by name', async () => {
    const { ask } = await start()
    await expect(ask('parallel_getDependencies', 'latest', { format: 'svg' })).rejects.toThrow(
      '`options.format`: not known here; there are dag, edges, bor, dot',
    )
    await expect(ask('parallel_getDependencies', '0x7')).rejects.toThrow('block #7 not found')
    await expect(ask('parallel_getDependencies', '0x0')).rejects.toMatchObject({ code: -32001 })
  })
})

describe('parallel_getBlockReport', () => {
  it('says what is modelled and what is measured', async () => {
    const { ask } = await start()
    await ask('evm_mine')
    const report = await ask('parallel_getBlockReport', '0x1')
    expect(report).toMatchObject({
      blockNumber: 1,
      transactions: 4,
      basis: { serialGas: 'measured', bound: 'modelled', curve: 'modelled' },
      criticalPath: { byGas: [{ tx: 0 }, { tx: 1 }] },
      measured: { basis: 'measured', executor: 'serial', workers: 1, engine: 'wasm' },
    })
    const { gasUsed } = await ask('eth_getBlockByNumber', '0x1', false)
    expect(report['serialGas']).toBe(Number(gasUsed))
    const path = report['criticalPath'] as { gas: number }
    const { byGas } = report['bound'] as { byGas: number }
    expect(byGas).toBeCloseTo(Number(gasUsed) / path.gas)
    const [first] = report['fixFirst'] as readonly Fields[]
    expect(first).toMatchObject({ location: { kind: 'slot', address: COUNTER } })
  })

  it('has the run that made the block, as long as its record is kept', async () => {
    const { ask } = await start({ recordedBlocks: 1 })
    await ask('evm_mine')
    const { measured, bound } = await ask('parallel_getBlockReport', '0x1')
    expect(measured).toMatchObject({ run: 'as mined', inOrder: null, failure: null, aborts: 0 })
    const { runs } = measured as { runs: readonly Fields[] }
    expect(runs.map(({ index, incarnation, lane }) => [index, incarnation, lane])).toEqual(
      [0, 1, 2, 3].map((index) => [index, 0, 0]),
    )
    expect((bound as Fields)['byMs']).toBeGreaterThanOrEqual(1)
    const execution = await ask('parallel_getExecution', '0x1')
    expect(execution['measured']).toEqual(measured)
    expect(execution['blockNumber']).toBe(1)
    const a = (await ask('eth_accounts')) as unknown as readonly string[]
    await ask('eth_sendTransaction', { from: a[0], to: STRANGER, value: '0x1' })
    await ask('evm_mine')
    const later = await ask('parallel_getBlockReport', '0x1')
    expect(later['measured']).toEqual({
      basis: 'unavailable',
      why: 'the record of the block is not kept: those of the newest 1 blocks with transactions are (--record 1)',
    })
    expect(later['serialMs']).toBeUndefined()
    expect((await ask('parallel_getExecution', '0x1'))['measured']).toEqual(later['measured'])
    await expect(ask('parallel_getExecution', 'pending')).rejects.toThrow('it is not mined yet')
    await expect(ask('parallel_getExecution', '0x9')).rejects.toThrow('block #9 not found')
    expect(later).toMatchObject({
      transactions: 4,
      criticalPath: { byGas: [{ tx: 0 }, { tx: 1 }] },
    })
  })

  it('says that the pending block was not run yet', async () => {
    const { ask } = await start({ recordedBlocks: 0 })
    expect((await ask('parallel_getBlockReport', 'pending'))['measured']).toEqual({
      basis: 'unavailable',
      why: 'the block is not mined yet',
    })
    await ask('evm_mine')
    expect((await ask('parallel_getBlockReport', 'latest'))['measured']).toEqual({
      basis: 'unavailable',
      why: 'the record of the block is not kept: nothing is recorded (--record 0)',
    })
  })

  it('needs no state where there is a record', async () => {
    const { ask, a } = await start({ keptStates: 1 })
    await ask('evm_mine')
    const hash = await ask('eth_sendTransaction', { from: a, to: COUNTER, gas: '0x7a120' })
    for (let i = 0; i < 3; i++) await ask('evm_mine')
    await expect(ask('eth_getBalance', a, '0x2')).rejects.toThrow('state not available')
    expect(await ask('eth_getBlockAccessList', '0x2')).toContainEqual(
      expect.objectContaining({ address: a!.toLowerCase() }),
    )
    expect(await ask('parallel_getDependencies', '0x2')).toMatchObject({ transactions: [hash] })
    expect(await ask('parallel_getBlockReport', '0x2')).toMatchObject({
      measured: { run: 'as mined' },
      coverage: { traced: 0, slots: 1 },
    })
  })

  it('has nothing to fix in a block without transactions', async () => {
    const { ask } = await start()
    await ask('evm_mine')
    await ask('evm_mine')
    expect(await ask('parallel_getBlockReport', 'latest')).toMatchObject({
      transactions: 0,
      serialGas: 0,
      bound: { byGas: 1 },
      fixFirst: [],
    })
  })
})

describe('parallel_getTransactionReport', () => {
  it('says who wrote what it read, and who waits for it', async () => {
    const { ask, hashes, a } = await start()
    await ask('evm_mine')
    const slot = { kind: 'slot', address: COUNTER, key: slotOf(0n) }
    const second = await ask('parallel_getTransactionReport', hashes[1])
    expect(second).toMatchObject({
      transactionHash: hashes[1],
      index: 1,
      wave: 1,
      onCriticalPath: true,
      basis: { readSet: 'measured', wave: 'modelled' },
      dependsOn: [{ tx: 0, kind: 'storage', location: slot }],
      neededBy: [],
    })
    expect(second['readSet']).toContainEqual(
      expect.objectContaining({
        location: slot,
        value: slotOf(1n),
        writtenBy: [0],
        versions: [{ tx: 0, incarnation: 0 }],
      }),
    )
    expect(second['writeSet']).toContainEqual(
      expect.objectContaining({ location: slot, value: slotOf(2n) }),
    )
    expect(second['incarnations']).toEqual([
      {
        incarnation: 0,
        lane: 0,
        outcome: 'merged',
        startMs: expect.any(Number),
        endMs: expect.any(Number),
      },
    ])
    const first = await ask('parallel_getTransactionReport', hashes[0])
    expect(first['readSet']).toContainEqual(
      expect.objectContaining({ location: slot, value: slotOf(0n), writtenBy: [] }),
    )
    expect(first['neededBy']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ tx: 1, kind: 'storage' }),
        expect.objectContaining({ tx: 3, location: { kind: 'nonce', address: a } }),
      ]),
    )
  })

  it('is refused for a transaction that is in no block', async () => {
    const { ask, hashes } = await start()
    await expect(ask('parallel_getTransactionReport', hashes[0])).rejects.toThrow('is in no block')
    const unknown = `0x${'9'.repeat(64)}`
    await expect(ask('parallel_getTransactionReport', unknown)).rejects.toThrow(unknown)
  })
})

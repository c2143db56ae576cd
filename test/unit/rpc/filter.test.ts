import { describe, expect, it } from 'vitest'

import type { Address, Hash } from '../../../src/primitives/hex.ts'
import { openTransaction } from '../../../src/model/signer.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import type { LocatedLog } from '../../../src/rpc/backend.ts'
import { LATEST } from '../../../src/rpc/codec/block-ref.ts'
import { FilterStore, matches, passes } from '../../../src/rpc/filter.ts'
import { createRpc } from '../../../src/rpc/rpc.ts'
import { wireBackend } from '../../support/rpc.ts'

const A = `0x${'aa'.repeat(20)}` as Address
const B = `0x${'bb'.repeat(20)}` as Address
const T1 = `0x${'01'.repeat(32)}` as Hash
const T2 = `0x${'02'.repeat(32)}` as Hash

const LOG: LocatedLog = {
  log: { address: A, topics: [T1, T2], data: Uint8Array.of(7) },
  blockHash: T1,
  blockNumber: 5n,
  blockTimestamp: 9n,
  transactionHash: T2,
  transactionIndex: 3,
  logIndex: 4,
  removed: false,
}

/** A dynamic-fee transaction of the public execution-apis chain. */
const RAW =
  '0x02f892870c72dd9d5e883e018201f48401a2158b82ea60802ab73d602d80600a3d3981f3363d3d373d3d3d363d734d11c446473105a02b5c1ab9ebe9b03f33902a295af43d82803e903d91602b57fd5bf3c080a09e9f032e932e6536bc8de35b5939814d5fe2c1bcb76f06e399583c8c745ea95fa04fae7d7df659a70471ddfed6dba493a4f044a074a0bba6198bb6e2be0977b299'

function transaction() {
  const opened = openTransaction(hexToBytes(RAW))
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

describe('which logs', () => {
  it.each([
    [[], [], true],
    [[A], [], true],
    [[B], [], false],
    [[B, A], [], true],
    [[], [[T1]], true],
    [[], [[T2]], false],
    [[], [null, [T2]], true],
    [
      [],
      [
        [T2, T1],
        [T1, T2],
      ],
      true,
    ],
    [[], [null, null, null], false],
    [[], [null, null, [T1]], false],
  ] as const)('addresses %j, topics %j: %j', (addresses, topics, expected) => {
    expect(matches({ addresses, topics }, LOG)).toBe(expected)
  })

  it('in which blocks', () => {
    const criteria = { addresses: [], topics: [] }
    const range = (from?: bigint, to?: bigint) => ({
      criteria,
      where: {
        kind: 'range' as const,
        from: from === undefined ? LATEST : { kind: 'number' as const, number: from },
        to: to === undefined ? undefined : { kind: 'number' as const, number: to },
      },
    })
    expect(passes(range(), LOG)).toBe(true)
    expect(passes(range(5n, 5n), LOG)).toBe(true)
    expect(passes(range(6n), LOG)).toBe(false)
    expect(passes(range(0n, 4n), LOG)).toBe(false)
    expect(passes({ criteria, where: { kind: 'block', hash: T1 } }, LOG)).toBe(true)
    expect(passes({ criteria, where: { kind: 'block', hash: T2 } }, LOG)).toBe(false)
  })
})

describe('polled filters', () => {
  it('gather until they are asked', async () => {
    const backend = wireBackend()
    const rpc = createRpc(backend)
    const ask = (method: string, ...params: unknown[]) => rpc.request({ method, params })
    const blocks = await ask('eth_newBlockFilter')
    const logs = await ask('eth_newFilter', { address: A, topics: [T1] })
    const others = await ask('eth_newFilter', { address: B })
    const hashes = await ask('eth_newPendingTransactionFilter')
    const whole = await ask('eth_newPendingTransactionFilter', true)

    await ask('evm_mine')
    backend.announceLog(LOG)
    backend.announcePooled(transaction())

    expect(await ask('eth_getFilterChanges', blocks)).toHaveLength(2)
    expect(await ask('eth_getFilterChanges', blocks)).toEqual([])
    expect(await ask('eth_getFilterChanges', logs)).toEqual([
      {
        address: A,
        topics: [T1, T2],
        data: '0x07',
        blockNumber: '0x5',
        transactionHash: T2,
        transactionIndex: '0x3',
        blockHash: T1,
        blockTimestamp: '0x9',
        logIndex: '0x4',
        removed: false,
      },
    ])
    expect(await ask('eth_getFilterChanges', others)).toEqual([])
    const hash = '0x549cfaca862ca59157260fbe13b7ecf5cc353eb22632d10efbe5cca743871ef3'
    expect(await ask('eth_getFilterChanges', hashes)).toEqual([hash])
    expect(await ask('eth_getFilterChanges', whole)).toMatchObject([
      { hash, type: '0x2', blockHash: null, gasPrice: '0x1a2158b', maxFeePerGas: '0x1a2158b' },
    ])
    expect(await ask('eth_uninstallFilter', blocks)).toBe(true)
    expect(await ask('eth_uninstallFilter', blocks)).toBe(false)
    await expect(ask('eth_getFilterChanges', blocks)).rejects.toThrow('filter not found')
    await expect(ask('eth_getFilterLogs', hashes)).rejects.toThrow('filter not found')
  })

  it('go after five minutes unasked, and stop listening', () => {
    let now = 0
    const { events } = wireBackend()
    let listening = 0
    const store = new FilterStore(
      {
        follow: () => () => undefined,
        listen: (listener) => {
          listening++
          const stop = events.listen(listener)
          return () => {
            listening--
            stop()
          }
        },
      },
      () => now,
    )
    const [kept, forgotten] = [store.watchBlocks(), store.watchBlocks()]
    now = 299_000
    store.changes(kept)
    now = 301_000
    expect(() => store.changes(forgotten)).toThrow('filter not found')
    expect(store.changes(kept)).toEqual({ kind: 'blocks', hashes: [] })
    expect(listening).toBe(1)
    expect(store.remove(kept)).toBe(true)
    expect(listening).toBe(0)
  })
})

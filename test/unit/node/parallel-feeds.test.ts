import { webSocket } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import { ParallelFeeds } from '../../../src/node/backend/feeds.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex } from '../../../src/primitives/hex.ts'
import { asm } from '../../contract/engine-world.ts'
import { devChain, send, transfer } from '../../support/dev-chain.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

const COUNTER = `0x${'c0'.repeat(20)}`
const COUNT = bytesToHex(asm('0x00 SLOAD 0x01 ADD 0x00 SSTORE'))

type Fields = Readonly<Record<string, unknown>>

async function start(config: Parameters<typeof createNode>[0] = {}) {
  const made = await createNode({
    workers: 1,
    artefactDirs: [],
    mining: { kind: 'manual' },
    order: 'fifo',
    ...config,
  })
  node = made
  const ask = async <T = Fields>(method: string, ...params: unknown[]): Promise<T> =>
    (await made.request({ method, params })) as T
  await ask('anvil_setCode', COUNTER, COUNT)
  const heard = new Map<string, Fields[]>()
  made.on('message', (message) => {
    const { subscription, result } = (message as { data: { subscription: string; result: Fields } })
      .data
    heard.set(subscription, [...(heard.get(subscription) ?? []), result])
  })
  const subscribe = async (...params: unknown[]) => {
    const id = await ask<string>('eth_subscribe', ...params)
    return { id, results: () => heard.get(id) ?? [] }
  }
  const [a, b] = made.accounts.map(({ address }) => address)
  const call = (from: string | undefined): Promise<string> =>
    ask<string>('eth_sendTransaction', { from, to: COUNTER, gas: '0x7a120' })
  return { ask, subscribe, call, a, b }
}

/** Until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('parallelBlocks', () => {
  it('has a summary of each block, until it is unsubscribed', async () => {
    const { ask, subscribe, call, a, b } = await start()
    const blocks = await subscribe('parallelBlocks')
    await call(a)
    await call(b)
    await ask('evm_mine')
    await until(() => blocks.results().length > 0)
    const latest = await ask('eth_getBlockByNumber', 'latest', false)
    expect(blocks.results()).toEqual([
      {
        blockNumber: 1,
        blockHash: latest['hash'],
        place: 'head',
        transactions: 2,
        gasUsed: Number(latest['gasUsed']),
        measured: expect.objectContaining({
          basis: 'measured',
          executor: 'serial',
          incarnations: 2,
          inOrder: null,
          ms: expect.any(Number),
        }),
        modelled: { basis: 'modelled', bound: 1, criticalPath: [0, 1] },
      },
    ])
    expect(await ask('eth_unsubscribe', blocks.id)).toBe(true)
    expect(await ask('eth_unsubscribe', blocks.id)).toBe(false)
    await ask('evm_mine')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(blocks.results().length).toBe(1)
  })
})

describe('an imported block', () => {
  it('is told of as a mined one', async () => {
    const maker = devChain()
    send(maker, transfer(0, 0n))
    const block = await maker.mine()
    const dev = devChain()
    const feeds = new ParallelFeeds(dev)
    const heard: unknown[] = []
    feeds.follow('parallelEvents', (result) => heard.push(result))
    feeds.follow('parallelBlocks', (result) => heard.push(result))
    expect(await dev.import(block)).toMatchObject({ kind: 'imported' })
    await until(() => heard.length > 0)
    expect(heard).toContainEqual(
      expect.objectContaining({
        event: 'TXN_HEADER_START',
        transactionHash: block.transactions[0]!.hash,
      }),
    )
    expect(heard.at(-1)).toMatchObject({
      blockHash: block.hash,
      transactions: 1,
      measured: { executor: 'serial' },
    })
  })
})

it('a block beside the chain is told as such, and again when it is in the chain, as one that is taken out', async () => {
  const [short, long] = [devChain(), devChain()]
  send(short, transfer(0, 0n))
  send(long, transfer(1, 0n))
  const old = await short.mine()
  const news = [await long.mine(), await long.mine()]
  const dev = devChain()
  dev.chain.recordings.limit = 8
  const feeds = new ParallelFeeds(dev)
  const blocks: unknown[] = []
  const events: unknown[] = []
  feeds.follow('parallelBlocks', (result) => blocks.push(result))
  feeds.follow('parallelEvents', (result) => events.push(result))
  for (const block of [old, ...news]) await dev.import(block)
  await until(() => blocks.length >= 5)
  const [side, last] = news.map(({ hash }) => hash)
  const measured = expect.objectContaining({ executor: 'serial' })
  const modelled = expect.objectContaining({ criticalPath: [0] })
  expect(blocks).toMatchObject([
    { blockHash: old.hash, place: 'head', measured, modelled },
    { blockHash: side, place: 'side', measured, modelled },
    { blockHash: old.hash, place: 'removed', transactions: 1, measured: null, modelled: null },
    { blockHash: side, place: 'head', transactions: 1, measured, modelled },
    { blockHash: last, place: 'head', measured },
  ])
  const places = events.filter((it) => (it as Fields)['event'] === 'HEDDLE_PLACE')
  expect(places).toEqual([
    { event: 'HEDDLE_PLACE', blockNumber: 1, blockHash: side, place: 'side' },
    { event: 'HEDDLE_PLACE', blockNumber: 1, blockHash: old.hash, place: 'removed' },
    { event: 'HEDDLE_PLACE', blockNumber: 1, blockHash: side, place: 'head' },
  ])
  // What came before is not executed once more.
  expect(events.filter((it) => (it as Fields)['event'] === 'BLOCK_START')).toHaveLength(3)
})

it('a block that a snapshot takes back is told as removed', async () => {
  const { ask, subscribe, call, a } = await start()
  const snapshot = await ask<string>('evm_snapshot')
  await call(a)
  await ask('evm_mine')
  const { hash } = (await ask('eth_getBlockByNumber', 'latest', false)) as { hash: string }
  const blocks = await subscribe('parallelBlocks')
  await ask('evm_revert', snapshot)
  await until(() => blocks.results().length > 0)
  expect(blocks.results()).toMatchObject([{ blockHash: hash, place: 'removed', measured: null }])
})

describe('a subscription of viem', () => {
  it('hears of blocks over WebSocket, and ends', async () => {
    const { ask, call, a } = await start()
    const { port } = await node!.serve({ port: 0 })
    const transport = webSocket(`ws://127.0.0.1:${port}`, { reconnect: false })({})
    const heard: unknown[] = []
    const { unsubscribe } = await transport.value!.subscribe({
      // viem's types know the kinds of Geth only.
      params: ['parallelBlocks'] as unknown as ['newHeads'],
      onData: (data) => heard.push(data.result),
    })
    await call(a)
    await ask('evm_mine')
    await until(() => heard.length > 0)
    expect(heard).toEqual([expect.objectContaining({ blockNumber: 1, transactions: 1 })])
    expect(await unsubscribe()).toMatchObject({ result: true })
    const client = await transport.value!.getRpcClient()
    client.close()
  })
})

describe('parallelEvents', () => {
  it('are what happened in the block, in order', async () => {
    const { ask, subscribe, call, a, b } = await start()
    const events = await subscribe('parallelEvents')
    const hash = await call(a)
    await call(b)
    await ask('evm_mine')
    await until(() => events.results().some(({ event }) => event === 'BLOCK_END'))
    const names = events.results().map(({ event }) => event)
    expect(names[0]).toBe('BLOCK_START')
    expect(names.filter((name) => name === 'TXN_HEADER_START').length).toBe(2)
    expect(names.filter((name) => name === 'TXN_END').length).toBe(2)
    expect(events.results()).toContainEqual(
      expect.objectContaining({ event: 'TXN_HEADER_START', txnIndex: 0, transactionHash: hash }),
    )
    const word = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`
    expect(events.results().filter(({ event }) => event === 'STORAGE_ACCESS')).toEqual([
      expect.objectContaining({
        txnIndex: 0,
        key: word(0),
        startValue: word(0),
        endValue: word(1),
      }),
      expect.objectContaining({
        txnIndex: 1,
        key: word(0),
        startValue: word(1),
        endValue: word(2),
      }),
    ])
  })

  it('are those that were asked for, and of settings too', async () => {
    const { ask, subscribe, call, a } = await start()
    const some = await subscribe('parallelEvents', { events: ['BLOCK_END', 'HEDDLE_CONFIG'] })
    await ask('parallel_setConfig', { record: 7 })
    await call(a)
    await ask('evm_mine')
    await until(() => some.results().length >= 2)
    expect(some.results()).toEqual([
      expect.objectContaining({ event: 'HEDDLE_CONFIG', record: 7 }),
      expect.objectContaining({ event: 'BLOCK_END', blockNumber: 1 }),
    ])
    await expect(
      subscribe('parallelEvents', { events: ['BLOCK_END', 'TXN_ENDS'] }),
    ).rejects.toThrow('`options.events[1]`: expected one of BLOCK_START')
    await expect(subscribe('parallelSomething')).rejects.toThrow(/parallelBlocks, parallelEvents/)
  })
})

describe('parallelPending', () => {
  it('says of pooled transactions for which others they will wait', async () => {
    const { subscribe, call, a, b } = await start()
    const pending = await subscribe('parallelPending')
    const first = await call(a)
    const second = await call(b)
    const third = await call(a)
    await until(() => pending.results().length >= 3)
    const slot = { kind: 'slot', address: COUNTER, key: `0x${'0'.repeat(64)}` }
    expect(pending.results()).toEqual([
      { basis: 'modelled', transactionHash: first, waitsFor: [] },
      {
        basis: 'modelled',
        transactionHash: second,
        waitsFor: [{ transactionHash: first, location: slot }],
      },
      {
        basis: 'modelled',
        transactionHash: third,
        waitsFor: expect.arrayContaining([{ transactionHash: second, location: slot }]),
      },
    ])
  })

  it('goes on from each block, and is told nothing that nobody asked for', async () => {
    const { ask, subscribe, call, a, b } = await start()
    await call(a)
    const pending = await subscribe('parallelPending')
    await ask('evm_mine')
    const later = await call(b)
    await until(() => pending.results().length > 0)
    expect(pending.results()).toEqual([{ basis: 'modelled', transactionHash: later, waitsFor: [] }])
  })
})

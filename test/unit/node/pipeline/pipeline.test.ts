import { describe, expect, it } from 'vitest'

import { createNode } from '../../../../src/node/create-node.ts'
import { bytesToHex } from '../../../../src/primitives/hex.ts'
import { asm } from '../../../contract/engine-world.ts'
import { type Virtual, virtualNode } from './support.ts'

const LOGGER = `0x${'10'.repeat(20)}`
/** Logs nothing but that it was called. */
const LOG = bytesToHex(asm('0x00 0x00 LOG0'))

const transferOf = ({ node }: Virtual, more: object = {}) => {
  const [from, to] = node.accounts.map(({ address }) => address)
  return { from, to, value: '0x1', ...more }
}

const numberAt = async ({ ask }: Virtual, tag: string): Promise<number> =>
  Number((await ask<{ number: string }>('eth_getBlockByNumber', tag, false)).number)

describe('under monad', () => {
  it('names what is proposed and executed latest, what is voted safe, and what is final finalized', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, until } = run
    await ask('parallel_advance', 1_000)
    const hash = await ask<string>('eth_sendTransaction', transferOf(run))
    expect(await ask('eth_getTransactionReceipt', hash)).toBe(null)
    const mined = await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    const number = mined.blocks.executed
    expect(await numberAt(run, 'latest')).toBe(number)
    expect(await numberAt(run, 'safe')).toBeLessThan(number)
    await until(async () => (await numberAt(run, 'safe')) === number)
    expect(await numberAt(run, 'finalized')).toBeLessThan(number)
    await until(async () => (await numberAt(run, 'finalized')) === number)
    await until(({ blocks }) => blocks.verified === number)
    const block = (await run.blocks()).find((it) => it.number === number)!
    expect(block).toMatchObject({ state: 'verified', transactions: 1 })
    const { proposed, executed, voted, finalized, verified } = block.times
    const stages = [proposed, executed, voted, finalized, verified]
    expect(stages).toEqual(stages.toSorted((a, b) => a! - b!))
  })

  it('puts the root of the block three below in each proposal, and keeps header fields', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    await run.ask('parallel_advance', 3_000)
    const blocks = await run.blocks()
    expect(blocks.length).toBeGreaterThan(8)
    for (const { number, delayedRoot, hash } of blocks) {
      const below = blocks.find((it) => it.number === number - 3)
      expect(delayedRoot).toEqual(below ? { number: number - 3, root: below.stateRoot } : null)
      const header = await run.ask('eth_getBlockByHash', hash, false)
      expect(header['stateRoot']).toBe(blocks.find((it) => it.number === number)!.stateRoot)
    }
  })

  it('withdraws a block that is lost: its receipts vanish, its logs are removed, its transactions are mined again', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, until, subscribe } = run
    await ask('anvil_setCode', LOGGER, LOG)
    await ask('parallel_advance', 1_000)
    const logs = await subscribe('logs', { address: LOGGER })
    const states = await subscribe('monadLogs', { address: LOGGER })
    // Whoever proposes next is heard by the node alone.
    await ask('parallel_injectFault', { kind: 'partition', groups: [['leader']] })
    const { from } = transferOf(run)
    const hash = await ask<string>('eth_sendTransaction', { from, to: LOGGER, gas: '0x7530' })
    const lost = await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    const lostHash = (await ask('eth_getTransactionReceipt', hash))['blockHash'] as string
    const withdrawn = await until(({ withdrawnBlocks }) => withdrawnBlocks > 0)
    await until(async () => (await ask('eth_getBlockByHash', lostHash, false)) === null)
    expect(await ask('eth_getTransactionReceipt', hash)).toBe(null)
    expect(withdrawn.blocks.finalized).toBeLessThan(lost.blocks.executed)
    await ask('parallel_injectFault', { kind: 'heal' })
    await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    const receipt = await ask('eth_getTransactionReceipt', hash)
    expect(receipt['blockHash']).not.toBe(lostHash)
    const number = Number(receipt['blockNumber'])
    await until(async () => (await numberAt(run, 'finalized')) >= number)
    expect(logs().map(({ removed, blockHash }) => [removed, blockHash])).toEqual([
      [false, lostHash],
      [true, lostHash],
      [false, receipt['blockHash']],
    ])
    expect(states().map(({ commitState, blockHash }) => [commitState, blockHash])).toEqual([
      ['Proposed', lostHash],
      ['Proposed', receipt['blockHash']],
      ['Voted', receipt['blockHash']],
      ['Finalized', receipt['blockHash']],
    ])
    const block = (await run.blocks()).find((it) => it.hash === lostHash)!
    expect(block).toMatchObject({ state: 'withdrawn', transactions: 1 })
  })

  it('tells who follows parallel execution of a block that is withdrawn, and of its transactions again', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, until, subscribe } = run
    await ask('parallel_advance', 1_000)
    const blocks = await subscribe('parallelBlocks')
    const events = await subscribe('parallelEvents')
    await ask('parallel_injectFault', { kind: 'partition', groups: [['leader']] })
    const { from } = transferOf(run)
    const hash = await ask<string>('eth_sendTransaction', { from, to: LOGGER, gas: '0x7530' })
    await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    const lostHash = (await ask('eth_getTransactionReceipt', hash))['blockHash'] as string
    await until(async () => (await ask('eth_getBlockByHash', lostHash, false)) === null)
    await ask('parallel_injectFault', { kind: 'heal' })
    await until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    const { blockHash } = await ask('eth_getTransactionReceipt', hash)
    // Told after the block, when nothing else is to be done.
    while (!blocks().some((it) => it['blockHash'] === blockHash)) {
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const told = blocks().filter((it) => [lostHash, blockHash].includes(it['blockHash'] as string))
    const measured = expect.objectContaining({ basis: 'measured' })
    expect(told).toMatchObject([
      { blockHash: lostHash, place: 'head', transactions: 1, measured },
      { blockHash: lostHash, place: 'removed', transactions: 1, measured: null, modelled: null },
      { blockHash, place: 'head', transactions: 1, measured },
    ])
    const ran = events().filter((it) => it['transactionHash'] === hash)
    expect(ran.filter((it) => it['event'] === 'TXN_HEADER_START')).toHaveLength(2)
    const places = events().filter((it) => it['event'] === 'HEDDLE_PLACE')
    expect(places).toContainEqual(
      expect.objectContaining({ blockHash: lostHash, place: 'removed' }),
    )
  })

  it('tells of each block each state once and in order, with the id of its proposal', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const heads = await run.subscribe('monadNewHeads')
    await run.ask('parallel_advance', 3_000)
    const told = heads()
    const byBlock = new Map<string, typeof told>()
    for (const head of told) {
      const id = head['blockId'] as string
      byBlock.set(id, [...(byBlock.get(id) ?? []), head])
    }
    expect(byBlock.size).toBeGreaterThan(8)
    const order = ['Proposed', 'Voted', 'Finalized', 'Verified']
    for (const states of byBlock.values()) {
      expect(states.map(({ commitState }) => commitState)).toEqual(order.slice(0, states.length))
    }
    const ids = (await run.blocks()).map(({ id }) => id)
    expect([...byBlock.keys()]).toEqual(ids.slice(0, byBlock.size))
  })

  it('stops with f + 1 validators at fault, says so, and goes on when they are well', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, until, status } = run
    await ask('parallel_advance', 1_000)
    for (const validator of [1, 2]) await ask('parallel_injectFault', { kind: 'crash', validator })
    await ask('parallel_advance', 2_000)
    const before = await status()
    await ask('parallel_advance', 10_000)
    const stuck = await status()
    expect(stuck.blocks.finalized).toBe(before.blocks.finalized)
    expect(stuck.standsStill).toMatch(/validators 1, 2 do not take part, of 4, of which 1 may fail/)
    await expect(ask('evm_mine')).rejects.toThrow(/validators 1, 2 do not take part/)
    await ask('parallel_injectFault', { kind: 'heal' })
    await until(({ blocks }) => blocks.finalized > stuck.blocks.finalized + 2)
    expect((await status()).standsStill).toBe(null)
  })

  it.each(['crash', 'silence', 'equivocate', 'wrongRoot'] as const)(
    'goes on with one validator that has the fault %s',
    async (kind) => {
      await using run = await virtualNode({ preset: 'monad' })
      await run.ask('parallel_injectFault', { kind, validator: 2 })
      await run.until(({ blocks }) => blocks.finalized > 10)
      const { standsStill, equivocations } = await run.status()
      expect(standsStill).toBe(null)
      expect(equivocations > 0).toBe(kind === 'equivocate')
    },
  )

  it.each([
    ['that have two faces', 'equivocate'],
    ['with wrong roots', 'wrongRoot'],
  ] as const)('stops with f + 1 validators %s, forks nowhere, and says so', async (_, kind) => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, status } = run
    await ask('parallel_advance', 2_000)
    for (const validator of [0, 3]) await ask('parallel_injectFault', { kind, validator })
    await ask('parallel_advance', 30_000)
    const { standsStill, blocks } = await status()
    if (kind === 'wrongRoot') {
      expect(standsStill).toMatch(/validators 0, 3 are at fault, of 4, of which 1 may fail/)
    }
    const final = (await run.blocks()).filter(({ times }) => times['finalized'] !== null)
    const numbers = final.map(({ number }) => number)
    expect(numbers).toEqual(numbers.map((_number, at) => at + 1))
    expect(numbers.length).toBe(blocks.finalized)
  })

  it('is slow, and is not said to stand still, while no more are at fault than may be', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, status } = run
    await ask('parallel_advance', 1_900)
    const before = await status()
    await ask('parallel_injectFault', { kind: 'partition', groups: [['leader']] })
    for (let ms = 0; ms < 20_000; ms += 250) {
      await ask('parallel_advance', 250)
      expect((await status()).standsStill).toBe(null)
    }
    expect((await status()).blocks.finalized).toBeGreaterThan(before.blocks.finalized + 5)
  })

  it('lets consensus run ahead of a slow executor by no more than its lag', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, until } = run
    await ask('parallel_injectFault', { kind: 'slowExecutor', byMs: 2_000, forMs: 8_000 })
    let most = 0
    await until(({ nowMs, execution, blocks }) => {
      most = Math.max(most, execution.lag)
      expect(execution.lag).toBeLessThanOrEqual(execution.mostLag)
      expect(blocks.finalized).toBeLessThanOrEqual(blocks.executed)
      return nowMs > 8_000
    })
    expect(most).toBe(3)
    await until(({ execution }) => execution.lag === 0)
  })

  it('orders nothing that cannot be paid for when its turn comes', async () => {
    await using run = await virtualNode({ preset: 'monad', set: { executeMs: 250 } })
    const { ask, status, node } = run
    const [rich] = node.accounts.map(({ address }) => address)
    const poor = `0x${'b0'.repeat(20)}`
    await ask('anvil_impersonateAccount', poor)
    const ether = (n: number): string => `0x${(BigInt(n) * 10n ** 17n).toString(16)}`
    await ask('eth_sendTransaction', { from: rich, to: poor, value: ether(10) })
    await ask('parallel_advance', 3_000)
    // Each can be paid for by itself, and only two of them together.
    for (let nonce = 0; nonce < 5; nonce++) {
      await ask('eth_sendTransaction', {
        from: poor,
        to: rich,
        value: ether(4),
        nonce,
        gas: 21_000,
      })
    }
    await ask('parallel_advance', 6_000)
    expect(await status()).toMatchObject({ leftOutTransactions: 0, pooled: 3 })
    expect(await ask('eth_getTransactionCount', poor, 'latest')).toBe('0x2')
  })

  it('comes to the states that a node without consensus comes to by the same order', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, until, node } = run
    const [a, b, c] = node.accounts.map(({ address }) => address)
    await ask('parallel_injectFault', { kind: 'partition', groups: [['leader']], forMs: 4_000 })
    for (let at = 0; at < 20; at++) {
      await ask('eth_sendTransaction', { from: [a, b][at % 2], to: c, value: '0x5', gas: '0x5208' })
      await ask('parallel_advance', 150)
    }
    await until(({ pooled, blocks }) => pooled === 0 && blocks.finalized === blocks.proposed - 1)
    await using plain = await createNode({
      workers: 1,
      artefactDirs: [],
      mining: { kind: 'manual' },
      genesisTimestamp: 1_700_000_000n,
      gasLimit: 150_000_000n,
      order: 'fifo',
    })
    const { blocks } = await run.status()
    for (let number = 1; number <= blocks.finalized; number++) {
      const block = await ask('eth_getBlockByNumber', `0x${number.toString(16)}`, false)
      for (const hash of block['transactions'] as string[]) {
        const raw = await ask('eth_getRawTransactionByHash', hash)
        await plain.request({ method: 'eth_sendRawTransaction', params: [raw] })
      }
      await plain.request({ method: 'evm_mine', params: [block['timestamp']] })
      const same = await plain.request({
        method: 'eth_getBlockByNumber',
        params: ['latest', false],
      })
      expect(same).toEqual(block)
    }
  })

  it('gives the same course of things for the same seed, and another for another', async () => {
    const courseOf = async (seed: number): Promise<string> => {
      await using run = await virtualNode({ preset: 'monad', set: { seed, lossRate: 0.05 } })
      await run.ask('parallel_advance', 500)
      await run.ask('eth_sendTransaction', transferOf(run))
      await run.ask('parallel_injectFault', { kind: 'silence', validator: 'leader', forMs: 1_500 })
      await run.ask('parallel_advance', 4_000)
      return JSON.stringify(await run.ask('parallel_consensusTimeline', { last: 1_024 }))
    }
    const first = await courseOf(3)
    expect(await courseOf(3)).toBe(first)
    expect(await courseOf(4)).not.toBe(first)
  })

  it('begins anew where a cheat takes blocks back, and mines when asked to', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask, until } = run
    await ask('evm_mine')
    expect(await numberAt(run, 'latest')).toBe(1)
    const id = await ask<string>('evm_snapshot')
    const hash = await ask<string>('eth_sendTransaction', transferOf(run))
    await ask('anvil_mine', '0x3')
    expect(await numberAt(run, 'latest')).toBe(4)
    expect(await ask('eth_getTransactionReceipt', hash)).not.toBe(null)
    await ask('evm_revert', id)
    expect(await numberAt(run, 'latest')).toBe(1)
    expect((await until(({ blocks }) => blocks.finalized === 3)).epoch).toBe(1)
    await expect(ask('evm_setAutomine', true)).rejects.toThrow(/blocks come by consensus/)
    await expect(ask('evm_setIntervalMining', 1)).rejects.toThrow(/blocks come by consensus/)
  })
})

describe('under twin-turbo', () => {
  it('executes blocks while they are voted for, and shows them when they are final', async () => {
    await using run = await virtualNode({ preset: 'twin-turbo' })
    const { ask } = run
    const hash = await ask<string>('eth_sendTransaction', transferOf(run))
    await run.until(async () => (await ask('eth_getTransactionReceipt', hash)) !== null)
    expect(await numberAt(run, 'latest')).toBe(await numberAt(run, 'finalized'))
    const receipt = await ask('eth_getTransactionReceipt', hash)
    const { times } = (await run.blocks()).find((it) => it.hash === receipt['blockHash'])!
    expect(times['executed']!).toBeLessThan(times['finalized']!)
  })
})

describe('under megaeth', () => {
  it('has receipts by mini-blocks of 10 ms, and seals them in a block of a second', async () => {
    await using run = await virtualNode({ preset: 'megaeth' })
    const { ask, subscribe } = run
    await ask('parallel_advance', 1_100)
    const minis = await subscribe('miniBlocks')
    const sealed = await numberAt(run, 'latest')
    const { from, to } = transferOf(run)
    const hashes: string[] = []
    for (let at = 0; at < 3; at++) {
      hashes.push(await ask<string>('eth_sendTransaction', transferOf(run)))
      await ask('parallel_advance', 20)
      const receipt = await ask('eth_getTransactionReceipt', hashes[at])
      expect(Number(receipt['blockNumber'])).toBe(sealed + 1)
    }
    expect(await numberAt(run, 'latest')).toBe(sealed)
    expect(await ask('eth_getTransactionCount', from, 'latest')).toBe('0x3')
    const balance = await ask<string>('eth_getBalance', to, 'latest')
    expect(BigInt(balance)).toBe(10n ** 22n + 3n)
    expect(minis().map((mini) => [mini['index'], (mini['receipts'] as object[]).length])).toEqual([
      ['0x0', 1],
      ['0x1', 1],
      ['0x2', 1],
    ])
    // Gas is estimated on what is shown, for what is sent into the same block.
    const code = bytesToHex(asm('0x01 0x00 SSTORE'))
    const data = `0x60${((code.length - 2) / 2).toString(16).padStart(2, '0')}80600b6000396000f3${code.slice(2)}`
    hashes.push(await ask('eth_sendTransaction', { from, data }))
    await ask('parallel_advance', 20)
    const { contractAddress } = await ask('eth_getTransactionReceipt', hashes[3])
    hashes.push(await ask('eth_sendTransaction', { from, to: contractAddress }))
    await ask('parallel_advance', 20)
    expect(await ask('eth_getTransactionReceipt', hashes[4])).toMatchObject({ status: '0x1' })
    await ask('parallel_advance', 1_000)
    const block = await ask('eth_getBlockByNumber', `0x${(sealed + 1).toString(16)}`, false)
    expect(block['transactions']).toEqual(hashes)
    expect(await ask('eth_getBalance', to, 'latest')).toBe(balance)
  })
})

describe('without validators', () => {
  it.each(['instant', 'interval', 'slot12'] as const)('%s has nothing to break', async (preset) => {
    await using node = await createNode({ workers: 1, artefactDirs: [], consensus: { preset } })
    const ask = (method: string, ...params: unknown[]) => node.request({ method, params })
    expect(await ask('parallel_consensusStatus')).toMatchObject({ preset, kind: 'miner' })
    await expect(ask('parallel_advance', 10)).rejects.toThrow(/have no validators/)
    await expect(ask('parallel_injectFault', { kind: 'heal' })).rejects.toThrow(/no validators/)
  })
})

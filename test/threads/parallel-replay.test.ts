import { afterEach, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../src/node/config.ts'
import type { HeddleNode } from '../../src/node/node.ts'
import { bytesToHex } from '../../src/primitives/hex.ts'
import { asm } from '../contract/engine-world.ts'
import { nodeInProcess } from '../support/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

const COUNTER = `0x${'c0'.repeat(20)}`
const COUNT = bytesToHex(asm('0x00 SLOAD 0x01 ADD 0x00 SSTORE'))

type Fields = Readonly<Record<string, unknown>>

/** A node whose block 1 has a call of one counter from each of eight senders. */
async function start(config: Partial<NodeConfig> = {}) {
  const made = await nodeInProcess({ mining: { kind: 'manual' }, ...config })
  node = made
  const ask = async (method: string, ...params: unknown[]): Promise<Fields> =>
    (await made.request({ method, params })) as Fields
  await ask('anvil_setCode', COUNTER, COUNT)
  for (const { address: from } of made.accounts.slice(0, 8)) {
    await ask('eth_sendTransaction', { from, to: COUNTER, gas: '0x7a120' })
  }
  await ask('evm_mine')
  return ask
}

const EXECUTORS = ['serial', 'optimistic', 'block-stm', 'dag', 'bal'] as const

describe('a block that is replayed', () => {
  it.each(EXECUTORS)('comes out the same by %s, and nothing changes', async (executor) => {
    const ask = await start()
    const before = await ask('eth_getBlockByNumber', 'latest', false)
    const replay = await ask('parallel_replayBlock', '0x1', { executor, workers: 2, seed: 7 })
    expect(replay).toMatchObject({
      blockNumber: 1,
      basis: 'measured',
      executor,
      workers: executor === 'serial' ? 1 : 2,
      seed: executor === 'serial' ? null : 7,
      inOrder: null,
      equivalence: { equal: true, difference: null },
    })
    const runs = replay['runs'] as readonly Fields[]
    const merged = runs.filter(({ outcome }) => outcome === 'merged').map(({ index }) => index)
    const all = executor === 'serial' ? [] : [0, 1, 2, 3, 4, 5, 6, 7]
    expect(merged.toSorted((a, b) => Number(a) - Number(b))).toEqual(all)
    expect((replay['merges'] as readonly Fields[]).length).toBe(all.length)
    const steps = executor === 'serial' ? [] : ['setup', 'lanes', 'receipts', 'root']
    expect((replay['steps'] as readonly Fields[]).map(({ name }) => name)).toEqual(steps)
    expect(replay).not.toHaveProperty('ticks')
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toEqual(before)
  })

  it('is compared with the serial one', async () => {
    const ask = await start()
    const options = { executor: 'optimistic', workers: 2 }
    expect(await ask('parallel_diffExecution', '0x1', options)).toMatchObject({
      executor: 'optimistic',
      inOrder: null,
      equal: true,
      difference: null,
    })
    await expect(ask('parallel_diffExecution', '0x1', { executor: 'serial' })).rejects.toThrow(
      /serial is what others are compared to/,
    )
  })

  it('says why it ran in order', async () => {
    const ask = await start({ hardfork: 'amsterdam' })
    const options = { executor: 'block-stm', workers: 2 }
    expect(await ask('parallel_replayBlock', '0x1', options)).toMatchObject({
      inOrder: 'Amsterdam counts gas in two dimensions',
      runs: [],
    })
    await expect(ask('parallel_exportTrace', '0x1', options)).rejects.toThrow(
      /it ran in order \(Amsterdam/,
    )
  })

  it('is drawn as it was measured, or as a policy would have it', async () => {
    const ask = await start()
    const measured = await ask('parallel_exportTrace', '0x1', { executor: 'dag', workers: 2 })
    expect(measured['otherData']).toEqual({ basis: 'measured', policy: 'dag' })
    const events = measured['traceEvents'] as readonly Fields[]
    expect(events.filter(({ ph }) => ph === 'X').length).toBeGreaterThanOrEqual(8)
    const modelled = await ask('parallel_exportTrace', '0x1', { policy: 'block-stm', cores: 2 })
    expect(modelled['otherData']).toEqual({ basis: 'modelled', policy: 'block-stm' })
  })

  it('shows the runs that made it, where they are kept', async () => {
    const ask = await start({ executor: 'block-stm', workers: 2, forceParallel: true })
    const { measured } = (await ask('parallel_getBlockReport', '0x1')) as { measured: Fields }
    expect(measured).toMatchObject({ run: 'as mined', executor: 'block-stm', workers: 2 })
    const runs = measured['runs'] as readonly Fields[]
    expect(runs.length).toBe(measured['incarnations'])
    const takenBack = runs.filter(({ outcome }) => outcome === 'taken back')
    expect(runs.filter(({ outcome }) => outcome === 'merged').length).toBe(8)
    expect(takenBack.length + 8).toBe(runs.length)
    const trace = await ask('parallel_exportTrace', '0x1')
    expect(trace).toMatchObject({ run: 'as mined', otherData: { policy: 'block-stm' } })
    const drawn = (trace['traceEvents'] as readonly Fields[]).filter(({ ph }) => ph === 'X')
    const merges = measured['merges'] as readonly Fields[]
    expect(new Set(merges.map(({ index }) => index)).size).toBe(8)
    expect(merges.length).toBe(8)
    for (const merge of merges)
      expect(merge['end']).toBeGreaterThanOrEqual(merge['start'] as number)
    const steps = measured['steps'] as readonly Fields[]
    const names = ['setup', 'lanes', 'receipts', 'root', 'commit']
    expect(steps.map(({ name }) => name)).toEqual(names)
    for (const [at, { start }] of steps.entries()) {
      expect(start).toBeGreaterThanOrEqual((steps[at - 1]?.['end'] ?? 0) as number)
    }
    expect(drawn.length).toBe(runs.length + merges.length + steps.length)
  })

  it('says of a block that no lane may run that it ran in order, and why', async () => {
    const ask = await start({
      executor: 'block-stm',
      forceParallel: true,
      hardfork: 'spuriousDragon',
    })
    expect(await ask('parallel_getBlockReport', '0x1')).toMatchObject({
      measured: {
        executor: 'block-stm',
        workers: 1,
        inOrder: 'receipts before Byzantium have a root each',
      },
    })
  })

  it('is refused with what there is instead', async () => {
    const ask = await start()
    await expect(ask('parallel_replayBlock', '0x1', { executor: 'magic' })).rejects.toThrow(
      '`options.executor`: not known here; there are serial, optimistic, block-stm, dag, bal',
    )
    await expect(ask('parallel_exportTrace', '0x1', { policy: 'magic' })).rejects.toThrow(
      /`options.policy`: not known here/,
    )
    await expect(ask('parallel_replayBlock', '0x1', { workers: 0 })).rejects.toThrow(
      /`options.workers`: expected a number from 1 to 64/,
    )
    await expect(ask('parallel_replayBlock', '0x5')).rejects.toThrow('block #5 not found')
    await expect(ask('parallel_exportTrace', '0x1', { executor: 'serial' })).rejects.toThrow(
      /name a parallel executor/,
    )
    expect(await ask('parallel_getConfig')).toMatchObject({
      executor: 'optimistic',
      engine: 'wasm',
    })
  })
})

describe('hints for a replay', () => {
  const chain = Array.from({ length: 8 }, (_, index) => (index === 0 ? [] : [index - 1]))
  const nobody = chain.map(() => [])
  it.each([
    ['dag', { dependencies: chain }],
    ['dag', { dependencies: nobody }],
    ['dag', { hints: 'declared' }],
    ['dag', 'its list'],
    ['bal', 'its list'],
  ])('cost or save time, never correctness (%s)', async (executor, hints) => {
    const ask = await start()
    const given =
      typeof hints === 'object'
        ? hints
        : { blockAccessList: await ask('eth_getBlockAccessList', '0x1') }
    const options = { executor, workers: 2, ...given }
    const replay = await ask('parallel_replayBlock', '0x1', options)
    expect(replay).toMatchObject({ inOrder: null, equivalence: { equal: true } })
    // Each waits for the one before: nothing is run twice.
    if ('dependencies' in given && given.dependencies === chain) expect(replay['aborts']).toBe(0)
  })

  it('come from the pool, for the next block', async () => {
    const ask = await start({ executor: 'dag', workers: 2, forceParallel: true })
    const tried: unknown[] = []
    node!.on('message', (message) => tried.push(message))
    await ask('eth_subscribe', 'parallelPending')
    const accounts = (await ask('eth_accounts')) as unknown as readonly string[]
    for (const from of accounts.slice(0, 8)) {
      await ask('eth_sendTransaction', { from, to: COUNTER, gas: '0x7a120' })
    }
    // They are tried when nothing has come for a while.
    await expect.poll(() => tried).toHaveLength(8)
    await ask('evm_mine')
    const { measured } = (await ask('parallel_getBlockReport', 'latest')) as { measured: Fields }
    expect(measured).toMatchObject({ executor: 'dag', inOrder: null, aborts: 0, incarnations: 8 })
  })
})

describe('settings that change', () => {
  /** Eight more calls of the counter, in a block; how it ran. */
  const mined = async (ask: Awaited<ReturnType<typeof start>>): Promise<Fields> => {
    const accounts = (await ask('eth_accounts')) as unknown as readonly string[]
    for (const from of accounts.slice(0, 8)) {
      await ask('eth_sendTransaction', { from, to: COUNTER, gas: '0x7a120' })
    }
    await ask('evm_mine')
    return (await ask('parallel_getBlockReport', 'latest'))['measured'] as Fields
  }

  it('hold from the next block on', async () => {
    const ask = await start({ forceParallel: true })
    await ask('parallel_setConfig', { executor: 'block-stm', workers: 2 })
    expect(await mined(ask)).toMatchObject({ executor: 'block-stm', workers: 2, inOrder: null })
    await ask('parallel_setConfig', { executor: 'optimistic', workers: 3 })
    expect(await mined(ask)).toMatchObject({ executor: 'optimistic', workers: 3, inOrder: null })
    await ask('parallel_setConfig', { executor: 'serial' })
    expect(await mined(ask)).toMatchObject({ executor: 'serial', workers: 1 })
    expect(await ask('eth_getStorageAt', COUNTER, '0x0', 'latest')).toBe(
      `0x${(32).toString(16).padStart(64, '0')}`,
    )
  })

  it('take named runs back, and end a lane', async () => {
    const ask = await start({ executor: 'optimistic', workers: 2, forceParallel: true })
    const abort = [{ transaction: 0 }, { transaction: 5 }]
    await ask('parallel_setConfig', { faults: { abort } })
    const { runs } = (await mined(ask)) as { runs: readonly Fields[] }
    for (const place of [0, 5]) {
      const own = runs.filter(({ index }) => index === place)
      expect(new Set(own.map(({ outcome }) => outcome))).toEqual(new Set(['merged', 'taken back']))
    }
    expect(runs.filter(({ index, outcome }) => index === 0 && outcome === 'taken back')).toEqual([
      expect.objectContaining({ cause: { kind: 'chance' } }),
    ])
    const notices: string[] = []
    node!.listen((event) => {
      if (event.kind === 'notice') notices.push(event.text)
    })
    await ask('parallel_setConfig', {
      faults: { failure: { lane: 0, step: 1, fault: 'throw' } },
      workers: 1,
    })
    expect(await mined(ask)).toMatchObject({
      inOrder: 'a lane failed',
      failure: 'a lane was told to fail',
    })
    expect(notices).toContain(
      'a lane failed (a lane was told to fail): the block was executed in order, the lanes are new',
    )
    await ask('parallel_setConfig', { faults: {} })
    expect(await mined(ask)).toMatchObject({ inOrder: null, failure: null })
    expect(await ask('eth_getStorageAt', COUNTER, '0x0', 'latest')).toBe(
      `0x${(32).toString(16).padStart(64, '0')}`,
    )
  })
})

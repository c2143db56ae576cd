import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

type Fields = Readonly<Record<string, unknown>>

async function start(config: Parameters<typeof createNode>[0] = {}) {
  const made = await createNode({ workers: 2, artefactDirs: [], ...config })
  node = made
  return async (method: string, ...params: unknown[]): Promise<Fields> =>
    (await made.request({ method, params })) as Fields
}

describe('parallel_setConfig', () => {
  it('changes what is named and leaves the rest', async () => {
    const ask = await start({ forceParallel: true })
    const before = await ask('parallel_getConfig')
    expect(before).toMatchObject({
      executor: 'optimistic',
      workers: 2,
      forceParallel: true,
      record: 256,
      seed: null,
      faults: null,
    })
    expect(await ask('parallel_setConfig', { record: 3 })).toEqual({ ...before, record: 3 })
    const faulty = {
      executor: 'block-stm',
      workers: 4,
      seed: 9,
      faults: {
        aborts: 0.5,
        abort: [{ transaction: 2 }],
        failure: { lane: 3, at: 'merging', fault: 'exit' },
      },
    }
    const shown = {
      executor: 'block-stm',
      workers: 4,
      seed: 9,
      faults: {
        delays: 0,
        aborts: 0.5,
        abort: [{ transaction: 2, incarnation: 0 }],
        failure: { lane: 3, step: 1, at: 'merging', fault: 'exit' },
      },
    }
    expect(await ask('parallel_setConfig', faulty)).toMatchObject(shown)
    expect(await ask('parallel_setConfig', { executor: 'dag' })).toMatchObject({
      ...shown,
      executor: 'dag',
    })
    expect(await ask('parallel_setConfig', { faults: {} })).toMatchObject({
      executor: 'dag',
      seed: null,
      faults: null,
    })
    expect(await ask('parallel_setConfig', { seed: 5 })).toMatchObject({
      seed: 5,
      faults: { delays: 0.2, aborts: 0 },
    })
    expect(await ask('parallel_setConfig', { executor: 'serial' })).toMatchObject({ faults: null })
  })

  it('draws a lane and a step by the seed', async () => {
    const ask = await start({ executor: 'optimistic', workers: 2 })
    const draw = async (seed: number): Promise<unknown> => {
      const { faults } = await ask('parallel_setConfig', { seed, faults: { failure: {} } })
      return (faults as Fields)['failure']
    }
    const drawn = await draw(1)
    expect(drawn).toMatchObject({ fault: 'throw' })
    expect(await draw(1)).toEqual(drawn)
    const others = [await draw(2), await draw(3), await draw(4)]
    expect(new Set(others.map((it) => JSON.stringify(it))).size).toBeGreaterThan(1)
  })

  it.each([
    [
      { executor: 'magic' },
      '`config.executor`: not known here; there are serial, optimistic, block-stm, dag, bal',
    ],
    [{ workers: 0 }, '`config.workers`: expected a number from 1 to 64'],
    [{ workers: 65 }, '`config.workers`: expected a number up to 64'],
    [{ record: -1 }, '`config.record`: expected a number'],
    [
      { recrod: 1 },
      '`config.recrod`: not known here; there are executor, workers, forceParallel, record, seed, faults',
    ],
    [{ faults: { aborts: 2 } }, '`config.faults.aborts`: expected a number from 0 to 1'],
    [{ faults: { abort: [{}] } }, '`config.faults.abort[0].transaction`: missing, it is required'],
    [{ faults: { abort: [{ tx: 1 }] } }, '`config.faults.abort[0].tx`: not known here'],
    [
      { faults: { failure: { at: 'nowhere' } } },
      '`config.faults.failure.at`: expected one of claimed, executed',
    ],
    [
      { faults: { failure: { lane: 7 } } },
      '`config.faults.failure.lane`: expected a number from 0 to 1, got 7',
    ],
    [
      { executor: 'serial', faults: { aborts: 1 } },
      '`config.faults`: serial has no lanes for faults to come to',
    ],
    [{ executor: 'serial', seed: 1 }, '`config.seed`: serial has no lanes'],
    ['fast', '`config`: expected an object'],
  ])('refuses %j, and changes nothing', async (config, problem) => {
    const ask = await start({ executor: 'optimistic', workers: 2 })
    const before = await ask('parallel_getConfig')
    await expect(ask('parallel_setConfig', config)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining(problem),
    })
    expect(await ask('parallel_getConfig')).toEqual(before)
  })
})

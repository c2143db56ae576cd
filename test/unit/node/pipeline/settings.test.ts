import { describe, expect, it } from 'vitest'

import { readFault, readFaults } from '../../../../src/node/pipeline/faults.ts'
import type { PipelineOverrides } from '../../../../src/node/pipeline/presets.ts'
import { pipelineOf, withConsensus } from '../../../../src/node/pipeline/settings.ts'
import { virtualNode } from './support.ts'

const settingsOf = (set: PipelineOverrides) => pipelineOf({ consensus: { preset: 'monad', set } })

describe('settings of a pipeline', () => {
  it('are the preset’s, and what is set goes before', () => {
    expect(settingsOf({})?.settings).toMatchObject({ validators: 4, faulty: 1, blockMs: 300 })
    const set = settingsOf({ validators: '7', delayMs: '10-40', protocol: 'hotstuff2' })
    expect(set?.settings).toMatchObject({ validators: 7, faulty: 2, delayMs: [10, 40] })
    const slow = pipelineOf({
      consensus: { preset: 'monad@0.11' },
      mining: { kind: 'interval', intervalMs: 2_000 },
    })
    expect(slow?.settings).toMatchObject({ blockMs: 2_000, timeoutMs: 2_400 })
  })

  it.each([
    [{ faulty: 2 }, '`faulty`: 2 of 4 validators is a third or more: expected at most 1'],
    [{ validators: 0 }, '`validators`: expected a whole number from 1 to 100, got 0'],
    [{ delayMs: [-5, 10] }, '`delayMs`: expected milliseconds from 0 on'],
    [{ delayMs: '40-10' }, '`delayMs`: expected milliseconds from 0 on'],
    [{ lossRate: 2 }, '`lossRate`: expected a number from 0 to 1, got 2'],
    [{ rootLag: 1.5 }, '`rootLag`: expected a whole number from 1 to 32, got 1.5'],
    [{ timeoutMs: 100 }, '`timeoutMs`: a round takes up to 421 ms'],
    [{ protocol: 'raft' }, '`protocol`: expected monadbft or hotstuff2, got "raft"'],
    [{ miniBlockMs: 10 }, '`miniBlockMs`: mini-blocks need one sequencer'],
    [{ bloks: 1 }, '`bloks`: not known here; there are validators'],
  ])('%j is refused by its name', (set, reason) => {
    expect(() => settingsOf(set as PipelineOverrides)).toThrow(reason)
  })

  it('bring the preset’s gas limit and pace, unless others are set', () => {
    expect(withConsensus({ consensus: { preset: 'monad@0.11' } })).toMatchObject({
      gasLimit: 200_000_000n,
      mining: { kind: 'manual' },
    })
    expect(withConsensus({ consensus: { preset: 'megaeth' }, gasLimit: 5_000_000n }).gasLimit).toBe(
      5_000_000n,
    )
    expect(withConsensus({ consensus: { preset: 'slot12' } })).toMatchObject({
      mining: { kind: 'interval', intervalMs: 12_000 },
      slotsInAnEpoch: 32,
    })
    expect(withConsensus({ chainId: 1n })).toEqual({ chainId: 1n })
    expect(() =>
      withConsensus({ consensus: { preset: 'monad' }, mining: { kind: 'manual' } }),
    ).toThrow(/come by their own pace/)
    expect(() => withConsensus({ consensus: { preset: 'instant', set: { seed: 1 } } })).toThrow(
      /has no validators/,
    )
  })
})

describe('a fault', () => {
  it.each([
    [{ kind: 'explode' }, '`fault.kind`: expected one of crash'],
    [{ kind: 'crash' }, '`fault.validator`: missing, crash needs it'],
    [{ kind: 'crash', validator: 9 }, '`fault.validator`: validator 9 does not exist'],
    [{ kind: 'delay', validator: 1 }, '`fault.byMs`: missing, delay needs it'],
    [{ kind: 'delay', validator: 1, byMs: -1 }, '`fault.byMs`: expected milliseconds from 0 on'],
    [{ kind: 'partition' }, '`fault.groups`: expected lists of validators'],
    [{ kind: 'partition', groups: [[0, 7]] }, '`fault.groups[0]`: validator 7 does not exist'],
    [{ kind: 'heal', who: 1 }, '`fault.who`: not known here'],
    ['crash', '`fault`: expected an object'],
  ])('%j is refused by its name', (fault, reason) => {
    expect(() => readFault(fault, 4, 'fault')).toThrow(reason)
  })

  it('in a scenario is named by its place', () => {
    const faults = [{ kind: 'heal' }, { kind: 'crash', validator: 4, atMs: 5 }]
    expect(() => readFaults({ faults }, 4)).toThrow('`faults[1].validator`: validator 4')
    expect(() => readFaults('faults', 4)).toThrow('expected a list of faults')
  })

  it('that cannot be leaves a running node as it is; those of a scenario come at their times', async () => {
    const scenario = [{ kind: 'crash', validator: 1, atMs: 400, forMs: 200 }]
    await using run = await virtualNode({ preset: 'monad', scenario })
    await expect(
      run.ask('parallel_injectFault', { kind: 'crash', validator: 8 }),
    ).rejects.toMatchObject({ code: -32_602, message: expect.stringMatching(/validator 8/) })
    await run.ask('parallel_advance', 399)
    expect((await run.status()).faults).toEqual([])
    await run.ask('parallel_advance', 10)
    expect((await run.status()).faults).toMatchObject([{ kind: 'crash', validators: [1] }])
    await run.ask('parallel_advance', 200)
    expect((await run.status()).faults).toEqual([])
  })
})

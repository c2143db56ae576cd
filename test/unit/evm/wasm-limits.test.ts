import { describe, expect, it } from 'vitest'

import { loadWasmEngine, warmUpEngine } from '../../../src/evm/load.ts'
import { TestWorld, account, asm } from '../../contract/engine-world.ts'
import { outcomeText } from './differential/outcome-text.ts'

const A = account(0xa)
const FOREVER = asm('JUMPDEST 0x00 JUMP')
const engine = await loadWasmEngine()
const GAS = 2n ** 50n
const CALL = { skipBalance: true, skipFees: true, skipGasCap: true }
const endless = { to: A, gasLimit: GAS, maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n }

describe('an endless loop with a limit of time', () => {
  it('ends with its reason, and leaves the engine as it was', async () => {
    const world = new TestWorld(engine, { [A]: { code: FOREVER } })
    const patience = { yieldMs: 5, limitMs: 50 }
    const outcome = await world.run(endless, { switches: CALL, patience })
    expect(outcome).toMatchObject({
      kind: 'halt',
      reason: 'execution aborted (timeout = 0.05s)',
      gasUsed: GAS,
    })
    expect(await world.run({ valueWei: 1n })).toMatchObject({ kind: 'success', gasUsed: 21_000n })
  })

  it('lets other work have a turn, also on the engine', async () => {
    const world = new TestWorld(engine, { [A]: { code: FOREVER } })
    let hasEnded = false
    const long = world
      .run(endless, { switches: CALL, patience: { yieldMs: 2, limitMs: 200 } })
      .finally(() => (hasEnded = true))
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      expect((await world.run({ valueWei: 1n })).kind).toBe('success')
    }
    expect(hasEnded).toBe(false)
    expect((await long).kind).toBe('halt')
  })

  it('does not change what ends in time', async () => {
    const code = asm('0x01 0x00 SSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const patience = { yieldMs: 1_000, limitMs: 10_000 }
    const timed = await world.run({ to: A }, { patience })
    expect(outcomeText(timed)).toBe(outcomeText(await world.run({ to: A })))
  })
})

describe('gas beyond 64 bits with a sign', () => {
  const gasLimit = 2n ** 64n - 1n

  it('is given back', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm('STOP') } })
    const outcome = await world.run({ ...endless, gasLimit }, { switches: CALL })
    expect(outcome).toMatchObject({ kind: 'success', gasUsed: 21_000n })
  })

  it('does not buy memory that there is not', async () => {
    const code = asm('0x01 0xffffffffff MSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const outcome = await world.run({ ...endless, gasLimit }, { switches: CALL })
    expect(outcome).toMatchObject({ kind: 'halt', reason: 'out of gas', gasUsed: gasLimit })
  })
})

describe('memory', () => {
  it('ends in out of gas where it cannot grow any more', async () => {
    const code = asm('0x01 0x01ffffffff MSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const outcome = await world.run({ ...endless, gasLimit: 2n ** 62n }, { switches: CALL })
    expect(outcome).toMatchObject({ kind: 'halt', reason: 'out of gas' })
    expect((await world.run({ valueWei: 1n })).kind).toBe('success')
  })

  it('of 3 GiB ends in out of gas too, though there is gas for it', async () => {
    const code = asm('0x01 0xc0000000 MSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const outcome = await world.run({ ...endless, gasLimit: 2n ** 62n }, { switches: CALL })
    const reason = 'out of gas: the engine has no more than 1 GiB of memory'
    expect(outcome).toMatchObject({ kind: 'halt', reason })
    expect((await world.run({ valueWei: 1n })).kind).toBe('success')
  })
})

describe('the warm-up', () => {
  it('runs to its end, whatever the engine does besides', async () => {
    const world = new TestWorld(engine, {})
    const warm = warmUpEngine(engine)
    expect((await world.run({ valueWei: 1n })).kind).toBe('success')
    await warm
  })
})

import { describe, expect, it } from 'vitest'

import { loadEngine } from '../../../src/evm/load.ts'
import type { Executor } from '../../../src/executor/executor.ts'
import { createInlineExecutor } from '../../../src/executor/inline.ts'
import { createSerialExecutor } from '../../../src/executor/serial.ts'
import {
  expectSameBlock,
  expectSameChain,
  expectSameFullBlock,
  searchForDifference,
} from '../../contract/executor-law.ts'
import { CHAINS, FULL, SCENARIOS } from '../../contract/law-scenarios.ts'

const engine = await loadEngine('wasm')
const oracle = createSerialExecutor(engine)
const inline = createInlineExecutor(engine, { fewest: 0 })

/** Hears of every transaction before its block, of every third as if it were to come at other prices. */
const foretold: Executor = {
  name: 'serial',
  execute(block, base) {
    const { env, stateId = {} } = block
    const { baseFeePerGasWei = 0n } = env.header
    const dearer = { ...env, header: { ...env.header, baseFeePerGasWei: baseFeePerGasWei + 7n } }
    for (const [index, tx] of block.transactions.entries()) {
      const options = block.optionsOf?.(index)
      const where = { env: index % 3 === 2 ? dearer : env, options, view: base, stateId }
      inline.expect!(tx, where)
    }
    return inline.execute(block, base)
  },
}

describe('the law, for serial execution on shared state', () => {
  it.each(Object.keys(SCENARIOS))('on %s', async (name) => {
    await expectSameBlock(oracle, inline, SCENARIOS[name]!)
  })

  it.each(Object.keys(CHAINS))('on %s', async (name) => {
    await expectSameChain(oracle, inline, CHAINS[name]!)
  })

  it.each(Object.keys(FULL))('on a block full of %s', async (name) => {
    await expectSameFullBlock(oracle, inline, FULL[name]!)
    await expectSameBlock(oracle, inline, SCENARIOS['all on one hot slot']!)
  })

  it.each(Object.keys(SCENARIOS))('on %s, expected', async (name) => {
    await expectSameBlock(oracle, foretold, SCENARIOS[name]!)
  })

  it.each(Object.keys(CHAINS))('on %s, expected', async (name) => {
    await expectSameChain(oracle, foretold, CHAINS[name]!)
  })

  it('on random blocks and chains of them', async () => {
    const tally = await searchForDifference(oracle, () => inline, {
      runs: 200,
      seed: 1,
      whose: { executor: 'serial', lanes: 1 },
    })
    expect(tally.blocks).toBe(200)
  })
})

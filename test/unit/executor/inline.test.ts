import { describe, expect, it } from 'vitest'

import { loadEngine } from '../../../src/evm/load.ts'
import { createInlineExecutor } from '../../../src/executor/inline.ts'
import { createSerialExecutor } from '../../../src/executor/serial.ts'
import {
  expectSameBlock,
  expectSameChain,
  searchForDifference,
} from '../../contract/executor-law.ts'
import { CHAINS, SCENARIOS } from '../../contract/law-scenarios.ts'

const engine = await loadEngine('wasm')
const oracle = createSerialExecutor(engine)
const inline = createInlineExecutor(engine, 0)

describe('the law, for serial execution on shared state', () => {
  it.each(Object.keys(SCENARIOS))('on %s', async (name) => {
    await expectSameBlock(oracle, inline, SCENARIOS[name]!)
  })

  it.each(Object.keys(CHAINS))('on %s', async (name) => {
    await expectSameChain(oracle, inline, CHAINS[name]!)
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

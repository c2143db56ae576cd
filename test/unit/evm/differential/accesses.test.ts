import { describe, expect, it } from 'vitest'

import type { Outcome } from '../../../../src/evm/engine.ts'
import { createEthereumjsEngine } from '../../../../src/evm/ethereumjs/engine.ts'
import { inTurn } from '../../../../src/evm/in-turn.ts'
import { loadWasmEngine } from '../../../../src/evm/load.ts'
import { TestWorld } from '../../../contract/engine-world.ts'
import { scenarioOf } from './scenario.ts'
import { differencesOf } from './seeds.ts'

// EIP-7928 as the reference has it, which can record accesses since Prague.
const runs = Number(process.env['FUZZ_RUNS'] ?? 800)
const first = Number(process.env['FUZZ_SEED'] ?? 1)

const wasm = await loadWasmEngine()
const reference = inTurn(createEthereumjsEngine([7928]))

function accessesOf(outcome: Outcome): string {
  if (outcome.kind === 'rejected') return 'rejected'
  const { touched } = outcome.access
  const lines = [...touched!].map(
    ([address, slots]) =>
      `${address} ${[...slots]
        .map((key) => `${BigInt(key)}`)
        .toSorted()
        .join(' ')}`,
  )
  return lines.toSorted().join('\n')
}

let compared = 0

async function differenceOf(seed: number): Promise<string> {
  const { fork, alloc, tx } = scenarioOf(seed)
  if (fork !== 'prague' && fork !== 'osaka') return ''
  const got = accessesOf(await new TestWorld(wasm, alloc, fork).run(tx))
  const wanted = accessesOf(await new TestWorld(reference, alloc, fork).run(tx))
  compared += wanted.length
  return got === wanted ? '' : `seed ${seed}, ${fork}\ngot\n${got}\nwanted\n${wanted}`
}

describe('accesses of random programs on both engines', () => {
  it(`${runs} seeds from ${first}`, { timeout: 10_000_000 }, async () => {
    expect(await differencesOf(first, runs, differenceOf)).toBe('')
    // Three accounts at least of one seed in six.
    expect(compared).toBeGreaterThan(20 * runs)
  })
})

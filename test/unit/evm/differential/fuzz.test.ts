import { describe, expect, it } from 'vitest'

import { loadEthereumjsEngine, loadWasmEngine } from '../../../../src/evm/load.ts'
import { TestWorld } from '../../../contract/engine-world.ts'
import { isWithin, outcomeText, readsText } from './outcome-text.ts'
import { scenarioOf } from './scenario.ts'
import { differencesOf } from './seeds.ts'
import { firstDifference, recordTrace } from './trace-text.ts'

// FUZZ_RUNS=100000 for a long run, FUZZ_SEED=7 to begin with others. What fails becomes a case of `extremes.test.ts`.
const runs = Number(process.env['FUZZ_RUNS'] ?? 400)
const first = Number(process.env['FUZZ_SEED'] ?? 1)
/** One seed in so many is compared step by step. */
const TRACED_EACH = 8

const wasm = await loadWasmEngine()
const reference = await loadEthereumjsEngine()

/** What differs between the engines for this seed; empty when nothing does. */
async function differenceOf(seed: number): Promise<string> {
  const { fork, alloc, tx, header } = scenarioOf(seed)
  // To the reference, a creation that Frontier leaves without code has failed.
  const isTraced = seed % TRACED_EACH === 0 && fork !== 'frontier'
  const ours = recordTrace(isTraced)
  const theirs = recordTrace(isTraced)
  const options = isTraced ? { observer: ours.observer } : undefined
  const got = await new TestWorld(wasm, alloc, fork, header).run(tx, options)
  const theirWorld = new TestWorld(reference, alloc, fork, header)
  const wanted = await theirWorld.run(tx, { observer: theirs.observer })
  const texts = [outcomeText(got), outcomeText(wanted)]
  const label = `seed ${seed}, ${fork}`
  if (texts[0] !== texts[1]) return `${label}\ngot\n${texts[0]}\nwanted\n${texts[1]}`
  const steps = isTraced ? firstDifference(ours.lines, theirs.lines) : ''
  if (steps !== '') return `${label}\n${steps}`
  const reads = [readsText(got), readsText(wanted)] as const
  const shown = reads.map((found) => found.join('\n'))
  // The reference reads before it finds that the stack or the gas (EIP-2200) does not allow it.
  const agree = theirs.hasHalted ? isWithin(...reads) : shown[0] === shown[1]
  return agree ? '' : `${label}\nread\n${shown[0]}\nwanted\n${shown[1]}`
}

describe('random programs on both engines', () => {
  it(`${runs} seeds from ${first}`, { timeout: 10_000_000 }, async () => {
    expect(await differencesOf(first, runs, differenceOf)).toBe('')
  })
})

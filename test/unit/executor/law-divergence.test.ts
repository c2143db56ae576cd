import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

import { loadWasmEngine } from '../../../src/evm/load.ts'
import type { Executor } from '../../../src/executor/executor.ts'
import { createSerialExecutor } from '../../../src/executor/serial.ts'
import { differenceIn, searchForDifference } from '../../contract/executor-law.ts'
import {
  bundleText,
  firstDifference,
  keptBundles,
  readBundle,
} from '../../contract/law-divergence.ts'

const oracle = createSerialExecutor(await loadWasmEngine())
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Serial, but in schedules with an odd seed a second call of one contract forgets that it paid. */
function planted(seed: number): Executor {
  return {
    name: 'planted',
    async execute(block, base) {
      const outcome = await oracle.execute(block, base)
      if (outcome.kind !== 'executed' || seed % 2 === 0) return outcome
      const called = new Set<string>()
      const receipts = outcome.receipts.map((receipt, index) => {
        const { to } = outcome.transactions[index]!
        if (to === null || !called.has(to)) {
          if (to !== null) called.add(to)
          return receipt
        }
        return { ...receipt, gasUsed: 0n }
      })
      return { ...outcome, receipts }
    },
  }
}

describe('a divergence', () => {
  it('is made as small as it can be, kept, and is the same each time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heddle-law-'))
    folders.push(folder)
    const search = searchForDifference(oracle, planted, {
      runs: 200,
      seed: 7,
      whose: { executor: 'planted', lanes: 1, folder },
    })
    await expect(search).rejects.toThrow(
      /is not serial: receipts\.1\.gasUsed: \d+n in order, got 0n/,
    )
    const [file, ...more] = keptBundles(folder)
    expect(more).toEqual([])
    const kept = readBundle(file!)
    expect(kept.cases.length).toBe(1)
    expect(kept.cases[0]!.txs.length).toBe(2)
    expect(kept.schedule % 2).toBe(1)
    for (let again = 0; again < 2; again++) {
      const difference = await differenceIn(oracle, planted, kept)
      expect(bundleText({ ...kept, difference: difference! })).toBe(readFileSync(file!, 'utf8'))
    }
    expect(await differenceIn(oracle, () => oracle, kept)).toBeUndefined()
  })

  it.each([
    [{ a: 1n }, { a: 1n }, undefined],
    [{ a: [1, 2] }, { a: [1, 3] }, 'a.1: 2 in order, got 3'],
    [{ a: new Map([['x', 1n]]) }, { a: new Map() }, 'a.x: 1n in order, got nothing'],
    [new Set(['x']), new Set(['y']), 'x: true in order, got nothing'],
    [Uint8Array.of(1, 2), Uint8Array.of(1), '1: 2 in order, got nothing'],
    ['executed', undefined, ': "executed" in order, got nothing'],
  ])('between two values is said (%#)', (wanted, got, difference) => {
    expect(firstDifference(wanted, got)).toBe(difference)
  })
})

import { describe, expect, it } from 'vitest'

import { type Scenario, checkScenario } from '../../../src/consensus/simulation/scenario.ts'
import { calm } from './scenarios.ts'

describe('a scenario that cannot be', () => {
  const fault = { kind: 'crash', validator: 0, fromMs: 0, toMs: 1 } as const
  it.each<[Partial<Scenario>, RegExp]>([
    [{ config: { ...calm.config, stakes: [] } }, /`stakes`: expected at least one/],
    [
      { config: { ...calm.config, stakes: [1, 0] } },
      /`stakes\[1\]`: expected a whole number above 0, got 0/,
    ],
    [{ config: { ...calm.config, timeoutMs: -1 } }, /`timeoutMs`: expected more than 0, got -1/],
    [{ config: { ...calm.config, rootLag: 0.5 } }, /`rootLag`/],
    [{ delayMs: [-5, 3] }, /`delayMs`: expected 0 or more/],
    [{ delayMs: [5, 3] }, /`delayMs`/],
    [{ lossRate: 1.5 }, /`lossRate`: expected 0 to 1, got 1.5/],
    [{ executeMs: Number.NaN }, /`executeMs`/],
    [
      { faults: [fault, { ...fault, validator: 9 }] },
      /`faults\[1\].validator`: validator 9 does not exist, expected 0 to 3/,
    ],
    [{ faults: [{ ...fault, toMs: -1 }] }, /`faults\[0\]`: expected a span/],
    [
      { partitions: [{ fromMs: 0, toMs: 1, groups: [[4]] }] },
      /`partitions\[0\].groups`: validator 4/,
    ],
    [{ wrongRoots: [7] }, /`wrongRoots`: validator 7/],
  ])('%j is refused by name', (change, reason) => {
    expect(() => checkScenario({ ...calm, ...change })).toThrow(reason)
  })

  it('is not one that can', () => {
    expect(() => checkScenario(calm)).not.toThrow()
  })
})

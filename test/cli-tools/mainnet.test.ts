import { Hardfork, Mainnet } from '@ethereumjs/common'
import { describe, expect, it } from 'vitest'

import { rulesAt } from '../../src/model/fork.ts'
import { MAINNET } from '../../src/model/mainnet.ts'

const LATE = 99_999_999n

/** ethereumjs' names where they are not ours, and forks that are no rules. */
const SAME = new Map<string, string>([[Hardfork.Chainstart, 'frontier']])
const WITHOUT_RULES = new Set<string>([Hardfork.Dao, Hardfork.MergeNetsplitBlock])

describe('the schedule of mainnet', () => {
  const scheduled = Mainnet.hardforks.filter(
    ({ name, block, timestamp }) =>
      !WITHOUT_RULES.has(name) && (block !== null || timestamp !== undefined),
  )

  it('has every fork that ethereumjs knows, at its block or time', () => {
    expect(scheduled.length).toBeGreaterThan(18)
    for (const { name, block, timestamp } of scheduled) {
      const at =
        timestamp === undefined
          ? MAINNET.forks.some((fork) => 'atBlock' in fork && fork.atBlock === BigInt(block ?? -1))
          : [...MAINNET.forks, ...MAINNET.blobs].some(
              (fork) => 'atTime' in fork && fork.atTime === BigInt(timestamp),
            )
      expect(at, name).toBe(true)
      const known = [...MAINNET.forks.map(({ fork }) => fork), ...MAINNET.blobs.map((b) => b.name)]
      expect(known).toContain(SAME.get(name) ?? name)
    }
  })

  it('changes the rules at the block or second itself, not before', () => {
    expect(rulesAt(MAINNET, 4_369_999n, 0n).fork).toBe('spuriousDragon')
    expect(rulesAt(MAINNET, 4_370_000n, 0n).fork).toBe('byzantium')
    expect(rulesAt(MAINNET, 7_280_000n, 0n).fork).toBe('petersburg')
    expect(rulesAt(MAINNET, LATE, 1_710_338_134n)).toEqual({ fork: 'shanghai', blob: undefined })
    expect(rulesAt(MAINNET, LATE, 1_710_338_135n).blob).toMatchObject({ target: 3, max: 6 })
  })

  it('raises the number of blobs twice after Osaka', () => {
    expect(rulesAt(MAINNET, LATE, 1_765_290_070n).blob).toMatchObject({ target: 6, max: 9 })
    expect(rulesAt(MAINNET, LATE, 1_765_290_071n).blob).toMatchObject({ target: 10, max: 15 })
    expect(rulesAt(MAINNET, LATE, 1_767_747_671n)).toEqual({
      fork: 'osaka',
      blob: { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671n },
    })
  })
})

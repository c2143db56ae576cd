import { Common, Mainnet } from '@ethereumjs/common'
import { createBlockHeader } from '@ethereumjs/block'
import { describe, expect, it } from 'vitest'

import { workDifficulty } from '../../../src/model/difficulty.ts'
import { type ForkName, FORKS } from '../../../src/model/fork.ts'
import { parseHash } from '../../../src/primitives/hex.ts'
import { EMPTY_LIST_HASH } from '../../../src/primitives/keccak.ts'

const OMMERS = parseHash(`0x${'11'.repeat(32)}`)

/** What @ethereumjs/block says. */
function oracle(fork: ForkName, parent: Parent, number: bigint, timestamp: bigint): bigint {
  const common = new Common({ chain: Mainnet, hardfork: NAMES[fork] ?? fork })
  const options = { common, setHardfork: false }
  const before = createBlockHeader(
    {
      number: number - 1n,
      timestamp: parent.timestamp,
      difficulty: parent.difficulty,
      uncleHash: parent.ommersHash,
    },
    options,
  )
  return createBlockHeader({ number, timestamp }, options).ethashCanonicalDifficulty(before)
}

type Parent = Parameters<typeof workDifficulty>[1]
const NAMES: Partial<Record<ForkName, string>> = { frontier: 'chainstart' }
const PARENTS: readonly Parent[] = [131_072n, 140_000n, 5_000_000_000n].flatMap((difficulty) =>
  [EMPTY_LIST_HASH, OMMERS].map((ommersHash) => ({ difficulty, ommersHash, timestamp: 1_000n })),
)
const SECONDS = [1n, 8n, 9n, 10n, 12n, 13n, 17n, 18n, 20n, 27n, 899n, 910n, 1_000n, 5_000n]
const NUMBERS = [
  5n,
  199_999n,
  200_000n,
  1_150_000n,
  3_200_000n,
  5_199_999n,
  5_200_000n,
  9_300_000n,
  9_900_000n,
  10_900_000n,
  15_500_000n,
]
// It has no delay of London's (EIP-3554).
const BEFORE_PARIS = FORKS.slice(0, FORKS.indexOf('paris')).filter((fork) => fork !== 'london')

describe('the difficulty that proof of work asks for', () => {
  it('comes off the ice later in London', () => {
    const parent = { difficulty: 131_072n, ommersHash: EMPTY_LIST_HASH, timestamp: 1_000n }
    const at = (number: bigint) => ({ number, timestamp: 1_009n })
    const rules = { fork: 'london', blob: undefined } as const
    expect(workDifficulty(at(9_899_999n), parent, rules)).toBe(131_072n)
    expect(workDifficulty(at(9_900_000n), parent, rules)).toBe(131_073n)
  })

  it.each(BEFORE_PARIS)('is what another implementation says, %s', (fork) => {
    for (const parent of PARENTS) {
      for (const seconds of SECONDS) {
        for (const number of NUMBERS) {
          const at = { number, timestamp: parent.timestamp + seconds }
          const difficulty = workDifficulty(at, parent, { fork, blob: undefined })
          expect([at, difficulty]).toEqual([at, oracle(fork, parent, number, at.timestamp)])
        }
      }
    }
  })
})

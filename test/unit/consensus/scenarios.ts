import { invariant } from '../../../src/primitives/invariant.ts'
import type { ConsensusBlock, ValidatorId } from '../../../src/consensus/types.ts'
import type { Scenario } from '../../../src/consensus/simulation/scenario.ts'
import type { Simulation } from '../../../src/consensus/simulation/simulate.ts'

/** Four equal validators on a good network for ten seconds. */
export const calm: Scenario = {
  config: { protocol: 'monadbft', stakes: [1, 1, 1, 1], seed: 7, timeoutMs: 400, rootLag: 0 },
  seed: 1,
  durationMs: 10_000,
  delayMs: [20, 50],
  lossRate: 0,
  lossUntilMs: Infinity,
  duplicateRate: 0,
  faults: [],
  partitions: [],
  buildMs: 1,
  executeMs: 20,
  wrongRoots: [],
}

type Told = 'finalized' | 'voted' | 'proposed'

/** The blocks that a validator told of, in its order. */
export function blocksOf(
  { trace }: Simulation,
  kind: Told,
  validator: ValidatorId,
): ConsensusBlock[] {
  return trace.flatMap((entry) =>
    entry.validator === validator && entry.command.kind === kind ? [entry.command.block] : [],
  )
}

/** The longest finalized chain of these validators. @throws when two of them finalized different blocks at a height, or one went back. */
export function agreedChain(
  simulation: Simulation,
  validators: readonly ValidatorId[],
): readonly ConsensusBlock[] {
  let longest: readonly ConsensusBlock[] = []
  for (const validator of validators) {
    const chain = blocksOf(simulation, 'finalized', validator)
    for (const [index, block] of chain.entries()) {
      invariant(
        block.height === index + 1,
        `validator ${validator} finalized ${block.height} after ${index}`,
      )
      const other = longest[index]
      invariant(
        other === undefined || other.id === block.id,
        `two blocks are final at height ${block.height}`,
      )
    }
    if (chain.length > longest.length) longest = chain
  }
  return longest
}

export const everyone = (scenario: Scenario): ValidatorId[] => [...scenario.config.stakes.keys()]

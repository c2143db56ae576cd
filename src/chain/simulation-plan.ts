import type { Header } from '../model/block.ts'
import type { BlockStateCalls, SimulationFault } from '../model/simulation.ts'

/** A block to simulate whose number and time are settled. */
export interface PlannedBlock extends BlockStateCalls {
  /** Seconds. */
  readonly timestamp: bigint
}

export type Plan =
  | { readonly kind: 'plan'; readonly blocks: readonly PlannedBlock[] }
  | { readonly kind: 'refused'; readonly fault: SimulationFault }

/** As far as BLOCKHASH sees. */
const MAX_BLOCKS = 256
const MAX_BLOCK_CALLS = 5_000
const MAX_CALLS = 10_000
/** Seconds between blocks that name no time. */
const INTERVAL_SECONDS = 12n

/** The chain of blocks on `base` that is asked for, one number after another: gaps are filled with empty blocks. */
export function planBlocks(base: Header, asked: readonly BlockStateCalls[]): Plan {
  const fault = limitFault(asked)
  if (fault !== undefined) return { kind: 'refused', fault }
  const blocks: PlannedBlock[] = []
  let { number, timestamp } = base
  const limit = base.number + BigInt(MAX_BLOCKS)
  for (const block of asked) {
    const wanted = block.blockOverrides?.number ?? number + 1n
    if (wanted <= number) return refused({ kind: 'numberOrder', number: wanted, previous: number })
    if (wanted > limit) return refused({ kind: 'tooManyBlocks', limit: MAX_BLOCKS })
    while (++number < wanted) {
      timestamp += INTERVAL_SECONDS
      blocks.push({ timestamp, calls: [] })
    }
    const time = block.blockOverrides?.timestamp ?? timestamp + INTERVAL_SECONDS
    if (time <= timestamp) {
      return refused({ kind: 'timestampOrder', timestamp: time, previous: timestamp })
    }
    timestamp = time
    blocks.push({ ...block, timestamp })
  }
  return { kind: 'plan', blocks }
}

function limitFault(asked: readonly BlockStateCalls[]): SimulationFault | undefined {
  if (asked.length > MAX_BLOCKS) return { kind: 'tooManyBlocks', limit: MAX_BLOCKS }
  let total = 0
  for (const { calls } of asked) {
    const count = calls.length
    if (count > MAX_BLOCK_CALLS) return { kind: 'tooManyCalls', count, limit: MAX_BLOCK_CALLS }
    total += count
  }
  return total > MAX_CALLS ? { kind: 'tooManyCalls', count: total, limit: MAX_CALLS } : undefined
}

function refused(fault: SimulationFault): Plan {
  return { kind: 'refused', fault }
}

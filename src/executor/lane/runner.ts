import { RECORD_STATUS, RECORD_REJECTED } from '../../state/record-layout.ts'
import type { Address } from '../../primitives/hex.ts'
import type { SharedState } from './shared-state.ts'

/** The block's own limits, and what a rejection means in it. Gas in gas. */
export interface BlockLimits {
  readonly gas: number
  readonly blobGas: number
  readonly stopsAtRejection: boolean
}

/**
 * Where the record of a run is in shared memory; `wait` when it saw what is to be written again, `full` when there is no room for the
 * record.
 */
export type Ran = number | 'wait' | 'full'

/** What a run sees of transactions before it: all that they published, or only what is merged. */
export type Sight = 'published' | 'merged'

/** Runs transactions of the block on the state as it is seen in their place. */
export interface Runner {
  run(index: number, sight: Sight): Ran | Promise<Ran>
  sender(index: number): Address
}

export function isRejected(shared: SharedState, record: number): boolean {
  return shared.u32At(record + RECORD_STATUS) === RECORD_REJECTED
}

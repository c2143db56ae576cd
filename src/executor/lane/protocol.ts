import type { BlockEnv, ExecutionOptions } from '../../evm/engine.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Abort, LeftOut } from './attempts.ts'
import type { LaneSealing } from '../../state/lane-sealer.ts'
import type { ChaosPlan } from './chaos.ts'
import type { BlockLimits } from './runner.ts'
import type { Schedule } from './schedules.ts'

/** What the main thread and the lanes say to each other: one closed union each way. */

/** Signatures whose signers are wanted: the memory of a `SignatureQueue`. */
interface RecoverTask {
  readonly kind: 'recover'
  readonly queue: SharedArrayBuffer
}

/** One lane's part of a block: all it can get of it. What the transactions are is in shared memory. */
export interface BlockTask {
  readonly kind: 'block'
  readonly lane: number
  readonly lanes: number
  /** Of the block: the lane waits until this one is set up. */
  readonly number: number
  /** Types of all transactions, for the lane that makes the receipts' root. */
  readonly types: Uint8Array | undefined
  readonly schedule: Schedule
  readonly env: Omit<BlockEnv, 'blockHash'>
  readonly limits: BlockLimits
  /** For an engine that takes no encoded transactions. */
  readonly reference: ReferenceBlock | undefined
  readonly chaos: ChaosPlan | undefined
  /** Merges are noted. */
  readonly isRecorded: boolean
}

export interface ReferenceBlock {
  readonly transactions: readonly Transaction[]
  readonly options: readonly (ExecutionOptions | undefined)[]
}

/** A state that is to be hashed by several threads. */
interface SealingTask {
  readonly kind: 'seal'
  readonly task: LaneSealing
}

export type LaneTask = RecoverTask | BlockTask | SealingTask

/** The signers are where the signatures were. */
interface RecoverAnswer {
  readonly kind: 'recovered'
}

/** The hashes are where the nodes are. */
interface SealingAnswer {
  readonly kind: 'sealed'
}

/** A lane has done its part. What it did is in shared memory. */
interface WorkedAnswer {
  readonly kind: 'worked'
}

/** What a lane did; the block's state is in shared memory. */
export interface LaneAccount {
  readonly lane: number
  /** As `attemptsIn` reads them. */
  readonly attempts: Float64Array
  readonly aborts: readonly Abort[]
  readonly leftOut: readonly LeftOut[]
  /** Of a run with faults: which steps it took, as a number. */
  readonly trace: number
}
export type LaneAnswer = RecoverAnswer | WorkedAnswer | SealingAnswer

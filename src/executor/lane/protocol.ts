import type { BlockEnv, ExecutionOptions } from '../../evm/engine.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Abort, LeftOut } from './attempts.ts'
import type { ChaosPlan } from './chaos.ts'
import type { BlockLimits } from './runner.ts'
import type { Schedule } from './schedules.ts'

/** What the main thread and the lanes say to each other: one closed union each way. */

/** Signatures whose signers are wanted: per signature 32 bytes of digest, 32 of r, 32 of s, 1 of yParity. */
interface RecoverTask {
  readonly kind: 'recover'
  readonly signatures: Uint8Array
}

/** One lane's part of a block: all it can get of it. What the transactions are is in shared memory. */
export interface BlockTask {
  readonly kind: 'block'
  readonly lane: number
  readonly lanes: number
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
export type LaneTask = RecoverTask | BlockTask

/** Per signature 20 bytes of address, in order; zeros where no key made the signature. */
interface RecoverAnswer {
  readonly kind: 'recovered'
  readonly addresses: Uint8Array
}

/** What the lane did; the block's state is in shared memory. */
export interface BlockAnswer {
  readonly kind: 'worked'
  readonly lane: number
  /** As `attemptsIn` reads them. */
  readonly attempts: Float64Array
  readonly aborts: readonly Abort[]
  readonly leftOut: readonly LeftOut[]
  /** Of a run with faults: which steps it took, as a number. */
  readonly trace: number
}
export type LaneAnswer = RecoverAnswer | BlockAnswer

export const SIGNATURE_BYTES = 97
export const ADDRESS_BYTES = 20

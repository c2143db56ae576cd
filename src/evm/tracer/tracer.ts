import type { Hash } from '../../primitives/hex.ts'
import type { StateView } from '../../state/view.ts'
import type { BlockEnv, Executable, Outcome, Switches } from '../engine.ts'
import type { Observer } from '../observer.ts'

/** What ran, as opposed to a transaction that was rejected and has no trace. */
export type ExecutedOutcome = Exclude<Outcome, { readonly kind: 'rejected' }>

/** What a tracer knows of the transaction it follows. */
export interface TraceContext {
  /** The state before the transaction. */
  readonly view: StateView
  readonly env: BlockEnv
  readonly transaction: Executable
  /** What it runs with. */
  readonly switches?: Switches | undefined
  /** Where it stands; undefined for a call that is in no block. */
  readonly place?:
    | {
        readonly blockHash: Hash
        readonly transactionHash: Hash
        readonly index: number
        /** Logs of the block before this transaction's first. */
        readonly firstLogIndex: number
      }
    | undefined
}

/** One transaction's trace: give `observer` to the engine, then ask for the result once. */
export interface Tracer {
  readonly observer: Observer
  /** Geth's JSON for this tracer: plain objects, strings and numbers. @throws {TraceTooLarge} */
  result(outcome: ExecutedOutcome): unknown
}

/** The trace outgrew what one answer can carry. */
export class TraceTooLarge extends Error {
  constructor(limitBytes: number, advice: string) {
    super(`the trace is larger than ${Math.floor(limitBytes / 2 ** 20)} MiB: ${advice}`)
    this.name = 'TraceTooLarge'
  }
}

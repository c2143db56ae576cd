import type { MessagePort } from 'node:worker_threads'
import type { Account } from '../../model/account.ts'
import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import type { BlockEnv, Executable, Switches } from '../engine.ts'
import type { EngineName } from '../load.ts'

/** What the main thread and a thread that runs a tracer's script say to each other. */

/** A transaction to run under a tracer in JavaScript. */
export interface ScriptJob {
  /** An expression whose value is the tracer. */
  readonly code: string
  /** `tracerConfig` as JSON. */
  readonly config: string
  readonly timeoutMs: number
  readonly engine: EngineName
  readonly transaction: Executable
  readonly env: Omit<BlockEnv, 'blockHash'>
  readonly switches: Switches
  /** Where it is mined; undefined for a call. */
  readonly place:
    | { readonly blockHash: Hash; readonly transactionHash: Hash; readonly index: number }
    | undefined
}

export interface ScriptTask {
  readonly job: ScriptJob
  /** Questions go out by it; the answers are there when `bell` rings. */
  readonly port: MessagePort
  readonly bell: Int32Array
}

/** What the state before the transaction is asked; the thread waits for the answer. `started` has none. */
export type ScriptQuestion =
  | { readonly kind: 'started' }
  | { readonly kind: 'account'; readonly address: Address }
  | { readonly kind: 'slot'; readonly address: Address; readonly key: Slot }
  | { readonly kind: 'code'; readonly hash: Hash }
  | { readonly kind: 'hasStorage'; readonly address: Address }
  | { readonly kind: 'blockHash'; readonly number: bigint }

/** `failed`: the view threw, and so the trace fails with the message. */
export type ScriptReply =
  | {
      readonly kind: 'value'
      readonly value: Account | bigint | Uint8Array | boolean | Hash | undefined
    }
  | { readonly kind: 'failed'; readonly message: string }

export type ScriptAnswer =
  /** What the tracer's `result` gave, as JSON. */
  | { readonly kind: 'traced'; readonly json: string }
  /** The tracer is wrong, threw, or took too long. */
  | { readonly kind: 'failed'; readonly message: string }

import type { Address, Hash } from '../primitives/hex.ts'
import type { VolatileRead } from '../state/access.ts'

/** What tracers hear of an execution. Every callback is optional; with no observer the engine pays nothing. */

export type FrameKind =
  | 'CALL'
  | 'CALLCODE'
  | 'DELEGATECALL'
  | 'STATICCALL'
  | 'CREATE'
  | 'CREATE2'
  | 'SELFDESTRUCT'

export interface FrameStart {
  readonly kind: FrameKind
  /** 0 for the transaction itself. */
  readonly depth: number
  readonly from: Address
  /** The account whose context runs; for a creation the address that will be. */
  readonly to: Address
  /** Whose code runs: differs from `to` for CALLCODE, DELEGATECALL and EIP-7702 delegation. */
  readonly codeAddress: Address
  readonly valueWei: bigint
  readonly gas: bigint
  /** Call data, or init code. */
  readonly input: Uint8Array
}

export interface FrameEnd {
  readonly depth: number
  readonly gasUsed: bigint
  /** Return data, revert data, or deployed code. */
  readonly output: Uint8Array
  readonly error?: FrameError | undefined
}

/** Why a frame ended without success: REVERT, or a halt by its name (`out of gas`, `invalid opcode: INVALID`, `stack underflow`, ...). */
export type FrameError =
  | { readonly kind: 'revert' }
  | { readonly kind: 'halt'; readonly reason: string }

export interface Step {
  readonly depth: number
  readonly pc: number
  readonly opcode: number
  readonly name: string
  /** Before the instruction. */
  readonly gas: bigint
  readonly gasCost: bigint
  readonly refund: bigint
  /** The account whose context runs (storage belongs to it). */
  readonly address: Address
  /** Whose code runs. */
  readonly codeAddress: Address
  /** Words on the stack. */
  readonly stackSize: number
  /** Bottom first. Valid only during the callback; reading it costs more than asking for its size. */
  readonly stack: readonly bigint[]
  /** Valid only during the callback. */
  readonly memory: Uint8Array
  /** What the last call returned. Valid only during the callback. */
  readonly returnData: Uint8Array
}

export interface ObservedLog {
  readonly depth: number
  readonly address: Address
  readonly topics: readonly Hash[]
  readonly data: Uint8Array
  /** Its place among all logs of the transaction so far. */
  readonly index: number
}

/** What KECCAK256 hashed: the keys of mappings and arrays, by which a slot's variable can be named. */
export interface HashedInput {
  readonly depth: number
  readonly pc: number
  /** Whose code runs. */
  readonly codeAddress: Address
  /** 64 bytes for a mapping with keys of one word: the key, then the mapping's slot. */
  readonly input: Uint8Array
  readonly hash: Hash
}

/** Where a value of the block was read that another block may have otherwise. */
export interface VolatileStep {
  readonly depth: number
  readonly pc: number
  /** Whose code runs. */
  readonly codeAddress: Address
  readonly read: VolatileRead
}

export interface Observer {
  frameStart?(frame: FrameStart): void
  frameEnd?(frame: FrameEnd): void
  step?(step: Step): void
  log?(log: ObservedLog): void
  hashed?(hashed: HashedInput): void
  volatileRead?(read: VolatileStep): void
}

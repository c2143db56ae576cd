import type { Header } from '../model/block.ts'
import type { Rules } from '../model/fork.ts'
import type { Log } from '../model/receipt.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Transaction, TransactionFields } from '../model/transaction.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { AccessSet } from '../state/access.ts'
import type { StateView } from '../state/view.ts'
import type { FrameError, Observer } from './observer.ts'

/** What a block offers to the transactions in it. */
export interface BlockEnv {
  readonly rules: Rules
  readonly chainId: bigint
  /** Only the fields known before execution are read: number, timestamp, beneficiary, gasLimit, fees, mixHash, difficulty. */
  readonly header: Header
  /** In place of the price that the header's excess blob gas gives: calls may pretend. */
  readonly blobBaseFeeWei?: bigint | undefined
  /** BLOCKHASH: the hash of one of the last 256 blocks; undefined beyond. */
  blockHash(number: bigint): Hash | undefined
  /** Whether a transaction may take from its sender's balance what accounts keep for fees, where a network has it so. Absent: it may. */
  readonly maySpendReserve?: ((tx: Executable) => boolean) | undefined
}

/** What calls and simulations leave out of a transaction's rules. All false for a transaction in a block. */
export interface Switches {
  /** The nonce need not match the account's. */
  readonly skipNonce?: boolean
  /** The sender need not hold the value and the fees: what lacks is lent. */
  readonly skipBalance?: boolean
  /** Fee caps below the base fee pass; with a zero price nothing is paid and BASEFEE reads as zero, as eth_call has it. */
  readonly skipFees?: boolean
  /** With `skipFees`, BASEFEE reads the block's base fee at a zero price too (eth_simulateV1). */
  readonly showBaseFee?: boolean
  /** A sender with code may send (EIP-3607 off): impersonation and calls. */
  readonly skipSenderCode?: boolean
  /** The gas limit may exceed the block's and EIP-7825's cap. */
  readonly skipGasCap?: boolean
  /** Gas is counted as used, also where a network charges for the whole limit: estimates. */
  readonly measuresGas?: boolean
  /** No limit on the size of code and initcode. */
  readonly unlimitedCodeSize?: boolean
  /** Precompiles that answer at another address: from -> to (eth_simulateV1). */
  readonly movedPrecompiles?: ReadonlyMap<Address, Address>
}

/** What may be executed: a signed transaction, or the fields of a call with its sender. */
export type Executable = Transaction | (TransactionFields & { readonly sender: Address })

/** How long a call may take, in milliseconds of running. */
export interface Patience {
  /** After this long other work gets a turn; the outcome is then a promise. */
  readonly yieldMs: number
  /** After this long it ends with a halt, `execution aborted (timeout = 5s)`, and its accesses are those of what it wrote: fees and the nonce. */
  readonly limitMs: number
}

export interface ExecutionOptions {
  readonly switches?: Switches | undefined
  readonly observer?: Observer | undefined
  /** Without it a transaction runs to its end at once. The reference engine does not look at it. */
  readonly patience?: Patience | undefined
}

interface Executed {
  /** What is paid for: after refunds, at least the EIP-7623 floor. */
  readonly gasUsed: bigint
  /** What was given back (EIP-3529 capped). */
  readonly gasRefunded: bigint
  /** Return data, revert data, or deployed code. */
  readonly output: Uint8Array
  readonly access: AccessSet
  /** What the block's gas counts, since Amsterdam: before refunds (EIP-7778), in two dimensions (EIP-8037). */
  readonly blockGas?: BlockGas
}

/** Gas of the two kinds of EIP-8037: for running, and for the growth of the state. A block's `gasUsed` is the greater sum. */
export interface BlockGas {
  readonly regular: bigint
  readonly state: bigint
}

/** success -> receipt status 1; revert and halt -> status 0; rejected: it cannot be in a block, nothing changed. */
export type Outcome =
  | (Executed & {
      readonly kind: 'success'
      readonly logs: readonly Log[]
      /** Of a creation. */
      readonly created: Address | null
    })
  | (Executed & { readonly kind: 'revert' })
  | (Executed & { readonly kind: 'halt'; readonly reason: string })
  | { readonly kind: 'rejected'; readonly rejection: Rejection }

/** A call by the protocol itself (EIP-4788, 2935, 7002, 7251): no nonce, no fee, no intrinsic gas. */
export interface SystemCall {
  readonly to: Address
  readonly data: Uint8Array
}
export type SystemOutcome =
  | { readonly kind: 'success'; readonly output: Uint8Array; readonly access: AccessSet }
  | { readonly kind: 'failed'; readonly error: FrameError; readonly access: AccessSet }

/**
 * Runs one transaction on a view and says what happened; the view is never written.
 * A synchronous engine returns its outcome, an asynchronous one a promise: callers await only promises.
 */
export interface Engine {
  readonly name: string
  transact(
    tx: Executable,
    env: BlockEnv,
    view: StateView,
    options?: ExecutionOptions,
  ): Outcome | Promise<Outcome>
  systemCall(
    call: SystemCall,
    env: BlockEnv,
    view: StateView,
    observer?: Observer,
  ): SystemOutcome | Promise<SystemOutcome>
}

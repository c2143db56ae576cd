import type { BlockOverrides, CallFields } from '../model/call.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import type { CallContext, CallFailure, TraceOptions, TraceResult } from './call-port.ts'
import type { BlockRef, BlockTag } from './block-ref.ts'
import type { NotRerun } from './parallel-port.ts'

/** Why there is nothing to inspect. */
export type NotInspected =
  | { readonly kind: 'unknownBlock' }
  /** The state that it takes is not kept any longer. */
  | { readonly kind: 'noState' }

/** A state between two transactions: after the block's first `before`; undefined is after the whole block. */
export interface StatePlace {
  readonly block: BlockRef
  readonly before?: number | undefined
}

/** One of several calls, each on the state that those before it left. */
export interface CallStep {
  readonly call:
    | { readonly kind: 'fields'; readonly fields: CallFields }
    /** Whatever its nonce is. */
    | { readonly kind: 'raw'; readonly raw: Uint8Array }
    /** As a block would take it. */
    | { readonly kind: 'included'; readonly raw: Uint8Array }
  /** undefined: it is not traced. */
  readonly trace?: TraceOptions | undefined
  readonly blockOverrides?: BlockOverrides | undefined
}

export interface StepOutcome {
  readonly kind: 'executed'
  readonly outcome: 'success' | 'revert' | 'halt'
  /** Return or revert data; empty after a halt. */
  readonly output: Uint8Array
  /** Of a halt. */
  readonly reason: string | undefined
  readonly gasUsed: bigint
  /** By how much the beneficiary's balance grew. */
  readonly paidWei: bigint
  readonly trace: unknown
}
export type StepResult = StepOutcome | Exclude<TraceResult, { kind: 'traced' }> | CallFailure

export interface InspectedAccount {
  readonly address: Address
  readonly addressHash: Hash
  readonly balanceWei: bigint
  readonly nonce: bigint
  readonly codeHash: Hash
  readonly storageRoot: Hash
  readonly code: Uint8Array
}

export interface InspectedSlot {
  readonly keyHash: Hash
  readonly key: Slot
  readonly value: bigint
}

/** One page of a list that is ordered by the hashes of its keys. */
export interface Page<T> {
  readonly kind: 'page'
  readonly items: readonly T[]
  /** The hash of the first key that is not in it; undefined at the end. */
  readonly next: Hash | undefined
}

/** Why a transaction failed, and through which frames, the innermost first. */
export interface ExplainedFailure {
  readonly kind: string
  /** Where revert data alone does not tell. */
  readonly message: string | undefined
  readonly frames: readonly {
    readonly address: Address
    readonly contract: string | undefined
    readonly function: string | undefined
    readonly source: string | undefined
    readonly line: number | undefined
  }[]
}

/** What it takes to execute a block and to check the root of its state. */
interface ExecutionWitness {
  readonly kind: 'witness'
  /** Nodes of the tries before it, as RLP. */
  readonly state: readonly Uint8Array[]
  readonly codes: readonly Uint8Array[]
  /** Addresses and slots. */
  readonly keys: readonly Uint8Array[]
  /** As RLP, the parent's last. */
  readonly headers: readonly Uint8Array[]
}

/** Before and after. */
interface Both<T> {
  readonly before: T
  readonly after: T
}

/** What a transaction did to an account. A field left out it did not change. */
export interface ChangedAccount {
  readonly address: Address
  readonly isDestroyed: boolean
  readonly balanceWei?: Both<bigint> | undefined
  readonly nonce?: Both<bigint> | undefined
  readonly code?: Both<Uint8Array> | undefined
  readonly slots: readonly ({ readonly key: Slot } & Both<bigint>)[]
}

/** What one step of a block did to one location of an account. */
export interface HistoryEntry {
  readonly block: bigint
  readonly blockHash: Hash
  /** As EIP-7928 counts: 0 the protocol before the transactions, these from 1, last the protocol after them. */
  readonly step: number
  /** undefined when it was the protocol. */
  readonly transaction: { readonly index: number; readonly hash: Hash } | undefined
  readonly change:
    | ({ readonly kind: 'exists' } & Both<boolean>)
    | ({ readonly kind: 'balance' } & Both<bigint>)
    | ({ readonly kind: 'nonce' } & Both<bigint>)
    | ({ readonly kind: 'codeHash' } & Both<Hash>)
    | ({ readonly kind: 'slot'; readonly slot: Slot } & Both<bigint>)
    /** All storage went: what was in it is not listed. */
    | { readonly kind: 'wiped' }
}

/** States inside blocks, whole lists of accounts, and calls one after another. Nothing changes. */
export interface InspectPort {
  /** By its block's change set, which is kept with the block on disk, by its record, or by running the block once more. */
  changesOf(
    transaction: Hash,
  ): Promise<{ readonly kind: 'changed'; readonly accounts: readonly ChangedAccount[] } | NotRerun>
  /**
   * Who changed a location, in blocks both included, the oldest first: by change sets where they are kept, else by running blocks with
   * transactions once more. `unknown` names the block of which it cannot be told. @param slot undefined: all that the account is and has
   */
  historyOf(
    location: { readonly address: Address; readonly slot: Slot | undefined },
    from: bigint,
    to: bigint,
  ): Promise<
    | { readonly kind: 'history'; readonly entries: readonly HistoryEntry[] }
    | { readonly kind: 'unknown'; readonly block: bigint; readonly why: NotRerun }
  >
  /** The number of the mined block that is called so; `pending` counts as the head. */
  numberOf(tag: BlockTag): bigint
  runMany(
    steps: readonly CallStep[],
    context: CallContext & { readonly before?: number | undefined },
  ): Promise<{ readonly kind: 'run'; readonly results: readonly StepResult[] } | NotInspected>
  /** `account` is undefined when there is none. */
  account(
    place: StatePlace,
    address: Address,
  ): Promise<
    | {
        readonly kind: 'account'
        readonly account: Omit<InspectedAccount, 'storageRoot'> | undefined
      }
    | NotInspected
  >
  /** @param start the least hash of a key @param limit how many slots at most */
  slots(
    place: StatePlace,
    address: Address,
    start: Hash,
    limit: number,
  ): Promise<Page<InspectedSlot> | NotInspected>
  /** Accounts of the state after a block. */
  accounts(
    block: BlockRef,
    start: Hash,
    limit: number,
  ): Promise<Page<InspectedAccount> | NotInspected>
  /** Accounts that differ between the states after two blocks. */
  changedAccounts(
    from: BlockRef,
    to: BlockRef,
  ): Promise<{ readonly kind: 'changed'; readonly addresses: readonly Address[] } | NotInspected>
  /** The state's root after each transaction of a mined block. */
  intermediateRoots(
    block: BlockRef,
  ): Promise<{ readonly kind: 'roots'; readonly roots: readonly Hash[] } | NotInspected>
  /** Of a mined block. @throws {RpcError} on a fork, and of genesis */
  executionWitness(block: BlockRef): Promise<ExecutionWitness | NotInspected>
  /** What a mined transaction did, in the words of its sources. `failure` is undefined when it succeeded. */
  explain(hash: Hash): Promise<
    | {
        readonly kind: 'explained'
        readonly failure: ExplainedFailure | undefined
        /** Its calls as a tree, a line each. */
        readonly calls: readonly string[]
      }
    | NotInspected
  >
  /** undefined when no account has it. */
  codeOf(hash: Hash): Uint8Array | undefined
}

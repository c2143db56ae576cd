import type { Block, Header, Withdrawal } from '../model/block.ts'
import type { CallFields } from '../model/call.ts'
import type { ChainConfig } from '../model/fork.ts'
import type { CommitOutcome, PayloadAttributes, PayloadOutcome } from '../model/payload.ts'
import type { Log, Receipt } from '../model/receipt.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Simulation, SimulationRequest } from '../model/simulation.ts'
import type { AccessList, BlobSidecar, Transaction } from '../model/transaction.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import type { Soon } from '../primitives/soon.ts'
import type { BlockRef } from './block-ref.ts'
import type { CallContext, CallFailure, TraceOptions, TraceResult } from './call-port.ts'
import type { ContractPort } from './contract-port.ts'
import type { CommitState, ConsensusPort } from './consensus-port.ts'
import type { InspectPort } from './inspect-port.ts'
import type { NodeInfo } from './node-info.ts'
import type { ParallelFeed, ParallelPort } from './parallel-port.ts'
import type { ProfilerPort } from './profiler-port.ts'
import type { StorageStats } from './storage-port.ts'
import type { VerificationPort } from './verification-port.ts'

/** The ports that RPC methods need; the node implements them. Wei and gas are bigint, times are seconds. */

/** A mined block, or the block that would be mined now (`pending`). */
export interface LocatedBlock {
  readonly block: Block
  readonly pending: boolean
}

/** A transaction and where it stands; `block` is absent while it waits in the pool. */
export interface LocatedTransaction {
  readonly transaction: Transaction
  readonly place:
    | { readonly header: Header; readonly hash: Hash; readonly index: number }
    | undefined
}

export interface LocatedReceipt {
  readonly receipt: Receipt
  readonly transaction: Transaction
  readonly header: Header
  readonly blockHash: Hash
  readonly index: number
  /** Logs of the block before this transaction's first. */
  readonly firstLogIndex: number
}

export interface LocatedLog {
  readonly log: Log
  readonly blockHash: Hash
  readonly blockNumber: bigint
  readonly blockTimestamp: bigint
  readonly transactionHash: Hash
  readonly transactionIndex: number
  readonly logIndex: number
  /** True when a reorganisation took the log back. */
  readonly removed: boolean
}

/** Which logs: addresses are alternatives; each topic position is alternatives, null is any. */
export interface LogCriteria {
  readonly addresses: readonly Address[]
  readonly topics: readonly (readonly Hash[] | null)[]
}

export interface AccountProof {
  readonly balanceWei: bigint
  readonly nonce: bigint
  readonly codeHash: Hash
  readonly storageHash: Hash
  readonly accountProof: readonly Uint8Array[]
  readonly storageProof: readonly {
    readonly key: Slot
    readonly value: bigint
    readonly proof: readonly Uint8Array[]
  }[]
}

export interface FeeHistory {
  readonly oldestBlock: bigint
  /** One more than blocks: the last is the next block's. */
  readonly baseFeesWei: readonly bigint[]
  readonly gasUsedRatios: readonly number[]
  readonly blobBaseFeesWei: readonly bigint[]
  readonly blobGasUsedRatios: readonly number[]
  /** Per block, per percentile; absent when none were asked for. */
  readonly rewardsWei: readonly (readonly bigint[])[] | undefined
}

/** Reads of the chain. What does not exist is undefined. */
export interface ChainPort {
  readonly config: ChainConfig
  head(): Block
  block(ref: BlockRef): Promise<LocatedBlock | undefined>
  transaction(hash: Hash): LocatedTransaction | undefined
  receipt(hash: Hash): LocatedReceipt | undefined
  /** All receipts of a mined block, in order. */
  receipts(block: Block): readonly LocatedReceipt[]
  /** Logs of mined blocks `from` to `to`, both included. */
  logs(
    from: bigint,
    to: bigint,
    criteria: LogCriteria,
  ): readonly LocatedLog[] | Promise<readonly LocatedLog[]>
  logsOfBlock(block: Block, criteria: LogCriteria): readonly LocatedLog[]
  transactionBySenderAndNonce(sender: Address, nonce: bigint): LocatedTransaction | undefined
}

/** Reads of the state after a block; undefined when the block (or its state) does not exist. `pending` counts pooled transactions. */
export interface StatePort {
  balance(address: Address, ref: BlockRef): Promise<bigint | undefined>
  nonce(address: Address, ref: BlockRef): Promise<bigint | undefined>
  code(address: Address, ref: BlockRef): Promise<Uint8Array | undefined>
  slot(address: Address, key: Slot, ref: BlockRef): Promise<bigint | undefined>
  proof(address: Address, keys: readonly Slot[], ref: BlockRef): Promise<AccountProof | undefined>
}

export interface FeePort {
  gasPriceWei(): bigint
  maxPriorityFeePerGasWei(): bigint
  nextBaseFeeWei(): bigint
  nextBlobBaseFeeWei(): bigint
  history(
    count: number,
    newest: BlockRef,
    percentiles: readonly number[] | undefined,
  ): Promise<FeeHistory | undefined>
}

/** What came of offering a transaction. */
export type Submission =
  | { readonly kind: 'accepted'; readonly hash: Hash }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export type Refusal =
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'undecodable'; readonly detail: string }
  | { readonly kind: 'alreadyKnown'; readonly hash: Hash }
  | { readonly kind: 'replacementUnderpriced'; readonly hash: Hash; readonly neededFeeWei: bigint }
  | { readonly kind: 'poolFull'; readonly limit: number }
  | { readonly kind: 'unknownAccount'; readonly address: Address }
  | { readonly kind: 'sidecar'; readonly detail: string }

export interface PoolContent {
  /** Could be mined now, by sender and nonce. */
  readonly pending: readonly Transaction[]
  /** Wait for an earlier nonce or a lower base fee. */
  readonly queued: readonly Transaction[]
}

export interface PoolPort {
  submitRaw(raw: Uint8Array): Promise<Submission>
  /** Fills in what is missing, signs as an own or impersonated account, submits. */
  submit(fields: CallFields): Promise<Submission>
  /** The transaction that `submit` would send. */
  fill(
    fields: CallFields,
  ): Promise<
    | { readonly kind: 'filled'; readonly transaction: Transaction }
    | { readonly kind: 'refused'; readonly refusal: Refusal }
    | CallFailure
  >
  content(): PoolContent
  drop(hash: Hash): boolean
  dropAll(): void
  dropFrom(sender: Address): number
  sidecar(hash: Hash): BlobSidecar | undefined
}

interface AccountPort {
  addresses(): readonly Address[]
  /** A 65-byte signature over a 32-byte digest; undefined for an account whose key is not here. */
  sign(address: Address, digest: Uint8Array): Uint8Array | undefined
}

export interface ExecutionPort {
  call(
    fields: CallFields,
    context: CallContext,
  ): Soon<{ readonly kind: 'success'; readonly output: Uint8Array } | CallFailure>
  estimateGas(
    fields: CallFields,
    context: CallContext,
  ): Promise<
    | { readonly kind: 'estimated'; readonly gas: bigint }
    | { readonly kind: 'exceedsAllowance'; readonly allowanceGas: bigint }
    | CallFailure
  >
  accessList(
    fields: CallFields,
    context: CallContext,
  ): Promise<
    | {
        readonly kind: 'listed'
        readonly accessList: AccessList
        readonly gasUsed: bigint
        readonly error: string | undefined
      }
    | CallFailure
  >
  /** Blocks that might follow `at`. */
  simulate(
    request: SimulationRequest,
    at: BlockRef,
  ): Promise<Simulation | { readonly kind: 'noState' }>
  /** A block that the chain does not take in. @param transactions raw; without them those of the pool */
  buildPayload(
    parentHash: Hash,
    attributes: PayloadAttributes,
    transactions: readonly Uint8Array[] | undefined,
  ): Promise<PayloadOutcome>
  /** The same on the head, which it becomes. */
  commitPayload(
    attributes: PayloadAttributes,
    transactions: readonly Uint8Array[] | undefined,
  ): Promise<CommitOutcome>
  traceTransaction(hash: Hash, options: TraceOptions): Promise<TraceResult>
  traceCall(fields: CallFields, context: CallContext, options: TraceOptions): Promise<TraceResult>
  traceBlock(
    block: Block,
    options: TraceOptions,
  ): Promise<readonly { readonly txHash: Hash; readonly result: TraceResult }[] | undefined>
}

export interface MineOptions {
  readonly blocks: number
  /** Seconds between the blocks; the first follows the clock. */
  readonly intervalSeconds?: bigint | undefined
  /** Timestamp of the first block. */
  readonly timestamp?: bigint | undefined
}

/** Which remote chain to start on; what is left out stays as it is, and the block is the newest then. */
export interface ForkTarget {
  readonly url?: string | undefined
  readonly blockNumber?: bigint | undefined
}

/** What a refused cheat says: a sentence for the user. */
export type Control<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: string }

/** The dev chain's cheats. Setters of state wait for a block in the making, then change the head's state. */
export interface ControlPort {
  setBalance(address: Address, wei: bigint): Promise<Control<void>>
  setCode(address: Address, code: Uint8Array): Promise<Control<void>>
  setNonce(address: Address, nonce: bigint): Promise<Control<void>>
  setSlot(address: Address, key: Slot, value: bigint): Promise<Control<void>>
  impersonate(address: Address): void
  /** ecrecover names `signer` for these 65 bytes, whatever was signed. */
  impersonateSignature(signature: Uint8Array, signer: Address): Control<void>
  stopImpersonating(address: Address): void
  setAutoImpersonate(on: boolean): void
  isAutomine(): boolean
  /** Resolves when what waits in the pool is mined. */
  setAutomine(on: boolean): Promise<void>
  intervalMs(): number
  /** 0 stops interval mining. @param mostMs each interval is drawn between the two */
  setIntervalMs(ms: number, mostMs?: number): void
  /** The hashes of the blocks: of many blocks nothing else is held. */
  mine(options: MineOptions): Promise<Control<readonly Hash[]>>
  snapshot(): Promise<bigint>
  /** False when there is no such snapshot; it and later ones are consumed. */
  revert(id: bigint): Promise<boolean>
  /** Moves the clock by `seconds`; the total offset since start, in seconds. */
  increaseTime(seconds: bigint): bigint
  /** Sets the clock; the offset to real time, in seconds. */
  setTime(timestamp: bigint): Control<bigint>
  setNextBlockTimestamp(timestamp: bigint): Control<void>
  setBlockTimestampInterval(seconds: bigint | undefined): boolean
  setNextBlockBaseFee(wei: bigint): Control<void>
  setMinGasPrice(wei: bigint): Control<void>
  setBlockGasLimit(gas: bigint): Control<void>
  setCoinbase(address: Address): void
  setPrevRandao(value: Hash): void
  /** Of blocks to come: at most 32 bytes. */
  setExtraData(data: Uint8Array): void
  /** For the next block, mined at once with automine. */
  addWithdrawal(withdrawal: Withdrawal): Promise<Control<void>>
  setChainId(chainId: bigint): void
  setLoggingEnabled(on: boolean): void
  /** The chain in Anvil's format: pieces of gzip of JSON. @param historicalStates with the state after each block */
  dumpState(historicalStates: boolean): Promise<Control<readonly Uint8Array[]>>
  /** Takes in what `dumpState` of this node or of Anvil made. */
  loadState(dump: Uint8Array): Promise<Control<void>>
  /** Resolves once all up to now is on disk; the head's number, or undefined when the chain is kept in memory. */
  flush(): Promise<bigint | undefined>
  storage(): StorageStats
  /** @param fork starts anew on a remote chain; without it on a chain of the node's own */
  reset(fork?: ForkTarget): Promise<Control<void>>
  /** The remote chain is asked there from now on. */
  setRpcUrl(url: string): Control<void>
  /**
   * Replaces the newest `blocks.length` blocks by others, each of the transactions named for it and no others. One that cannot be
   * mined there is left out, and listeners are told.
   */
  reorg(blocks: readonly (readonly Transaction[])[]): Promise<Control<void>>
  /** Removes the newest `depth` blocks. */
  rollback(depth: number): Promise<Control<void>>
}

/** A block came to a state: `monadNewHeads` and `monadLogs`. */
export interface CommitStateEvent {
  readonly kind: 'commitState'
  readonly state: CommitState
  /** By which consensus names the proposal. */
  readonly blockId: Hash
  readonly block: Block
  readonly logs: readonly LocatedLog[]
}

/** A part of a block that is not sealed: `miniBlocks`. */
export interface MiniBlockEvent {
  readonly kind: 'miniBlock'
  readonly blockNumber: bigint
  /** Seconds. */
  readonly blockTimestamp: bigint
  /** In its block. */
  readonly index: number
  /** Since the start. */
  readonly number: number
  readonly timestampMicros: number
  readonly gasUsed: bigint
  readonly receipts: readonly LocatedReceipt[]
}

/** What a block left of an account that it changed, and the words of storage that it changed. */
export interface StateChange {
  readonly address: Address
  /** Undefined when it is gone. */
  readonly account: { readonly nonce: bigint; readonly balanceWei: bigint } | undefined
  readonly slots: ReadonlyMap<Slot, bigint>
}

/** What happens on the chain, for filters and subscriptions. Blocks come in order; `removed` names logs taken back. */
export type ChainEvent =
  | {
      readonly kind: 'block'
      readonly block: Block
      readonly logs: readonly LocatedLog[]
      receipts(): readonly LocatedReceipt[]
      /** None where the state before is not kept. */
      changes(): readonly StateChange[]
    }
  | { readonly kind: 'removed'; readonly logs: readonly LocatedLog[] }
  | { readonly kind: 'pooled'; readonly transaction: Transaction }
  | CommitStateEvent
  | MiniBlockEvent

export interface EventPort {
  /** Returns what ends the listening. */
  listen(listener: (event: ChainEvent) => void): () => void
  /** As JSON has it. Returns what ends the listening. */
  follow(feed: ParallelFeed, listener: (result: Json) => void): () => void
}

export interface Backend {
  readonly chain: ChainPort
  readonly state: StatePort
  readonly fees: FeePort
  readonly pool: PoolPort
  readonly accounts: AccountPort
  readonly execution: ExecutionPort
  readonly inspect: InspectPort
  readonly contracts: ContractPort
  readonly verification: VerificationPort
  readonly parallel: ParallelPort
  readonly profiler: ProfilerPort
  readonly consensus: ConsensusPort
  readonly control: ControlPort
  readonly events: EventPort
  info(): NodeInfo
}

/** A JSON value of the wire; members that are undefined are left out. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

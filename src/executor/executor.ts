import type { Header, Withdrawal } from '../model/block.ts'
import type { ChainConfig } from '../model/fork.ts'
import type { Receipt } from '../model/receipt.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Hash } from '../primitives/hex.ts'
import type { BlockEnv, ExecutionOptions } from '../evm/engine.ts'
import type { AccessSet, ChangeSet } from '../state/access.ts'
import type { BlockAccessList, StepAccess } from '../state/block-access-list.ts'
import type { StateView } from '../state/view.ts'
import type { ExpectedIn } from './expected.ts'
import type { Cause } from './lane/attempts.ts'

/** What is executed. The header's roots, bloom and gasUsed are not read: they are what execution yields. */
export interface BlockInput {
  readonly config: ChainConfig
  readonly env: BlockEnv
  readonly header: Header
  readonly transactions: readonly Transaction[]
  readonly ommers: readonly Header[]
  readonly withdrawals: readonly Withdrawal[] | undefined
  /** Options per transaction: impersonated senders skip rules that signed ones keep. */
  optionsOf?(index: number): ExecutionOptions | undefined
  /** Which state the block is on: the same object for the same state. Without it the executor remembers nothing of an earlier block. */
  readonly stateId?: object | undefined
  /** `stop` refuses the block at the first rejected transaction; `skip` leaves it out: a builder's way. */
  readonly onRejection: 'stop' | 'skip'
  /** `none` leaves out what the protocol does around the transactions (system calls, rewards, withdrawals): replay of partial state. */
  readonly protocol: 'full' | 'none'
  /** What transactions are expected to read and write, by their place. Wrong ones cost time. */
  hintOf?(index: number): Pick<AccessSet, 'reads' | 'writes'> | undefined
  /** In place of hints: for each transaction the places of the earlier ones that it waits for. Wrong ones cost time. */
  readonly dependencies?: readonly (readonly number[])[] | undefined
  /** EIP-7928, of a block that came with one: what comes out must be equal. */
  readonly accessList?: BlockAccessList | undefined
  /** The list of EIP-7928 is made before Amsterdam too, if the engine records what it takes. */
  readonly accessLists?: 'everyFork' | undefined
  /** What came of it is to be remembered: each run is timed, and what the protocol accessed by itself is told. */
  readonly recorded?: boolean | undefined
  /** Before Byzantium a receipt carries the intermediate state root: asked for after each transaction. */
  intermediateRoot?(changes: ChangeSet): Hash
}

/** What the run was like; measured times are milliseconds. */
export interface ExecutionReport {
  readonly executor: string
  readonly engine: string
  readonly workers: number
  readonly incarnations: number
  readonly aborts: number
  readonly ms: number
  /** Why a parallel executor ran this block in order. */
  readonly inOrder?: string
  /** What a lane died of, when that is why. */
  readonly failure?: string
  /** Which steps the lanes took, as a number: of a run with faults. */
  readonly trace?: number
  /** Of a recorded block that ran in order: milliseconds until each transaction began, and at last until the last one ended. */
  readonly ticks?: Float64Array | undefined
  /** Of a block that ran in lanes. */
  readonly log?: RunLog
  /** What the time went to, of a recorded block that ran in lanes. */
  readonly steps?: readonly StepReport[]
}

/** How transactions of a block ran in lanes, kept as numbers: objects are made each time somebody asks. */
export interface RunLog {
  /** Every run of every transaction. */
  readonly runs: readonly RunReport[]
  /** When each transaction took effect, of a recorded block. */
  readonly merges: readonly MergeReport[]
  readonly byteLength: number
}

/** One run of one transaction. Times are milliseconds from the start of the block's execution. */
export interface RunReport {
  /** The transaction's place in what was to be executed. */
  readonly index: number
  readonly incarnation: number
  readonly lane: number
  readonly start: number
  readonly end: number
  readonly outcome: 'merged' | 'left out' | 'taken back' | 'broken off'
  /** Of a run that was taken back: what it had read and was no more. */
  readonly cause?: Cause
}

/** A transaction taking effect in its turn, with the run again that this took if there was one. Times as of `RunReport`. */
export type MergeReport = Pick<RunReport, 'index' | 'lane' | 'start' | 'end'>

/**
 * A step of a block's execution as a whole, in milliseconds from its start: `setup` until the lanes begin, `lanes`, `receipts` with their root
 * and what the protocol does last, the state's `root`, `commit` to the chain.
 */
export interface StepReport {
  readonly name: 'setup' | 'lanes' | 'receipts' | 'root' | 'commit'
  readonly start: number
  readonly end: number
}

/** What the protocol did before and after the transactions. */
export interface ProtocolSteps {
  readonly before: readonly StepAccess[]
  readonly after: readonly StepAccess[]
}

/** What became of the transactions that a block includes, in their order; perhaps made when it is first asked for. */
export interface Results {
  readonly receipts: readonly Receipt[]
  readonly accesses: readonly AccessSet[]
  /** Return or revert data. */
  readonly outputs: readonly Uint8Array[]
  /** Why a transaction failed; undefined for success. */
  readonly failures: readonly (string | undefined)[]
}

export interface ExecutedBlock extends Results {
  readonly kind: 'executed'
  /** Those included, in order. */
  readonly transactions: readonly Transaction[]
  /** The block's results alone: to be held longer than the rest. */
  readonly results: Results
  readonly skipped: readonly { readonly index: number; readonly rejection: Rejection }[]
  /** As the header has it: the receipts' sum, since Amsterdam the greater of two (EIP-8037). */
  readonly gasUsed: bigint
  readonly blobGasUsed: bigint
  readonly logsBloom: Uint8Array
  readonly receiptsRoot: Hash
  /** EIP-7685 requests, each its type byte and data; undefined before Prague. */
  readonly requests: readonly Uint8Array[] | undefined
  /** EIP-7928; undefined before Amsterdam unless asked for, and without the protocol's own steps. */
  readonly blockAccessList: BlockAccessList | undefined
  /** What the protocol accessed before and after the transactions, of a block that was to be recorded. */
  readonly around?: ProtocolSteps | undefined
  /** Everything the block changed, as sets that apply one after another. */
  readonly changes: readonly ChangeSet[]
  /** Tells the executor which state the block led to, so that a block on it starts with what is known of it. */
  became?(stateId: object): void
  readonly report: ExecutionReport
}

export type BlockOutcome =
  | ExecutedBlock
  | { readonly kind: 'invalid'; readonly index: number; readonly rejection: Rejection }
  | { readonly kind: 'invalidBlock'; readonly detail: string }

/** Runs a block's transactions with the result of running them in order. The law: every executor's result is the serial one's. */
export interface Executor {
  readonly name: string
  execute(block: BlockInput, base: StateView): Promise<BlockOutcome>
  /** A block to come will likely hold `tx`: what can be done for it now is. A wrong guess costs time. */
  expect?(tx: Transaction, where: ExpectedIn): void
}

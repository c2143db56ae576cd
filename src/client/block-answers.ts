/** What `parallel_*` methods answer of how blocks are executed. Times are milliseconds, measured; `basis` says of all else how it came about. */

import type { ConsensusChange } from '../rpc/consensus-port.ts'
import type { ParallelEventName } from '../rpc/parallel-port.ts'
import type { Contention } from './answers.ts'

interface BlockHead {
  readonly blockNumber: number
  readonly blockHash: string
  readonly granularity: string
}

/** Balance, nonce, code or existence of an account, or a slot, which has a key. */
interface Location {
  readonly kind: 'balance' | 'nonce' | 'code' | 'life' | 'slot'
  readonly address: string
  readonly key?: string
}

type EdgeKind = 'storage' | 'balance' | 'nonce' | 'code' | 'life' | 'senderNonce' | 'fee'

/** One run of one transaction in a lane, from the start of the block's execution. */
interface Run {
  /** The transaction's place. */
  readonly index: number
  readonly incarnation: number
  readonly lane: number
  readonly start: number
  readonly end: number
  readonly outcome: 'merged' | 'left out' | 'taken back' | 'broken off'
  /** Of a run that was taken back. */
  readonly cause?: Readonly<Record<string, unknown>>
}

/** When a transaction took effect, in its turn and by which lane. */
type Merge = Pick<Run, 'index' | 'lane' | 'start' | 'end'>

/** What the time of a block as a whole went to, in milliseconds from the start of its execution. */
interface Step {
  readonly name: 'setup' | 'lanes' | 'receipts' | 'root' | 'commit'
  readonly start: number
  readonly end: number
}

interface Execution {
  readonly basis: 'measured'
  readonly executor: string
  readonly engine: string
  readonly workers: number
  readonly incarnations: number
  readonly aborts: number
  readonly ms: number
  /** Why a parallel executor ran it in order. */
  readonly inOrder: string | null
  /** What a lane died of. */
  readonly failure: string | null
}

interface Unavailable {
  readonly basis: 'unavailable'
  readonly why: string
}

/** How a block was executed when it was mined. */
export interface BlockExecution extends BlockHead {
  readonly measured:
    | (Execution & {
        readonly run: 'as mined'
        readonly maxIncarnation: number
        readonly runs: readonly Run[]
        readonly merges: readonly Merge[]
        readonly steps: readonly Step[]
      })
    | Unavailable
}

/** Who waits for whom, by what, and how the block was executed when it was mined. */
export interface BlockReport
  extends BlockExecution, Omit<Contention, 'subject' | 'calls' | 'dependencies'> {
  readonly edges: Readonly<Record<EdgeKind, number>>
}

interface ValueAt {
  readonly location: Location
  readonly label: string
  readonly value: string | boolean
}

interface DependencyBy {
  readonly tx: number
  readonly kind: EdgeKind
  readonly location: Location
  readonly label: string
}

/** What one transaction did in its block, and who waits for whom. */
export interface TransactionReport extends BlockHead {
  readonly transactionHash: string
  readonly index: number
  readonly gasUsed: number
  readonly wave: number
  readonly onCriticalPath: boolean
  readonly basis: Readonly<Record<string, 'measured' | 'modelled'>>
  /** Absent, with the reason in `unavailable`, when the block's record is not kept. */
  readonly incarnations?: readonly (Omit<Run, 'index' | 'start' | 'end'> &
    Readonly<Record<'startMs' | 'endMs', number>>)[]
  readonly unavailable?: string
  readonly readSet: readonly (ValueAt & {
    readonly writtenBy: readonly number[]
    readonly versions?: readonly { readonly tx: number; readonly incarnation: number }[]
  })[]
  readonly writeSet: readonly ValueAt[]
  readonly dependsOn: readonly DependencyBy[]
  readonly neededBy: readonly DependencyBy[]
  readonly volatile: readonly string[]
  readonly precision: 'exact' | 'accounts'
}

interface Edges {
  readonly edges: readonly {
    readonly from: number
    readonly to: number
    readonly kind: EdgeKind
    readonly address: string
    readonly slot?: string
    readonly label: string
  }[]
}

interface Lists {
  /** For each transaction the places of the earlier ones that it depends on. */
  readonly dependencies: readonly (readonly number[])[]
}

interface DependencyFormats {
  readonly dag: Lists & Edges
  readonly edges: Edges
  readonly bor: Lists
  /** For Graphviz. */
  readonly dot: { readonly dot: string }
}
export type DependencyFormat = keyof DependencyFormats

/** Who waits for whom, in the form that was asked for. */
export type Dependencies<F extends DependencyFormat> = BlockHead & {
  readonly basis: 'measured'
  readonly transactions: readonly string[]
  readonly undecidedChecks: number
} & DependencyFormats[F]

interface Equivalence {
  readonly equal: boolean
  /** The first thing that is not as in order; `index` is of the transaction. */
  readonly difference: {
    readonly what: string
    readonly index?: number
    readonly expected: string
    readonly got: string
  } | null
}

/** A block that was run once more, and whether all came out as in order. */
export interface Replay extends BlockHead, Execution {
  readonly run: 'again, now'
  readonly seed: number | null
  readonly serialMs: number
  readonly equivalence: Equivalence
  readonly runs: readonly Run[]
  readonly merges: readonly Merge[]
  readonly steps: readonly Step[]
}

export interface ExecutionDifference extends BlockHead, Equivalence {
  readonly executor: string
  readonly inOrder?: string | null
}

/** For Perfetto and speedscope. */
export interface ChromeTrace extends BlockHead {
  readonly run?: 'as mined'
  readonly traceEvents: readonly Readonly<Record<string, unknown>>[]
  readonly otherData: { readonly basis: 'measured' | 'modelled'; readonly policy: string }
}

/** Who wrote what each transaction read: for `heddle verify`. Places are in `locations`; a writer of -1 is the state before the block. */
export interface Certificate {
  readonly format: string
  readonly blockNumber: number
  readonly blockHash: string
  readonly stateRoot: string
  readonly header: string
  readonly transactions: readonly string[]
  readonly locations: readonly string[]
  readonly before: readonly string[]
  readonly steps: readonly {
    readonly reads: readonly (readonly [location: number, value: string, writer: number])[]
    readonly writes: readonly (readonly [location: number, value: string])[]
  }[]
  readonly after: readonly (readonly [location: number, value: string])[]
  readonly proofs?: readonly {
    readonly address: string
    readonly accountProof: readonly string[]
    readonly storageProof: readonly { readonly key: string; readonly proof: readonly string[] }[]
  }[]
  readonly run: 'as mined' | 'again, now'
  readonly executor: string
  readonly engine: string
  readonly precision: 'exact' | 'accounts'
}

/** How blocks are executed, and what there is to choose from. */
export interface ParallelSettings {
  readonly executor: string
  readonly workers: number
  readonly forceParallel: boolean
  readonly record: number
  readonly seed: number | null
  readonly faults: Readonly<Record<string, unknown>> | null
  readonly engine: string
  readonly granularity: string
  readonly executors: readonly string[]
  readonly policies: readonly {
    readonly name: string
    readonly standsFor: string
    readonly basis: 'modelled'
  }[]
}

interface ValueStep {
  readonly index: string
  readonly value: string
}

/** EIP-7928, as `eth_getBlockAccessList` has it. */
export type BlockAccessList = readonly {
  readonly address: string
  readonly storageChanges?: readonly {
    readonly key: string
    readonly changes: readonly ValueStep[]
  }[]
  readonly storageReads?: readonly string[]
  readonly balanceChanges?: readonly ValueStep[]
  readonly nonceChanges?: readonly ValueStep[]
  readonly codeChanges?: readonly { readonly index: string; readonly code: string }[]
}[]

/** The first entry of a list that is not the block's. */
export interface AccessListCheck {
  readonly equal: boolean
  readonly difference: {
    readonly kind: 'wrong' | 'missing' | 'extra' | 'misplaced'
    readonly address: string
    readonly field?: string
    readonly slot?: string
    readonly index?: number
    readonly expected?: string
    readonly got?: string
  } | null
}

/** What subscriptions hear, by what they follow. */
export interface ParallelFeeds {
  readonly parallelBlocks: {
    readonly blockNumber: number
    readonly blockHash: string
    /** In the chain, beside it, or taken out of it. */
    readonly place: 'head' | 'side' | 'removed'
    readonly transactions: number
    readonly gasUsed: number
    /** null of a block that came before, when that is not kept, or that is removed. */
    readonly measured: Execution | null
    readonly modelled: {
      readonly basis: 'modelled'
      readonly bound: number
      readonly criticalPath: readonly number[]
    } | null
  }
  readonly parallelEvents: {
    readonly event: ParallelEventName
    /** Of all but `HEDDLE_CONFIG`. */
    readonly blockNumber?: number
    readonly [field: string]: unknown
  }
  readonly parallelPending: {
    readonly basis: 'modelled'
    readonly transactionHash: string
    readonly waitsFor: readonly { readonly transactionHash: string; readonly location: Location }[]
  }
  readonly parallelConsensus: ConsensusChange
}

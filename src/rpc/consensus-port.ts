import type { Shown } from './parallel-port.ts'

/** Consensus among simulated validators, where blocks come about that way. */
export interface ConsensusPort {
  /** How far it is, who takes part, what lags. */
  status(): ConsensusStatus
  /** Stage by stage, the newest `last` blocks and their rounds, oldest first. */
  timeline(last: number): ConsensusTimeline
  /** Places a fault; refused with the entry's name when it cannot be. */
  injectFault(fault: unknown): Shown
  /** Moves its clock by so many milliseconds, and does what is due. */
  advance(ms: number): Promise<Shown>
}

/** How far a block has come, as Monad names it. */
export type CommitState = 'Proposed' | 'Voted' | 'Finalized' | 'Verified'

/** A fault as `parallel_injectFault` and a scenario file have it. */
export interface FaultInput {
  readonly kind:
    | 'crash'
    | 'silence'
    | 'equivocate'
    | 'wrongRoot'
    | 'delay'
    | 'slowExecutor'
    | 'partition'
    | 'heal'
  /** `leader`: whoever has the next proposal to make. Of `slowExecutor` it may be left out: then all are slow, the node included. */
  readonly validator?: number | 'leader'
  /** Of a partition: who is not named is with the others. */
  readonly groups?: readonly (readonly (number | 'leader')[])[]
  /** Of `delay` and `slowExecutor`. */
  readonly byMs?: number
  /** From now, in a scenario from the start (0). */
  readonly atMs?: number
  /** Until it is healed, unless given. */
  readonly forMs?: number
}

/** A fault that holds, or held. Times are milliseconds of the consensus' clock. */
export interface ActiveFault {
  readonly id: number
  readonly kind: Exclude<FaultInput['kind'], 'heal'>
  readonly validators: readonly number[]
  readonly groups: readonly (readonly number[])[] | null
  readonly byMs: number | null
  readonly fromMs: number
  /** null: until it is healed. */
  readonly toMs: number | null
}

/** Where blocks come one by one or by a timer, nothing but that; else all of a pipeline. Block numbers are JSON numbers. */
export type ConsensusStatus =
  | { readonly preset: string; readonly kind: 'miner'; readonly timing: string }
  | PipelineStatus

export interface PipelineStatus {
  readonly preset: string
  readonly kind: 'pipeline'
  /** Where its figures are from. */
  readonly timing: string
  /** By whose rules gas is counted: apart from the timing. */
  readonly rules: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly nowMs: number
  /** Counts beginnings: a cheat that takes blocks back begins consensus anew. */
  readonly epoch: number
  /** On which it began. */
  readonly baseBlock: number
  readonly round: number
  readonly leader: number | null
  readonly validators: readonly {
    readonly id: number
    readonly stake: number
    readonly round: number
    readonly votedRound: number
    readonly certifiedRound: number
    readonly finalizedBlock: number
    readonly faults: readonly string[]
  }[]
  /** The newest at each stage. */
  readonly blocks: Readonly<
    Record<'proposed' | 'executed' | 'voted' | 'finalized' | 'verified', number>
  >
  readonly execution: {
    /** Blocks that are proposed and not executed. */
    readonly lag: number
    /** No proposal is made further ahead: it states the root of the block `mostLag` below. */
    readonly mostLag: number
    /** Consensus waits for execution. */
    readonly isBehind: boolean
  }
  readonly pooled: number
  readonly withdrawnBlocks: number
  /** A block named them and could not hold them. */
  readonly leftOutTransactions: number
  readonly refusedProposals: number
  readonly lastRefusal: string | null
  readonly equivocations: number
  readonly messages: { readonly sent: number; readonly lost: number; readonly doubled: number }
  /** Why nothing is ordered any longer. */
  readonly standsStill: string | null
  readonly faults: readonly ActiveFault[]
}

/** When a block came to each stage. `withdrawn`: it lost, and its transactions went back to the pool. */
type Stage =
  | 'proposed'
  | 'voted'
  | 'finalized'
  | 'executionStarted'
  | 'executed'
  | 'committed'
  | 'verified'
  | 'withdrawn'

/** A block that was proposed, and what became of it. */
export interface TimelineBlock {
  /** By which consensus names it; its hash is there when it is executed. */
  readonly id: string
  readonly number: number
  /** In which it was first proposed. */
  readonly round: number
  readonly leader: number
  readonly parentId: string
  /** Of the certificate that it goes on from. */
  readonly parentRound: number
  /** `rival`: proposed beside another of the same round. */
  readonly state: 'proposed' | 'voted' | 'finalized' | 'verified' | 'withdrawn' | 'rival'
  /** On the branch that the node follows. */
  readonly canonical: boolean
  readonly hash: string | null
  readonly stateRoot: string | null
  /** The root of an earlier block, as the proposal states it. */
  readonly delayedRoot: { readonly number: number; readonly root: string } | null
  /** Seconds. */
  readonly timestamp: number
  readonly transactions: number
  readonly gasUsed: number | null
  readonly times: Readonly<Record<Stage, number | null>>
}

export interface ConsensusTimeline {
  readonly preset: string
  readonly nowMs: number
  readonly epoch: number
  readonly blocks: readonly TimelineBlock[]
  readonly rounds: readonly {
    readonly round: number
    readonly leader: number
    readonly beganMs: number
    readonly endedMs: number | null
    /** What ended it; null while it lasts. */
    readonly end: 'certificate' | 'timeout' | null
    /** Blocks that were proposed in it, for the first time or again. */
    readonly proposals: readonly string[]
  }[]
  /** All that were placed. */
  readonly faults: readonly ActiveFault[]
}

/** What `parallelConsensus` tells: blocks (by `id`) and rounds that are new or have changed since the last one, and all the faults. */
export interface ConsensusChange extends ConsensusTimeline {
  /** Why nothing is ordered any longer. */
  readonly standsStill: string | null
}

import type { Hash } from '../primitives/hex.ts'

/** The nouns of the protocol. A validator is its place in the set; a round has one leader and at most one certified proposal. */

export type ValidatorId = number
export type Round = number

/** `monadbft` re-proposes the tip of a failed round; `hotstuff2` goes on from the highest certificate, and loses what was not certified. */
type Protocol = 'monadbft' | 'hotstuff2'

export interface ConsensusConfig {
  readonly protocol: Protocol
  /** Voting power by validator: whole numbers above 0. */
  readonly stakes: readonly number[]
  /** Draws the leaders. */
  readonly seed: number
  /** How long a round may last, in milliseconds. */
  readonly timeoutMs: number
  /** A proposal carries the root of its ancestor this many heights below; 0: no roots in proposals. */
  readonly rootLag: number
}

/**
 * Who says so, and of what. A stand-in: it holds no secret, so it binds honest validators only. The machine checks it as it would
 * check a real one.
 */
export interface Signature {
  readonly validator: ValidatorId
  /** Of the statement that is signed. */
  readonly digest: Hash
}

/** The root of an executed block, as a proposal states it. */
export interface DelayedRoot {
  readonly height: number
  readonly root: Hash
}

/** What is ordered: transactions are the payload's, which only its digest stands for here. */
export interface ConsensusBlock {
  /** Hash of all that follows. */
  readonly id: Hash
  readonly height: number
  /** The round it was first proposed in. */
  readonly round: Round
  readonly author: ValidatorId
  /** Certifies the parent. */
  readonly parent: QuorumCertificate
  readonly payload: Hash
  readonly delayedRoot: DelayedRoot | undefined
}

/** Over two thirds of the stake voted for the block in this round. */
export interface QuorumCertificate {
  readonly round: Round
  readonly block: Hash
  readonly signatures: readonly Signature[]
}

/** The highest proposal that a validator voted for. */
export interface Tip {
  readonly block: ConsensusBlock
  /** The round of the vote: later than the block's own when it was proposed again. */
  readonly round: Round
}

/** What the next proposal has to build on. */
export type HighExtend =
  | { readonly kind: 'certificate'; readonly certificate: QuorumCertificate }
  | { readonly kind: 'tip'; readonly tip: Tip }

/** One validator's word that a round failed, as a certificate keeps it. */
export interface TimeoutSignature extends Signature {
  readonly certificateRound: Round
  readonly tipRound: Round
}

/** Over two thirds of the stake gave up the round. */
export interface TimeoutCertificate {
  readonly round: Round
  readonly high: HighExtend
  readonly signatures: readonly TimeoutSignature[]
}

/** Over two thirds of the stake do not have the tip: it can have no certificate, and may be left behind. */
export interface NoEndorsementCertificate {
  /** The round that goes on without it. */
  readonly round: Round
  readonly tip: Hash
  readonly signatures: readonly Signature[]
}

/** Why a round may begin. */
export type RoundStart =
  | { readonly kind: 'certificate'; readonly certificate: QuorumCertificate }
  | { readonly kind: 'timeout'; readonly certificate: TimeoutCertificate }

export interface Proposal {
  readonly kind: 'proposal'
  readonly round: Round
  readonly block: ConsensusBlock
  /** After a failed round. */
  readonly timeout: TimeoutCertificate | undefined
  readonly noEndorsement: NoEndorsementCertificate | undefined
  readonly signature: Signature
}

export interface Vote {
  readonly kind: 'vote'
  readonly round: Round
  readonly block: Hash
  readonly signature: Signature
}

export interface Timeout {
  readonly kind: 'timeout'
  readonly round: Round
  readonly certificate: QuorumCertificate
  readonly tip: Tip | undefined
  /** Why the round had begun, for those who are behind; undefined when the certificate says it. */
  readonly previous: TimeoutCertificate | undefined
  readonly signature: TimeoutSignature
}

/** A leader that lacks the tip's block asks for it, or for the word that nobody has it. */
export interface Recovery {
  readonly kind: 'recovery'
  readonly round: Round
  readonly timeout: TimeoutCertificate
  readonly signature: Signature
}

export interface NoEndorsement {
  readonly kind: 'noEndorsement'
  readonly round: Round
  readonly tip: Hash
  readonly signature: Signature
}

interface BlockRequest {
  readonly kind: 'blockRequest'
  readonly block: Hash
}

interface BlockAnswer {
  readonly kind: 'blockAnswer'
  readonly block: ConsensusBlock
}

export type Message =
  | Proposal
  | Vote
  | Timeout
  | Recovery
  | NoEndorsement
  | BlockRequest
  | BlockAnswer

/** What happens to a validator. */
export type ConsensusEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'message'; readonly from: ValidatorId; readonly message: Message }
  /** The timer of this round ran out. */
  | { readonly kind: 'timer'; readonly round: Round }
  /** The payload that was asked for is there. */
  | {
      readonly kind: 'built'
      readonly round: Round
      readonly parent: Hash
      readonly payload: Hash
    }
  /** A proposed block was executed. */
  | { readonly kind: 'executed'; readonly block: Hash; readonly root: Hash }

/** What a validator wants done. */
export type ConsensusCommand =
  | { readonly kind: 'send'; readonly to: ValidatorId; readonly message: Message }
  /** To all validators, itself included. */
  | { readonly kind: 'broadcast'; readonly message: Message }
  /** Takes the place of the timer before. */
  | { readonly kind: 'setTimer'; readonly round: Round; readonly afterMs: number }
  | { readonly kind: 'build'; readonly round: Round; readonly parent: ConsensusBlock }
  /** A block was proposed: it may be executed on the off-chance. */
  | { readonly kind: 'proposed'; readonly block: ConsensusBlock }
  /** Speculative finality: only a leader that signed two proposals in one round can take it back. */
  | { readonly kind: 'voted'; readonly block: ConsensusBlock }
  /** For good. In the order of the chain, each height once. */
  | { readonly kind: 'finalized'; readonly block: ConsensusBlock }
  /** Two proposals of one round by one leader. */
  | { readonly kind: 'equivocation'; readonly round: Round; readonly validator: ValidatorId }
  | { readonly kind: 'refused'; readonly from: ValidatorId; readonly reason: string }

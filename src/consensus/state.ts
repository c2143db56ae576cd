import type { Hash } from '../primitives/hex.ts'
import { GENESIS, GENESIS_CERTIFICATE } from './certificate.ts'
import { checkConfig } from './committee.ts'
import type {
  ConsensusBlock,
  ConsensusCommand,
  ConsensusConfig,
  NoEndorsementCertificate,
  Proposal,
  QuorumCertificate,
  Round,
  RoundStart,
  Signature,
  Timeout,
  Tip,
  ValidatorId,
} from './types.ts'

/** What one validator knows. */
export interface ConsensusState {
  readonly config: ConsensusConfig
  readonly self: ValidatorId
  readonly round: Round
  /** Why this round began. */
  readonly start: RoundStart
  /** It gave the round up: it votes no more in it. */
  readonly hasGivenUp: boolean
  /** The last round that it voted in. */
  readonly votedRound: Round
  /** The last round that it proposed in, as its leader. */
  readonly proposedRound: Round
  /** The highest that it saw. */
  readonly certificate: QuorumCertificate
  readonly tip: Tip | undefined
  /** Proposed blocks whose payload came with them, by id; the latest finalized ones too, for those who are behind. */
  readonly blocks: ReadonlyMap<Hash, ConsensusBlock>
  readonly finalized: ConsensusBlock
  /** To be finalized as soon as the blocks between are there. */
  readonly due: ConsensusBlock | undefined
  /** The last block that was told to be voted. */
  readonly voted: ConsensusBlock
  /** The first proposal of each late round. */
  readonly proposals: ReadonlyMap<Round, Proposal>
  /** A proposal that cannot be voted for yet: its parent or a root is missing. */
  readonly waiting: Proposal | undefined
  /** As the next leader: votes by round and block. */
  readonly votes: ReadonlyMap<Round, ReadonlyMap<Hash, ReadonlyMap<ValidatorId, Signature>>>
  readonly timeouts: ReadonlyMap<Round, ReadonlyMap<ValidatorId, Timeout>>
  /** As a leader that lacks the tip. */
  readonly noEndorsements: ReadonlyMap<ValidatorId, Signature>
  readonly noEndorsement: NoEndorsementCertificate | undefined
  /** As a leader: what it asked for in this round, the block to build on or the tip to recover. */
  readonly asked: Hash | undefined
  /** Blocks that were asked for. */
  readonly requested: ReadonlySet<Hash>
  /** Roots of executed blocks by their ids. */
  readonly roots: ReadonlyMap<Hash, Hash>
}

/** @throws {RangeError} when the settings cannot be. */
export function initialState(config: ConsensusConfig, self: ValidatorId): ConsensusState {
  checkConfig(config)
  return {
    config,
    self,
    round: 0,
    start: { kind: 'certificate', certificate: GENESIS_CERTIFICATE },
    hasGivenUp: false,
    votedRound: 0,
    proposedRound: 0,
    certificate: GENESIS_CERTIFICATE,
    tip: undefined,
    blocks: new Map([[GENESIS.id, GENESIS]]),
    finalized: GENESIS,
    due: undefined,
    voted: GENESIS,
    proposals: new Map(),
    waiting: undefined,
    votes: new Map(),
    timeouts: new Map(),
    noEndorsements: new Map(),
    noEndorsement: undefined,
    asked: undefined,
    requested: new Set(),
    roots: new Map(),
  }
}

/** A step in the making: the state as it becomes, and what is to be done. */
export interface Turn {
  state: ConsensusState
  readonly commands: ConsensusCommand[]
}

/** Puts some fields of the state anew. */
export function change(turn: Turn, fields: Partial<ConsensusState>): void {
  turn.state = { ...turn.state, ...fields }
}

export function tell(turn: Turn, ...commands: readonly ConsensusCommand[]): void {
  turn.commands.push(...commands)
}

/** The map with one entry more. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value)
}

/** The map with the entries whose key is at least `least`: the same one when that is all of them. */
export function since<V>(map: ReadonlyMap<number, V>, least: number): ReadonlyMap<number, V> {
  for (const key of map.keys()) {
    if (key < least) return new Map([...map].filter(([kept]) => kept >= least))
  }
  return map
}

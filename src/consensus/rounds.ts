import { sign, proposalDigest, recoveryDigest, blockId } from './certificate.ts'
import { leaderOf } from './committee.ts'
import { finalizeBy, request, tellVoted } from './finality.ts'
import { type ConsensusState, type Turn, change, since, tell } from './state.ts'
import type {
  ConsensusBlock,
  DelayedRoot,
  Proposal,
  QuorumCertificate,
  Round,
  RoundStart,
  TimeoutCertificate,
  Tip,
} from './types.ts'

/** A round after failed ones lasts longer, up to this many times, so that a slow network catches up. */
const MAX_PATIENCE = 8

/** Takes in a certificate that was checked: what it finalizes, and the round that it begins. */
export function takeCertificate(turn: Turn, certificate: QuorumCertificate): void {
  if (certificate.round <= turn.state.certificate.round) return
  change(turn, { certificate })
  if (!turn.state.blocks.has(certificate.block)) request(turn, certificate.block)
  tellVoted(turn, certificate)
  finalizeBy(turn, certificate)
  if (certificate.round >= turn.state.round) {
    enterRound(turn, certificate.round + 1, { kind: 'certificate', certificate })
  }
}

/** Takes in a timeout certificate that was checked. */
export function takeTimeoutCertificate(turn: Turn, certificate: TimeoutCertificate): void {
  const { high, round } = certificate
  if (high.kind === 'certificate') takeCertificate(turn, high.certificate)
  if (round >= turn.state.round) enterRound(turn, round + 1, { kind: 'timeout', certificate })
}

export function enterRound(turn: Turn, round: Round, start: RoundStart): void {
  const { config, certificate, votes, timeouts, proposals } = turn.state
  change(turn, {
    round,
    start,
    hasGivenUp: false,
    waiting: undefined,
    noEndorsements: new Map(),
    noEndorsement: undefined,
    asked: undefined,
    requested: new Set(),
    votes: since(votes, round - 1),
    timeouts: since(timeouts, round),
    proposals: since(proposals, round - 2),
  })
  const patience = Math.min(Math.max(round - certificate.round, 1), MAX_PATIENCE)
  tell(turn, { kind: 'setTimer', round, afterMs: config.timeoutMs * patience })
  lead(turn)
}

/** What the leader of the round does next, as far as it has what it needs. */
export function lead(turn: Turn): void {
  const { config, self, round, start, proposedRound } = turn.state
  if (leaderOf(config, round) !== self || proposedRound >= round) return
  if (start.kind === 'timeout' && start.certificate.high.kind === 'tip') {
    goOnFromTip(turn, start.certificate, start.certificate.high.tip)
  } else build(turn, freshParent(start))
}

/** The tip is proposed again; a leader without it, or that cannot vote for it, asks for it, until it is there or nobody can have it certified. */
function goOnFromTip(turn: Turn, timeout: TimeoutCertificate, { block }: Tip): void {
  const { self, round, blocks, noEndorsement, asked } = turn.state
  if (blocks.has(block.id) && !statesOtherRoot(turn.state, block)) propose(turn, block)
  else if (noEndorsement !== undefined) build(turn, block.parent)
  else if (asked !== block.id) {
    change(turn, { asked: block.id })
    const signature = sign(self, recoveryDigest(round))
    tell(turn, { kind: 'broadcast', message: { kind: 'recovery', round, timeout, signature } })
  }
}

/** What a fresh block of this round extends, when no tip stands in the way. */
export function freshParent(start: RoundStart): QuorumCertificate {
  if (start.kind === 'certificate') return start.certificate
  const { high } = start.certificate
  return high.kind === 'certificate' ? high.certificate : high.tip.block.parent
}

function build(turn: Turn, certificate: QuorumCertificate): void {
  const { round, blocks, asked } = turn.state
  const parent = blocks.get(certificate.block)
  if (asked === certificate.block) return
  if (parent === undefined) return request(turn, certificate.block)
  if (delayedRootOf(turn.state, parent) === 'unknown') return
  change(turn, { asked: parent.id })
  tell(turn, { kind: 'build', round, parent })
}

/** Proposes a fresh block with this payload. */
export function proposeFresh(
  turn: Turn,
  parent: ConsensusBlock,
  payload: ConsensusBlock['payload'],
): void {
  const { self, round, start } = turn.state
  const delayedRoot = delayedRootOf(turn.state, parent)
  if (delayedRoot === 'unknown') return
  const height = parent.height + 1
  const content = { height, round, author: self, parent: freshParent(start), payload, delayedRoot }
  propose(turn, { id: blockId(content), ...content })
}

/** The root that a block on `parent` has to state. */
export function delayedRootOf(
  { config, blocks, roots }: ConsensusState,
  parent: ConsensusBlock,
): DelayedRoot | undefined | 'unknown' {
  const height = parent.height + 1 - config.rootLag
  if (config.rootLag === 0 || height < 1) return undefined
  let ancestor: ConsensusBlock | undefined = parent
  while (ancestor !== undefined && ancestor.height > height) {
    ancestor = blocks.get(ancestor.parent.block)
  }
  const root = ancestor && roots.get(ancestor.id)
  return root === undefined ? 'unknown' : { height, root }
}

/** Whether the block states another root than was executed here: then it gets no vote of this validator, ever. */
export function statesOtherRoot(state: ConsensusState, block: ConsensusBlock): boolean {
  const parent = state.blocks.get(block.parent.block)
  const wanted = parent && delayedRootOf(state, parent)
  return wanted !== undefined && wanted !== 'unknown' && wanted.root !== block.delayedRoot?.root
}

function propose(turn: Turn, block: ConsensusBlock): void {
  const { self, round, start, noEndorsement } = turn.state
  const message: Proposal = {
    kind: 'proposal',
    round,
    block,
    timeout: start.kind === 'timeout' ? start.certificate : undefined,
    noEndorsement: block.round === round ? noEndorsement : undefined,
    signature: sign(self, proposalDigest(round, block.id)),
  }
  change(turn, { proposedRound: round })
  tell(turn, { kind: 'broadcast', message })
}

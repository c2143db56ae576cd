import {
  GENESIS_CERTIFICATE,
  blockFault,
  certificateFault,
  certifyTimeouts,
  isSigned,
  noEndorsementDigest,
  recoveryDigest,
  sign,
  timeoutCertificateFault,
  timeoutDigest,
  voteDigest,
} from './certificate.ts'
import { hasHonest, isQuorum, leaderOf } from './committee.ts'
import { finalizeBy, finalizeDue, tellVoted } from './finality.ts'
import {
  enterRound,
  freshParent,
  lead,
  proposeFresh,
  statesOtherRoot,
  takeCertificate,
  takeTimeoutCertificate,
} from './rounds.ts'
import { type ConsensusState, type Turn, change, tell, withEntry } from './state.ts'
import type {
  ConsensusBlock,
  ConsensusCommand,
  ConsensusEvent,
  Message,
  NoEndorsement,
  Proposal,
  Recovery,
  Timeout,
  ValidatorId,
  Vote,
} from './types.ts'
import { proposalFault, tryVote } from './voting.ts'

/** Votes and timeouts of rounds further ahead are not kept: nobody honest is there. */
const ROUNDS_AHEAD = 1_000

/** One validator of MonadBFT (arXiv 2502.20692) or HotStuff-2: what happens in, what it becomes and wants done out. Pure. */
export function step(
  state: ConsensusState,
  event: ConsensusEvent,
): readonly [ConsensusState, readonly ConsensusCommand[]] {
  const turn: Turn = { state, commands: [] }
  switch (event.kind) {
    case 'start':
      enterRound(turn, 1, { kind: 'certificate', certificate: GENESIS_CERTIFICATE })
      break
    case 'message':
      takeMessage(turn, event.from, event.message)
      break
    case 'timer':
      if (event.round === state.round) giveUp(turn)
      break
    case 'built':
      takePayload(turn, event)
      break
    case 'executed':
      change(turn, { roots: withEntry(state.roots, event.block, event.root) })
      retry(turn)
      break
  }
  return [turn.state, turn.commands]
}

function takeMessage(turn: Turn, from: ValidatorId, message: Message): void {
  const fault = takeOne(turn, from, message)
  if (fault !== undefined) tell(turn, { kind: 'refused', from, reason: fault })
}

/** @returns why the message is refused */
function takeOne(turn: Turn, from: ValidatorId, message: Message): string | undefined {
  switch (message.kind) {
    case 'proposal':
      return takeProposal(turn, message)
    case 'vote':
      return takeVote(turn, message)
    case 'timeout':
      return takeTimeout(turn, message)
    case 'recovery':
      return takeRecovery(turn, message)
    case 'noEndorsement':
      return takeNoEndorsement(turn, message)
    case 'blockRequest': {
      const block = turn.state.blocks.get(message.block)
      if (block !== undefined)
        tell(turn, { kind: 'send', to: from, message: { kind: 'blockAnswer', block } })
      return undefined
    }
    case 'blockAnswer':
      return takeBlock(turn, message.block)
  }
}

function takeProposal(turn: Turn, proposal: Proposal): string | undefined {
  const fault = proposalFault(turn.state.config, proposal)
  if (fault !== undefined) return fault
  const first = turn.state.proposals.get(proposal.round)
  if (first === undefined) {
    change(turn, { proposals: withEntry(turn.state.proposals, proposal.round, proposal) })
  } else if (first.block.id !== proposal.block.id) {
    const { validator } = proposal.signature
    tell(turn, { kind: 'equivocation', round: proposal.round, validator })
  }
  keepBlock(turn, proposal.block)
  takeCertificate(turn, proposal.block.parent)
  if (proposal.timeout !== undefined) takeTimeoutCertificate(turn, proposal.timeout)
  retry(turn)
  tryVote(turn, proposal)
  return undefined
}

function keepBlock(turn: Turn, block: ConsensusBlock): void {
  if (turn.state.blocks.has(block.id) || block.height <= turn.state.finalized.height) return
  change(turn, { blocks: withEntry(turn.state.blocks, block.id, block) })
  tell(turn, { kind: 'proposed', block })
}

function takeBlock(turn: Turn, block: ConsensusBlock): string | undefined {
  const fault = blockFault(turn.state.config, block)
  if (fault !== undefined) return fault
  keepBlock(turn, block)
  takeCertificate(turn, block.parent)
  retry(turn)
  return undefined
}

/** What could not be done before something came may be done now. */
function retry(turn: Turn): void {
  tellVoted(turn, turn.state.certificate)
  finalizeBy(turn, turn.state.certificate)
  finalizeDue(turn)
  const { waiting } = turn.state
  if (waiting !== undefined) tryVote(turn, waiting)
  lead(turn)
}

function takeVote(turn: Turn, { round, block, signature }: Vote): string | undefined {
  const { config, self, votes } = turn.state
  const { validator } = signature
  if (!isSigned(signature, validator, voteDigest(round, block))) return 'a vote that is not signed'
  if (config.stakes[validator] === undefined) return `validator ${validator} does not exist`
  if (leaderOf(config, round + 1) !== self) return undefined
  if (round <= turn.state.certificate.round || round > turn.state.round + ROUNDS_AHEAD)
    return undefined
  const ofRound = votes.get(round) ?? new Map()
  const ofBlock = withEntry(ofRound.get(block) ?? new Map(), validator, signature)
  change(turn, { votes: withEntry(votes, round, withEntry(ofRound, block, ofBlock)) })
  if (!isQuorum(config, ofBlock.keys())) return undefined
  takeCertificate(turn, { round, block, signatures: [...ofBlock.values()] })
  return undefined
}

/** Says that the round failed, to all, and again while it lasts. */
function giveUp(turn: Turn): void {
  const { self, round, start, certificate, tip, config } = turn.state
  const shown =
    config.protocol === 'monadbft' && (tip?.round ?? 0) > certificate.round ? tip : undefined
  const [certificateRound, tipRound] = [certificate.round, shown?.round ?? 0]
  const message: Timeout = {
    kind: 'timeout',
    round,
    certificate,
    tip: shown,
    previous: start.kind === 'timeout' ? start.certificate : undefined,
    signature: {
      ...sign(self, timeoutDigest(round, certificateRound, tipRound)),
      certificateRound,
      tipRound,
    },
  }
  change(turn, { hasGivenUp: true, asked: undefined, requested: new Set() })
  tell(turn, { kind: 'broadcast', message }, { kind: 'setTimer', round, afterMs: config.timeoutMs })
}

function takeTimeout(turn: Turn, timeout: Timeout): string | undefined {
  const { config } = turn.state
  const fault = timeoutFault(turn.state, timeout)
  if (fault !== undefined) return fault
  takeCertificate(turn, timeout.certificate)
  if (timeout.previous !== undefined) takeTimeoutCertificate(turn, timeout.previous)
  const { round, timeouts, hasGivenUp } = turn.state
  if (timeout.round < round) return undefined
  const ofRound = withEntry(
    timeouts.get(timeout.round) ?? new Map(),
    timeout.signature.validator,
    timeout,
  )
  change(turn, { timeouts: withEntry(timeouts, timeout.round, ofRound) })
  if (isQuorum(config, ofRound.keys())) {
    takeTimeoutCertificate(turn, certifyTimeouts(timeout.round, [...ofRound.values()]))
  } else if (!hasGivenUp && hasHonest(config, ofRound.keys())) giveUp(turn)
  return undefined
}

function timeoutFault({ config }: ConsensusState, timeout: Timeout): string | undefined {
  const { round, certificate, tip, previous, signature } = timeout
  const { validator, certificateRound, tipRound } = signature
  if (config.stakes[validator] === undefined) return `validator ${validator} does not exist`
  if (!isSigned(signature, validator, timeoutDigest(round, certificateRound, tipRound))) {
    return 'a timeout that is not signed'
  }
  if (certificate.round !== certificateRound || (tip?.round ?? 0) !== tipRound) {
    return 'a timeout that states other rounds than it shows'
  }
  if (previous?.round !== round - 1 && certificate.round !== round - 1) {
    return `a timeout of round ${round}, which did not begin`
  }
  return (
    certificateFault(config, certificate) ??
    (tip && blockFault(config, tip.block)) ??
    (previous && timeoutCertificateFault(config, previous))
  )
}

function takeRecovery(turn: Turn, recovery: Recovery): string | undefined {
  const { config, self } = turn.state
  const { round, timeout, signature } = recovery
  const leader = leaderOf(config, round)
  if (!isSigned(signature, leader, recoveryDigest(round)))
    return 'a recovery that the leader did not sign'
  if (timeout.round !== round - 1) return 'a recovery of another round than failed'
  const fault = timeoutCertificateFault(config, timeout)
  if (fault !== undefined) return fault
  takeTimeoutCertificate(turn, timeout)
  if (round !== turn.state.round || timeout.high.kind !== 'tip') return undefined
  const { id } = timeout.high.tip.block
  const block = turn.state.blocks.get(id)
  const message: Message =
    block === undefined || statesOtherRoot(turn.state, block)
      ? {
          kind: 'noEndorsement',
          round,
          tip: id,
          signature: sign(self, noEndorsementDigest(round, id)),
        }
      : { kind: 'blockAnswer', block }
  tell(turn, { kind: 'send', to: leader, message })
  return undefined
}

function takeNoEndorsement(
  turn: Turn,
  { round, tip, signature }: NoEndorsement,
): string | undefined {
  const { config, noEndorsements, start } = turn.state
  const { validator } = signature
  if (config.stakes[validator] === undefined) return `validator ${validator} does not exist`
  if (!isSigned(signature, validator, noEndorsementDigest(round, tip)))
    return 'a no-endorsement that is not signed'
  if (round !== turn.state.round || start.kind !== 'timeout') return undefined
  const { high } = start.certificate
  if (high.kind !== 'tip' || high.tip.block.id !== tip) return undefined
  const all = withEntry(noEndorsements, validator, signature)
  change(turn, { noEndorsements: all })
  if (!isQuorum(config, all.keys()) || turn.state.noEndorsement !== undefined) return undefined
  change(turn, { noEndorsement: { round, tip, signatures: [...all.values()] } })
  lead(turn)
  return undefined
}

function takePayload(
  turn: Turn,
  { round, parent, payload }: Extract<ConsensusEvent, { kind: 'built' }>,
): void {
  const { config, self, start, blocks, proposedRound } = turn.state
  if (round !== turn.state.round || leaderOf(config, round) !== self || proposedRound >= round)
    return
  const block = blocks.get(parent)
  if (block === undefined || freshParent(start).block !== parent) return
  proposeFresh(turn, block, payload)
}

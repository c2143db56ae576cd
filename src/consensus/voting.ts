import {
  blockFault,
  isSigned,
  noEndorsementFault,
  proposalDigest,
  sign,
  timeoutCertificateFault,
  voteDigest,
} from './certificate.ts'
import { leaderOf } from './committee.ts'
import { request } from './finality.ts'
import { delayedRootOf } from './rounds.ts'
import { type Turn, change, tell } from './state.ts'
import type { ConsensusConfig, Proposal } from './types.ts'

/** The safety rules: what may be proposed, and what is voted for. */

/** Why nobody honest votes for this proposal; undefined when it is sound. */
export function proposalFault(config: ConsensusConfig, proposal: Proposal): string | undefined {
  const { round, block, timeout, noEndorsement, signature } = proposal
  if (!isSigned(signature, leaderOf(config, round), proposalDigest(round, block.id))) {
    return `the proposal of round ${round} is not signed by its leader`
  }
  const fault = blockFault(config, block)
  if (fault !== undefined) return fault
  if (timeout === undefined) {
    if (noEndorsement !== undefined) return 'a no-endorsement without a failed round'
    if (block.round !== round)
      return `a block of round ${block.round} is proposed again without a failed round`
    return block.parent.round === round - 1
      ? undefined
      : `the proposal of round ${round} does not go on from round ${round - 1}`
  }
  if (timeout.round !== round - 1)
    return `the proposal of round ${round} goes on from a timeout of round ${timeout.round}`
  return timeoutCertificateFault(config, timeout) ?? afterTimeoutFault(config, proposal)
}

function afterTimeoutFault(config: ConsensusConfig, proposal: Proposal): string | undefined {
  const { round, block, noEndorsement } = proposal
  const { high } = proposal.timeout!
  if (high.kind === 'certificate') {
    if (block.round !== round) return 'an old block is proposed though a certificate is higher'
    return block.parent.round === high.certificate.round &&
      block.parent.block === high.certificate.block
      ? undefined
      : 'the block does not extend the highest certificate of the failed round'
  }
  const { tip } = high
  if (block.id === tip.block.id) return undefined
  if (noEndorsement === undefined)
    return 'the tip of the failed round is left behind without a no-endorsement'
  if (noEndorsement.round !== round || noEndorsement.tip !== tip.block.id) {
    return 'the no-endorsement is of another round or tip'
  }
  const fault = noEndorsementFault(config, noEndorsement)
  if (fault !== undefined) return fault
  if (block.round !== round) return 'an old block is proposed in place of the tip'
  return block.parent.round === tip.block.parent.round
    ? undefined
    : 'the block in place of the tip does not extend the parent of the tip'
}

/** Votes for a sound proposal of this round, if that is all right yet: else it waits for what is missing. */
export function tryVote(turn: Turn, proposal: Proposal): void {
  const { config, self, round, hasGivenUp, votedRound, blocks } = turn.state
  const { block } = proposal
  if (proposal.round !== round || hasGivenUp || votedRound >= round) return
  const parent = blocks.get(block.parent.block)
  if (parent === undefined) {
    request(turn, block.parent.block)
    return change(turn, { waiting: proposal })
  }
  if (block.height !== parent.height + 1) {
    return refuse(
      turn,
      proposal,
      `block ${block.id} has height ${block.height} on ${parent.height}`,
    )
  }
  const wanted = delayedRootOf(turn.state, parent)
  if (wanted === 'unknown') return change(turn, { waiting: proposal })
  if (wanted?.root !== block.delayedRoot?.root || wanted?.height !== block.delayedRoot?.height) {
    return refuse(turn, proposal, `block ${block.id} states another root than was executed`)
  }
  change(turn, { votedRound: round, tip: { block, round }, waiting: undefined })
  const signature = sign(self, voteDigest(round, block.id))
  const vote = { kind: 'vote', round, block: block.id, signature } as const
  tell(turn, { kind: 'send', to: leaderOf(config, round + 1), message: vote })
}

function refuse(turn: Turn, { signature }: Proposal, reason: string): void {
  tell(turn, { kind: 'refused', from: signature.validator, reason })
}

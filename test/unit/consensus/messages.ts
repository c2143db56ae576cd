import {
  blockId,
  noEndorsementDigest,
  proposalDigest,
  sign,
  timeoutDigest,
  voteDigest,
} from '../../../src/consensus/certificate.ts'
import { leaderOf } from '../../../src/consensus/committee.ts'
import { step } from '../../../src/consensus/machine.ts'
import { type ConsensusState, initialState } from '../../../src/consensus/state.ts'
import type {
  ConsensusBlock,
  ConsensusCommand,
  ConsensusConfig,
  HighExtend,
  Message,
  NoEndorsementCertificate,
  Proposal,
  QuorumCertificate,
  TimeoutCertificate,
  TimeoutSignature,
} from '../../../src/consensus/types.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'

/** Blocks, certificates and messages of four validators, right until a test makes them wrong. */

export const config: ConsensusConfig = {
  protocol: 'monadbft',
  stakes: [1, 1, 1, 1],
  seed: 1,
  timeoutMs: 100,
  rootLag: 0,
}
const payload = keccakHash(Buffer.from('payload'))

export function blockOn(
  parent: ConsensusBlock,
  certificate: QuorumCertificate,
  round: number,
  more: Partial<Omit<ConsensusBlock, 'id'>> = {},
): ConsensusBlock {
  const content = {
    height: parent.height + 1,
    round,
    author: leaderOf(config, round),
    parent: certificate,
    payload,
    delayedRoot: undefined,
    ...more,
  }
  return { id: blockId(content), ...content }
}

export function certify(
  block: ConsensusBlock,
  round: number,
  signers: readonly number[] = [0, 1, 2],
): QuorumCertificate {
  const signatures = signers.map((signer) => sign(signer, voteDigest(round, block.id)))
  return { round, block: block.id, signatures }
}

export function proposalOf(
  block: ConsensusBlock,
  round: number,
  more: Partial<Proposal> = {},
): Proposal {
  return {
    kind: 'proposal',
    round,
    block,
    timeout: undefined,
    noEndorsement: undefined,
    signature: sign(leaderOf(config, round), proposalDigest(round, block.id)),
    ...more,
  }
}

/** A timeout's signature, which states the highest certificate and tip that its validator knows. */
export function gaveUp(
  validator: number,
  round: number,
  certificateRound: number,
  tipRound: number,
): TimeoutSignature {
  const signature = sign(validator, timeoutDigest(round, certificateRound, tipRound))
  return { ...signature, certificateRound, tipRound }
}

/** Three validators gave up a round; the first of them states these rounds, the others nothing. */
export function failed(
  round: number,
  high: HighExtend,
  [certificateRound, tipRound]: readonly [number, number],
): TimeoutCertificate {
  const signatures = [
    gaveUp(0, round, certificateRound, tipRound),
    gaveUp(1, round, 0, 0),
    gaveUp(2, round, 0, 0),
  ]
  return { round, high, signatures }
}

export function unendorsed(
  round: number,
  tip: ConsensusBlock,
  signers: readonly number[] = [0, 1, 2],
): NoEndorsementCertificate {
  const signatures = signers.map((signer) => sign(signer, noEndorsementDigest(round, tip.id)))
  return { round, tip: tip.id, signatures }
}

export function started(self = 0, of: ConsensusConfig = config): ConsensusState {
  return step(initialState(of, self), { kind: 'start' })[0]
}

export function hear(
  state: ConsensusState,
  ...messages: Message[]
): [ConsensusState, ConsensusCommand[]] {
  const all: ConsensusCommand[] = []
  let next = state
  for (const message of messages) {
    const [after, commands] = step(next, { kind: 'message', from: 1, message })
    next = after
    all.push(...commands)
  }
  return [next, all]
}

export const votesIn = (commands: readonly ConsensusCommand[]): Message[] =>
  commands.flatMap((command) =>
    command.kind === 'send' && command.message.kind === 'vote' ? [command.message] : [],
  )

export const refusalsIn = (commands: readonly ConsensusCommand[]): string[] =>
  commands.flatMap((command) => (command.kind === 'refused' ? [command.reason] : []))

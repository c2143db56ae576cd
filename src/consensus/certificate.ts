import type { Hash } from '../primitives/hex.ts'
import { ZERO_HASH } from '../primitives/hex.ts'
import { keccakHash } from '../primitives/keccak.ts'
import { isQuorum } from './committee.ts'
import type {
  ConsensusBlock,
  ConsensusConfig,
  HighExtend,
  NoEndorsementCertificate,
  QuorumCertificate,
  Round,
  Signature,
  Timeout,
  TimeoutCertificate,
  TimeoutSignature,
  ValidatorId,
} from './types.ts'

/** What is signed, and what many signatures together prove. A check answers with what is wrong, or undefined. */

function digestOf(...parts: readonly (string | number)[]): Hash {
  return keccakHash(Buffer.from(parts.join(' ')))
}

export function blockId(block: Omit<ConsensusBlock, 'id'>): Hash {
  const { height, round, author, parent, payload, delayedRoot } = block
  const delayed = delayedRoot === undefined ? '-' : `${delayedRoot.height}:${delayedRoot.root}`
  return digestOf('block', height, round, author, parent.block, parent.round, payload, delayed)
}

export const GENESIS_CERTIFICATE: QuorumCertificate = {
  round: 0,
  block: digestOf('genesis'),
  signatures: [],
}

/** Where every chain begins; certified by convention. */
export const GENESIS: ConsensusBlock = {
  id: GENESIS_CERTIFICATE.block,
  height: 0,
  round: 0,
  author: 0,
  parent: { round: 0, block: ZERO_HASH, signatures: [] },
  payload: ZERO_HASH,
  delayedRoot: undefined,
}

export const proposalDigest = (round: Round, block: Hash): Hash => digestOf('propose', round, block)
export const voteDigest = (round: Round, block: Hash): Hash => digestOf('vote', round, block)
export const recoveryDigest = (round: Round): Hash => digestOf('recover', round)
export const noEndorsementDigest = (round: Round, tip: Hash): Hash =>
  digestOf('no endorsement', round, tip)
export const timeoutDigest = (round: Round, certificateRound: Round, tipRound: Round): Hash =>
  digestOf('timeout', round, certificateRound, tipRound)

export function sign(validator: ValidatorId, digest: Hash): Signature {
  return { validator, digest }
}

/** Whether `signature` is `validator`'s, of this digest. */
export function isSigned({ validator, digest }: Signature, by: ValidatorId, wanted: Hash): boolean {
  return validator === by && digest === wanted
}

export function certificateFault(
  config: ConsensusConfig,
  certificate: QuorumCertificate,
): string | undefined {
  const { round, block, signatures } = certificate
  if (round === 0) {
    return block === GENESIS.id
      ? undefined
      : 'a certificate of round 0 for another block than genesis'
  }
  const wanted = voteDigest(round, block)
  return signaturesFault(config, signatures, () => wanted, `the certificate of round ${round}`)
}

export function timeoutCertificateFault(
  config: ConsensusConfig,
  certificate: TimeoutCertificate,
): string | undefined {
  const { round, high, signatures } = certificate
  const digest = ({ certificateRound, tipRound }: TimeoutSignature): Hash =>
    timeoutDigest(round, certificateRound, tipRound)
  const name = `the timeout certificate of round ${round}`
  const fault = signaturesFault(config, signatures, digest, name)
  if (fault !== undefined) return fault
  const certificateRound = Math.max(...signatures.map((one) => one.certificateRound))
  const tipRound = Math.max(...signatures.map((one) => one.tipRound))
  if (high.kind === 'certificate') {
    if (high.certificate.round !== certificateRound) return `${name} hides a higher certificate`
    if (tipRound > certificateRound) return `${name} hides a higher tip`
    return certificateFault(config, high.certificate)
  }
  if (high.tip.round !== tipRound) return `${name} hides a higher tip`
  if (certificateRound >= tipRound) return `${name} hides a higher certificate`
  return blockFault(config, high.tip.block)
}

export function noEndorsementFault(
  config: ConsensusConfig,
  { round, tip, signatures }: NoEndorsementCertificate,
): string | undefined {
  const wanted = noEndorsementDigest(round, tip)
  return signaturesFault(config, signatures, () => wanted, `the no-endorsement of round ${round}`)
}

/** Whether a block is what its id says, on a certified parent. */
export function blockFault(config: ConsensusConfig, block: ConsensusBlock): string | undefined {
  if (blockId(block) !== block.id) return `block ${block.id} is not what its id says`
  if (block.parent.round >= block.round) return `block ${block.id} is not later than its parent`
  return certificateFault(config, block.parent)
}

function signaturesFault<S extends Signature>(
  config: ConsensusConfig,
  signatures: readonly S[],
  digest: (signature: S) => Hash,
  name: string,
): string | undefined {
  const signers = signatures.map(({ validator }) => validator)
  if (new Set(signers).size !== signers.length) return `${name} counts a validator twice`
  if (signers.some((signer) => config.stakes[signer] === undefined)) {
    return `${name} is signed by somebody who is no validator`
  }
  if (signatures.some((signature) => signature.digest !== digest(signature))) {
    return `${name} has a signature of something else`
  }
  return isQuorum(config, signers) ? undefined : `${name} has too little stake behind it`
}

/** The certificate that these timeouts of one round make: the highest that any of them knows is what goes on. */
export function certifyTimeouts(round: Round, timeouts: readonly Timeout[]): TimeoutCertificate {
  let certificate = timeouts[0]!.certificate
  let tip = timeouts[0]!.tip
  for (const timeout of timeouts) {
    if (timeout.certificate.round > certificate.round) certificate = timeout.certificate
    if ((timeout.tip?.round ?? -1) > (tip?.round ?? -1)) tip = timeout.tip
  }
  const high: HighExtend =
    tip !== undefined && tip.round > certificate.round
      ? { kind: 'tip', tip }
      : { kind: 'certificate', certificate }
  return { round, high, signatures: timeouts.map(({ signature }) => signature) }
}

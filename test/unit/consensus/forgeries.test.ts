import { describe, expect, it } from 'vitest'

import {
  GENESIS,
  GENESIS_CERTIFICATE,
  recoveryDigest,
  sign,
  voteDigest,
} from '../../../src/consensus/certificate.ts'
import { leaderOf } from '../../../src/consensus/committee.ts'
import { step } from '../../../src/consensus/machine.ts'
import type { ConsensusBlock, Message, QuorumCertificate } from '../../../src/consensus/types.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'
import {
  blockOn,
  certify,
  config,
  failed,
  gaveUp,
  hear,
  proposalOf,
  refusalsIn,
  started,
  unendorsed,
  votesIn,
} from './messages.ts'

/**
 * Each safety rule by itself: a message that breaks one rule, and only that one, is refused with a word of its own, and changes
 * nothing. All of them are what a validator would say that holds fewer votes than it needs.
 */

const first = blockOn(GENESIS, GENESIS_CERTIFICATE, 1)
const firstCertified = certify(first, 1)
const second = blockOn(first, firstCertified, 2)
const twin = blockOn(GENESIS, GENESIS_CERTIFICATE, 1, { payload: keccakHash(Buffer.from('twin')) })
const ofGenesis = { kind: 'certificate', certificate: GENESIS_CERTIFICATE } as const
const ofFirst = { kind: 'certificate', certificate: firstCertified } as const
const tipOf = (block: ConsensusBlock, round = block.round) =>
  ({ kind: 'tip', tip: { block, round } }) as const
/** Round 1 failed with the first block as its tip, or with nothing. */
const tipped = failed(1, tipOf(first), [0, 1])
const empty = failed(1, ofGenesis, [0, 0])
const inPlaceOfTip = blockOn(GENESIS, GENESIS_CERTIFICATE, 2)
const forgedId = { ...first, payload: GENESIS.id }
const few: QuorumCertificate = certify(first, 1, [0, 1])

function refused(message: Message, reason: RegExp): void {
  const before = started()
  const [after, commands] = hear(before, message)
  expect(refusalsIn(commands)).toEqual([expect.stringMatching(reason)])
  expect(votesIn(commands)).toEqual([])
  expect(after).toEqual(before)
}

it('what the cases below begin with is taken', () => {
  for (const message of [
    proposalOf(first, 1),
    proposalOf(second, 2),
    proposalOf(first, 2, { timeout: tipped }),
    proposalOf(inPlaceOfTip, 2, { timeout: empty }),
    proposalOf(inPlaceOfTip, 2, { timeout: tipped, noEndorsement: unendorsed(2, first) }),
    proposalOf(blockOn(first, firstCertified, 3), 3, { timeout: failed(2, ofFirst, [1, 0]) }),
  ]) {
    const [, commands] = hear(started(), message)
    expect(refusalsIn(commands)).toEqual([])
  }
})

describe('a certificate that is forged', () => {
  const strange = { ...GENESIS_CERTIFICATE, block: twin.id }

  it.each<[string, Message, RegExp]>([
    ['for round 0', proposalOf(blockOn(twin, strange, 1), 1), /round 0 for another block/],
    ['by half of the stake', proposalOf(blockOn(first, few, 2), 2), /too little stake/],
    [
      'in a block that is answered',
      { kind: 'blockAnswer', block: blockOn(first, few, 2) },
      /too little stake/,
    ],
    [
      'in a block that is older than its parent',
      proposalOf(blockOn(first, firstCertified, 1), 2, { timeout: tipped }),
      /not later than its parent/,
    ],
  ])('%s', (_, message, reason) => refused(message, reason))
})

describe('a timeout certificate that is forged', () => {
  const proposing = (timeout: Parameters<typeof proposalOf>[2]) => proposalOf(first, 2, timeout)

  it.each<[string, Message, RegExp]>([
    [
      'by half of the stake',
      proposing({ timeout: { ...tipped, signatures: tipped.signatures.slice(0, 2) } }),
      /too little stake/,
    ],
    [
      'by signatures of other rounds than they state',
      proposing({
        timeout: {
          ...tipped,
          signatures: tipped.signatures.map((it) => ({ ...it, certificateRound: 0, tipRound: 1 })),
        },
      }),
      /signature of something else/,
    ],
    [
      'by somebody who is no validator',
      proposing({
        timeout: { ...tipped, signatures: [...tipped.signatures.slice(1), gaveUp(9, 1, 0, 1)] },
      }),
      /no validator/,
    ],
    [
      'to hide a certificate',
      proposalOf(inPlaceOfTip, 3, { timeout: failed(2, ofGenesis, [1, 0]) }),
      /hides a higher certificate/,
    ],
    [
      'to hide a certificate behind a tip',
      proposalOf(first, 3, { timeout: failed(2, tipOf(first), [1, 1]) }),
      /hides a higher certificate/,
    ],
    [
      'to hide a tip behind a certificate',
      proposalOf(inPlaceOfTip, 2, { timeout: failed(1, ofGenesis, [0, 1]) }),
      /hides a higher tip/,
    ],
    [
      'to hide a tip behind another',
      proposalOf(first, 3, { timeout: failed(2, tipOf(first), [0, 2]) }),
      /hides a higher tip/,
    ],
    [
      'with a highest certificate of half of the stake',
      proposalOf(blockOn(first, few, 3), 3, {
        timeout: failed(2, { kind: 'certificate', certificate: few }, [1, 0]),
      }),
      /too little stake/,
    ],
    [
      'with a tip that is not what its id says',
      proposing({ timeout: failed(1, tipOf(forgedId), [0, 1]) }),
      /not what its id says/,
    ],
  ])('%s', (_, message, reason) => refused(message, reason))

  it('with a highest certificate of half of the stake, whatever is proposed on it', () => {
    const timeout = failed(2, { kind: 'certificate', certificate: few }, [1, 0])
    const block = blockOn(first, firstCertified, 3)
    refused(proposalOf(block, 3, { timeout }), /too little stake/)
  })
})

describe('a proposal that breaks a rule', () => {
  const ofTwin = failed(2, ofFirst, [1, 0])

  it.each<[string, Message, RegExp]>([
    [
      'with a no-endorsement though no round failed',
      proposalOf(second, 2, { noEndorsement: unendorsed(2, first) }),
      /no-endorsement without a failed round/,
    ],
    ['of an old block though no round failed', proposalOf(first, 2), /without a failed round/],
    [
      'that goes on from a round that failed long ago',
      proposalOf(blockOn(GENESIS, GENESIS_CERTIFICATE, 3), 3, { timeout: empty }),
      /timeout of round 1/,
    ],
    [
      'of an old block where a certificate is higher',
      proposalOf(first, 3, { timeout: ofTwin }),
      /an old block is proposed though/,
    ],
    [
      'that does not extend the highest certificate',
      proposalOf(blockOn(GENESIS, GENESIS_CERTIFICATE, 3), 3, { timeout: ofTwin }),
      /does not extend the highest certificate/,
    ],
    [
      'that extends another block with a certificate as high',
      proposalOf(blockOn(twin, certify(twin, 1), 3), 3, { timeout: ofTwin }),
      /does not extend the highest certificate/,
    ],
    [
      'that leaves the tip behind',
      proposalOf(inPlaceOfTip, 2, { timeout: tipped }),
      /without a no-endorsement/,
    ],
    [
      'that leaves the tip behind by the word of half',
      proposalOf(inPlaceOfTip, 2, { timeout: tipped, noEndorsement: unendorsed(2, first, [0, 1]) }),
      /too little stake/,
    ],
    [
      'that leaves the tip behind by an older word',
      proposalOf(inPlaceOfTip, 2, { timeout: tipped, noEndorsement: unendorsed(1, first) }),
      /another round or tip/,
    ],
    [
      'that leaves the tip behind by a word of another',
      proposalOf(inPlaceOfTip, 2, { timeout: tipped, noEndorsement: unendorsed(2, twin) }),
      /another round or tip/,
    ],
    [
      'of an old block in place of the tip',
      proposalOf(twin, 2, { timeout: tipped, noEndorsement: unendorsed(2, first) }),
      /an old block is proposed in place/,
    ],
    [
      'in place of the tip, but not beside it',
      proposalOf(blockOn(first, firstCertified, 3), 3, {
        timeout: failed(2, tipOf(blockOn(GENESIS, GENESIS_CERTIFICATE, 2)), [0, 2]),
        noEndorsement: unendorsed(3, blockOn(GENESIS, GENESIS_CERTIFICATE, 2)),
      }),
      /does not extend the parent of the tip/,
    ],
  ])('%s', (_, message, reason) => refused(message, reason))

  it('by its height gets no vote', () => {
    const [, commands] = hear(
      started(),
      proposalOf(blockOn(GENESIS, GENESIS_CERTIFICATE, 1, { height: 2 }), 1),
    )
    expect(votesIn(commands)).toEqual([])
    expect(refusalsIn(commands)).toEqual([expect.stringMatching(/has height 2 on 0/)])
  })

  it('by its root gets no vote', () => {
    const state = started(0, { ...config, rootLag: 1 })
    const [known] = step(state, { kind: 'executed', block: GENESIS.id, root: GENESIS.id })
    const root = { height: 1, root: twin.id }
    const wrong = blockOn(GENESIS, GENESIS_CERTIFICATE, 1, { delayedRoot: root })
    expect(votesIn(hear(known, proposalOf(wrong, 1))[1])).toEqual([])
  })

  it('of a round that is over gets no vote', () => {
    const [later] = hear(started(), proposalOf(second, 2))
    expect(later.round).toBe(2)
    expect(votesIn(hear(later, proposalOf(first, 1))[1])).not.toContainEqual(
      expect.objectContaining({ round: 1 }),
    )
  })

  it('of a round that is over gets no vote in the round since, which has no proposal yet', () => {
    const message = { kind: 'blockAnswer', block: second } as const
    const [later] = hear(started(), message)
    expect(later).toMatchObject({ round: 2, votedRound: 0 })
    const [after, commands] = hear(later, proposalOf(first, 1))
    expect(votesIn(commands)).toEqual([])
    expect(votesIn(hear(after, proposalOf(second, 2))[1])).toMatchObject([
      { round: 2, block: second.id },
    ])
  })
})

describe('a word of one validator that is forged', () => {
  const timeout = {
    kind: 'timeout',
    round: 1,
    certificate: GENESIS_CERTIFICATE,
    tip: undefined,
    previous: undefined,
    signature: gaveUp(2, 1, 0, 0),
  } as const
  const recovery = {
    kind: 'recovery',
    round: 2,
    timeout: tipped,
    signature: sign(leaderOf(config, 2), recoveryDigest(2)),
  } as const

  it.each<[string, Message, RegExp]>([
    [
      'a vote by nobody',
      { kind: 'vote', round: 1, block: first.id, signature: sign(9, voteDigest(1, first.id)) },
      /validator 9 does not exist/,
    ],
    [
      'a timeout by nobody',
      { ...timeout, signature: gaveUp(9, 1, 0, 0) },
      /validator 9 does not exist/,
    ],
    ['a timeout of another round', { ...timeout, signature: gaveUp(2, 2, 0, 0) }, /not signed/],
    [
      'a timeout that states another certificate than it shows',
      { ...timeout, signature: gaveUp(2, 1, 1, 0) },
      /other rounds than it shows/,
    ],
    [
      'a timeout that states another tip than it shows',
      { ...timeout, signature: gaveUp(2, 1, 0, 1) },
      /other rounds than it shows/,
    ],
    [
      'a timeout with a certificate of half of the stake',
      { ...timeout, round: 2, certificate: few, signature: gaveUp(2, 2, 1, 0) },
      /too little stake/,
    ],
    [
      'a timeout with a tip that is not what its id says',
      { ...timeout, tip: { block: forgedId, round: 1 }, signature: gaveUp(2, 1, 0, 1) },
      /not what its id says/,
    ],
    [
      'a timeout of a round that half of the stake began',
      {
        ...timeout,
        round: 2,
        previous: { ...empty, signatures: empty.signatures.slice(1) },
        signature: gaveUp(2, 2, 0, 0),
      },
      /too little stake/,
    ],
    [
      'a recovery that another asks for',
      { ...recovery, signature: sign((leaderOf(config, 2) + 1) % 4, recoveryDigest(2)) },
      /leader did not sign/,
    ],
    [
      'a recovery of another round than failed',
      { ...recovery, round: 3, signature: sign(leaderOf(config, 3), recoveryDigest(3)) },
      /another round than failed/,
    ],
    [
      'a recovery by a timeout certificate of half of the stake',
      { ...recovery, timeout: { ...tipped, signatures: tipped.signatures.slice(0, 2) } },
      /too little stake/,
    ],
  ])('%s', (_, message, reason) => refused(message, reason))
})

describe('certificates that contradict each other', () => {
  it('are kept apart: the second of a round changes nothing', () => {
    const [one] = hear(started(), proposalOf(second, 2))
    const rival = blockOn(twin, certify(twin, 1, [1, 2, 3]), 2)
    const [both, commands] = hear(one, proposalOf(rival, 2))
    expect(both.certificate).toEqual(firstCertified)
    expect(commands).toContainEqual({
      kind: 'equivocation',
      round: 2,
      validator: leaderOf(config, 2),
    })
    expect(votesIn(commands)).toEqual([])
  })

  it('never finalize a block beside a finalized one: the machine stops there', () => {
    const third = blockOn(second, certify(second, 2), 3)
    const [final] = hear(
      started(),
      proposalOf(first, 1),
      proposalOf(second, 2),
      proposalOf(third, 3),
    )
    expect(final.finalized.id).toBe(first.id)
    const other = [twin]
    for (const round of [2, 3])
      other.push(blockOn(other.at(-1)!, certify(other.at(-1)!, round - 1), round))
    other.push(blockOn(other[2]!, certify(other[2]!, 3), 4))
    other.push(blockOn(other[3]!, certify(other[3]!, 4), 5))
    // Four certificates of rounds 2 to 4 beside those that are: more than a third of the stake signed two blocks a round.
    expect(() =>
      hear(final, ...other.slice(1).map((block) => proposalOf(block, block.round))),
    ).toThrow(/is final beside/)
  })
})

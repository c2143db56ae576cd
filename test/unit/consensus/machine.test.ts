import { describe, expect, it } from 'vitest'

import {
  GENESIS,
  GENESIS_CERTIFICATE,
  blockId,
  proposalDigest,
  sign,
  timeoutDigest,
  voteDigest,
} from '../../../src/consensus/certificate.ts'
import { leaderOf } from '../../../src/consensus/committee.ts'
import { step } from '../../../src/consensus/machine.ts'
import type { ConsensusState } from '../../../src/consensus/state.ts'
import type { ConsensusBlock, Message, TimeoutCertificate } from '../../../src/consensus/types.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'
import {
  blockOn,
  certify,
  config,
  hear,
  proposalOf,
  refusalsIn,
  started,
  votesIn,
} from './messages.ts'

const first = blockOn(GENESIS, GENESIS_CERTIFICATE, 1)
const second = blockOn(first, certify(first, 1), 2)

describe('a validator', () => {
  it('votes once in a round, for the next leader', () => {
    const other = { ...first, payload: keccakHash(Buffer.from('other')) }
    const twin = { ...other, id: blockId(other) }
    const [, commands] = hear(started(), proposalOf(first, 1), proposalOf(twin, 1))
    expect(votesIn(commands)).toEqual([
      { kind: 'vote', round: 1, block: first.id, signature: sign(0, voteDigest(1, first.id)) },
    ])
    expect(commands).toContainEqual({
      kind: 'send',
      to: leaderOf(config, 2),
      message: votesIn(commands)[0],
    })
    expect(commands).toContainEqual({
      kind: 'equivocation',
      round: 1,
      validator: leaderOf(config, 1),
    })
  })

  it('votes no more in a round that it gave up', () => {
    const [gone] = step(started(), { kind: 'timer', round: 1 })
    expect(votesIn(hear(gone, proposalOf(first, 1))[1])).toEqual([])
  })

  it('finalizes a block when its child is certified in the next round, and not before', () => {
    const third = blockOn(second, certify(second, 2), 3)
    const [one, early] = hear(started(), proposalOf(first, 1), proposalOf(second, 2))
    expect(early.some(({ kind }) => kind === 'finalized')).toBe(false)
    expect(early).toContainEqual({ kind: 'voted', block: first })
    const [, late] = hear(one, proposalOf(third, 3))
    expect(late).toContainEqual({ kind: 'finalized', block: first })
  })

  it('remembers the root of a block that it has not heard of, whatever becomes final meanwhile', () => {
    const lagging = { ...config, rootLag: 1 }
    const root = (height: number) => ({ height, root: keccakHash(Buffer.from(`root ${height}`)) })
    const chain = [first]
    for (let round = 2; round <= 5; round++) {
      const parent = chain.at(-1)!
      const delayedRoot = root(parent.height)
      chain.push(blockOn(parent, certify(parent, round - 1), round, { delayedRoot }))
    }
    const executed = (state: ConsensusState, block: ConsensusBlock): ConsensusState =>
      step(state, { kind: 'executed', block: block.id, root: root(block.height).root })[0]
    const [one, two, three, four, five] = chain as [typeof first, ...(typeof first)[]]
    let state = started(0, lagging)
    for (const block of [one!, two!]) {
      state = executed(hear(state, proposalOf(block, block.round))[0], block)
    }
    // The third makes the first final.
    state = executed(state, four!)
    const [after, commands] = hear(state, proposalOf(three!, 3))
    expect(commands).toContainEqual({ kind: 'finalized', block: one })
    const [last] = hear(executed(after, three!), proposalOf(four!, 4))
    expect(votesIn(hear(last, proposalOf(five!, 5))[1])).toMatchObject([{ round: 5 }])
  })

  it('asks for a parent that it lacks, and votes when it comes', () => {
    const [waiting, asked] = hear(started(), proposalOf(second, 2))
    expect(votesIn(asked)).toEqual([])
    const request = { kind: 'blockRequest', block: first.id } as const
    expect(asked).toContainEqual({ kind: 'broadcast', message: request })
    const [, commands] = hear(waiting, { kind: 'blockAnswer', block: first })
    expect(votesIn(commands)).toMatchObject([{ round: 2, block: second.id }])
  })
})

describe('what is refused', () => {
  const forged = (message: Message, state = started()): string[] => {
    const [after, commands] = hear(state, message)
    expect(after).toEqual(state)
    return refusalsIn(commands)
  }
  const oneVote = certify(first, 1, [0])

  it.each<[string, Message, RegExp]>([
    [
      'a proposal by somebody who does not lead',
      {
        ...proposalOf(first, 1),
        signature: sign((leaderOf(config, 1) + 1) % 4, proposalDigest(1, first.id)),
      },
      /not signed by its leader/,
    ],
    [
      'a block that is not what its id says',
      proposalOf({ ...first, payload: GENESIS.id }, 1),
      /not what its id says/,
    ],
    [
      'a certificate of too little stake',
      proposalOf(blockOn(first, oneVote, 2), 2),
      /too little stake/,
    ],
    [
      'a certificate that counts a vote three times',
      proposalOf(blockOn(first, certify(first, 1, [1, 1, 1]), 2), 2),
      /counts a validator twice/,
    ],
    [
      'a certificate with a vote for something else',
      proposalOf(blockOn(first, { ...certify(second, 2), round: 1, block: first.id }, 2), 2),
      /signature of something else/,
    ],
    [
      'a certificate signed by somebody who is no validator',
      proposalOf(blockOn(first, certify(first, 1, [0, 1, 9]), 2), 2),
      /no validator/,
    ],
    [
      'a proposal that skips a round',
      proposalOf(blockOn(first, certify(first, 1), 3), 3),
      /does not go on from round 2/,
    ],
    [
      'a vote that is not signed for what it is for',
      { kind: 'vote', round: 1, block: first.id, signature: sign(2, voteDigest(1, second.id)) },
      /not signed/,
    ],
    [
      'a timeout of a round that did not begin',
      {
        kind: 'timeout',
        round: 7,
        certificate: GENESIS_CERTIFICATE,
        tip: undefined,
        previous: undefined,
        signature: { ...sign(2, timeoutDigest(7, 0, 0)), certificateRound: 0, tipRound: 0 },
      },
      /did not begin/,
    ],
    [
      'an answer with a block that nobody certified the parent of',
      { kind: 'blockAnswer', block: blockOn(first, oneVote, 2) },
      /too little stake/,
    ],
  ])('%s', (_, message, reason) => {
    expect(forged(message)).toEqual([expect.stringMatching(reason)])
  })
})

describe('after a failed round', () => {
  const timeoutBy = (validator: number, hasTip: boolean) => {
    const tipRound = hasTip ? 1 : 0
    return { ...sign(validator, timeoutDigest(1, 0, tipRound)), certificateRound: 0, tipRound }
  }
  const withTip: TimeoutCertificate = {
    round: 1,
    high: { kind: 'tip', tip: { block: first, round: 1 } },
    signatures: [timeoutBy(0, true), timeoutBy(1, false), timeoutBy(2, false)],
  }
  const fresh = blockOn(GENESIS, GENESIS_CERTIFICATE, 2)

  it('a validator votes for the tip again', () => {
    const [, commands] = hear(started(), proposalOf(first, 2, { timeout: withTip }))
    expect(votesIn(commands)).toMatchObject([{ round: 2, block: first.id }])
  })

  it('a fresh block in place of the tip needs the word that nobody has it', () => {
    const [, commands] = hear(started(), proposalOf(fresh, 2, { timeout: withTip }))
    expect(votesIn(commands)).toEqual([])
    expect(refusalsIn(commands)).toEqual([expect.stringMatching(/without a no-endorsement/)])
  })

  it('a certificate that hides a tip is refused', () => {
    const hiding: TimeoutCertificate = {
      ...withTip,
      high: { kind: 'certificate', certificate: GENESIS_CERTIFICATE },
    }
    const [, commands] = hear(started(), proposalOf(fresh, 2, { timeout: hiding }))
    expect(refusalsIn(commands)).toEqual([expect.stringMatching(/hides a higher tip/)])
  })
})

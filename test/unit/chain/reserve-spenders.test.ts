import { describe, expect, it } from 'vitest'

import type { BuiltBlock } from '../../../src/chain/chain.ts'
import type { DevChain } from '../../../src/chain/dev-chain.ts'
import { newChain } from '../../../src/chain/open-chain.ts'
import { signAuthorization } from '../../../src/model/signer.ts'
import type { Transaction } from '../../../src/model/transaction.ts'
import {
  CHAIN_ID,
  ETHER,
  GENESIS_TIME,
  GWEI,
  KEYS,
  USERS,
  devChain,
  executor,
  genesisAt,
  signed,
  transfer,
  transferFields,
} from '../../support/dev-chain.ts'

const monad = (): DevChain =>
  devChain({ chain: newChain(genesisAt('osaka', 'monad:ten'), executor) })
const fees = { maxFeePerGasWei: 200n * GWEI, maxPriorityFeePerGasWei: GWEI }
const [ALICE, BOB] = [0, 1]
/** More of 10,000 than leaves the reserve of 10. */
const MOST = { ...fees, valueWei: 9_995n * ETHER }

const outcomes = ({ record }: BuiltBlock): boolean[] =>
  record.receipts.map(({ outcome }) => 'success' in outcome && outcome.success === true)

/** Carries what Alice signed for others to send. */
function authorised(nonce: bigint): Transaction {
  const by = { chainId: CHAIN_ID, address: USERS[3]!, nonce: 0n }
  const authorizationList = [signAuthorization(by, KEYS[ALICE]!)]
  const { type: _, ...fields } = transferFields(nonce, { ...fees, gasLimit: 100_000n })
  return signed(BOB, { ...fields, type: 4, to: USERS[2]!, authorizationList })
}

/** The block is one that others come to as well. */
async function expectValid({ record }: BuiltBlock): Promise<void> {
  const other = newChain(genesisAt('osaka', 'monad:ten'), executor)
  expect(await other.import(record.block)).toMatchObject({ kind: 'imported' })
}

describe('who may spend the reserve', () => {
  it('is who sent nothing in blocks before that are not decided', async () => {
    const dev = monad()
    let parent = dev.chain.head
    const drafted: boolean[][] = []
    for (let nonce = 0n; nonce < 2n; nonce++) {
      const tx = nonce === 0n ? transfer(ALICE, 0n, fees) : transfer(ALICE, nonce, MOST)
      const timestamp = GENESIS_TIME + 1n + nonce
      const { built } = await dev.draft([tx], { parent, timestamp })
      drafted.push(outcomes(built))
      parent = built.record
    }
    // Nor two blocks later, of which no one is in the chain.
    const { built: empty } = await dev.draft([], { parent, timestamp: GENESIS_TIME + 3n })
    const late = await dev.draft([transfer(ALICE, 2n, MOST)], {
      parent: empty.record,
      timestamp: GENESIS_TIME + 4n,
    })
    drafted.push(outcomes(late.built))
    expect(drafted).toEqual([[true], [false], [false]])
    expect(dev.chain.head.block.header.number).toBe(0n)
  })

  it('is who was quiet for three blocks that are not decided', async () => {
    const dev = monad()
    let parent = dev.chain.head
    const txs = [[transfer(ALICE, 0n, fees)], [], [], [transfer(ALICE, 1n, MOST)]]
    for (const [at, transactions] of txs.entries()) {
      const timestamp = GENESIS_TIME + 1n + BigInt(at)
      const { built } = await dev.draft(transactions, { parent, timestamp })
      parent = built.record
    }
    expect(parent.receipts[0]).toMatchObject({ outcome: { success: true } })
  })

  it('does not hang on an authorisation that is left out of the block', async () => {
    const dev = monad()
    const offered = [authorised(7n), transfer(ALICE, 0n, MOST)]
    const { built } = await dev.draft(offered, {
      parent: dev.chain.head,
      timestamp: GENESIS_TIME + 1n,
    })
    expect(built.executed.skipped).toMatchObject([
      { index: 0, rejection: { kind: 'nonceTooHigh' } },
    ])
    expect(outcomes(built)).toEqual([true])
    await expectValid(built)
  })

  it('hangs on one that is in the block, and what follows is left out by its own place', async () => {
    const dev = monad()
    const offered = [
      authorised(7n),
      transfer(2, 3n, fees),
      authorised(0n),
      transfer(ALICE, 1n, MOST),
      transfer(2, 1n, fees),
    ]
    const { built } = await dev.draft(offered, {
      parent: dev.chain.head,
      timestamp: GENESIS_TIME + 1n,
    })
    expect(built.executed.skipped.map(({ index }) => index)).toEqual([0, 1, 4])
    expect(outcomes(built)).toEqual([true, false])
    await expectValid(built)
  })

  it('is found anew each time that the block turns out to be another', async () => {
    const dev = monad()
    // Without Bob's, Alice's is her first; then it takes all, and Carol gets what she lacks to be in the block.
    const offered = [
      authorised(7n),
      transfer(ALICE, 0n, { ...MOST, to: USERS[2]! }),
      transfer(2, 0n, { ...fees, valueWei: 1n }),
      transfer(2, 5n, fees),
    ]
    const { built } = await dev.draft(offered, {
      parent: dev.chain.head,
      timestamp: GENESIS_TIME + 1n,
    })
    expect(built.executed.skipped.map(({ index }) => index)).toEqual([0, 3])
    expect(outcomes(built)).toEqual([true, true])
    await expectValid(built)
  })
})

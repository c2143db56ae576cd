import { describe, expect, it } from 'vitest'

import type { DevChain } from '../../../src/chain/dev-chain.ts'
import { type PayloadBody, buildPayload } from '../../../src/chain/payload.ts'
import { FORKS, type ForkName, isActive } from '../../../src/model/fork.ts'
import type { PayloadAttributes, PayloadOutcome } from '../../../src/model/payload.ts'
import type { Hash } from '../../../src/primitives/hex.ts'
import { slotOf } from '../../../src/primitives/hex.ts'
import { GENESIS_TIME, GWEI, USERS, devChain, signed, transfer } from '../../support/dev-chain.ts'

const RANDAO = slotOf(7n) as string as Hash
const ATTRIBUTES: PayloadAttributes = {
  timestamp: GENESIS_TIME + 5n,
  prevRandao: RANDAO,
  feeRecipient: USERS[3]!,
  withdrawals: [],
}

function build(
  dev: DevChain,
  attributes: Partial<PayloadAttributes> = {},
  body: Partial<PayloadBody> = {},
): Promise<PayloadOutcome> {
  return buildPayload(
    dev.chain,
    dev.chain.head,
    { ...ATTRIBUTES, ...attributes },
    {
      transactions: [],
      include: 'all',
      optionsOf: () => ({}),
      sidecarOf: () => undefined,
      ...body,
    },
  )
}

async function built(...args: Parameters<typeof build>) {
  const outcome = await build(...args)
  if (outcome.kind !== 'built') throw new Error(outcome.kind)
  return outcome.payload
}

function legacyTransfer(nonce: bigint) {
  const fields = { type: 0, chainId: undefined, gasPriceWei: 9n * GWEI, gasLimit: 21_000n } as const
  return signed(0, { ...fields, nonce, to: USERS[1]!, valueWei: 1n, data: new Uint8Array(0) })
}

describe('a payload', () => {
  const importable = FORKS.filter((fork) => isActive({ fork, blob: undefined }, 'paris'))

  it.each(importable)('is a block that the chain takes in, under the rules of %s', async (fork) => {
    const dev = devChain({ fork: fork satisfies ForkName })
    const transactions = [legacyTransfer(0n), legacyTransfer(1n)]
    const withdrawals = isActive({ fork, blob: undefined }, 'shanghai')
      ? [{ index: 0n, validatorIndex: 1n, address: USERS[2]!, amountGwei: 3n }]
      : []
    const genesis = dev.chain.head
    const payload = await built(dev, { withdrawals }, { transactions })
    expect(dev.chain.head).toBe(genesis)
    expect(payload.block.transactions).toEqual(transactions)
    expect(payload.block.header).toMatchObject({ mixHash: RANDAO, beneficiary: USERS[3] })
    expect(payload.valueWei).toBe(
      2n * 21_000n * (9n * GWEI - payload.block.header.baseFeePerGasWei!),
    )
    const outcome = await dev.import(payload.block)
    expect(outcome.kind === 'refused' ? outcome.detail : outcome.kind).toBe('imported')
  })

  it('moves the gas limit towards its target, as far as a block may', async () => {
    const limitOf = async (targetGasLimit?: bigint) =>
      (await built(devChain(), { targetGasLimit })).block.header.gasLimit
    const step = 30_000_000n / 1_024n - 1n
    expect(await limitOf()).toBe(30_000_000n + step)
    expect(await limitOf(1n)).toBe(30_000_000n - step)
    expect(await limitOf(30_000_001n)).toBe(30_000_001n)
    expect(await limitOf(30_000_000n)).toBe(30_000_000n)
  })

  it('has the extra data that is asked for', async () => {
    const extraData = Uint8Array.of(1, 2, 3)
    expect((await built(devChain(), { extraData })).block.header.extraData).toEqual(extraData)
  })

  it('holds all its transactions or is none, unless it may leave some out', async () => {
    const transactions = [transfer(0, 0n), transfer(1, 5n), transfer(0, 1n)]
    expect(await build(devChain(), {}, { transactions })).toMatchObject({
      kind: 'rejected',
      index: 1,
      rejection: { kind: 'nonceTooHigh' },
    })
    const payload = await built(devChain(), {}, { transactions, include: 'fitting' })
    expect(payload.block.transactions).toEqual([transactions[0], transactions[2]])
  })

  it('comes after its parent', async () => {
    expect(await build(devChain(), { timestamp: GENESIS_TIME })).toEqual({
      kind: 'tooEarly',
      parentTimestamp: GENESIS_TIME,
    })
  })
})

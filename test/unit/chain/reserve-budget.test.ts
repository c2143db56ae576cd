import { describe, expect, it } from 'vitest'

import {
  type OrderedBlock,
  ReserveBudget,
  type ReserveRule,
  type Spending,
  spendingOf,
  wholeBalanceRule,
} from '../../../src/chain/reserve-budget.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { ETHER, GWEI, USERS, transfer } from '../../support/dev-chain.ts'

const RULE: ReserveRule = { reserveWei: 10n * ETHER, delayBlocks: 3, isValueDue: false }
const [ALICE, BOB] = USERS as [Address, Address]

function spends(fees: bigint, value = 0n, rest: Partial<Spending> = {}): Spending {
  return { sender: ALICE, feesWei: fees * ETHER, valueWei: value * ETHER, authorities: [], ...rest }
}

/** For block 10: what is known is the state after block 7. */
function budget(
  ether: bigint,
  ancestors: readonly OrderedBlock[] = [],
  { isDelegated = false, rule = RULE }: { isDelegated?: boolean; rule?: ReserveRule } = {},
): ReserveBudget {
  return new ReserveBudget(rule, 10n, ancestors, () => ({ balanceWei: ether * ETHER, isDelegated }))
}

function inBlock(number: bigint, ...spendings: Spending[]): OrderedBlock {
  return { number, spendings }
}

const refusal = (availableWei: bigint, feesWei: bigint) => ({
  kind: 'reserveExceeded',
  sender: ALICE,
  availableWei: availableWei * ETHER,
  feesWei: feesWei * ETHER,
})

describe('the budget of an account that was quiet', () => {
  it('lets its first transaction take fees up to the balance, and no more', () => {
    expect(budget(20n).add(spends(20n, 7n))).toBeUndefined()
    expect(budget(20n).add(spends(21n))).toEqual(refusal(20n, 21n))
  })

  it('keeps for the others what the first one leaves, up to the reserve', () => {
    const rich = budget(100n)
    expect(rich.add(spends(1n, 50n))).toBeUndefined()
    expect(rich.add(spends(10n))).toBeUndefined()
    expect(rich.add(spends(1n))).toEqual(refusal(0n, 1n))

    const poor = budget(9n)
    expect(poor.add(spends(1n, 5n))).toBeUndefined()
    expect(poor.add(spends(4n))).toEqual(refusal(3n, 4n))
    expect(poor.add(spends(3n))).toBeUndefined()
  })

  it('counts a value that was not covered as all there is', () => {
    const poor = budget(5n)
    expect(poor.add(spends(1n, 50n))).toBeUndefined()
    expect(poor.add(spends(1n))).toEqual(refusal(0n, 1n))
  })
})

describe('the budget of an account with transactions in flight', () => {
  it('pays all further fees from the reserve', () => {
    const known = [inBlock(7n, spends(1n)), inBlock(8n, spends(3n)), inBlock(9n, spends(3n))]
    expect(budget(100n, known).add(spends(4n))).toBeUndefined()
    expect(budget(100n, known).add(spends(5n))).toEqual(refusal(4n, 5n))
  })

  it('takes the fees and the value of the first one in flight from the balance', () => {
    const known = [inBlock(8n, spends(2n, 91n))]
    expect(budget(100n, known).add(spends(7n))).toBeUndefined()
    expect(budget(100n, known).add(spends(8n))).toEqual(refusal(7n, 8n))
  })

  it('remembers a sender for k - 1 blocks', () => {
    for (const [number, isRefused] of [
      [9n, true],
      [8n, true],
      [7n, false],
    ] as const) {
      const fault = budget(100n, [inBlock(number, spends(0n))]).add(spends(11n))
      expect(fault !== undefined, `sent in block ${number}`).toBe(isRefused)
    }
  })

  it('judges those in flight by the blocks before them', () => {
    // That of block 8 was not the first in three blocks: its value cannot have taken from the reserve.
    const known = [inBlock(6n, spends(0n)), inBlock(8n, spends(2n, 99n))]
    expect(budget(100n, known).add(spends(8n))).toBeUndefined()
    const quiet = [inBlock(5n, spends(0n)), inBlock(8n, spends(2n, 98n))]
    expect(budget(100n, quiet).add(spends(8n))).toEqual(refusal(0n, 8n))
  })

  it('passes over blocks that are not ancestors', () => {
    const others = [inBlock(10n, spends(9n)), inBlock(11n, spends(9n))]
    expect(budget(100n, others).add(spends(11n))).toBeUndefined()
  })

  it('leaves other accounts alone, and is not changed by what it refuses', () => {
    const both = budget(10n)
    expect(both.add(spends(11n))).toEqual(refusal(10n, 11n))
    expect(both.add(spends(10n, 0n, { sender: BOB }))).toBeUndefined()
    expect(both.add(spends(10n))).toBeUndefined()
  })
})

describe('the budget of a delegated account', () => {
  it('is the reserve, whatever it has', () => {
    const delegated = budget(100n, [], { isDelegated: true })
    expect(delegated.add(spends(11n))).toEqual(refusal(10n, 11n))
    expect(delegated.add(spends(10n, 80n))).toBeUndefined()
  })

  it('is so from its authorisation on, its own transaction included', () => {
    expect(budget(100n).add(spends(11n, 0n, { authorities: [ALICE] }))).toEqual(refusal(10n, 11n))
    const byBob = budget(100n)
    expect(byBob.add(spends(1n, 0n, { sender: BOB, authorities: [ALICE] }))).toBeUndefined()
    expect(byBob.add(spends(11n))).toEqual(refusal(10n, 11n))
    const before = [inBlock(9n, spends(0n, 0n, { sender: BOB, authorities: [ALICE] }))]
    expect(budget(100n, before).add(spends(11n))).toEqual(refusal(10n, 11n))
  })
})

describe('what a transaction spends', () => {
  const tx = transfer(0, 0n, {
    gasLimit: 30_000n,
    valueWei: 5n,
    maxFeePerGasWei: 9n * GWEI,
    maxPriorityFeePerGasWei: 2n * GWEI,
  })

  it('is the price of its gas limit in its block, and apart from that its value', () => {
    const spending = spendingOf(tx, GWEI, RULE)
    expect(spending).toEqual({
      sender: USERS[0],
      feesWei: 90_000n * GWEI,
      valueWei: 5n,
      authorities: [],
    })
  })

  it("is all of it at its caps under Ethereum's rules, where nothing is kept back", () => {
    const rule = wholeBalanceRule(3)
    expect(spendingOf(tx, GWEI, rule)).toMatchObject({
      feesWei: 270_000n * GWEI + 5n,
      valueWei: 0n,
    })
    const whole = budget(20n, [inBlock(9n, spends(12n))], { rule })
    expect(whole.add(spends(8n))).toBeUndefined()
    expect(whole.add(spends(1n))).toEqual(refusal(0n, 1n))
  })
})

import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import {
  DIFFERS_BALANCE,
  DIFFERS_CODE,
  DIFFERS_ESTIMATE,
  DIFFERS_LIFE,
  DIFFERS_NONCE,
  DIFFERS_SLOT,
  DIFFERS_UNKNOWN,
} from '../../../src/executor/lane/layout.ts'
import {
  SharedState,
  createSharedMemory,
  loadSharedState,
} from '../../../src/executor/lane/shared-state.ts'
import { type Address, type Slot, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import * as layout from '../../../src/state/record-layout.ts'
import type { AccountWrites, ChangeSet } from '../../../src/state/access.ts'
import type { StateView } from '../../../src/state/view.ts'
import { type AccountDraft, recordOf } from './records.ts'

const SIZES = { lanes: 2, arena: 4 * 1024 * 1024, base: 8 * 1024 * 1024 }
const ALICE = '0x00000000000000000000000000000000000a11ce' as Address
const BOB = '0xb0b0000000000000000000000000000000000b0b' as Address
const WHOLE = 1000n

/** Alice and Bob have 1000 wei; Alice's slots hold their own number. */
const base: StateView = {
  account: (address) =>
    address === ALICE || address === BOB
      ? { nonce: 1n, balanceWei: WHOLE, codeHash: EMPTY_CODE_HASH }
      : undefined,
  slot: (address, key) => (address === ALICE ? BigInt(key) : 0n),
  code: () => new Uint8Array(0),
  hasStorage: (address) => address === ALICE,
}

let module: WebAssembly.Module
let memory: WebAssembly.Memory
/** Two threads' holds on the same memory. */
let one: SharedState
let two: SharedState

beforeAll(async () => {
  module = await loadSharedState()
})

beforeEach(() => {
  memory = createSharedMemory(SIZES)
  one = new SharedState(module, memory, SIZES, 0)
  two = new SharedState(module, memory, SIZES, 1)
  one.fn.beginEpoch()
  begin()
})

function begin(): void {
  one.fn.beginBlock()
  one.fn.enter()
  two.fn.enter()
}

function keep(state: SharedState, ...accounts: readonly AccountDraft[]): number {
  const at = state.keep(recordOf(accounts))
  expect(at).toBeGreaterThan(0)
  return at
}

function slotSeen(state: SharedState, tx: number, address: Address, key: bigint): unknown {
  state.fn.at(tx, 0)
  return state.slot(address, slotOf(key))
}

function balanceSeen(state: SharedState, tx: number, address: Address): unknown {
  state.fn.at(tx, 0)
  const account = state.account(address)
  return typeof account === 'object' ? account.balanceWei : account
}

const writeSlot = (key: bigint, read: bigint, written: bigint): AccountDraft => ({
  address: ALICE,
  slots: [{ key, read, written }],
})
const credit = (address: Address, wei: bigint, before = WHOLE): AccountDraft => ({
  address,
  writes: layout.DID_BALANCE,
  balances: [before, before + wei],
})

describe('the base', () => {
  it('is unknown until it is filled, and then seen by every thread', () => {
    expect(balanceSeen(two, 0, ALICE)).toBe('unknown')
    one.fillAccount(ALICE, base)
    expect(balanceSeen(two, 0, ALICE)).toBe(WHOLE)
    expect(slotSeen(two, 0, ALICE, 7n)).toBe('unknown')
    one.fillSlot(ALICE, slotOf(7n), base)
    expect(slotSeen(two, 0, ALICE, 7n)).toBe(7n)
  })

  it('has absent accounts whose slots are zero without a question', () => {
    const nobody = '0x00000000000000000000000000000000000000ff' as Address
    one.fillAccount(nobody, base)
    one.fn.at(0, 0)
    expect(one.account(nobody)).toBeUndefined()
    expect(slotSeen(one, 0, nobody, 1n)).toBe(0n)
  })

  it('is dropped whole by a new epoch, slots too', () => {
    one.fillSlot(ALICE, slotOf(7n), base)
    one.fn.beginEpoch()
    begin()
    expect(slotSeen(one, 0, ALICE, 7n)).toBe('unknown')
    one.fillAccount(ALICE, base)
    expect(slotSeen(one, 0, ALICE, 7n)).toBe('unknown')
  })

  it('follows a block that became the head', () => {
    one.fillSlot(ALICE, slotOf(7n), base)
    expect(
      one.fn.merge(
        keep(one, { ...credit(ALICE, 5n), slots: [{ key: 7n, read: 7n, written: 8n }] }),
        0,
      ),
    ).toBe(0)
    one.fn.settle()
    begin()
    expect(balanceSeen(two, 0, ALICE)).toBe(WHOLE + 5n)
    expect(slotSeen(two, 0, ALICE, 7n)).toBe(8n)
  })

  it('gives no more than there is', () => {
    const MIB = 1024 * 1024
    const taken = Array.from({ length: 9 }, (_, n) => one.fn.newCode(n, MIB) !== 0)
    expect([taken.includes(false), one.hasOverflowed]).toEqual([true, true])
    expect(taken.indexOf(false)).toBeLessThan(SIZES.base / MIB)
  })

  it('that was emptied is shared out anew', () => {
    const nobody = '0x00000000000000000000000000000000000000ff' as Address
    one.fillAccount(BOB, base)
    one.fn.clear()
    begin()
    two.fillAccount(BOB, base)
    one.fillAccount(ALICE, base)
    two.fillAccount(nobody, base)
    expect([ALICE, BOB].map((address) => balanceSeen(two, 0, address))).toEqual([WHOLE, WHOLE])
  })

  it('forgets slots of a storage that the protocol wiped, or whose account it did not know', () => {
    const change = (writes: AccountWrites): ChangeSet => ({
      accounts: new Map([[ALICE, writes]]),
      codes: new Map(),
    })
    one.fillSlot(ALICE, slotOf(7n), base)
    expect(one.renew(change({ balanceWei: WHOLE }), base)).toBe(true)
    expect(slotSeen(two, 0, ALICE, 7n)).toBe(7n)
    expect(one.renew(change({ life: 'recreated' }), base)).toBe(true)
    expect(slotSeen(two, 0, ALICE, 7n)).toBe('unknown')
    one.fillSlot(ALICE, slotOf(7n), base)
    one.fn.beginEpoch()
    begin()
    expect(one.renew(change({ balanceWei: WHOLE }), base)).toBe(true)
    expect(balanceSeen(two, 0, ALICE)).toBe(WHOLE)
    expect(slotSeen(two, 0, ALICE, 7n)).toBe('unknown')
  })

  it('forgets the slots of a storage that a block wiped', () => {
    one.fillSlot(ALICE, slotOf(7n), base)
    one.fillSlot(ALICE, slotOf(9n), base)
    one.fn.merge(
      keep(one, { address: ALICE, writes: layout.DID_RECREATE, slots: [{ key: 7n, written: 1n }] }),
      0,
    )
    one.fn.settle()
    begin()
    expect(slotSeen(one, 0, ALICE, 7n)).toBe(1n)
    expect(slotSeen(one, 0, ALICE, 9n)).toBe('unknown')
  })
})

describe('versions', () => {
  beforeEach(() => {
    one.fillSlot(ALICE, slotOf(7n), base)
    one.fillAccount(BOB, base)
  })

  it('are seen by later transactions and not by earlier ones', () => {
    one.fn.publish(keep(one, writeSlot(7n, 7n, 70n)), 3)
    two.fn.publish(keep(two, writeSlot(7n, 7n, 50n)), 1)
    expect(slotSeen(two, 1, ALICE, 7n)).toBe(7n)
    expect(slotSeen(two, 2, ALICE, 7n)).toBe(50n)
    expect(slotSeen(one, 3, ALICE, 7n)).toBe(50n)
    expect(slotSeen(one, 4, ALICE, 7n)).toBe(70n)
  })

  it('add up deltas of a balance above what is merged, whatever the order of arrival', () => {
    two.fn.publish(keep(two, credit(BOB, 30n)), 2)
    one.fn.publish(keep(one, credit(BOB, -4n)), 1)
    expect(balanceSeen(one, 3, BOB)).toBe(WHOLE + 26n)
    expect(one.fn.merge(keep(one, credit(BOB, 100n)), 0)).toBe(0)
    expect(balanceSeen(two, 3, BOB)).toBe(WHOLE + 126n)
    expect(balanceSeen(two, 1, BOB)).toBe(WHOLE + 100n)
  })

  it('older than the last wipe read as zero', () => {
    one.fn.publish(keep(one, writeSlot(7n, 7n, 70n)), 0)
    two.fn.publish(
      keep(two, { address: ALICE, writes: layout.DID_DESTROY, balances: [WHOLE, 0n] }),
      1,
    )
    expect(slotSeen(one, 1, ALICE, 7n)).toBe(70n)
    expect(slotSeen(one, 2, ALICE, 7n)).toBe(0n)
    one.fn.at(2, 0)
    expect(one.account(ALICE)).toBeUndefined()
  })

  it('written with the wipe itself stay', () => {
    const wipes = { address: ALICE, writes: layout.DID_RECREATE, slots: [{ key: 7n, written: 5n }] }
    one.fn.publish(keep(one, wipes), 1)
    expect(slotSeen(two, 2, ALICE, 7n)).toBe(5n)
  })

  it('make readers wait while their transaction is to run again, and go if it does not write them then', () => {
    const record = keep(one, writeSlot(7n, 7n, 70n), credit(BOB, 1n))
    one.fn.publish(record, 1)
    one.fn.markEstimates(record, 1)
    expect(slotSeen(two, 2, ALICE, 7n)).toBe('wait')
    expect(balanceSeen(two, 2, BOB)).toBe('wait')
    expect(slotSeen(two, 1, ALICE, 7n)).toBe(7n)
    one.fn.publish(keep(one, credit(BOB, 2n)), 1)
    one.fn.forgetEstimates(record, 1)
    expect(slotSeen(two, 2, ALICE, 7n)).toBe(7n)
    expect(balanceSeen(two, 2, BOB)).toBe(WHOLE + 2n)
  })

  it('make readers wait under those of later transactions, and of an account that is gone', () => {
    const earlier = keep(one, credit(BOB, 1n))
    one.fn.publish(earlier, 1)
    two.fn.publish(keep(two, credit(BOB, 2n)), 2)
    one.fn.markEstimates(earlier, 1)
    expect(balanceSeen(two, 3, BOB)).toBe('wait')
    const gone = keep(one, { address: ALICE, writes: layout.DID_DESTROY })
    one.fn.publish(gone, 1)
    expect(balanceSeen(two, 3, ALICE)).toBeUndefined()
    one.fn.markEstimates(gone, 1)
    expect(balanceSeen(two, 3, ALICE)).toBe('wait')
  })

  it('of an earlier run add nothing to those of the next one', () => {
    one.fn.publish(keep(one, credit(BOB, 1n)), 1)
    one.fn.publish(keep(one, credit(BOB, 5n)), 1)
    expect(balanceSeen(two, 2, BOB)).toBe(WHOLE + 5n)
  })

  it('that were foretold are seen until their transaction has run, and what it did not write goes', () => {
    const record = keep(one, writeSlot(7n, 7n, 70n), credit(BOB, 1n))
    one.fn.foretell(record, 1)
    expect(slotSeen(two, 2, ALICE, 7n)).toBe(70n)
    expect(one.fn.merge(keep(one, credit(BOB, 2n)), 1)).toBe(0)
    one.fn.forgetForetold(record, 1)
    expect(slotSeen(two, 2, ALICE, 7n)).toBe(7n)
    expect(balanceSeen(two, 2, BOB)).toBe(WHOLE + 2n)
  })

  it('of an earlier block are not seen', () => {
    one.fn.merge(keep(one, writeSlot(7n, 7n, 70n)), 0)
    begin()
    expect(slotSeen(two, 5, ALICE, 7n)).toBe(7n)
  })
})

it('what is merged is told from what is only published, whatever was left behind', () => {
  one.fillSlot(ALICE, slotOf(7n), base)
  one.fillAccount(BOB, base)
  one.fn.merge(keep(one, writeSlot(7n, 7n, 70n), credit(BOB, 1n)), 0)
  two.fn.publish(keep(two, writeSlot(7n, 70n, 71n), credit(BOB, 5n)), 1)
  const reader = keep(two, writeSlot(7n, 70n, 9n), {
    address: BOB,
    reads: layout.SAW_BALANCE,
    balances: [WHOLE + 1n, WHOLE + 1n],
  })
  expect(one.fn.validate(reader, 2, 0) & 7).toBe(DIFFERS_SLOT)
  expect(one.fn.validate(reader, 2, 1)).toBe(0)
})

describe('validation', () => {
  beforeEach(() => {
    one.fillSlot(ALICE, slotOf(7n), base)
    one.fillAccount(BOB, base)
  })
  const kindOf = (state: SharedState, record: number, tx: number): number =>
    state.fn.validate(record, tx, 0) & 7

  it('finds the slot that an earlier transaction wrote after it was read', () => {
    const reader = keep(two, writeSlot(7n, 7n, 9n))
    expect(two.fn.validate(reader, 1, 0)).toBe(0)
    one.fn.merge(keep(one, writeSlot(7n, 7n, 70n)), 0)
    const differs = two.fn.validate(reader, 1, 0)
    expect(differs & 7).toBe(DIFFERS_SLOT)
    expect(differs & ~7).toBe(layout.RECORD_HEADER_SIZE + layout.ENTRY_SIZE)
  })

  it('takes the same value written again for no change', () => {
    const reader = keep(two, writeSlot(7n, 7n, 9n))
    one.fn.merge(keep(one, writeSlot(7n, 7n, 70n)), 0)
    one.fn.merge(keep(one, writeSlot(7n, 70n, 7n)), 1)
    expect(two.fn.validate(reader, 2, 0)).toBe(0)
  })

  it.each([
    ['exactly', { reads: layout.SAW_BALANCE, balances: [WHOLE, WHOLE] }, 1n, false],
    ['as covering what it still covers', { reads: layout.SAW_COVERED, covered: 400n }, -600n, true],
    [
      'as covering what it covers no more',
      { reads: layout.SAW_COVERED, covered: 401n },
      -600n,
      false,
    ],
    [
      'as short of what it is still short of',
      { reads: layout.SAW_NOT_COVERED, notCovered: 1401n },
      400n,
      true,
    ],
    [
      'as short of what it covers now',
      { reads: layout.SAW_NOT_COVERED, notCovered: 1400n },
      400n,
      false,
    ],
    [
      'as not zero, which it still is not',
      { reads: layout.SAW_EMPTY, balances: [WHOLE, WHOLE] },
      -999n,
      true,
    ],
    [
      'as not zero, which it is now',
      { reads: layout.SAW_EMPTY, balances: [WHOLE, WHOLE] },
      -1000n,
      false,
    ],
  ] as const)('of a balance read %s', (_, read, moved, holds) => {
    const reader = keep(two, { address: BOB, ...read })
    one.fn.merge(keep(one, credit(BOB, moved)), 0)
    expect(kindOf(two, reader, 1)).toBe(holds ? 0 : DIFFERS_BALANCE)
  })

  it('finds a nonce that moved, and an account that went', () => {
    const nonce = keep(two, { address: BOB, reads: layout.SAW_NONCE, nonces: [1n, 1n] })
    const life = keep(two, { address: BOB, reads: layout.SAW_LIFE })
    one.fn.merge(keep(one, { address: BOB, writes: layout.DID_NONCE, nonces: [1n, 2n] }), 0)
    expect(kindOf(two, nonce, 1)).toBe(DIFFERS_NONCE)
    expect(kindOf(two, life, 1)).toBe(0)
    one.fn.merge(keep(one, { address: BOB, writes: layout.DID_DESTROY }), 1)
    expect(kindOf(two, life, 2)).toBe(DIFFERS_LIFE)
  })

  it('finds a code that was set', () => {
    const [none, some] = [EMPTY_CODE_HASH, `0x${'c0de'.repeat(16)}`]
    const reader = keep(two, { address: BOB, reads: layout.SAW_CODE, codes: [none, none] })
    expect(kindOf(two, reader, 1)).toBe(0)
    one.fn.merge(keep(one, { address: BOB, writes: layout.DID_CODE, codes: [none, some] }), 0)
    expect(kindOf(two, reader, 1)).toBe(DIFFERS_CODE)
  })

  it('says that it cannot know yet', () => {
    const reader = keep(two, writeSlot(7n, 7n, 9n))
    const other = keep(two, writeSlot(8n, 8n, 9n))
    const aborted = keep(one, writeSlot(7n, 7n, 70n))
    one.fn.publish(aborted, 0)
    one.fn.markEstimates(aborted, 0)
    expect(kindOf(two, reader, 1)).toBe(DIFFERS_ESTIMATE)
    expect(kindOf(two, other, 1)).toBe(DIFFERS_UNKNOWN)
  })
})

describe('merging', () => {
  const carol = '0x00000000000000000000000000000000000ca401' as Address
  beforeEach(() => {
    one.fillAccount(carol, base)
    one.fillAccount(BOB, base)
  })
  const entry = (state: SharedState, record: number): { writes: number; flags: number } => ({
    writes: state.u32At(record + layout.RECORD_HEADER_SIZE + layout.ENTRY_WRITES),
    flags: state.u32At(record + layout.RECORD_HEADER_SIZE + layout.ENTRY_FLAGS),
  })

  it('says that it cannot be of an account that nobody loaded', () => {
    const stranger = '0x00000000000000000000000000000000000000fe' as Address
    expect(one.fn.merge(keep(one, credit(stranger, 5n)), 0)).not.toBe(0)
  })

  it('gives the life that a credit brings to whichever credit came first', () => {
    const draft = { ...credit(carol, 5n, 0n), wasThere: false }
    const creates = { ...draft, writes: layout.DID_BALANCE | layout.DID_CREATE }
    const first = keep(one, creates)
    const second = keep(two, creates)
    expect(one.fn.merge(first, 0)).toBe(0)
    expect(two.fn.merge(second, 1)).toBe(0)
    expect(entry(one, first)).toEqual({ writes: layout.DID_BALANCE | layout.DID_CREATE, flags: 0 })
    expect(entry(two, second)).toEqual({ writes: layout.DID_BALANCE, flags: layout.WAS_THERE })
    expect(balanceSeen(one, 2, carol)).toBe(10n)
  })

  it('writes down the balances that there were when it was merged', () => {
    const late = keep(two, credit(BOB, 5n))
    one.fn.merge(keep(one, credit(BOB, -300n)), 0)
    two.fn.merge(late, 1)
    const at = late + layout.RECORD_HEADER_SIZE
    const balances = [layout.ENTRY_BASE_BALANCE, layout.ENTRY_BALANCE].map((field) =>
      two.u32At(at + field),
    )
    expect(balances).toEqual([700, 705])
  })

  it('creates by a credit what an earlier transaction destroyed', () => {
    const credited = keep(two, credit(BOB, 5n))
    one.fn.merge(keep(one, { address: BOB, writes: layout.DID_DESTROY, balances: [WHOLE, 0n] }), 0)
    two.fn.merge(credited, 1)
    expect(entry(two, credited)).toEqual({
      writes: layout.DID_BALANCE | layout.DID_CREATE,
      flags: 0,
    })
    two.fn.at(2, 0)
    expect(two.account(BOB)).toEqual({ nonce: 0n, balanceWei: 5n, codeHash: EMPTY_CODE_HASH })
  })

  it('refuses what does not fit, and says so to all', () => {
    const tight = { lanes: 1, arena: 4096, base: 1024 * 1024 }
    const state = new SharedState(module, createSharedMemory(tight), tight, 0)
    expect(state.keep(new Uint8Array(8192))).toBe(0)
    expect(state.hasOverflowed).toBe(true)
  })
})

// A model of it all: transactions that read and write a few locations, run on what is merged so far or earlier.

const KEYS = [0n, 1n, 2n]
const ADDRESSES = [ALICE, BOB, '0x00000000000000000000000000000000000ca401' as Address]

interface Model {
  readonly balances: Map<Address, bigint>
  readonly slots: Map<string, bigint>
}

/** What a transaction does: adds what it reads in one slot to another, and moves money if its payer covers it. */
interface Plan {
  readonly from: bigint
  readonly to: bigint
  readonly payer: number
  readonly payee: number
  readonly wei: bigint
  readonly isExact: boolean
  /** How many transactions before it were merged when it ran. */
  readonly sawBack: number
}

const plan = fc.record<Plan>({
  from: fc.constantFrom(...KEYS),
  to: fc.constantFrom(...KEYS),
  payer: fc.nat({ max: 1 }),
  payee: fc.nat({ max: 2 }),
  wei: fc.bigInt({ min: 1n, max: 700n }),
  isExact: fc.boolean(),
  sawBack: fc.nat({ max: 3 }),
})

function run(state: SharedState, tx: number, it: Plan): Uint8Array {
  const payer = ADDRESSES[it.payer]!
  const payee = ADDRESSES[it.payee]!
  const [from, to] = [it.from, it.to].map((key) => slotSeen(state, tx, ALICE, key) as bigint)
  const written = BigInt.asUintN(256, from! + to! + 1n)
  const held = balanceSeen(state, tx, payer) as bigint
  const pays = held >= it.wei && payer !== payee
  const payeeHad = (balanceSeen(state, tx, payee) as bigint | undefined) ?? 0n
  const wasThere = balanceSeen(state, tx, payee) !== undefined
  const slots =
    it.from === it.to
      ? [{ key: it.to, read: to!, written }]
      : [
          { key: it.from, read: from! },
          { key: it.to, read: to!, written },
        ]
  const reads = it.isExact ? layout.SAW_BALANCE : pays ? layout.SAW_COVERED : layout.SAW_NOT_COVERED
  const paid: AccountDraft = {
    address: payer,
    reads: payer === payee ? 0 : reads,
    covered: it.wei,
    notCovered: it.wei,
    writes: pays ? layout.DID_BALANCE : 0,
    balances: [held, pays ? held - it.wei : held],
  }
  const got: AccountDraft = {
    address: payee,
    wasThere,
    writes: pays ? (wasThere ? layout.DID_BALANCE : layout.DID_BALANCE | layout.DID_CREATE) : 0,
    balances: [payeeHad, pays ? payeeHad + it.wei : payeeHad],
  }
  const money = payer === payee ? [paid] : [paid, got]
  const own = money.find(({ address }) => address === ALICE)
  const rest = money.filter(({ address }) => address !== ALICE)
  return recordOf([{ ...(own ?? { address: ALICE }), slots }, ...rest])
}

function runModel(model: Model, it: Plan): void {
  const at = (key: bigint): bigint => model.slots.get(slotOf(key)) ?? key
  model.slots.set(slotOf(it.to), BigInt.asUintN(256, at(it.from) + at(it.to) + 1n))
  const [payer, payee] = [ADDRESSES[it.payer]!, ADDRESSES[it.payee]!]
  const held = model.balances.get(payer) ?? 0n
  if (payer === payee || held < it.wei) return
  model.balances.set(payer, held - it.wei)
  model.balances.set(payee, (model.balances.get(payee) ?? 0n) + it.wei)
}

it('speculation, validation and one more run give what running in order gives', () => {
  let again = 0
  let total = 0
  fc.assert(
    fc.property(fc.array(plan, { minLength: 1, maxLength: 12 }), (plans) => {
      begin()
      one.fn.beginEpoch()
      begin()
      for (const address of ADDRESSES) one.fillAccount(address, base)
      for (const key of KEYS) one.fillSlot(ALICE, slotOf(key), base)
      const model: Model = {
        balances: new Map([
          [ALICE, WHOLE],
          [BOB, WHOLE],
        ]),
        slots: new Map(),
      }
      for (const [tx, it] of plans.entries()) {
        runModel(model, it)
        // What it saw: the state some transactions ago.
        let record = two.keep(run(two, Math.max(0, tx - it.sawBack), it))
        total++
        if (one.fn.validate(record, tx, 0) !== 0) {
          again++
          record = one.keep(run(one, tx, it))
          expect(one.fn.validate(record, tx, 0)).toBe(0)
        }
        expect(one.fn.merge(record, tx)).toBe(0)
        for (const address of ADDRESSES) {
          expect(balanceSeen(two, tx + 1, address)).toBe(model.balances.get(address))
        }
        for (const key of KEYS) {
          const wanted = model.slots.get(slotOf(key)) ?? key
          expect(slotSeen(two, tx + 1, ALICE, key)).toBe(wanted)
        }
      }
    }),
    { numRuns: 300 },
  )
  expect(again).toBeGreaterThan(0)
  expect(again).toBeLessThan(total)
})

it('keys are told apart in every limb', () => {
  const keys = [0, 64, 128, 192].map((bits) => slotOf(1n << BigInt(bits)) as Slot)
  for (const key of keys) one.fillSlot(ALICE, key, base)
  one.fn.at(0, 0)
  expect(keys.map((key) => one.slot(ALICE, key))).toEqual(keys.map(BigInt))
})

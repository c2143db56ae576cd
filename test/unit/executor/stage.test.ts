import { describe, expect, it } from 'vitest'

import type { BlockEnv } from '../../../src/evm/engine.ts'
import { LaneBox } from '../../../src/executor/lane/mailbox.ts'
import { openSession } from '../../../src/executor/lane/session.ts'
import { type LaneBlock, Stage } from '../../../src/executor/lane/stage.ts'
import type { Transaction } from '../../../src/model/transaction.ts'
import { type Address, type Hash, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import type { ChangeSet } from '../../../src/state/access.ts'
import { DID_RECREATE } from '../../../src/state/record-layout.ts'
import { recordMemory } from '../../../src/state/record.ts'
import type { StateView } from '../../../src/state/view.ts'
import { recordOf } from './records.ts'

const ALICE = '0x00000000000000000000000000000000000a11ce' as Address
const SLOT = slotOf(7n)

/** Alice has so much, and her slot holds so much. */
const viewOf = (balanceWei: bigint, value: bigint): StateView => ({
  account: () => ({ nonce: 1n, balanceWei, codeHash: EMPTY_CODE_HASH }),
  slot: () => value,
  code: () => new Uint8Array(0),
  hasStorage: () => false,
})

const change = (balanceWei: bigint, value: bigint): ChangeSet => ({
  accounts: new Map([[ALICE, { balanceWei, slots: new Map([[SLOT, value]]) }]]),
  codes: new Map(),
})
const none: ChangeSet = { accounts: new Map(), codes: new Map() }

const noRecords = { memory: recordMemory(new ArrayBuffer(0)), starts: new Uint32Array(0) }
const noTypes = new Uint8Array(0)

/** What an item has beside its transaction. */
const plain = {
  encoded: new Uint8Array(8),
  switches: undefined,
  reads: undefined,
  after: 0,
  foretold: undefined,
}

function blockOn(stateId: object, prior: ChangeSet): LaneBlock {
  return {
    env: { header: { beneficiary: ALICE } } as BlockEnv,
    stateId,
    prior,
    schedule: 'optimistic',
    limits: { gas: 1, blobGas: 0, stopsAtRejection: false },
    items: [],
    reference: undefined,
    chaos: undefined,
    isRecorded: false,
  }
}

function seen({ shared }: Stage): unknown {
  shared.fn.at(0, 1)
  const account = shared.account(ALICE)
  return [typeof account === 'object' ? account.balanceWei : account, shared.slot(ALICE, SLOT)]
}

it('what the protocol changed before the transactions is seen, though the state before was cached', async () => {
  const stage = new Stage(await openSession(0, 1024 * 1024))
  const state = {}
  expect(stage.begin(blockOn(state, none), viewOf(5n, 100n))).toBe(true)
  stage.shared.fillSlot(ALICE, SLOT, viewOf(5n, 100n))
  expect(seen(stage)).toEqual([5n, 100n])
  expect(stage.begin(blockOn(state, change(6n, 101n)), viewOf(6n, 101n))).toBe(true)
  expect(seen(stage)).toEqual([6n, 101n])
  // Another block on the state before knows nothing of it.
  expect(stage.begin(blockOn(state, none), viewOf(5n, 100n))).toBe(true)
  stage.shared.fillSlot(ALICE, SLOT, viewOf(5n, 100n))
  expect(seen(stage)).toEqual([5n, 100n])
})

it('a lane that left the block before is still at the next one', async () => {
  const session = await openSession(1, 1024 * 1024)
  const stage = new Stage(session)
  const view = viewOf(5n, 100n)
  stage.begin(blockOn({}, none), view)
  new LaneBox(session.memory, 0).leave(0, 0)
  expect(stage.boxes.haveLeft(1)).toBe(true)
  stage.begin(blockOn({}, none), view)
  expect(stage.boxes.haveLeft(1)).toBe(false)
})

it('parts of the receipts of the block before are none of the next one', async () => {
  const stage = new Stage(await openSession(1, 1024 * 1024))
  const parts = [{ from: 0, to: 1, gasBefore: 0 }]
  stage.begin(blockOn({}, none), viewOf(5n, 100n))
  expect([stage.receiptParts.take(parts), stage.receiptParts.take(parts)]).toEqual([
    parts[0],
    undefined,
  ])
  stage.begin(blockOn({}, none), viewOf(5n, 100n))
  expect(stage.receiptParts.take(parts)).toBe(parts[0])
})

it('the receipts of a block before are not those of the next one', async () => {
  const stage = new Stage(await openSession(0, 1024 * 1024))
  stage.begin(blockOn({}, none), viewOf(5n, 100n))
  stage.receipts.begin()
  const receiptsRoot = `0x${'5a'.repeat(32)}` as Hash
  stage.receipts.put({ receiptsRoot, logsBloom: new Uint8Array(256) })
  const before = stage.outcome([], undefined)
  expect(before.receipts(noRecords, noTypes)).toMatchObject({ receiptsRoot })
  stage.begin(blockOn({}, none), viewOf(5n, 100n))
  expect([
    before.receipts(noRecords, noTypes),
    stage.outcome([], undefined).receipts(noRecords, noTypes),
  ]).toEqual([undefined, undefined])
})

it('the receipts of a block after are not those of the one before', async () => {
  const stage = new Stage(await openSession(0, 1024 * 1024))
  stage.begin(blockOn({}, none), viewOf(5n, 100n))
  const before = stage.outcome([], undefined)
  stage.begin(blockOn({}, none), viewOf(5n, 100n))
  stage.receipts.begin()
  stage.receipts.put({
    receiptsRoot: `0x${'5a'.repeat(32)}` as Hash,
    logsBloom: new Uint8Array(256),
  })
  expect(before.receipts(noRecords, noTypes)).toBeUndefined()
})

it('the state after a block is what it changed when another block is there', async () => {
  const stage = new Stage(await openSession(0, 1024 * 1024))
  const base = viewOf(5n, 100n)
  stage.begin(blockOn({}, none), base)
  const after = stage.outcome([], undefined).after(base, change(6n, 101n))
  stage.begin(blockOn({}, none), base)
  expect([after.account(ALICE)?.balanceWei, after.slot(ALICE, SLOT)]).toEqual([6n, 101n])
})

it('the state after a block has no slots of a storage that it wiped, though there is no room to look', async () => {
  const stage = new Stage(await openSession(0, 1024 * 1024))
  const { shared } = stage
  const base = viewOf(5n, 100n)
  stage.begin(blockOn({}, none), base)
  shared.fillAccount(ALICE, base)
  const wipes = recordOf([{ address: ALICE, writes: DID_RECREATE }])
  expect(shared.fn.merge(shared.keep(wipes), 0)).toBe(0)
  const changes: ChangeSet = {
    accounts: new Map([[ALICE, { life: 'recreated' }]]),
    codes: new Map(),
  }
  const after = stage.outcome([], undefined).after(base, changes)
  for (const size of [1024 * 1024, 2_000, 8]) while (shared.fn.newCode(0, size) !== 0);
  expect(shared.slot(ALICE, SLOT)).toBe('unknown')
  expect(after.slot(ALICE, SLOT)).toBe(0n)
})

describe('what is cached of a transaction that is expected', () => {
  const BOB = '0x0000000000000000000000000000000000000b0b' as Address
  const tx = { type: 0, sender: BOB, to: ALICE } as Transaction
  const view = viewOf(5n, 100n)
  const state = {}

  async function afterABlock(): Promise<Stage> {
    const stage = new Stage(await openSession(0, 1024 * 1024))
    stage.begin(blockOn(state, none), view)
    stage.outcome([], undefined)
    return stage
  }

  function balanceOf({ shared }: Stage, address: Address): bigint | string | undefined {
    shared.fn.at(0, 1)
    const account = shared.account(address)
    return typeof account === 'object' ? account.balanceWei : account
  }

  it('is there for the next block on that state', async () => {
    const stage = await afterABlock()
    expect(balanceOf(stage, BOB)).toBe('unknown')
    const base = stage.expect(tx, { view, stateId: state })
    expect(base).toBeDefined()
    expect(balanceOf(stage, BOB)).toBe(5n)
    expect(stage.expect(tx, { view, stateId: state })).toBe(base)
    const item = { tx, ...plain }
    const unseen = viewOf(7n, 0n)
    const next = { ...blockOn(state, none), items: [{ ...item, cachedIn: base }] }
    expect(stage.begin(next, unseen) && stage.present(next, unseen)).toBe(true)
    expect(balanceOf(stage, BOB)).toBe(5n)
  })

  it('is asked for again on another state', async () => {
    const stage = await afterABlock()
    const cachedIn = stage.expect(tx, { view, stateId: state })
    const item = { tx, ...plain }
    const next = { ...blockOn({}, none), items: [{ ...item, cachedIn }] }
    expect(stage.begin(next, viewOf(7n, 0n)) && stage.present(next, viewOf(7n, 0n))).toBe(true)
    expect(balanceOf(stage, BOB)).toBe(7n)
  })

  it('is nothing of a state other than the one before', async () => {
    const stage = await afterABlock()
    expect(stage.expect(tx, { view, stateId: {} })).toBeUndefined()
    expect(balanceOf(stage, BOB)).toBe('unknown')
  })

  it('is nothing while a block runs', async () => {
    const stage = await afterABlock()
    stage.begin(blockOn(state, none), view)
    expect(stage.expect(tx, { view, stateId: state })).toBeUndefined()
  })

  it('is nothing of a state that another block began on, or that did not fit', async () => {
    const stage = await afterABlock()
    stage.begin(blockOn(state, none), view)
    const early = stage.outcome([], undefined)
    stage.begin(blockOn(state, none), view)
    const late = stage.outcome([], undefined)
    const [other, next] = [{}, {}]
    early.follow(none, view, other)
    expect(stage.expect(tx, { view, stateId: other })).toBeUndefined()
    stage.shared.renew = () => false
    late.follow(none, view, next)
    expect(stage.expect(tx, { view, stateId: next })).toBeUndefined()
  })
})

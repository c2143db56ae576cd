import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import {
  AttemptLog,
  attemptsIn,
  lastRunsMs,
  mergesIn,
  runsIn,
} from '../../../src/executor/lane/attempts.ts'
import { type LaneRun, mergeReady } from '../../../src/executor/lane/merge.ts'
import { workOn } from '../../../src/executor/lane/schedules.ts'
import type { Runner } from '../../../src/executor/lane/runner.ts'
import { BlockWords, TransactionWords } from '../../../src/executor/lane/shared.ts'
import {
  SharedState,
  createSharedMemory,
  loadSharedState,
} from '../../../src/executor/lane/shared-state.ts'
import { type Address, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import * as layout from '../../../src/state/record-layout.ts'
import type { StateView } from '../../../src/state/view.ts'
import { recordOf } from './records.ts'

const SIZES = { lanes: 2, arena: 1024 * 1024, base: 1024 * 1024 }
const ALICE = '0x00000000000000000000000000000000000a11ce' as Address
const SLOT = slotOf(7n)
const base: StateView = {
  account: () => ({ nonce: 1n, balanceWei: 1_000n, codeHash: EMPTY_CODE_HASH }),
  slot: () => 100n,
  code: () => new Uint8Array(0),
  hasStorage: () => false,
}

let module: WebAssembly.Module
/** Two lanes at work on a block of three transactions, each of which adds one to the slot. */
let one: LaneRun
let two: LaneRun

beforeAll(async () => {
  module = await loadSharedState()
})

beforeEach(() => {
  const memory = createSharedMemory(SIZES)
  const laneOf = (lane: number): LaneRun => {
    const shared = new SharedState(module, memory, SIZES, lane)
    return {
      lane,
      shared,
      words: new BlockWords(memory),
      txs: new TransactionWords(memory),
      runner: adder(shared),
      limits: { gas: 100_000, blobGas: 0, stopsAtRejection: false },
      bring: () => undefined,
      chaos: undefined,
      isRecorded: lane === 1,
      attempts: new AttemptLog(),
      aborts: [],
      leftOut: [],
    }
  }
  one = laneOf(0)
  one.shared.fn.beginEpoch()
  one.shared.fn.beginBlock()
  one.shared.enter()
  two = laneOf(1)
  one.words.begin(3)
  for (let tx = 0; tx < 3; tx++) one.txs.set(tx, 0, 21_000, 0, 0)
  one.shared.fn.at(0, 1)
  one.shared.fillSlot(ALICE, SLOT, base)
})

function adder(shared: SharedState): Runner {
  return {
    sender: () => ALICE,
    run(tx, sight) {
      shared.fn.at(tx, sight === 'merged' ? 1 : 0)
      const read = shared.slot(ALICE, SLOT)
      if (typeof read !== 'bigint') return 'wait'
      return shared.keep(
        recordOf([{ address: ALICE, slots: [{ key: 7n, read, written: read + 1n }] }]),
      )
    },
  }
}

async function execute(lane: LaneRun, tx: number): Promise<void> {
  lane.txs.move(tx, 'ready', 'executing')
  const record = await lane.runner.run(tx, 'published')
  lane.txs.keep(tx, record as number)
  lane.txs.move(tx, 'executing', 'executed')
}

function slotAfterAll(): unknown {
  one.shared.fn.at(3, 1)
  return one.shared.slot(ALICE, SLOT)
}

describe('merging', () => {
  it('runs once more what read before an earlier one was merged', async () => {
    await execute(one, 0)
    await execute(two, 1)
    await execute(two, 2)
    await mergeReady(one)
    expect(one.words.merged).toBe(3)
    expect(slotAfterAll()).toBe(103n)
    expect(one.aborts.map(({ tx, cause }) => [tx, cause.kind])).toEqual([
      [1, 'slot'],
      [2, 'slot'],
    ])
    expect(one.aborts[0]!.cause).toEqual({ kind: 'slot', address: ALICE, key: SLOT })
  })

  it('is not left undone when the next is ready between the last look and the giving back', async () => {
    await execute(one, 0)
    const { words } = one
    const giveBack = words.giveBack.bind(words)
    words.giveBack = () => {
      words.giveBack = giveBack
      // Lane two finishes now, and finds the ticket taken.
      two.txs.move(1, 'ready', 'executing')
      two.txs.keep(1, two.runner.run(1, 'published') as number)
      two.txs.move(1, 'executing', 'executed')
      expect(two.words.take()).toBe(false)
      giveBack()
    }
    await mergeReady(one)
    expect(one.words.merged).toBe(2)
  })

  it('leaves to its next run what a validator took back first', async () => {
    await execute(one, 0)
    one.txs.move(0, 'executed', 'aborting')
    await mergeReady(two)
    expect(two.words.merged).toBe(0)
    one.txs.renew(0)
    await execute(one, 0)
    await mergeReady(two)
    expect(two.words.merged).toBe(1)
    expect(slotAfterAll()).toBe(101n)
  })

  it('leaves to its next run what a validator takes back between the look and the taking', async () => {
    await execute(one, 0)
    const move = two.txs.move.bind(two.txs)
    two.txs.move = (...args) => {
      two.txs.move = move
      expect(one.txs.move(0, 'executed', 'aborting')).toBe(true)
      return move(...args)
    }
    await mergeReady(two)
    expect([two.words.merged, two.txs.status(0)]).toEqual([0, 'aborting'])
    // The ticket was given back.
    one.txs.renew(0)
    await execute(one, 0)
    await mergeReady(one)
    expect(one.words.merged).toBe(1)
  })

  it('believes a rejection only in its turn, when it says nothing of what it read', async () => {
    await execute(one, 0)
    const rejected = recordOf([])
    new DataView(rejected.buffer).setUint32(layout.RECORD_STATUS, layout.RECORD_REJECTED, true)
    one.txs.move(1, 'ready', 'executing')
    one.txs.keep(1, one.shared.keep(rejected))
    one.txs.move(1, 'executing', 'executed')
    await mergeReady(two)
    expect([two.words.merged, two.leftOut]).toEqual([2, []])
    expect(two.aborts.map(({ tx, cause }) => [tx, cause.kind])).toEqual([[1, 'rejected']])
    expect(slotAfterAll()).toBe(102n)
  })

  it('waits for the one before, however many after it are ready', async () => {
    await execute(two, 1)
    await execute(two, 2)
    await mergeReady(two)
    expect(two.words.merged).toBe(0)
  })

  it('is not moved by what was published of a run that was taken back', async () => {
    await execute(one, 0)
    one.shared.fn.publish(one.txs.record(0), 0)
    await execute(two, 1)
    // Lane two read 101; now another run of the first writes nothing.
    one.txs.move(0, 'executed', 'aborting')
    one.shared.fn.markEstimates(one.txs.record(0), 0)
    one.txs.renew(0)
    one.txs.move(0, 'ready', 'executing')
    one.txs.keep(
      0,
      one.shared.keep(recordOf([{ address: ALICE, reads: layout.SAW_NONCE, nonces: [1n, 1n] }])),
    )
    one.txs.move(0, 'executing', 'executed')
    await mergeReady(two)
    expect(two.words.merged).toBe(2)
    expect(two.aborts.map(({ tx }) => tx)).toEqual([1])
    expect(slotAfterAll()).toBe(101n)
  })

  it('leaves out what the block has no gas for, and goes on', async () => {
    one.txs.set(1, 0, 100_001, 0, 0)
    for (const tx of [0, 1, 2]) await execute(one, tx)
    await mergeReady(one)
    expect([0, 1, 2].map((tx) => one.txs.status(tx))).toEqual(['merged', 'skipped', 'merged'])
    expect(one.leftOut).toEqual([{ tx: 1, why: 'gas', sender: undefined }])
    expect(slotAfterAll()).toBe(102n)
  })
})

describe('a merge', () => {
  const mergesOf = (lane: LaneRun) => mergesIn(lane.attempts.packed(), lane.lane)

  it('is noted of each transaction where the block is recorded, with the run again inside', async () => {
    for (const tx of [0, 1, 2]) await execute(two, tx)
    await mergeReady(two)
    const merges = mergesOf(two)
    expect(merges.map(({ tx, lane }) => [tx, lane])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ])
    for (const [at, { start, end }] of merges.entries()) {
      expect(end).toBeGreaterThanOrEqual(start)
      if (at > 0) expect(start).toBe(merges[at - 1]!.end)
    }
    const again = attemptsIn(two.attempts.packed(), 1)
    expect(again.map(({ tx }) => tx)).toEqual([1, 2])
    for (const { tx, start, end } of again) {
      expect(start).toBeGreaterThanOrEqual(merges[tx]!.start)
      expect(end).toBeLessThanOrEqual(merges[tx]!.end)
    }
    expect(runsIn(two.attempts.packed())).toBe(2)
    expect(lastRunsMs([two.attempts.packed()])).toBe(
      again.reduce((sum, { start, end }) => sum + (end - start), 0),
    )
  })

  it('is not noted where the block is not', async () => {
    await execute(one, 0)
    await mergeReady(one)
    expect(one.words.merged).toBe(1)
    expect(mergesOf(one)).toEqual([])
  })

  it('is not noted of what a validator took back', async () => {
    await execute(two, 0)
    two.txs.move(0, 'executed', 'aborting')
    const status = two.txs.status.bind(two.txs)
    two.txs.status = () => {
      two.txs.status = status
      return 'executed'
    }
    await mergeReady(two)
    expect([two.words.merged, mergesOf(two)]).toEqual([0, []])
  })
})

describe('a lane at work', () => {
  it('has put down the record when another lane sees that the transaction has run', async () => {
    const move = one.txs.move.bind(one.txs)
    const merges: Promise<void>[] = []
    one.txs.move = (tx, from, to) => {
      const isMoved = move(tx, from, to)
      // Lane two looks now.
      if (to === 'executed') merges.push(Promise.resolve(mergeReady(two)))
      return isMoved
    }
    await workOn(one, 'optimistic', 2)
    await Promise.all(merges)
    expect(one.words.stop).toBeUndefined()
    expect(two.words.merged).toBe(3)
    expect(slotAfterAll()).toBe(103n)
  })
})

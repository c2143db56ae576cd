import { beforeEach, describe, expect, it } from 'vitest'

import { attemptsIn, lastRunsMs, mergesIn, runsIn } from '../../../src/executor/lane/attempts.ts'
import { type LaneRun, mergeReady } from '../../../src/executor/lane/merge.ts'
import { NOT_MERGED } from '../../../src/executor/lane/layout.ts'
import type { Need } from '../../../src/executor/lane/mailbox.ts'
import { workOn } from '../../../src/executor/lane/schedules.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import * as layout from '../../../src/state/record-layout.ts'
import { TX_SIZE } from '../../../src/evm/wasm/transaction-layout.ts'
import { recordOf } from './records.ts'
import { ALICE, SLOT, base, slotAt, twoLanes } from './two-lanes.ts'

/** Two lanes at work on a block of three transactions, each of which adds one to the slot. */
let one: LaneRun
let two: LaneRun

beforeEach(() => {
  ;[one, two] = twoLanes(3)
})

async function execute(lane: LaneRun, tx: number): Promise<void> {
  lane.txs.move(tx, 'ready', 'executing')
  const record = await lane.runner.run(tx, 'published')
  lane.txs.keep(tx, record as number)
  lane.txs.move(tx, 'executing', 'executed')
}

const slotAfterAll = (): unknown => slotAt(one, 3, true)

describe('merging', () => {
  it('runs once more what read before an earlier one was merged', async () => {
    await execute(one, 0)
    await execute(two, 1)
    await execute(two, 2)
    const earlier = one.txs.record(1)
    await mergeReady(one)
    expect(one.words.merged).toBe(3)
    expect(slotAfterAll()).toBe(103n)
    // What it says of itself is the second run's.
    expect(one.txs.record(1)).not.toBe(earlier)
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

  it('shows the code that a transaction brought to those after it, in every lane', async () => {
    const code = Uint8Array.of(0x60, 0x01, 0x60, 0x02)
    const hash = keccakHash(code)
    const created = {
      address: ALICE,
      writes: layout.DID_CODE,
      codes: [EMPTY_CODE_HASH, hash],
    } as const
    one.txs.move(0, 'ready', 'executing')
    one.txs.keep(0, one.shared.keep(recordOf([created], [code])))
    one.txs.move(0, 'executing', 'executed')
    expect(two.shared.code(hash)).toBeUndefined()
    await mergeReady(one)
    expect(two.shared.code(hash)).toEqual(code)
  })

  it('leaves out what the block has no gas for, and goes on', async () => {
    one.txs.set(1, 0, 100_000_001, 0, 0)
    for (const tx of [0, 1, 2]) await execute(one, tx)
    await mergeReady(one)
    expect([0, 1, 2].map((tx) => one.txs.status(tx))).toEqual(['merged', 'skipped', 'merged'])
    expect(one.leftOut).toEqual([{ tx: 1, why: 'gas', sender: undefined }])
    expect(slotAfterAll()).toBe(102n)
    const { starts } = one.shared.records(3)!
    expect([...starts].map((at) => at === NOT_MERGED)).toEqual([false, true, false])
  })

  it('leaves out what the block has no room for blobs for', async () => {
    one.txs.set(0, 0, 21_000, 131_072, 0)
    await execute(one, 0)
    await mergeReady(one)
    expect(one.leftOut).toMatchObject([{ tx: 0, why: 'gas' }])
  })

  it('is over when the block is', async () => {
    await execute(one, 0)
    two.words.end('rejected')
    await mergeReady(one)
    expect(one.words.merged).toBe(0)
  })

  it('ends the block where a rejection does', async () => {
    const run: LaneRun = { ...one, limits: { ...one.limits, gas: 1, stopsAtRejection: true } }
    await execute(run, 0)
    await mergeReady(run)
    expect([one.words.stop, one.words.merged]).toEqual(['rejected', 0])
  })

  it('gives the block up where there is no room, for a record that holds or for another run', async () => {
    await execute(one, 0)
    while (one.shared.fn.allocate(8) !== 0);
    await mergeReady(one)
    expect([one.words.stop, one.words.merged]).toEqual(['abandoned', 0])
    ;[one, two] = twoLanes(3)
    await execute(one, 0)
    await execute(one, 1)
    one.runner.run = () => 'full'
    await mergeReady(one)
    expect([one.words.stop, one.words.merged]).toEqual(['abandoned', 1])
  })

  it('has others wait for what it runs once more, and forgets what that does not write', async () => {
    await execute(one, 0)
    await execute(two, 1)
    two.shared.fn.publish(two.txs.record(1), 1)
    expect(slotAt(two, 2, false)).toBe(101n)
    const seen: unknown[] = []
    one.runner.run = () => {
      seen.push(slotAt(two, 2, false))
      return one.shared.keep(recordOf([]))
    }
    await mergeReady(one)
    expect(one.words.merged).toBe(2)
    expect([...seen, slotAt(two, 2, false)]).toEqual(['wait', 101n])
  })

  it('forgets what was published, or said, of what it leaves out or is no more', async () => {
    const written = (value: bigint): number =>
      one.shared.keep(recordOf([{ address: ALICE, slots: [{ key: 7n, written: value }] }]))
    for (const [tx, value] of [
      [0, 555n],
      [1, 666n],
    ] as const) {
      const said = written(value)
      one.shared.fn.foretell(said, tx)
      one.txs.foretell(tx, said)
    }
    expect(slotAt(two, 1, false)).toBe(555n)
    one.txs.move(0, 'ready', 'executing')
    one.txs.keep(0, one.shared.keep(recordOf([])))
    one.txs.move(0, 'executing', 'executed')
    await mergeReady(one)
    expect([slotAt(two, 1, false), slotAt(two, 2, false)]).toEqual([100n, 666n])
    one.txs.set(1, 0, 100_000_001, 0, 0)
    one.txs.move(1, 'ready', 'executing')
    one.txs.keep(1, written(777n))
    one.shared.fn.publish(one.txs.record(1), 1)
    one.txs.move(1, 'executing', 'executed')
    expect(slotAt(two, 2, false)).toBe(777n)
    await mergeReady(one)
    expect([one.words.merged, slotAt(two, 2, false)]).toEqual([2, 100n])
    const said = written(888n)
    one.shared.fn.foretell(said, 2)
    one.txs.foretell(2, said)
    one.txs.set(2, 0, 100_000_001, 0, 0)
    await execute(one, 2)
    expect(slotAt(two, 3, false)).toBe(888n)
    await mergeReady(one)
    expect([one.words.merged, slotAt(two, 3, false)]).toEqual([3, 100n])
  })

  it('has brought what it is to compare, and compares it', async () => {
    const address = '0x0000000000000000000000000000000000000b0b' as Address
    const reads = { address, reads: layout.SAW_NONCE } as const
    const brought: unknown[] = []
    const bring = (need: Need): void => {
      brought.push(need)
      one.shared.fn.at(0, 1)
      one.shared.fillAccount(address, base)
    }
    one.runner.run = () => one.shared.keep(recordOf([{ ...reads, nonces: [1n, 1n] }]))
    one.txs.move(0, 'ready', 'executing')
    one.txs.keep(0, one.shared.keep(recordOf([{ ...reads, nonces: [5n, 5n] }])))
    one.txs.move(0, 'executing', 'executed')
    await mergeReady({ ...one, bring })
    expect(brought).toEqual([{ kind: 'account', address }])
    expect(one.aborts).toMatchObject([{ tx: 0, cause: { kind: 'nonce', address } }])
    expect(one.words.merged).toBe(1)
  })
})

describe('in order, the transaction at the ticket', () => {
  const TAKEN = 8

  /** What is taken of a block with so much room for blobs, whose first transaction carries as many bytes of them. */
  function taken(blobGasLimit: number, blobGas: number): number {
    const encoded = one.shared.keep(new Uint8Array(64).fill(TAKEN, TX_SIZE, TX_SIZE + 1))
    one.txs.set(0, encoded, 21_000, blobGas, 0)
    one.shared.fn.beginOrder(100_000, blobGasLimit)
    return one.shared.fn.take()
  }

  it('is taken if there is room for its blobs', () => {
    expect([taken(131_072, 131_072), taken(131_071, 131_072)]).toEqual([TAKEN, 0])
  })

  it('is none when the block has ended', () => {
    one.words.end('rejected')
    expect(taken(0, 0)).toBe(0)
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

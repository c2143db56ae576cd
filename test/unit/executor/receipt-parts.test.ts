import { beforeEach, describe, expect, it } from 'vitest'

import { BASE_ARENA } from '../../../src/executor/lane/layout.ts'
import { ReceiptParts } from '../../../src/executor/lane/receipt-parts.ts'
import { encodePart, encodeReceipts, partsOf } from '../../../src/executor/record-receipts.ts'
import type { BlockRecords } from '../../../src/executor/recorded.ts'
import {
  RECORD_GAS_USED,
  RECORD_HEADER_SIZE,
  RECORD_LOGS,
  RECORD_LOGS_AT,
  RECORD_LOG_BYTES,
  RECORD_LOG_DATA_SIZE,
  RECORD_SIZE,
} from '../../../src/state/record-layout.ts'
import { recordMemory } from '../../../src/state/record.ts'
import { atStep, whileAsleep } from '../../support/turns.ts'

const DATA = 48 * 1024

/** Of transactions that log so much that two of them are a part. */
function recordsOf(count: number): BlockRecords {
  const size = RECORD_HEADER_SIZE + RECORD_LOG_BYTES + DATA
  const memory = recordMemory(new ArrayBuffer(size * count))
  const starts = Uint32Array.from({ length: count }, (_, i) => size * i)
  for (const start of starts) {
    memory.u32[(start + RECORD_SIZE) >>> 2] = size
    memory.u64[(start + RECORD_GAS_USED) >>> 3] = 21_000n
    memory.u32[(start + RECORD_LOGS) >>> 2] = 1
    memory.u32[(start + RECORD_LOGS_AT) >>> 2] = RECORD_HEADER_SIZE
    memory.u32[(start + RECORD_HEADER_SIZE) >>> 2] = start
    memory.u32[(start + RECORD_HEADER_SIZE + RECORD_LOG_DATA_SIZE) >>> 2] = DATA
  }
  return { memory, starts }
}

describe("parts of a block's receipts", () => {
  const count = 8
  const records = recordsOf(count)
  const types = new Uint8Array(count).fill(2)
  const parts = partsOf(records)
  const whole = encodeReceipts(records, types)
  let lane: ReceiptParts
  let main: ReceiptParts

  beforeEach(() => {
    const memory = new WebAssembly.Memory({
      initial: BASE_ARENA >>> 16,
      maximum: BASE_ARENA >>> 16,
      shared: true,
    })
    lane = new ReceiptParts(memory)
    main = new ReceiptParts(memory)
  })

  it('are several, each of which one takes', () => {
    expect(parts.length).toBe(4)
    const taken = [main, lane, main, lane, main, lane].map((it) => it.take(parts))
    expect(taken).toEqual([...parts, undefined, undefined])
  })

  it('are taken by one, when the other takes its own at the same time', () => {
    let theirs: unknown
    const mine = atStep(
      'after',
      'load',
      () => (theirs = lane.take(parts)),
      () => main.take(parts),
    )
    expect([mine, theirs ?? lane.take(parts)]).toEqual(parts.slice(0, 2))
  })

  it('are made by the lane alone when nobody helps', () => {
    expect(lane.make(records, types)).toEqual(whole)
  })

  it('are put together when the main thread has made all of them before the lane took one', () => {
    const made = atStep(
      'before',
      'add',
      () => void main.work(records, types),
      () => lane.make(records, types),
    )
    expect(made).toEqual(whole)
  })

  it('are put together when the main thread takes one between two of the lane', () => {
    const first = lane.take(parts)!
    main.work(records, types)
    lane.put(first, encodePart(records, types, first))
    expect(lane.make(records, types)).toEqual(whole)
  })

  it('are waited for when the main thread is at the last one', async () => {
    const late = main.take(parts)!
    let made: unknown
    const turns = await whileAsleep(
      () => main.put(late, encodePart(records, types, late)),
      () => void (made = lane.make(records, types)),
    )
    expect([turns, made]).toEqual([1, whole])
  })

  it('are there before they are counted', async () => {
    const late = main.take(parts)!
    const before = encodePart(records, types, late)
    const made: unknown[] = []
    // The lane looks at the first step after which they may be counted, and again in the end.
    await whileAsleep(
      () =>
        atStep(
          'after',
          'add',
          () => made.push(lane.make(records, types)),
          () => main.put(late, before),
        ),
      () => void made.push(lane.make(records, types)),
    )
    expect(made).toEqual([whole, whole])
  })

  it('of the block before are gone', () => {
    lane.make(records, types)
    main.clear()
    const other = recordsOf(count - 2)
    const otherTypes = types.subarray(2)
    expect(lane.make(other, otherTypes)).toEqual(encodeReceipts(other, otherTypes))
    main.clear()
    expect(lane.take(parts)).toBe(parts[0])
  })

  it('of one part are none', () => {
    const one = recordsOf(1)
    expect(lane.make(one, types.subarray(0, 1))).toEqual(encodeReceipts(one, types.subarray(0, 1)))
    expect(lane.take(parts)).toBe(parts[0])
  })
})

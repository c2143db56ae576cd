import { beforeEach, describe, expect, it } from 'vitest'

import { BASE_ARENA, MOST_BLOOMS } from '../../../src/executor/lane/layout.ts'
import { ReceiptParts, sharesOf } from '../../../src/executor/lane/receipt-parts.ts'
import {
  bloomOfPart,
  encodePart,
  encodeReceipts,
  partsOf,
} from '../../../src/executor/record-receipts.ts'
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

/** Of transactions that log so much that two of them are a part: one log each, or so many. */
function recordsOf(count: number, logs = 1): BlockRecords {
  const logSize = RECORD_LOG_BYTES + DATA
  const size = RECORD_HEADER_SIZE + logs * logSize
  const memory = recordMemory(new ArrayBuffer(size * count))
  const starts = Uint32Array.from({ length: count }, (_, i) => size * i)
  for (const start of starts) {
    memory.u32[(start + RECORD_SIZE) >>> 2] = size
    memory.u64[(start + RECORD_GAS_USED) >>> 3] = 21_000n
    memory.u32[(start + RECORD_LOGS) >>> 2] = logs
    memory.u32[(start + RECORD_LOGS_AT) >>> 2] = RECORD_HEADER_SIZE
    for (let i = 0; i < logs; i++) {
      const log = start + RECORD_HEADER_SIZE + i * logSize
      // Another address for each, and so other bits of the bloom.
      memory.u32[log >>> 2] = log
      memory.u32[(log + RECORD_LOG_DATA_SIZE) >>> 2] = DATA
    }
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
  let memory: WebAssembly.Memory

  beforeEach(() => {
    memory = new WebAssembly.Memory({
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

  it('are made by the lane alone when the main thread took one and never makes it', () => {
    const patient = new ReceiptParts(memory, 20)
    main.take(parts)
    expect(patient.make(records, types)).toEqual(whole)
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

  it('are put together when main and lane made logs of one receipt', async () => {
    const long = recordsOf(3, 5)
    const shares = sharesOf(long)
    expect([shares.long, shares.parts.length, shares.logs.length]).toEqual([[0, 1, 2], 3, 9])
    const late = main.takeLogs(shares.logs)!
    const threeTypes = types.subarray(0, 3)
    let made: unknown
    const turns = await whileAsleep(
      () => main.putLogs(shares, late, bloomOfPart(long, late)),
      () => void (made = lane.make(long, threeTypes)),
    )
    // Without the main thread's logs no receipt that needs them is made.
    expect([turns, made]).toEqual([1, encodeReceipts(long, threeTypes)])
  })

  it('of logs that the main thread took and never makes keep the lane from none', () => {
    const long = recordsOf(3, 5)
    const threeTypes = types.subarray(0, 3)
    main.takeLogs(sharesOf(long).logs)
    const patient = new ReceiptParts(memory, 20)
    expect(patient.make(long, threeTypes)).toEqual(encodeReceipts(long, threeTypes))
  })

  it('are logs too when there is one receipt, which is long', () => {
    const long = recordsOf(1, 5)
    const oneType = types.subarray(0, 1)
    expect(sharesOf(long).logs.length).toBe(3)
    expect(lane.make(long, oneType)).toEqual(encodeReceipts(long, oneType))
    main.clear()
    main.work(long, oneType)
    expect(lane.make(long, oneType)).toEqual(encodeReceipts(long, oneType))
  })

  it('of logs are taken by one, when the other takes its own at the same time', () => {
    const { logs } = sharesOf(recordsOf(1, 5))
    let theirs: unknown
    const mine = atStep(
      'after',
      'load',
      () => (theirs = lane.takeLogs(logs)),
      () => main.takeLogs(logs),
    )
    expect([mine, theirs ?? lane.takeLogs(logs)]).toEqual(logs.slice(0, 2))
  })

  it('of logs are those of as many receipts as there is room for', () => {
    const many = recordsOf(MOST_BLOOMS + 2, 3)
    const { long, logs, parts } = sharesOf(many)
    expect([long.length, logs.at(-1)!.tx, parts.length]).toEqual([
      MOST_BLOOMS,
      MOST_BLOOMS - 1,
      MOST_BLOOMS + 2,
    ])
    const manyTypes = new Uint8Array(MOST_BLOOMS + 2)
    expect(lane.make(many, manyTypes)).toEqual(encodeReceipts(many, manyTypes))
  })

  it('of one part are none', () => {
    const one = recordsOf(1)
    expect(lane.make(one, types.subarray(0, 1))).toEqual(encodeReceipts(one, types.subarray(0, 1)))
    expect(lane.take(parts)).toBe(parts[0])
  })
})

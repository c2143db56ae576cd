import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  bloomOfPart,
  encodePart,
  encodeReceipts,
  logPartsOf,
  partsOf,
  rootOfParts,
} from '../../../src/executor/record-receipts.ts'
import type { BlockRecords } from '../../../src/executor/recorded.ts'
import { blockBloom, bloomOf } from '../../../src/model/bloom.ts'
import { encodeReceipt } from '../../../src/model/codec/receipt.ts'
import type { Log, Receipt } from '../../../src/model/receipt.ts'
import type { TransactionType } from '../../../src/model/transaction.ts'
import { type Address, type Hash, bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import {
  RECORD_GAS_USED,
  RECORD_HEADER_SIZE,
  RECORD_LOGS,
  RECORD_LOGS_AT,
  RECORD_LOG_BYTES,
  RECORD_LOG_DATA_SIZE,
  RECORD_LOG_TOPICS,
  RECORD_SIZE,
  RECORD_STATUS,
} from '../../../src/state/record-layout.ts'
import { recordMemory } from '../../../src/state/record.ts'
import { keccak256 } from '../../../src/primitives/keccak.ts'
import { orderedRoot } from '../../../src/primitives/ordered-root.ts'

interface Executed {
  readonly type: TransactionType
  readonly status: number
  readonly gasUsed: bigint
  readonly logs: readonly Log[]
}

/** A record of which only what a receipt needs is there. */
function recordOf({ status, gasUsed, logs }: Executed): Uint8Array {
  const sizes = logs.map(
    ({ topics, data }) => RECORD_LOG_BYTES + 32 * topics.length + ((data.length + 7) & ~7),
  )
  const size = sizes.reduce((sum, more) => sum + more, RECORD_HEADER_SIZE)
  const record = new Uint8Array(size)
  const view = new DataView(record.buffer)
  view.setUint32(RECORD_SIZE, size, true)
  view.setUint32(RECORD_STATUS, status, true)
  view.setBigUint64(RECORD_GAS_USED, gasUsed, true)
  view.setUint32(RECORD_LOGS, logs.length, true)
  view.setUint32(RECORD_LOGS_AT, RECORD_HEADER_SIZE, true)
  let at = RECORD_HEADER_SIZE
  for (const [index, { address, topics, data }] of logs.entries()) {
    const word = BigInt(address)
    for (let limb = 0; limb < 3; limb++) {
      view.setBigUint64(at + 8 * limb, BigInt.asUintN(64, word >> BigInt(64 * limb)), true)
    }
    view.setUint32(at + RECORD_LOG_TOPICS, topics.length, true)
    view.setUint32(at + RECORD_LOG_DATA_SIZE, data.length, true)
    for (const [i, topic] of topics.entries()) {
      record.set(hexToBytes(topic), at + RECORD_LOG_BYTES + 32 * i)
    }
    record.set(data, at + RECORD_LOG_BYTES + 32 * topics.length)
    at += sizes[index]!
  }
  return record
}

function receiptsOf(block: readonly Executed[]): Receipt[] {
  let cumulativeGasUsed = 0n
  return block.map(({ type, status, gasUsed, logs }) => {
    cumulativeGasUsed += gasUsed
    return {
      type,
      outcome: { success: status === 0 },
      cumulativeGasUsed,
      logsBloom: bloomOf(logs),
      logs,
      gasUsed,
      effectiveGasPriceWei: 0n,
      contractAddress: null,
    }
  })
}

const bytesOf = (least: number, most: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: least, maxLength: most })
const log: fc.Arbitrary<Log> = fc.record({
  address: bytesOf(20, 20).map((bytes) => bytesToHex(bytes) as Address),
  topics: fc.array(
    bytesOf(32, 32).map((bytes) => bytesToHex(bytes) as Hash),
    { maxLength: 4 },
  ),
  data: fc.oneof(
    bytesOf(0, 70),
    fc.nat(0xff).map((byte) => Uint8Array.of(byte)),
    bytesOf(250, 260),
  ),
})
const executed: fc.Arbitrary<Executed> = fc.record({
  type: fc.constantFrom<TransactionType>(0, 1, 2, 3, 4),
  status: fc.constantFrom(0, 0, 0, 1, 2),
  gasUsed: fc.oneof(fc.bigInt(21_000n, 30_000_000n), fc.bigInt(0n, 300n)),
  logs: fc.array(log, { maxLength: 4 }),
})

/** Access records of a block, and the types of its transactions. */
function recordsOf(block: readonly Executed[]): { records: BlockRecords; types: Uint8Array } {
  const each = block.map(recordOf)
  const starts = new Uint32Array(block.length)
  for (let i = 1; i < block.length; i++) starts[i] = starts[i - 1]! + each[i - 1]!.length
  const memory = recordMemory(Uint8Array.from(Buffer.concat(each)).buffer)
  return { records: { memory, starts }, types: Uint8Array.from(block, ({ type }) => type) }
}

/** The receipts of a block, from its records and by the model. */
function expectSame(block: readonly Executed[]): void {
  const { records, types } = recordsOf(block)
  const encoded = encodeReceipts(records, types)
  const receipts = receiptsOf(block)
  const wanted = receipts.map(encodeReceipt)
  expect(encoded.receiptsRoot).toBe(orderedRoot(wanted))
  expect(bytesToHex(encoded.logsBloom)).toBe(bytesToHex(blockBloom(receipts)))
}

describe('receipts of access records', () => {
  it.each([[[]], [[1]], [[130]]])(
    'of a block of %j transactions are as the model encodes them',
    (sizes) => {
      const length = sizes[0] ?? 0
      fc.assert(
        fc.property(fc.array(executed, { minLength: length, maxLength: length + 6 }), expectSame),
        { numRuns: length > 100 ? 10 : 200 },
      )
    },
  )

  it.each([
    ['one each', 1],
    ['some each', 2_000],
  ])('made in parts, %s, are the same', (_, size) => {
    const together = (block: readonly Executed[]): void => {
      const { records, types } = recordsOf(block)
      const parts = partsOf(records, size)
      expect(parts.length).toBe(size === 1 ? block.length : parts.length)
      const hashes = new Uint8Array(32 * block.length)
      const logsBloom = new Uint8Array(256)
      // In any order.
      const blooms = new Map<number, Uint8Array>()
      for (const part of logPartsOf(records, size / 4).toReversed()) {
        const bits = blooms.get(part.tx) ?? new Uint8Array(256)
        for (const [i, byte] of bloomOfPart(records, part).entries()) bits[i]! |= byte
        blooms.set(part.tx, bits)
      }
      for (const part of parts.toReversed()) {
        const known = new Map([...blooms].filter(([tx]) => tx >= part.from && tx < part.to))
        const made = encodePart(records, types, part, known)
        hashes.set(made.hashes, 32 * part.from)
        for (const [i, byte] of made.logsBloom.entries()) logsBloom[i]! |= byte
      }
      expect({ receiptsRoot: rootOfParts(hashes), logsBloom }).toEqual(
        encodeReceipts(records, types),
      )
    }
    const blocks = fc.array(executed, { minLength: 1, maxLength: 20 })
    fc.assert(fc.property(blocks, together), { numRuns: 100 })
    const long = fc.array(executed, { minLength: 100, maxLength: 300 })
    fc.assert(fc.property(long, together), { numRuns: 10 })
  })

  it('are of all names, however many a transaction or a block logs', () => {
    const topic = (n: number) => bytesToHex(keccak256(Uint8Array.of(n & 255, n >> 8))) as Hash
    const logs = Array.from({ length: 1_500 }, (_, n) => ({
      address: `0x${topic(n % 7).slice(26)}` as Address,
      // Some come again, most push others out of what is kept.
      topics: [topic(0), topic(n), topic(n * 3), topic(n % 50)],
      data: Uint8Array.of(n & 255),
    }))
    const common = { type: 2, status: 0, gasUsed: 50_000n } as const
    expectSame([{ ...common, logs }])
    expectSame(logs.map((each) => ({ ...common, logs: [each] })))
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Address, Hash, Slot } from '../../../src/primitives/hex.ts'
import { recordsInRow, rowOfRecords } from '../../../src/state/record-row.ts'
import { type RecordContent, readRecord, writeRecord } from '../../../src/state/record-content.ts'
import { recordMemory } from '../../../src/state/record.ts'

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((it) => `0x${Buffer.from(it).toString('hex')}`)
const hash = hex(32) as fc.Arbitrary<Hash>
const word = fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n ** 256n - 1n))
const u64 = fc.bigInt(0n, 2n ** 64n - 1n)
const bits = fc.integer({ min: 0, max: 255 })
const slot = fc.record({
  key: hash as unknown as fc.Arbitrary<Slot>,
  base: word,
  value: word,
  flags: bits,
})
const account = fc.record({
  address: hex(20) as fc.Arbitrary<Address>,
  reads: bits,
  writes: bits,
  flags: bits,
  baseBalanceWei: word,
  balanceWei: word,
  coveredWei: word,
  notCoveredWei: word,
  baseNonce: u64,
  nonce: u64,
  baseCodeHash: hash,
  codeHash: hash,
  slots: fc.array(slot, { maxLength: 6 }),
})
const bytes = fc.uint8Array({ maxLength: 40 })
const content: fc.Arbitrary<RecordContent> = fc.record({
  status: bits,
  gasUsed: u64,
  gasRefunded: u64,
  volatile: bits,
  details: fc.tuple(bits, bits),
  created: hex(20) as fc.Arbitrary<Address>,
  accounts: fc.array(account, { maxLength: 4 }),
  logs: fc.array(
    fc.record({ address: hex(20) as fc.Arbitrary<Address>, topics: fc.array(hash), data: bytes }),
    { maxLength: 2 },
  ),
  codes: fc.array(fc.tuple(hash, bytes), { maxLength: 2 }),
  output: bytes,
})

describe('records in a row', () => {
  it('have all but logs, codes and output, in their order', () => {
    fc.assert(
      fc.property(fc.array(content, { maxLength: 5 }), (contents) => {
        const records = contents.map((it) => ({
          memory: recordMemory(writeRecord(it).buffer),
          at: 0,
        }))
        const unpacked = recordsInRow(rowOfRecords(records))
        expect(unpacked.map(readRecord)).toEqual(
          contents.map((it) => ({ ...it, logs: [], codes: [], output: new Uint8Array() })),
        )
      }),
    )
  })
})

import { readFileSync } from 'node:fs'

import { encodeReceipt as ethereumjsEncode } from '@ethereumjs/vm'
import { decodeRlp, encodeRlp } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { blockBloom, bloomMayHold, bloomOf } from '../../../src/model/bloom.ts'
import {
  decodeStoredReceipts,
  encodeReceipt,
  encodeStoredReceipts,
} from '../../../src/model/codec/receipt.ts'
import type { Log, Receipt } from '../../../src/model/receipt.ts'
import { bigIntToFixedBytes } from '../../../src/primitives/bytes.ts'
import { bytesToHex, hexToBytes, parseAddress, parseHash } from '../../../src/primitives/hex.ts'
import { orderedRoot } from '../../../src/primitives/ordered-root.ts'
import { address, data, hash, uint256, uint64 } from './arbitrary.ts'

interface WireReceipt {
  readonly type: string
  readonly status: string
  readonly cumulativeGasUsed: string
  readonly gasUsed: string
  readonly effectiveGasPrice: string
  readonly contractAddress: string | null
  readonly logsBloom: string
  readonly logs: readonly { address: string; topics: readonly string[]; data: string }[]
}
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/receipts.json', import.meta.url), 'utf8'),
) as { raw: string[]; block54: { receiptsRoot: string; receipts: WireReceipt[] } }

function fromWire(wire: WireReceipt): Receipt {
  const logs = wire.logs.map((log) => ({
    address: parseAddress(log.address),
    topics: log.topics.map(parseHash),
    data: hexToBytes(log.data),
  }))
  return {
    type: Number(wire.type) as Receipt['type'],
    outcome: { success: wire.status === '0x1' },
    cumulativeGasUsed: BigInt(wire.cumulativeGasUsed),
    logsBloom: bloomOf(logs),
    logs,
    gasUsed: BigInt(wire.gasUsed),
    effectiveGasPriceWei: BigInt(wire.effectiveGasPrice),
    contractAddress: wire.contractAddress === null ? null : parseAddress(wire.contractAddress),
  }
}

const log: fc.Arbitrary<Log> = fc.record({
  address,
  topics: fc.array(hash, { maxLength: 4 }),
  data,
})
const receipt: fc.Arbitrary<Receipt> = fc
  .record({
    type: fc.constantFrom(0, 1, 2, 3, 4),
    outcome: fc.oneof(
      fc.record({ success: fc.boolean() }),
      fc.record({ stateRoot: hash, success: fc.boolean() }),
    ),
    // ethereumjs would write zero as a byte; no receipt has it.
    cumulativeGasUsed: uint64.map((gas) => gas | 1n),
    logs: fc.array(log, { maxLength: 3 }),
    gasUsed: uint64,
    effectiveGasPriceWei: uint256,
    contractAddress: fc.option(address, { nil: null }),
    blobGasPriceWei: uint256,
  })
  .map(({ blobGasPriceWei, ...rest }) => ({
    ...rest,
    type: rest.type as Receipt['type'],
    logsBloom: bloomOf(rest.logs),
    ...(rest.type === 3 && { blobGasUsed: 131_072n, blobGasPriceWei }),
  }))

describe('the encoding of receipts', () => {
  const receipts = vectors.block54.receipts.map(fromWire)

  it('gives the root in the header of block 54, and its blooms', () => {
    expect(orderedRoot(receipts.map(encodeReceipt))).toBe(vectors.block54.receiptsRoot)
    for (const [index, wire] of vectors.block54.receipts.entries()) {
      expect(bytesToHex(receipts[index]!.logsBloom)).toBe(wire.logsBloom)
    }
  })

  it('has a state root in place of the status before Byzantium', () => {
    for (const raw of vectors.raw) {
      type RawLog = readonly [string, readonly string[], string]
      const items = decodeRlp(raw) as unknown
      const [root, gas, bloom, rawLogs] = items as [string, string, string, readonly RawLog[]]
      const logs = rawLogs.map(([from, topics, text]) => ({
        address: parseAddress(from),
        topics: topics.map(parseHash),
        data: hexToBytes(text),
      }))
      expect(bytesToHex(bloomOf(logs))).toBe(bloom)
      const before: Receipt = {
        ...receipts[0]!,
        outcome: { success: true, stateRoot: parseHash(root) },
        cumulativeGasUsed: BigInt(gas),
        logsBloom: hexToBytes(bloom),
        logs,
      }
      expect(bytesToHex(encodeReceipt(before))).toBe(raw)
    }
  })

  it("is ethereumjs' for every type", () => {
    fc.assert(
      fc.property(receipt, (it) => {
        const { outcome } = it
        const theirs = ethereumjsEncode(
          {
            cumulativeBlockGasUsed: it.cumulativeGasUsed,
            bitvector: it.logsBloom,
            logs: it.logs.map((one) => [
              hexToBytes(one.address),
              one.topics.map(hexToBytes),
              one.data,
            ]),
            ...('stateRoot' in outcome
              ? { stateRoot: hexToBytes(outcome.stateRoot) }
              : { status: outcome.success ? 1 : 0 }),
          },
          it.type,
        )
        expect(encodeReceipt(it)).toEqual(theirs)
      }),
    )
  })
})

describe('stored receipts', () => {
  it('come back whole', () => {
    fc.assert(
      fc.property(fc.array(receipt, { maxLength: 4 }), (receipts) => {
        const decoded = decodeStoredReceipts(encodeStoredReceipts(receipts))
        expect(decoded).toEqual({ ok: true, value: receipts })
      }),
    )
  })

  const good = decodeRlp(bytesToHex(encodeStoredReceipts([fromWire(vectors.block54.receipts[0]!)])))
  const items = (good as string[][])[0]!
  it.each([
    ['0x', 'receipts: expected a list, got bytes'],
    [['0x'], 'receipt 0: expected a list, got bytes'],
    [[items.slice(1)], 'receipt 0: expected 9 or 11 items, got 8'],
    [[items, items.with(0, '0x05')], 'receipt 1 field `type`: expected 0 to 4, got 5'],
    [[items.with(2, '0x12')], 'receipt 0 field `stateRoot`: expected 32 bytes, got 1'],
    [[items.with(4, '0x12')], 'receipt 0 field `logsBloom`: expected 0 or 256 bytes'],
    [[items.with(5, '0x12')], 'receipt 0 field `logs`: expected a list, got bytes'],
    [[items.with(8, '0x12')], 'receipt 0 field `contractAddress`: expected 0 or 20 bytes'],
  ] as [string, string][])('that are malformed are refused by name: %#', (value, error) => {
    expect(decodeStoredReceipts(hexToBytes(encodeRlp(value)))).toEqual({
      ok: false,
      error: expect.stringContaining(error),
    })
  })

  it('that are cut are refused', () => {
    expect(decodeStoredReceipts(Uint8Array.of(0xc1))).toMatchObject({
      error: expect.stringContaining('receipts: '),
    })
  })
})

describe('a bloom', () => {
  it('may hold what was added, and what was merged', () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 5 }), fc.array(log, { maxLength: 5 }), (a, b) => {
        const merged = blockBloom([a, b].map((logs) => ({ logs, logsBloom: bloomOf(logs) })))
        expect(merged).toEqual(bloomOf([...a, ...b]))
        for (const it of [...a, ...b]) {
          for (const entry of [it.address, ...it.topics])
            expect(bloomMayHold(merged, entry)).toBe(true)
        }
      }),
    )
  })

  it('of nothing holds nothing, and one entry sets at most three bits', () => {
    const entry = parseAddress(bytesToHex(bigIntToFixedBytes(7n, 20)))
    expect(bloomMayHold(bloomOf([]), entry)).toBe(false)
    const bloom = bloomOf([{ address: entry, topics: [], data: new Uint8Array(0) }])
    const bits = [...bloom]
      .join(' ')
      .split(' ')
      .filter((byte) => byte !== '0')
    expect(bits.length).toBeLessThanOrEqual(3)
    expect(bloomMayHold(bloom, parseAddress(`0x${'12'.repeat(20)}`))).toBe(false)
  })
})

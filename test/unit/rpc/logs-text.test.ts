import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PackedLog } from '../../../src/model/packed-log.ts'
import type { Log } from '../../../src/model/receipt.ts'
import { type Address, type Hash, bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import type { LocatedLog } from '../../../src/rpc/backend.ts'
import { encodeLog, logsText } from '../../../src/rpc/codec/receipt.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const log: fc.Arbitrary<Log> = fc.record({
  address: bytes(20).map((value) => bytesToHex(value) as Address),
  topics: fc.array(
    bytes(32).map((value) => bytesToHex(value) as Hash),
    { maxLength: 4 },
  ),
  data: fc.uint8Array({ maxLength: 2000 }),
})

function packed({ address, topics, data }: Log): Log {
  const topicBytes = topics.map(hexToBytes)
  const count = Uint8Array.of(topics.length)
  return new PackedLog(Buffer.concat([hexToBytes(address), count, ...topicBytes, data]))
}

const located = fc
  .record({
    log: fc.tuple(log, fc.boolean()).map(([one, isPacked]) => (isPacked ? packed(one) : one)),
    blockHash: fc.constantFrom('0x01', '0x02').map((text) => text as Hash),
    blockNumber: fc.bigInt(0n, 2n ** 64n - 1n),
    blockTimestamp: fc.bigInt(0n, 2n ** 64n - 1n),
    transactionHash: fc.constantFrom('0x03', '0x04').map((text) => text as Hash),
    transactionIndex: fc.nat(),
    logIndex: fc.nat(),
    removed: fc.boolean(),
  })
  .map((value): LocatedLog => ({ ...value, ...placeOf(value) }))

/** What logs of a transaction in a block share. */
function placeOf({ blockHash, transactionHash }: { blockHash: Hash; transactionHash: Hash }) {
  const blockNumber = BigInt(blockHash)
  const transactionIndex = Number(transactionHash)
  return { blockNumber, blockTimestamp: blockNumber * 12n, transactionIndex }
}

it('logs are written as their objects would be', () => {
  fc.assert(
    fc.property(fc.array(located, { maxLength: 12 }), (logs) => {
      expect(JSON.parse(logsText(logs))).toEqual(logs.map(encodeLog))
    }),
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Address, Hash, Slot } from '../../../src/primitives/hex.ts'
import {
  type AccountChange,
  changesIn,
  decodeChangeLog,
  encodeChangeLog,
} from '../../../src/state/change-log.ts'
import { type AccountEntry, writeRecord } from '../../../src/state/record-content.ts'
import {
  DID_BALANCE,
  DID_CODE,
  DID_CREATE,
  DID_DESTROY,
  DID_NONCE,
  DID_RECREATE,
  SLOT_ACCESSED,
  SLOT_READ,
  SLOT_WRITTEN,
  WAS_ACCESSED,
  WAS_THERE,
} from '../../../src/state/record-layout.ts'
import { type TransactionRecord, recordMemory } from '../../../src/state/record.ts'

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((it) => `0x${Buffer.from(it).toString('hex')}`)
const hash = hex(32) as fc.Arbitrary<Hash>
const word = fc.oneof(
  fc.constant(0n),
  fc.integer({ min: 0, max: 256 }).chain((bits) => fc.bigInt(0n, (1n << BigInt(bits)) - 1n)),
)
const u64 = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 64n - 1n))
const flagsOf = (...flags: number[]): fc.Arbitrary<number> =>
  fc.subarray(flags).map((some) => some.reduce((all, flag) => all | flag, 0))
const key = word.map((value) => `0x${value.toString(16).padStart(64, '0')}` as Slot)
const slot = fc.record({
  key,
  base: word,
  value: word,
  flags: flagsOf(SLOT_READ, SLOT_WRITTEN, SLOT_ACCESSED),
})
/** What engines write: who was not there cannot go, and who was cannot be created. */
const writes = fc.oneof(
  flagsOf(DID_BALANCE, DID_NONCE, DID_CODE).map((did) => ({ did, was: WAS_THERE })),
  flagsOf(DID_BALANCE, DID_NONCE).map((did) => ({ did: did | DID_CREATE, was: 0 })),
  fc.constantFrom({ did: DID_DESTROY, was: WAS_THERE }, { did: 0, was: 0 }),
  fc.constant({ did: DID_RECREATE | DID_BALANCE, was: WAS_THERE }),
)
const account: fc.Arbitrary<AccountEntry> = fc
  .record({
    address: hex(20) as fc.Arbitrary<Address>,
    reads: fc.constant(0),
    wrote: writes,
    accessed: fc.boolean(),
    baseBalanceWei: word,
    balanceWei: word,
    coveredWei: word,
    notCoveredWei: word,
    baseNonce: u64,
    nonce: u64,
    baseCodeHash: hash,
    codeHash: hash,
    slots: fc.uniqueArray(slot, { maxLength: 5, selector: (it) => it.key }),
  })
  .map(({ wrote, accessed, ...rest }) => ({
    ...rest,
    writes: wrote.did,
    flags: wrote.was | (accessed ? WAS_ACCESSED : 0),
  }))

function recordOf(accounts: readonly AccountEntry[]): TransactionRecord {
  const nothing = { status: 0, gasUsed: 0n, gasRefunded: 0n, volatile: 0, logs: [], codes: [] }
  const created = `0x${'00'.repeat(20)}` as Address
  const output = new Uint8Array(0)
  const bytes = writeRecord({ ...nothing, details: [0, 0], created, accounts, output })
  // Behind another one, as in a block.
  const row = new Uint8Array(64 + bytes.length)
  row.set(bytes, 64)
  return { memory: recordMemory(row.buffer), at: 64 }
}

/** What the log must say of an entry; undefined when nothing. */
function told(entry: AccountEntry): AccountChange | undefined {
  const isAccessed = (entry.flags & WAS_ACCESSED) !== 0
  const written = entry.slots.filter(({ flags }) => (flags & SLOT_WRITTEN) !== 0)
  const accessed = entry.slots.filter(({ flags }) => (flags & SLOT_ACCESSED) !== 0)
  if (entry.writes === 0 && !isAccessed && written.length + accessed.length === 0) return undefined
  const isWiped = (entry.writes & (DID_DESTROY | DID_RECREATE)) !== 0
  const has = (flag: number): boolean => isWiped || (entry.writes & flag) !== 0
  const wasThere = (entry.flags & WAS_THERE) !== 0
  return {
    address: entry.address,
    life: {
      before: wasThere,
      after: (entry.writes & DID_DESTROY) === 0 && (wasThere || entry.writes !== 0),
    },
    balanceWei: has(DID_BALANCE)
      ? { before: entry.baseBalanceWei, after: entry.balanceWei }
      : undefined,
    nonce: has(DID_NONCE) ? { before: entry.baseNonce, after: entry.nonce } : undefined,
    codeHash: has(DID_CODE) ? { before: entry.baseCodeHash, after: entry.codeHash } : undefined,
    isWiped,
    slots: new Map(written.map((it) => [it.key, { before: it.base, after: it.value }])),
    accessed: isAccessed ? new Set(accessed.map((it) => it.key)) : undefined,
  }
}

describe('a change log', () => {
  it('has all that the records of its steps say was changed and accessed', () => {
    const steps = fc.array(fc.array(fc.array(account, { maxLength: 5 }), { maxLength: 3 }), {
      maxLength: 5,
    })
    fc.assert(
      fc.property(steps, fc.boolean(), (blocks, isWhole) => {
        const records = blocks.map((step) => step.map(recordOf))
        const decoded = decodeChangeLog(encodeChangeLog(records, isWhole))
        const wanted = blocks.map((step) => step.flat().flatMap((entry) => told(entry) ?? []))
        expect(decoded).toEqual({ isWhole, steps: wanted })
      }),
    )
  })

  it('lists locations with another value alone, each with its step', () => {
    const address = `0x${'aa'.repeat(20)}` as Address
    const both = (before: bigint, after: bigint) => ({ before, after })
    const keys = [1n, 2n].map((it) => `0x${it.toString(16).padStart(64, '0')}` as Slot)
    const change: AccountChange = {
      address,
      life: { before: false, after: true },
      balanceWei: both(0n, 5n),
      nonce: both(3n, 3n),
      isWiped: false,
      slots: new Map([
        [keys[0]!, both(1n, 2n)],
        [keys[1]!, both(4n, 4n)],
      ]),
      accessed: undefined,
    }
    expect(changesIn({ steps: [[], [change]] })).toEqual([
      { location: { kind: 'life', address }, index: 1, before: false, after: true },
      { location: { kind: 'balance', address }, index: 1, before: 0n, after: 5n },
      { location: { kind: 'slot', address, key: keys[0] }, index: 1, before: 1n, after: 2n },
    ])
  })

  it.each([[[1, 1]], [[1, 1, 1, 0]], [[1, 1, 1, 1, ...Array<number>(20).fill(7), 33]]])(
    'says of bytes that are none that they are malformed: %j',
    (bytes) => {
      expect(() => decodeChangeLog(Uint8Array.from(bytes))).toThrow(RangeError)
    },
  )
})

import { describe, expect, it } from 'vitest'

import { loadWasmEngine } from '../../../../src/evm/load.ts'
import type { Address } from '../../../../src/primitives/hex.ts'
import {
  type AccountEntry,
  type RecordContent,
  readRecord,
} from '../../../../src/state/record-content.ts'
import {
  DID_CREATE,
  SAW_BALANCE,
  SAW_CODE,
  SAW_COVERED,
  SAW_EMPTY,
  SAW_LIFE,
  SAW_NONCE,
  SAW_NOT_COVERED,
  SLOT_READ,
  SLOT_WRITTEN,
  WAS_THERE,
} from '../../../../src/state/record-layout.ts'
import type { GenesisAccount } from '../../../../src/state/world.ts'
import { type Alloc, RICH, SENDER, TestWorld, asm, slot } from '../../../contract/engine-world.ts'
import { recordOf } from './record-run.ts'
import { scenarioOf } from './scenario.ts'
import { differencesOf } from './seeds.ts'

// A parallel executor keeps an outcome as long as what was read stands. So all that was not read may be another.

const runs = Number(process.env['FUZZ_RUNS'] ?? 600)
const first = Number(process.env['FUZZ_SEED'] ?? 1)
const engine = await loadWasmEngine()

type Fields = Partial<GenesisAccount>

const OTHER_CODE = asm('0x07 0x07 SSTORE')
const WEI = 3n

/** Another account of which the same was read. */
function another(entry: AccountEntry, fields: Fields, seed: number): Fields {
  const { reads, flags } = entry
  const saw = (bit: number): boolean => (reads & bit) !== 0
  const wasThere = (flags & WAS_THERE) !== 0
  if (!wasThere && saw(SAW_LIFE)) return fields
  const changed: { -readonly [Key in keyof Fields]: Fields[Key] } = { ...fields }
  changed.balanceWei = anotherBalance(entry, fields.balanceWei ?? 0n)
  if (!saw(SAW_NONCE) && (wasThere || seed % 2 === 0)) changed.nonce = (fields.nonce ?? 0n) + 1n
  if (!saw(SAW_CODE) && seed % 3 === 0) changed.code = OTHER_CODE
  // Nothing comes into being empty (EIP-161).
  if (!wasThere && changed.balanceWei === 0n && changed.nonce === undefined) return fields
  // Storage of an account without code is a thing of tests, and creations look for it.
  if (fields.storage !== undefined && fields.storage.size > 0) {
    const storage = new Map(fields.storage)
    for (const key of [slot(0), slot(1), slot(2), slot(7)]) {
      const isRead = entry.slots.some((one) => one.key === key && (one.flags & SLOT_READ) !== 0)
      if (!isRead) storage.set(key, 5n)
    }
    changed.storage = storage
  }
  return changed
}

function anotherBalance(entry: AccountEntry, balanceWei: bigint): bigint {
  const { reads } = entry
  const saw = (bit: number): boolean => (reads & bit) !== 0
  if (saw(SAW_BALANCE) || (saw(SAW_EMPTY) && balanceWei === 0n)) return balanceWei
  let next = balanceWei + WEI
  if (saw(SAW_NOT_COVERED) && next >= entry.notCoveredWei) {
    next = balanceWei > 0n ? balanceWei - 1n : 0n
    if (saw(SAW_COVERED) && next < entry.coveredWei) return balanceWei
    if (saw(SAW_EMPTY) && next === 0n) return balanceWei
  }
  return next
}

/** What must be the same: balances as how they moved. */
function textOf({ accounts, ...record }: RecordContent): string {
  const plain = [record.status, record.gasUsed, record.gasRefunded, record.volatile]
  const lines = [plain.join(' '), Buffer.from(record.output).toString('hex')]
  for (const { address, topics, data } of record.logs) {
    lines.push(`log ${address} ${topics.join(' ')} ${Buffer.from(data).toString('hex')}`)
  }
  for (const entry of accounts) {
    const moved = entry.balanceWei - entry.baseBalanceWei
    const slots = entry.slots
      .map(({ key, value, flags }) => `${BigInt(key)} ${flags & SLOT_WRITTEN ? value : 'read'}`)
      .toSorted()
    // A credit brings to life only what is not there.
    const writes = entry.writes & ~DID_CREATE
    lines.push(`${entry.address} ${entry.reads} ${writes} ${moved} ${slots.join(' ')}`)
  }
  return lines.join('\n')
}

async function differenceOf(seed: number): Promise<string> {
  const { fork, alloc, tx } = scenarioOf(seed)
  const whole: Record<Address, Fields> = { [SENDER]: { balanceWei: RICH }, ...alloc }
  const record = await recordOf(new TestWorld(engine, whole, fork), tx)
  if (record === undefined) return ''
  const before = readRecord(record)
  const changed: Record<Address, Fields> = {}
  for (const [address, fields] of Object.entries(whole)) {
    const entry = before.accounts.find((one) => one.address === address)
    if (entry !== undefined) changed[address as Address] = another(entry, fields, seed)
  }
  for (const entry of before.accounts) {
    if (entry.address in changed) continue
    const fields = another(entry, {}, seed)
    if (Object.keys(fields).length > 0) changed[entry.address] = fields
  }
  const after = readRecord((await recordOf(new TestWorld(engine, changed as Alloc, fork), tx))!)
  const [got, wanted] = [textOf(after), textOf(before)]
  return got === wanted ? '' : `seed ${seed}, ${fork}\ngot\n${got}\nwanted\n${wanted}`
}

describe('what a record does not read', () => {
  it(`makes no difference, ${runs} seeds from ${first}`, { timeout: 10_000_000 }, async () => {
    expect(await differencesOf(first, runs, differenceOf)).toBe('')
  })
})

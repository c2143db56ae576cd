import { describe, expect, it } from 'vitest'

import type { Outcome } from '../../../src/evm/engine.ts'
import { loadEthereumjsEngine, loadWasmEngine } from '../../../src/evm/load.ts'
import { outcomeOf, recordOutcome } from '../../../src/evm/wasm/outcome.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import type { AccessSet } from '../../../src/state/access.ts'
import {
  type AccountEntry,
  type RecordContent,
  readRecord,
  writeRecord,
} from '../../../src/state/record-content.ts'
import {
  DID_BALANCE,
  DID_CREATE,
  DID_DESTROY,
  DID_NONCE,
  RECORD_REJECTED,
  SAW_BALANCE,
  SAW_CODE,
  SAW_COVERED,
  SAW_EMPTY,
  SAW_LIFE,
  SAW_NONCE,
  SAW_NOT_COVERED,
  SLOT_ACCESSED,
  SLOT_READ,
  SLOT_WRITTEN,
  WAS_ACCESSED,
  WAS_THERE,
} from '../../../src/state/record-layout.ts'
import { hasRead, recordMemory, statusIn } from '../../../src/state/record.ts'
import {
  type Alloc,
  BENEFICIARY,
  OTHER,
  RICH,
  SENDER,
  type TestTransaction,
  TestWorld,
  account,
  asm,
  callOf,
  slot,
} from '../../contract/engine-world.ts'
import { outcomeText, readsText } from './differential/outcome-text.ts'
import { recordOf } from './differential/record-run.ts'
import { scenarioOf } from './differential/scenario.ts'
import { seedsFrom } from './differential/seeds.ts'

const runs = Number(process.env['FUZZ_RUNS'] ?? 300)
const first = Number(process.env['FUZZ_SEED'] ?? 1)
const wasm = await loadWasmEngine()
const reference = await loadEthereumjsEngine()

async function contentOf(alloc: Alloc, tx: TestTransaction): Promise<RecordContent> {
  const world = new TestWorld(wasm, alloc)
  return readRecord((await recordOf(world, world.transaction(tx)))!)
}

function entryOf({ accounts }: RecordContent, address: string): AccountEntry {
  const entry = accounts.find((one) => one.address === address)
  if (entry === undefined) throw new Error(`${address} is not in the record`)
  return entry
}

function textOf(outcome: Outcome): string {
  return `${outcomeText(outcome)}\n${readsText(outcome).join('\n')}`
}

describe(`records of random programs, ${runs} seeds from ${first}`, () => {
  it('are written as they were read', { timeout: 10_000_000 }, async () => {
    for await (const seed of seedsFrom(first, runs)) {
      const { fork, alloc, tx } = scenarioOf(seed)
      const record = await recordOf(new TestWorld(wasm, alloc, fork), tx)
      if (record === undefined) continue
      const bytes = record.memory.u8.subarray(record.at)
      expect(Buffer.compare(writeRecord(readRecord(record)), bytes), `seed ${seed}`).toBe(0)
    }
  })

  it('carry what the reference says, too', { timeout: 10_000_000 }, async () => {
    for await (const seed of seedsFrom(first, runs / 3)) {
      const { fork, alloc, tx } = scenarioOf(seed)
      const outcome = await new TestWorld(reference, alloc, fork).run(tx)
      if (outcome.kind === 'rejected') continue
      const bytes = recordOutcome(outcome)
      const record = { memory: recordMemory(bytes.buffer), at: 0 }
      const carried = outcomeOf(record, tx.to === null)
      const { reads } = outcome.access
      const areFound = (access: AccessSet): void => {
        for (const address of [...Object.keys(alloc), BENEFICIARY] as Address[]) {
          expect(hasRead(access, address), `seed ${seed}, ${address}`).toBe(reads.has(address))
        }
      }
      areFound(outcome.access)
      areFound(carried.access)
      expect(textOf(carried), `seed ${seed}`).toBe(textOf(outcome))
      expect(carried.access.reads, `seed ${seed}`).toEqual(reads)
      areFound(carried.access)
      if (outcome.kind === 'halt') expect(carried).toMatchObject({ reason: outcome.reason })
    }
  })
})

describe('a record', () => {
  it('moves balances of a transfer without having read them', async () => {
    const record = await contentOf({ [OTHER]: { balanceWei: 5n } }, { valueWei: 3n })
    const sender = entryOf(record, SENDER)
    expect(sender).toMatchObject({
      reads: SAW_LIFE | SAW_NONCE | SAW_CODE | SAW_COVERED,
      writes: DID_BALANCE | DID_NONCE,
      coveredWei: 3n + 100n * 1_000_000n,
      baseNonce: 0n,
      nonce: 1n,
      baseBalanceWei: RICH,
      balanceWei: RICH - 3n - 8n * 21_000n,
    })
    expect(entryOf(record, OTHER)).toMatchObject({
      reads: SAW_CODE,
      writes: DID_BALANCE,
      flags: WAS_THERE | WAS_ACCESSED,
      baseBalanceWei: 5n,
      balanceWei: 8n,
    })
    expect(entryOf(record, BENEFICIARY)).toMatchObject({
      reads: 0,
      writes: DID_BALANCE | DID_CREATE,
      flags: WAS_ACCESSED,
      balanceWei: 21_000n,
    })
  })

  it('says which reads rejected a transaction, and no writes', async () => {
    const alloc = { [SENDER]: { balanceWei: 7n, nonce: 5n }, [OTHER]: { code: asm('STOP') } }
    const nonce = await contentOf(alloc, { nonce: 4n })
    expect(nonce.status).toBe(RECORD_REJECTED)
    expect(nonce.accounts).toHaveLength(1)
    expect(entryOf(nonce, SENDER)).toMatchObject({ reads: SAW_LIFE | SAW_NONCE, writes: 0 })
    const funds = await contentOf(alloc, { valueWei: 3n })
    expect(entryOf(funds, SENDER)).toMatchObject({
      reads: SAW_LIFE | SAW_NONCE | SAW_CODE | SAW_NOT_COVERED,
      writes: 0,
      notCoveredWei: 3n + 100n * 1_000_000n,
    })
    const code = await contentOf(alloc, { sender: OTHER })
    expect(code.status).toBe(RECORD_REJECTED)
    expect(entryOf(code, OTHER)).toMatchObject({
      reads: SAW_LIFE | SAW_NONCE | SAW_CODE,
      writes: 0,
    })
    const fees = await contentOf(alloc, { maxFeePerGasWei: 6n })
    expect(fees).toMatchObject({ status: RECORD_REJECTED, gasUsed: 0n })
  })

  it('reads the whole of what is swept away (EIP-161)', async () => {
    const target = account(0xa)
    const alloc = { [OTHER]: { code: asm(`${callOf(target)} STOP`) }, [target]: { balanceWei: 0n } }
    expect(entryOf(await contentOf(alloc, {}), target)).toMatchObject({
      reads: SAW_LIFE | SAW_NONCE | SAW_CODE | SAW_EMPTY,
      writes: DID_DESTROY,
      codeHash: EMPTY_CODE_HASH,
    })
    const beneficiary = { [BENEFICIARY]: { balanceWei: 0n } }
    const free = { maxPriorityFeePerGasWei: 0n }
    expect(entryOf(await contentOf(beneficiary, free), BENEFICIARY).writes).toBe(DID_DESTROY)
  })

  it('tells slots that were read, written, and accessed in what was reverted', async () => {
    const inner = account(0xa)
    const alloc = {
      [OTHER]: {
        code: asm(`0x01 SLOAD POP 0x05 0x02 SSTORE ${callOf(inner)} STOP`),
        storage: new Map([[slot(1), 7n]]),
      },
      [inner]: { code: asm('0x09 0x03 SSTORE 0x00 0x00 REVERT') },
    }
    const accessList = [{ address: account(0xc), storageKeys: [slot(1)] }]
    const record = await contentOf(alloc, { accessList })
    const outer = new Map(entryOf(record, OTHER).slots.map((one) => [BigInt(one.key), one]))
    const read = SLOT_READ | SLOT_ACCESSED
    expect(outer.get(1n)).toMatchObject({ base: 7n, value: 7n, flags: read })
    expect(outer.get(2n)).toMatchObject({ base: 0n, value: 5n, flags: read | SLOT_WRITTEN })
    expect(entryOf(record, inner)).toMatchObject({ writes: 0, flags: WAS_THERE | WAS_ACCESSED })
    expect(entryOf(record, inner).slots).toMatchObject([{ base: 0n, value: 0n, flags: read }])
    // What is only listed is no access.
    expect(record.accounts.some(({ address }) => address === account(0xc))).toBe(false)
  })

  it('reads a balance exactly where an instruction looks', async () => {
    const target = account(0xa)
    const alloc = { [OTHER]: { code: asm(`${target} BALANCE SELFBALANCE`), balanceWei: 9n } }
    const record = await contentOf(alloc, { valueWei: 1n })
    expect(entryOf(record, target)).toMatchObject({ reads: SAW_BALANCE, flags: WAS_ACCESSED })
    expect(entryOf(record, OTHER)).toMatchObject({
      reads: SAW_CODE | SAW_BALANCE,
      baseBalanceWei: 9n,
      balanceWei: 10n,
    })
  })

  it('is readable as a status alone', async () => {
    const world = new TestWorld(wasm, {})
    const record = await recordOf(world, world.transaction({}))
    expect(statusIn(record!)).toBe(0)
  })
})

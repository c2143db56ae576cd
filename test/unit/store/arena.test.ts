import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'

import { type Address, bytesToHex, slotOf } from '../../../src/primitives/hex.ts'
import type { AccountWrites, ChangeSet } from '../../../src/state/access.ts'
import { type Version, applyChanges, emptyWorld, viewOf } from '../../../src/state/world.ts'
import {
  BATCH_ACCOUNT_BYTES,
  BATCH_BALANCE,
  BATCH_FLAGS,
  BATCH_NONCE,
  BATCH_SETS_BALANCE,
  BATCH_SETS_NONCE,
  BATCH_SLOTS,
  BATCH_SLOT_BYTES,
  BATCH_SLOT_VALUE,
} from '../../../src/primitives/batch-layout.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { VersionStore } from '../../../src/store/version-store.ts'
import { applyBatch } from '../../../src/store/version.ts'

const addressOf = (index: number) => `0x${(index + 1).toString(16).padStart(40, '0')}` as Address
const noCode = { get: () => new Uint8Array(0) }

function changing(
  from: number,
  count: number,
  writes: (index: number) => AccountWrites,
): ChangeSet {
  const accounts = Array.from({ length: count }, (_, i) => [addressOf(from + i), writes(from + i)])
  return { accounts: new Map(accounts as [Address, AccountWrites][]), codes: new Map() }
}

async function quiet(version: Version): Promise<void> {
  let before = -1
  for (let used = 0; used !== before; used = version.arena.stats().usedBytes) {
    before = used
    await setTimeout(5)
  }
}

describe('a batch', () => {
  it('of bytes does what the same change set does', () => {
    const batch = new Uint8Array(BATCH_ACCOUNT_BYTES + 2 * BATCH_SLOT_BYTES)
    const view = new DataView(batch.buffer)
    view.setUint8(0, 7)
    view.setUint32(BATCH_FLAGS, BATCH_SETS_BALANCE | BATCH_SETS_NONCE, true)
    view.setUint32(BATCH_SLOTS, 2, true)
    view.setBigUint64(BATCH_NONCE, 5n, true)
    view.setBigUint64(BATCH_BALANCE + 8, 1n, true)
    view.setUint8(BATCH_ACCOUNT_BYTES, 9)
    view.setUint8(BATCH_ACCOUNT_BYTES + BATCH_SLOT_VALUE, 1)
    view.setUint8(BATCH_ACCOUNT_BYTES + BATCH_SLOT_BYTES + 31, 0x80)
    view.setUint8(BATCH_ACCOUNT_BYTES + BATCH_SLOT_BYTES + BATCH_SLOT_VALUE + 31, 0xff)
    const slots = new Map([
      [slotOf(9n), 1n],
      [slotOf(0x80n << 248n), 0xffn << 248n],
    ])
    const writes = { nonce: 5n, balanceWei: 1n << 64n, slots }
    const changes = { accounts: new Map([[addressOf(6), writes]]), codes: new Map() }
    const version = applyBatch(emptyWorld(), batch)
    expect(version.stateRoot).toBe(applyChanges(emptyWorld(), changes).stateRoot)
    expect(viewOf(version, noCode).account(addressOf(6))?.nonce).toBe(5n)
  })

  it('may be longer than the buffer, in accounts and in slots of one account', () => {
    const slots = new Map(
      Array.from({ length: 9_000 }, (_, i) => [slotOf(BigInt(i)), BigInt(i + 1)]),
    )
    const many = changing(0, 6_000, (i) => ({ balanceWei: BigInt(i + 1) }))
    many.accounts.set(addressOf(77), { life: 'recreated', balanceWei: 3n, slots })
    const atOnce = applyChanges(emptyWorld(), many)
    let inSteps = emptyWorld()
    for (const [address, writes] of many.accounts) {
      const first = { ...writes, slots: new Map<never, never>() }
      inSteps = applyChanges(inSteps, { accounts: new Map([[address, first]]), codes: new Map() })
    }
    for (const [key, value] of slots) {
      const accounts = new Map([[addressOf(77), { slots: new Map([[key, value]]) }]])
      inSteps = applyChanges(inSteps, { accounts, codes: new Map() })
    }
    expect(atOnce.stateRoot).toBe(inSteps.stateRoot)
    expect(viewOf(atOnce, noCode).slot(addressOf(77), slotOf(8_999n))).toBe(9_000n)
  })

  it('names an account whose nonce is too high', () => {
    const changes = changing(1, 1, () => ({ nonce: 1n << 64n }))
    expect(() => applyChanges(emptyWorld(), changes)).toThrow(
      `the nonce of ${addressOf(1)} is 18446744073709551616`,
    )
  })
})

describe('the arena', () => {
  it('reuses the room of versions that were released: it does not grow over many commits', async () => {
    let version = applyChanges(
      emptyWorld(),
      changing(0, 2_000, () => ({ balanceWei: 1n })),
    )
    const { arena } = version
    const kept: Version[] = []
    let settled = 0
    for (let block = 1; block <= 3_000; block++) {
      const changes = changing((block * 37) % 1_990, 10, (i) => ({ balanceWei: BigInt(block + i) }))
      kept.push(version)
      version = applyChanges(version, changes)
      void version.stateRoot
      if (kept.length > 16) kept.shift()!.release()
      if (block % 100 === 0) await quiet(version)
      if (block === 1_000) settled = arena.stats().usedBytes
    }
    expect(arena.stats().usedBytes).toBeLessThan(settled * 1.1)
  })

  it('frees everything when the last version goes, and says that a released version is', async () => {
    const empty = emptyWorld()
    const version = applyChanges(
      empty,
      changing(0, 3_000, (i) => ({
        balanceWei: 1n,
        slots: new Map([[slotOf(1n), BigInt(i + 1)]]),
      })),
    )
    expect(empty.arena.stats().usedBytes).toBeGreaterThan(3_000 * 200)
    version.release()
    await quiet(empty)
    expect(empty.arena.stats().usedBytes).toBe(0)
    expect(() => viewOf(version, noCode).account(addressOf(1))).toThrow('the version was released')
  })

  it('keeps to its limit when nodes are on disk, and reads them again', async () => {
    const kv = createMemoryKv()
    const limit = 256 * 1024
    const store = new VersionStore(kv, limit)
    const version = applyChanges(
      store.empty(),
      changing(0, 10_000, (i) => ({ balanceWei: BigInt(i + 1) })),
    )
    expect(store.arena.stats().usedBytes).toBeGreaterThan(4 * limit)
    const batch = store.batch(version)
    await kv.write(batch.writes)
    batch.confirm()
    // Something has to happen for it to look.
    store.arena.settle()
    await quiet(version)
    expect(store.arena.stats().usedBytes).toBeLessThan(limit)
    const view = viewOf(version, noCode)
    for (let turn = 0; turn < 10; turn++) {
      for (let i = turn; i < 10_000; i += 10) {
        expect(view.account(addressOf(i))?.balanceWei).toBe(BigInt(i + 1))
      }
      await quiet(version)
      expect(store.arena.stats().usedBytes).toBeLessThan(limit * 1.2)
    }
    const changed = applyChanges(
      version,
      changing(5, 1, () => ({ balanceWei: 0n })),
    )
    const fresh = applyChanges(
      emptyWorld(),
      changing(0, 10_000, (i) => ({ life: 'created', balanceWei: i === 5 ? 0n : BigInt(i + 1) })),
    )
    expect(changed.stateRoot).toBe(fresh.stateRoot)
  })
})

describe('a damaged disk', () => {
  it('never gives a wrong value: a record that is gone, cut or flipped is an error, checksum or not', async () => {
    const kv = createMemoryKv()
    const store = new VersionStore(kv)
    const version = applyChanges(
      store.empty(),
      changing(0, 60, (i) => ({ balanceWei: 5n, slots: new Map([[slotOf(BigInt(i)), 1n]]) })),
    )
    const batch = store.batch(version)
    await kv.write(batch.writes)
    batch.confirm()
    const nodes = batch.writes.filter(({ key }) => key[0] === 0x6e)
    expect(nodes.length).toBeGreaterThan(5)
    let noticed = 0
    for (const { key, value } of nodes) {
      const bent = Array.from({ length: 12 }, (_, i) => {
        const copy = value!.slice()
        copy[(i * 13) % copy.length]! ^= 1 << (i % 8)
        return copy
      })
      for (const other of [undefined, value!.slice(0, -1), value!.slice(0, 3), ...bent]) {
        const damaged = {
          ...kv,
          get: (wanted: Uint8Array) =>
            bytesToHex(wanted) === bytesToHex(key) ? other : kv.get(wanted),
        }
        try {
          const view = viewOf(new VersionStore(damaged).open(batch.reference), noCode)
          for (let i = 0; i < 60; i++) {
            expect(view.account(addressOf(i))?.balanceWei).toBe(5n)
            expect(view.slot(addressOf(i), slotOf(BigInt(i)))).toBe(1n)
          }
        } catch (error) {
          expect(String(error)).toMatch(
            /^TrieError: (the trie node \d+|a trie node of \d+ bytes) is/,
          )
          noticed++
        }
      }
    }
    // A bit that says nothing may flip: a path is kept in whole words.
    expect(noticed).toBeGreaterThan(nodes.length * 14)
  })
})

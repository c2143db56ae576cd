import { describe, expect, it } from 'vitest'

import type { Address } from '../../../src/primitives/hex.ts'
import { applyChanges, viewOf } from '../../../src/state/world.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { VersionStore } from '../../../src/store/version-store.ts'
import { kvContract } from '../../contract/kv.ts'
import { failingKv } from '../../support/failing-kv.ts'

kvContract('failing-kv, as long as there is room,', async () => failingKv(createMemoryKv()))

const addressOf = (index: number) => `0x${(index + 1).toString(16).padStart(40, '0')}` as Address
const noCode = { get: () => new Uint8Array(0) }

function balances(count: number, balanceWei: bigint) {
  const accounts = Array.from({ length: count }, (_, i) => [addressOf(i), { balanceWei }] as const)
  return { accounts: new Map(accounts), codes: new Map() }
}

describe('a disk that is full', () => {
  it('loses nothing: what was written is whole, memory goes on, and the batches follow when there is room', async () => {
    const kv = failingKv(createMemoryKv())
    const store = new VersionStore(kv)
    const first = applyChanges(store.empty(), balances(300, 1n))
    const kept = store.batch(first)
    await kv.write(kept.writes)
    kept.confirm()
    kv.fillAfter(0)
    const second = applyChanges(first, balances(30, 2n))
    const third = applyChanges(second, balances(3, 3n))
    const waiting = [store.batch(second), store.batch(third)]
    for (const { writes } of waiting) await expect(kv.write(writes)).rejects.toThrow('no space')
    // What is on disk is the first version and nothing of the others.
    const reopened = new VersionStore(kv)
    expect(reopened.open(kept.reference).stateRoot).toBe(first.stateRoot)
    expect(() => reopened.open(waiting[0]!.reference)).toThrow('is missing')
    expect(viewOf(third, noCode).account(addressOf(2))?.balanceWei).toBe(3n)
    kv.empty()
    expect(await kv.recover()).toBe(true)
    for (const version of [second, third]) {
      const batch = store.batch(version)
      await kv.write(batch.writes)
      batch.confirm()
    }
    const after = new VersionStore(kv)
    expect(after.open(waiting[0]!.reference).stateRoot).toBe(second.stateRoot)
    expect(after.open(waiting[1]!.reference).stateRoot).toBe(third.stateRoot)
  })
})

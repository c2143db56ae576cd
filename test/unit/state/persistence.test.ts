import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Address, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_ROOT, keccakHash } from '../../../src/primitives/keccak.ts'
import { CodeStore } from '../../../src/state/codes.ts'
import { versionBatch } from '../../../src/state/persistence.ts'
import {
  type GenesisAccount,
  type GenesisAlloc,
  type Version,
  accountsOf,
  applyChanges,
  emptyBeside,
  emptyWorld,
  slotsOf,
  versionFromGenesis,
  viewOf,
} from '../../../src/state/world.ts'
import type { Kv } from '../../../src/store/kv.ts'
import { openLevelKv } from '../../../src/store/level-kv.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { VersionStore } from '../../../src/store/version-store.ts'
import { type Model, addresses, lookAt, lookAtModel, perform, transactions } from './model.ts'

const [alice] = addresses as [Address]
const one = slotOf(1n)

/** Writes what `kv` lacks of `version`. */
async function save(
  kv: Kv,
  store: VersionStore,
  version: Version,
  codes: CodeStore,
): Promise<Uint8Array> {
  const batch = versionBatch(store, version, codes)
  await kv.write(batch.writes)
  batch.confirm()
  return batch.reference
}

const manyAddresses = (count: number): Address[] =>
  Array.from({ length: count }, (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}` as Address)

const allocOfMany = (count: number) =>
  new Map(manyAddresses(count).map((at) => [at, { balanceWei: 1n }]))

describe('saved versions', () => {
  it('are all readable by their references, grown in memory or from disk in turn', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, fc.array(fc.boolean()), async (blocks, reopens) => {
        const kv = createMemoryKv()
        let codes = new CodeStore(kv)
        let store = new VersionStore(kv)
        const model: Model = new Map()
        const saved: { reference: Uint8Array; root: string; seen: unknown }[] = []
        let version = store.empty()
        for (const [index, steps] of blocks.entries()) {
          const changes = perform(model, steps)
          codes.add(changes.codes)
          version = applyChanges(version, changes)
          const reference = await save(kv, store, version, codes)
          expect(versionBatch(store, version, codes).writes).toEqual([])
          saved.push({ reference, root: version.stateRoot, seen: lookAtModel(model) })
          if (reopens[index] !== true) continue
          codes = new CodeStore(kv)
          store = new VersionStore(kv)
          version = store.open(reference)
        }
        const reopened = new VersionStore(kv)
        for (const { reference, root, seen } of saved) {
          const opened = reopened.open(reference)
          expect(opened.stateRoot).toBe(root)
          expect(lookAt(viewOf(opened, new CodeStore(kv)))).toEqual(seen)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('can be listed by name from disk', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const store = new VersionStore(kv)
    const alloc = new Map(
      addresses.map((address) => [address, { balanceWei: 1n, storage: new Map([[one, 3n]]) }]),
    )
    const version = versionFromGenesis(alloc, codes, store.empty())
    const reference = await save(kv, store, version, codes)
    const entries = [...accountsOf(new VersionStore(kv).open(reference))]
    expect(new Set(entries.map(({ address }) => address))).toEqual(new Set(addresses))
    for (const { leaf } of entries) expect([...slotsOf(leaf)][0]?.key).toBe(one)
  })

  it('are there after a restart of the real store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heddle-state-'))
    try {
      const code = Uint8Array.of(1, 2, 3)
      const alloc = new Map([[alice, { balanceWei: 1n, code, storage: new Map([[one, 3n]]) }]])
      const first = await openLevelKv(folder)
      const codes = new CodeStore(first)
      const store = new VersionStore(first)
      const version = versionFromGenesis(alloc, codes, store.empty())
      const reference = await save(first, store, version, codes)
      await first.close()
      const second = await openLevelKv(folder)
      const opened = new VersionStore(second).open(reference)
      const view = viewOf(opened, new CodeStore(second))
      expect(view.account(alice)?.balanceWei).toBe(1n)
      expect(view.slot(alice, one)).toBe(3n)
      expect(view.code(keccakHash(code))).toEqual(code)
      expect(opened.stateRoot).toBe(version.stateRoot)
      await second.close()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('read only what they need at first', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const store = new VersionStore(kv)
    const version = versionFromGenesis(allocOfMany(500), codes, store.empty())
    const reference = await save(kv, store, version, codes)
    let reads = 0
    const counting: Kv = { ...kv, get: (key) => (reads++, kv.get(key)) }
    const opened = new VersionStore(counting).open(reference)
    // The next numbers, that nothing has them, the version's record, the root.
    expect(reads).toBe(5)
    expect(viewOf(opened, codes).account(manyAddresses(78)[77]!)?.balanceWei).toBe(1n)
    expect(reads).toBeLessThan(8)
  })

  it('count as saved only after the write: a failed one is repeated whole', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const store = new VersionStore(kv)
    const code = Uint8Array.of(1, 2, 3)
    const alloc: GenesisAlloc = new Map<Address, GenesisAccount>([
      ...allocOfMany(50),
      [alice, { balanceWei: 1n, code }],
    ])
    const version = versionFromGenesis(alloc, codes, store.empty())
    const failing: Kv = { ...kv, write: () => Promise.reject(new Error('the disk is full')) }
    await expect(save(failing, store, version, codes)).rejects.toThrow('the disk is full')
    const reference = await save(kv, store, version, codes)
    const opened = new VersionStore(kv).open(reference)
    expect(opened.stateRoot).toBe(version.stateRoot)
    const view = viewOf(opened, new CodeStore(kv))
    expect(view.account(alice)?.balanceWei).toBe(1n)
    expect(view.code(keccakHash(code))).toEqual(code)
  })

  it('cost what changed', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const store = new VersionStore(kv)
    const version = versionFromGenesis(allocOfMany(2000), codes, store.empty())
    await save(kv, store, version, codes)
    const [changed] = manyAddresses(6).slice(5)
    const changes = { accounts: new Map([[changed!, { balanceWei: 2n }]]), codes: new Map() }
    // A path of the trie, its root, what it made obsolete, and the next numbers.
    const { writes } = versionBatch(store, applyChanges(version, changes), codes)
    expect(writes.length).toBeLessThan(8)
  })

  it('may be many at once on their way to the disk, each with what the one before has not', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const store = new VersionStore(kv)
    const first = versionFromGenesis(allocOfMany(500), codes, store.empty())
    const changes = { accounts: new Map([[alice, { balanceWei: 2n }]]), codes: new Map() }
    const second = applyChanges(first, changes)
    const batches = [first, second].map((version) => versionBatch(store, version, codes))
    expect(batches[1]!.writes.length).toBeLessThan(8)
    await kv.write(batches.flatMap(({ writes }) => writes))
    for (const batch of batches) batch.confirm()
    const reopened = new VersionStore(kv)
    for (const [index, version] of [first, second].entries()) {
      expect(reopened.open(batches[index]!.reference).stateRoot).toBe(version.stateRoot)
    }
  })

  it('may grow from nothing in the same store', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const store = new VersionStore(kv)
    const first = versionFromGenesis(allocOfMany(50), codes, store.empty())
    const other = versionFromGenesis(allocOfMany(20), codes, emptyBeside(first))
    await save(kv, store, first, codes)
    const reference = await save(kv, store, other, codes)
    expect([...accountsOf(new VersionStore(kv).open(reference))]).toHaveLength(20)
  })

  it('may be adopted from another world, whole', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, async (blocks) => {
        const kv = createMemoryKv()
        const codes = new CodeStore(kv)
        const model: Model = new Map()
        let foreign = emptyWorld()
        for (const steps of blocks) {
          const changes = perform(model, steps)
          codes.add(changes.codes)
          foreign = applyChanges(foreign, changes)
        }
        const store = new VersionStore(kv)
        const adopted = store.adopt(foreign)
        expect(adopted.stateRoot).toBe(foreign.stateRoot)
        expect(store.adopt(foreign)).toBe(adopted)
        expect(store.adopt(adopted)).toBe(adopted)
        const reference = await save(kv, store, adopted, codes)
        const view = viewOf(new VersionStore(kv).open(reference), codes)
        expect(lookAt(view)).toEqual(lookAtModel(model))
      }),
      { numRuns: 50 },
    )
  })

  it('of nothing need no nodes; an unknown version and one of another store are refused', async () => {
    const kv = createMemoryKv()
    const store = new VersionStore(kv)
    const reference = await save(kv, store, store.empty(), new CodeStore())
    expect(new VersionStore(kv).open(reference).stateRoot).toBe(EMPTY_ROOT)
    expect(() => store.open(Uint8Array.of(0, 0, 0, 0, 0, 9))).toThrow(
      'version 9 of the state is missing',
    )
    expect(() => store.batch(new VersionStore(kv).empty())).toThrow('of another store')
  })
})

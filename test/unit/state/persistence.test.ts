import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Address, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_ROOT, keccakHash } from '../../../src/primitives/keccak.ts'
import { CodeStore } from '../../../src/state/codes.ts'
import {
  openVersion,
  preimagesIn,
  saveVersion,
  versionBatch,
} from '../../../src/state/persistence.ts'
import {
  accountsOf,
  applyChanges,
  emptyVersion,
  slotsOf,
  versionFromGenesis,
  viewOf,
} from '../../../src/state/world.ts'
import type { Kv } from '../../../src/store/kv.ts'
import { openLevelKv } from '../../../src/store/level-kv.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { type Model, addresses, lookAt, lookAtModel, perform, transactions } from './model.ts'

const [alice] = addresses as [Address]
const one = slotOf(1n)

describe('saved versions', () => {
  it('are all readable by their roots, grown in memory or from disk in turn', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, fc.array(fc.boolean()), async (blocks, reopens) => {
        const kv = createMemoryKv()
        let codes = new CodeStore(kv)
        const model: Model = new Map()
        const saved: [root: ReturnType<typeof keccakHash>, seen: unknown][] = []
        let version = emptyVersion
        for (const [index, steps] of blocks.entries()) {
          const changes = perform(model, steps)
          codes.add(changes.codes)
          version = applyChanges(version, changes)
          await saveVersion(kv, version, codes)
          expect(versionBatch(version, codes).writes).toEqual([])
          saved.push([version.stateRoot, lookAtModel(model)])
          if (reopens[index] !== true) continue
          codes = new CodeStore(kv)
          version = openVersion(kv, version.stateRoot)
        }
        for (const [root, seen] of saved) {
          expect(lookAt(viewOf(openVersion(kv, root), new CodeStore(kv)))).toEqual(seen)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('can be named again from disk', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const alloc = new Map(
      addresses.map((address) => [address, { balanceWei: 1n, storage: new Map([[one, 3n]]) }]),
    )
    const version = versionFromGenesis(alloc, codes)
    await saveVersion(kv, version, codes)
    const opened = openVersion(kv, version.stateRoot)
    expect([...accountsOf(opened)].every(({ address }) => address === undefined)).toBe(true)
    const names = preimagesIn(kv)
    const entries = [...accountsOf(opened, names)]
    expect(new Set(entries.map(({ address }) => address))).toEqual(new Set(addresses))
    for (const { leaf } of entries) expect([...slotsOf(leaf, names)][0]?.key).toBe(one)
  })

  it('are there after a restart of the real store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heddle-state-'))
    try {
      const code = Uint8Array.of(1, 2, 3)
      const alloc = new Map([[alice, { balanceWei: 1n, code, storage: new Map([[one, 3n]]) }]])
      const first = await openLevelKv(folder)
      const codes = new CodeStore(first)
      const version = versionFromGenesis(alloc, codes)
      await saveVersion(first, version, codes)
      await first.close()
      const second = await openLevelKv(folder)
      const view = viewOf(openVersion(second, version.stateRoot), new CodeStore(second))
      expect(view.account(alice)?.balanceWei).toBe(1n)
      expect(view.slot(alice, one)).toBe(3n)
      expect(view.code(keccakHash(code))).toEqual(code)
      await second.close()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('read only the root at first', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const many = Array.from(
      { length: 500 },
      (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}` as Address,
    )
    const version = versionFromGenesis(new Map(many.map((at) => [at, { balanceWei: 1n }])), codes)
    await saveVersion(kv, version, codes)
    let reads = 0
    const counting: Kv = { ...kv, get: (key) => (reads++, kv.get(key)) }
    const opened = openVersion(counting, version.stateRoot)
    expect(reads).toBe(1)
    expect(viewOf(opened, codes).account(many[77]!)?.balanceWei).toBe(1n)
    expect(reads).toBeLessThan(6)
  })

  it('count as saved only after the write: a failed one is repeated whole', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const code = Uint8Array.of(1, 2, 3)
    const version = versionFromGenesis(new Map([[alice, { balanceWei: 1n, code }]]), codes)
    const failing: Kv = { ...kv, write: () => Promise.reject(new Error('the disk is full')) }
    await expect(saveVersion(failing, version, codes)).rejects.toThrow('the disk is full')
    await saveVersion(kv, version, codes)
    const view = viewOf(openVersion(kv, version.stateRoot), new CodeStore(kv))
    expect(view.account(alice)?.balanceWei).toBe(1n)
    expect(view.code(keccakHash(code))).toEqual(code)
  })

  it('cost what changed', async () => {
    const kv = createMemoryKv()
    const codes = new CodeStore(kv)
    const many = Array.from(
      { length: 2000 },
      (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}` as Address,
    )
    const version = versionFromGenesis(new Map(many.map((at) => [at, { balanceWei: 1n }])), codes)
    await saveVersion(kv, version, codes)
    const changes = { accounts: new Map([[many[5]!, { balanceWei: 2n }]]), codes: new Map() }
    // A path of the trie and a name.
    expect(versionBatch(applyChanges(version, changes), codes).writes.length).toBeLessThan(8)
  })

  it('of nothing need nothing; an unknown root is refused', async () => {
    const kv = createMemoryKv()
    expect(openVersion(kv, EMPTY_ROOT).stateRoot).toBe(EMPTY_ROOT)
    const root = keccakHash(Uint8Array.of(1))
    expect(() => openVersion(kv, root)).toThrow(`the trie node ${root} is missing`)
  })
})

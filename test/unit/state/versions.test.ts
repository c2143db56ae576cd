import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { hexToBytes, parseAddress, slotOf } from '../../../src/primitives/hex.ts'
import type { Hash, Slot } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT, keccak256 } from '../../../src/primitives/keccak.ts'
import { CodeStore } from '../../../src/state/codes.ts'
import { differencesBetween } from '../../../src/state/differences.ts'
import {
  type Version,
  accountProof,
  accountsOf,
  applyChanges,
  emptyWorld,
  slotsOf,
  viewOf,
} from '../../../src/state/world.ts'
import type { Kv } from '../../../src/store/kv.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { verifyProof } from '../../../src/store/proof.ts'
import { VersionStore } from '../../../src/store/version-store.ts'
import { collectGarbage } from '../../support/gc.ts'
import {
  type Balances,
  type Move,
  addresses,
  moved,
  moves,
  oracleRoot,
  slots,
} from './world-model.ts'

/** Everything in a version, listed. */
function contentOf(version: Version): Balances {
  return new Map(
    [...accountsOf(version)].map(({ address, leaf }) => [
      address,
      {
        balanceWei: leaf.account.balanceWei,
        slots: new Map([...slotsOf(leaf)].map(({ key, value }) => [key, value])),
      },
    ]),
  )
}

/** A version that the test keeps, with what it must be. */
interface Kept {
  version: Version
  readonly world: Balances
  readonly root: Hash
  reference: Uint8Array | undefined
}

type Act =
  | { readonly kind: 'grow'; readonly at: number; readonly moves: Move[] }
  | { readonly kind: 'forget' | 'save' | 'discard'; readonly at: number }
  | { readonly kind: 'reopen' | 'prune' }

const at = fc.nat({ max: 20 })
const growth = fc.record({ kind: fc.constant('grow' as const), at, moves })
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: growth },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('save' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('forget', 'discard'), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reopen', 'prune') }) },
)

const history = fc.array(act, { minLength: 4, maxLength: 24 })

async function save(kv: Kv, store: VersionStore, version: Version): Promise<Uint8Array> {
  const batch = store.batch(version)
  await kv.write(batch.writes)
  batch.confirm()
  return batch.reference
}

async function grown(from: Kept, list: readonly Move[]): Promise<Kept> {
  const { after, changes } = moved(from.world, list)
  const version = applyChanges(from.version, changes)
  // A version that does not differ is the same one.
  const reference = version === from.version ? from.reference : undefined
  return { version, world: after, root: await oracleRoot(after), reference }
}

/**
 * Does what `acts` says, and sees that all that is kept is as it must be. In a function of its own: no version is held afterwards.
 * @returns what is kept on disk, and its store
 */
async function perform(
  kv: Kv,
  cacheBytes: number,
  acts: readonly Act[],
): Promise<{ readonly store: VersionStore; readonly saved: readonly Saved[] }> {
  let store = new VersionStore(kv, cacheBytes)
  const world: Balances = new Map()
  let kept: Kept[] = [
    { version: store.empty(), world, root: await oracleRoot(world), reference: undefined },
  ]
  for (const step of acts) {
    const chosen = 'at' in step ? kept[step.at % kept.length]! : kept[0]!
    switch (step.kind) {
      case 'grow':
        kept.push(await grown(chosen, step.moves))
        break
      case 'forget':
        if (kept.length > 1) kept.splice(kept.indexOf(chosen), 1)
        break
      case 'save':
        chosen.reference = await save(kv, store, chosen.version)
        break
      case 'discard': {
        // Every handle on that version goes.
        if (chosen.reference === undefined) break
        const rest = kept.filter(({ version }) => version !== chosen.version)
        if (rest.length === 0) break
        store.release(chosen.reference)
        kept = rest
        break
      }
      case 'prune':
        await collectGarbage()
        await store.prune()
        break
      case 'reopen': {
        const saved = kept.filter(({ reference }) => reference !== undefined)
        if (saved.length === 0) break
        store = new VersionStore(kv, cacheBytes)
        store.releaseAllBut(saved.map(({ reference }) => reference!))
        kept = saved.map((entry) => ({ ...entry, version: store.open(entry.reference!) }))
        await store.prune()
      }
    }
    await setImmediate()
    for (const { version, root } of kept) expect(version.stateRoot).toBe(root)
  }
  for (const { version, world: expected } of kept) {
    expect(contentOf(version)).toEqual(expected)
    expectAbsences(version, expected)
  }
  const saved = kept.flatMap(({ reference, root, world: expected }) =>
    reference === undefined ? [] : [{ reference, root, world: expected }],
  )
  return { store, saved }
}

describe('versions that grow, are saved, forgotten, discarded, pruned and reopened in any order', () => {
  it('have the roots of @ethereumjs/mpt and all their values as long as they are kept, and the disk has no more', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom(0, 2 ** 20), async (acts, cacheBytes) => {
        const watched = watchedKv()
        const { store, saved } = await perform(watched.kv, cacheBytes, acts)
        store.releaseAllBut(saved.map(({ reference }) => reference))
        expect(await isPruned(store, watched, saved)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('keep their branches when they are saved after one that grew from them, and that one goes', async () => {
    const kv = createMemoryKv()
    const store = new VersionStore(kv)
    const world: Balances = new Map()
    const start = { version: store.empty(), world, root: EMPTY_ROOT, reference: undefined }
    await save(kv, store, start.version)
    const slots: [Slot, bigint][] = [
      [slotOf(0x3c6b4n), 1n],
      [slotOf(3n), 2n],
    ]
    const one = parseAddress(`0x${'00'.repeat(18)}1eef`)
    const other = parseAddress(`0x${'00'.repeat(17)}020ddf`)
    const first = await grown(start, [{ address: one, act: 'set', balanceWei: 0n, slots }])
    const second = await grown(first, [{ address: other, act: 'set', balanceWei: 0n, slots: [] }])
    await save(kv, store, second.version)
    const reference = await save(kv, store, first.version)
    const reopened = new VersionStore(kv)
    reopened.releaseAllBut([reference])
    expect(await reopened.prune()).toBeGreaterThan(0)
    expect(contentOf(reopened.open(reference))).toEqual(first.world)
  })

  it('leave nothing on disk but what the kept ones need, wherever those lie', async () => {
    const keeps = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })
    const blocks = fc.array(moves, { minLength: 2, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(blocks, keeps, fc.boolean(), async (lists, isKept, isStepwise) => {
        const watched = watchedKv()
        const { kv } = watched
        const store = new VersionStore(kv)
        const saved = await savedLine(kv, store, lists)
        await collectGarbage()
        const kept = saved.filter((_, index) => isKept[index] || index === saved.length - 1)
        const names = new Set(kept.map(({ reference }) => String(reference)))
        for (const { reference } of saved) {
          if (names.has(String(reference))) continue
          store.release(reference)
          if (isStepwise) await store.prune()
        }
        expect(await isPruned(store, watched, kept)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})

interface WatchedKv {
  readonly kv: Kv
  /** What is in it, and what was read. */
  readonly keys: Set<string>
  readonly read: Set<string>
}

/** The same after pruning. The collector may take a turn more to see that a version is held no longer. */
async function isPruned(
  store: VersionStore,
  watched: WatchedKv,
  kept: readonly Saved[],
): Promise<boolean> {
  for (let turn = 0; turn < 5; turn++) {
    await store.prune()
    if (isExact(watched, kept)) return true
    await collectGarbage()
  }
  return false
}

/** Whether no branch is on disk that no kept version needs. What is kept is there with its values. */
function isExact({ kv, keys, read }: WatchedKv, kept: readonly Saved[]): boolean {
  const reopened = new VersionStore(kv)
  read.clear()
  for (const { reference, root, world } of kept) {
    const version = reopened.open(reference)
    expect(version.stateRoot).toBe(root)
    expect(contentOf(version)).toEqual(world)
  }
  return [...keys].every((key) => !key.startsWith('6e') || read.has(key))
}

/** What is not in the world is not found in the version. */
function expectAbsences(version: Version, world: Balances): void {
  const view = viewOf(version, new CodeStore())
  for (const address of addresses) {
    const held = world.get(address)
    expect(view.account(address)?.balanceWei).toBe(held?.balanceWei)
    for (const key of slots) expect(view.slot(address, key)).toBe(held?.slots.get(key) ?? 0n)
  }
}

/** A store of which the test knows what is in it and what was read. */
function watchedKv(): WatchedKv {
  const inner = createMemoryKv()
  const keys = new Set<string>()
  const read = new Set<string>()
  const kv: Kv = {
    ...inner,
    get(key) {
      read.add(Buffer.from(key).toString('hex'))
      return inner.get(key)
    },
    async write(batch) {
      await inner.write(batch)
      for (const { key, value } of batch) {
        if (value === undefined) keys.delete(Buffer.from(key).toString('hex'))
        else keys.add(Buffer.from(key).toString('hex'))
      }
    },
  }
  return { kv, keys, read }
}

interface Saved {
  readonly reference: Uint8Array
  readonly root: Hash
  readonly world: Balances
}

/** Versions that grow one from the other, saved and no longer held. */
async function savedLine(kv: Kv, store: VersionStore, lists: readonly Move[][]): Promise<Saved[]> {
  let last: Kept = {
    version: store.empty(),
    world: new Map(),
    root: EMPTY_ROOT,
    reference: undefined,
  }
  const saved = []
  for (const list of lists) {
    last = await grown(last, list)
    const reference = await save(kv, store, last.version)
    saved.push({ reference, root: last.root, world: last.world })
  }
  return saved
}

/** What differs, found by looking at everything. */
function differencesOf(before: Balances, after: Balances): unknown {
  const found = new Map<unknown, unknown>()
  for (const address of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(address)
    const next = after.get(address)
    const slots = new Map<unknown, unknown>()
    for (const key of new Set([...(old?.slots.keys() ?? []), ...(next?.slots.keys() ?? [])])) {
      const pair = { before: old?.slots.get(key) ?? 0n, after: next?.slots.get(key) ?? 0n }
      if (pair.before !== pair.after) slots.set(key, pair)
    }
    if (slots.size === 0 && old && next && old.balanceWei === next.balanceWei) continue
    found.set(address, { before: accountOf(old), after: accountOf(next), slots })
  }
  return found
}

function accountOf(entry: { readonly balanceWei: bigint } | undefined): unknown {
  return entry && { nonce: 0n, balanceWei: entry.balanceWei, codeHash: EMPTY_CODE_HASH }
}

describe('differencesBetween', () => {
  it('finds all that differs and nothing else, between any two versions, in memory or on disk', async () => {
    await fc.assert(
      fc.asyncProperty(moves, moves, moves, fc.boolean(), async (a, b, c, isOnDisk) => {
        const kv = createMemoryKv()
        const store = new VersionStore(kv)
        const root = await oracleRoot(new Map())
        const start: Kept = {
          version: store.empty(),
          world: new Map(),
          root,
          reference: undefined,
        }
        const first = await grown(start, a)
        const second = await grown(first, b)
        const other = await grown(first, c)
        const all = [start, first, second, other]
        if (isOnDisk) {
          for (const kept of all) kept.reference = await save(kv, store, kept.version)
          const reopened = new VersionStore(kv)
          for (const kept of all) kept.version = reopened.open(kept.reference!)
        }
        for (const one of all) {
          for (const two of all) {
            const found = differencesBetween(one.version, two.version)
            expect(found).toEqual(differencesOf(one.world, two.world))
          }
        }
      }),
      { numRuns: 25 },
    )
  })

  it('refuses versions of two worlds', () => {
    expect(() => differencesBetween(emptyWorld(), emptyWorld())).toThrow('of two worlds')
  })
})

describe('a version that is asked for again on its way to the disk', () => {
  it('does not bring back the numbers of then: what is saved later after a start overwrites nothing', async () => {
    const kv = createMemoryKv()
    const store = new VersionStore(kv)
    const world: Balances = new Map()
    const start = { version: store.empty(), world, root: EMPTY_ROOT, reference: undefined }
    const list = fc.sample(moves, { seed: 9, numRuns: 30 })
    const first = await grown(start, list[7]!)
    const second = await grown(first, list[8]!)
    const batches = [first, second, first].map(({ version }) => store.batch(version))
    for (const { writes } of batches) await kv.write(writes)
    const reopened = new VersionStore(kv)
    const third = await grown({ ...first, version: reopened.open(batches[0]!.reference) }, list[9]!)
    await save(kv, reopened, third.version)
    const again = new VersionStore(kv)
    for (const [index, { root, world: expected }] of [first, second].entries()) {
      const version = again.open(batches[index]!.reference)
      expect(version.stateRoot).toBe(root)
      expect(contentOf(version)).toEqual(expected)
    }
  })
})

describe('a version that was released', () => {
  it('stays when it is saved again before it goes, and goes when it was on its way to the disk', async () => {
    const kv = createMemoryKv()
    const store = new VersionStore(kv)
    const start: Kept = {
      version: store.empty(),
      world: new Map(),
      root: EMPTY_ROOT,
      reference: undefined,
    }
    const list = fc.sample(moves, { seed: 5, numRuns: 30 })
    const grow = async (from: Kept, index: number) => grown(from, list[index]!)
    const first = await grow(start, 7)
    const kept = await save(kv, store, first.version)
    store.release(kept)
    expect(await save(kv, store, first.version)).toEqual(kept)
    // In a function of its own: nothing here holds the version afterwards.
    const onItsWay = async (): Promise<Uint8Array> => {
      const batch = store.batch((await grow(first, 8)).version)
      store.release(batch.reference)
      await kv.write(batch.writes)
      batch.confirm()
      return batch.reference
    }
    const gone = await onItsWay()
    await collectGarbage()
    expect(await store.prune()).toBe(1)
    const reopened = new VersionStore(kv)
    expect(contentOf(reopened.open(kept))).toEqual(first.world)
    expect(reopened.open(kept).stateRoot).toBe(first.root)
    expect(() => reopened.open(gone)).toThrow('is missing')
  })
})

describe('proofs', () => {
  it('hold at every version, for values and absences, with leaves that stand in their parents', () => {
    fc.assert(
      fc.property(moves, moves, (first, second) => {
        const one = moved(new Map(), first)
        const two = moved(one.after, second)
        const older = applyChanges(emptyWorld(), one.changes)
        const newer = applyChanges(older, two.changes)
        for (const [version, world] of [
          [older, one.after],
          [newer, two.after],
        ] as const) {
          for (const { address, slots } of [...first, ...second]) {
            const keys = slots.map(([key]) => key)
            const proved = accountProof(version, address, keys)
            const key = keccak256(hexToBytes(address))
            const verdict = verifyProof(version.stateRoot, key, proved.accountProof)
            expect(verdict.kind).toBe(world.has(address) ? 'present' : 'absent')
            for (const { key: slot, value, proof } of proved.storageProof) {
              expect(value).toBe(world.get(address)?.slots.get(slot) ?? 0n)
              const found = verifyProof(proved.storageHash, keccak256(hexToBytes(slot)), proof)
              expect(found.kind).toBe(value === 0n ? 'absent' : 'present')
            }
          }
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('a store that is opened again after most versions went', () => {
  it('looks for those that are kept alone', async () => {
    const { kv, read } = watchedKv()
    const store = new VersionStore(kv)
    const lists = fc.sample(moves, { seed: 11, numRuns: 40 })
    const saved = await savedLine(kv, store, lists)
    const kept = [0, 37, 38, 39].map((index) => saved[index]!)
    const references = kept.map(({ reference }) => reference)
    await collectGarbage()
    store.releaseAllBut(references)
    // Some lists change nothing.
    const distinct = (all: readonly Uint8Array[]): number => new Set(all.map(String)).size
    const all = saved.map(({ reference }) => reference)
    expect(await store.prune()).toBe(distinct(all) - distinct(references))
    // What a later version has written along is there after the next start.
    const next = await grown({ ...kept[3]!, version: store.open(references[3]!) }, lists[0]!)
    references.push(await save(kv, store, next.version))
    const probed = (): number => [...read].filter((key) => key.startsWith('72')).length
    const start = (): VersionStore => {
      read.clear()
      const again = new VersionStore(kv)
      again.releaseAllBut(references)
      return again
    }
    const again = start()
    // Where the next number is looked for, too.
    expect(probed()).toBe(distinct(references) + 1)
    expect(await again.prune()).toBe(0)
    for (const [index, { root, world }] of [...kept, next].entries()) {
      const version = again.open(references[index]!)
      expect(version.stateRoot).toBe(root)
      expect(contentOf(version)).toEqual(world)
    }
  })
})

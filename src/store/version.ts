import type { Hash } from '../primitives/hex.ts'
import { type Arena, TrieError } from './arena.ts'
import { BATCH_ACCOUNT_BYTES, BATCH_SLOTS, BATCH_SLOT_BYTES } from '../primitives/batch-layout.ts'
import type { KvWrite } from './kv.ts'
import type { TreeEntry } from './version-tree.ts'

const RELEASED = -1

/** Drops the roots of versions that nobody can reach any more: most are made on the side and forgotten. */
const forgotten = new FinalizationRegistry<{ readonly arena: Arena; readonly root: number }>(
  ({ arena, root }) => arena.drop(root),
)

/** Where a version stands among those on disk. */
export interface Lineage {
  /** What it was made of, as long as itself is not on disk. */
  parent: Lineage | undefined
  saved: SavedVersion | undefined
  /** Those that were saved of what grew from it before it was: they brought its branches, so they stay while it lives. The newest is the nearest. */
  heirs: Lineage[]
  /** Whether a version grew from it before it was saved. */
  hasGrown: boolean
  /** Itself, when two grew from it before it was saved: what they share is its own to save. */
  fork: Version | undefined
}

/** A version that was handed to the disk. */
export interface SavedVersion {
  entry: TreeEntry
  readonly version: WeakRef<Version>
  /** The same, until it is on disk: it cannot be read from there yet. */
  held: Version | undefined
  /** Names its root. */
  readonly link: Uint8Array
  /** What it needs on disk beyond its parent; none once it is there. */
  writes: readonly KvWrite[]
  /** Versions that two grew from and that are written along. */
  forks: readonly Lineage[]
}

export function newLineage(parent: Lineage | undefined): Lineage {
  return { parent, saved: undefined, heirs: [], hasGrown: false, fork: undefined }
}

/** The lineage of what grows from `version`; undefined in a world that lives in memory alone. */
function grownFrom({ arena, root, lineage }: Version): Lineage | undefined {
  if (lineage === undefined) return undefined
  if (lineage.saved === undefined && root !== 0) {
    if (lineage.hasGrown) lineage.fork ??= new Version(arena, arena.retain(root), lineage)
    lineage.hasGrown = true
  }
  return newLineage(lineage)
}

/**
 * The whole state at one moment: the root of an account trie whose leaves hold the roots of storage tries. Immutable; versions share
 * what they have in common, and any number may grow from one. A version lives as long as somebody holds this object.
 */
export class Version {
  readonly arena: Arena
  /** None in a world that lives in memory alone. */
  readonly lineage: Lineage | undefined
  #root: number
  #stateRoot: Hash | undefined

  /** @param root whose ownership becomes the version's */
  constructor(arena: Arena, root: number, lineage?: Lineage) {
    this.arena = arena
    this.#root = root
    this.lineage = lineage
    if (root !== 0) forgotten.register(this, { arena, root }, this)
  }

  /** A pointer; 0 for no accounts. Good as long as this object is held. @throws {TrieError} after `release` */
  get root(): number {
    if (this.#root === RELEASED) throw new TrieError('the version was released')
    return this.#root
  }

  /** Gives up what only this version holds, now instead of when it is forgotten. It cannot be used afterwards. */
  release(): void {
    if (this.#root === RELEASED) return
    forgotten.unregister(this)
    this.arena.drop(this.#root)
    this.#root = RELEASED
  }

  /** Hashed when first asked for, and only where it was not hashed before. @throws {TrieError} */
  get stateRoot(): Hash {
    this.#stateRoot ??= this.arena.rootHash(this.root)
    return this.#stateRoot
  }
}

/** The version after what `write` puts into batches; `version` itself when nothing changes. @throws {TrieError} */
export function versionAfter(version: Version, write: (sink: BatchSink) => void): Version {
  const { arena } = version
  const sink = new BatchSink(arena, arena.retain(version.root))
  write(sink)
  const root = sink.finish()
  if (root !== version.root) return new Version(arena, root, grownFrom(version))
  arena.fn.drop(root)
  return version
}

/** The version after a batch (`batch-layout.ts`); `version` itself when nothing changes. @throws {TrieError} */
export function applyBatch(version: Version, batch: Uint8Array): Version {
  return versionAfter(version, (sink) => sink.batch(batch))
}

/** Takes entries of batches and applies them whenever the arena's buffer is full: batches have no greatest size. */
export class BatchSink {
  readonly #arena: Arena
  #root: number
  #used = 0
  /** Where the account entry is that slots are added to. */
  #account = 0

  constructor(arena: Arena, root: number) {
    this.#arena = arena
    this.#root = root
    arena.refresh()
  }

  /** Room for an account entry, zeroed; its slots follow. The place is in the arena's memory and good until the next call. */
  beginAccount(): number {
    this.#reserve(BATCH_ACCOUNT_BYTES)
    this.#account = this.#take(BATCH_ACCOUNT_BYTES)
    this.#arena.u8.fill(0, this.#account, this.#account + BATCH_ACCOUNT_BYTES)
    return this.#account
  }

  /** Room for a slot entry of the account that was begun last. */
  beginSlot(): number {
    const { view, batchRoom, u8 } = this.#arena
    if (this.#used + BATCH_SLOT_BYTES > batchRoom) {
      // The account goes on in the next batch, with nothing set of its own.
      const address = u8.slice(this.#account, this.#account + 24)
      this.#flush()
      this.#arena.u8.set(address, this.beginAccount())
      return this.beginSlot()
    }
    const place = this.#account + BATCH_SLOTS
    view.setUint32(place, view.getUint32(place, true) + 1, true)
    return this.#take(BATCH_SLOT_BYTES)
  }

  /** All of a batch, in one piece where it fits. */
  batch(batch: Uint8Array): void {
    if (batch.length <= this.#arena.batchRoom) {
      this.#reserve(batch.length)
      const place = this.#take(batch.length)
      this.#arena.u8.set(batch, place)
      return
    }
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
    for (let at = 0; at < batch.length;) {
      const slots = view.getUint32(at + BATCH_SLOTS, true)
      this.account(batch, at)
      at += BATCH_ACCOUNT_BYTES
      for (let slot = 0; slot < slots; slot++, at += BATCH_SLOT_BYTES) this.slot(batch, at)
    }
  }

  account(batch: Uint8Array, at: number): void {
    const place = this.beginAccount()
    this.#arena.u8.set(batch.subarray(at, at + BATCH_ACCOUNT_BYTES), place)
    this.#arena.view.setUint32(place + BATCH_SLOTS, 0, true)
  }

  slot(batch: Uint8Array, at: number): void {
    const place = this.beginSlot()
    this.#arena.u8.set(batch.subarray(at, at + BATCH_SLOT_BYTES), place)
  }

  #reserve(size: number): void {
    if (this.#used + size > this.#arena.batchRoom) this.#flush()
  }

  #take(size: number): number {
    const place = this.#arena.batchAt + this.#used
    this.#used += size
    return place
  }

  #flush(): void {
    const { fn, batchAt } = this.#arena
    this.#root = fn.apply(this.#root, batchAt, this.#used)
    this.#used = 0
    this.#arena.refresh()
  }

  /** What follows may name the same accounts again. */
  endBatch(): void {
    if (this.#used > 0) this.#flush()
  }

  /** The root after everything, owned by the caller. */
  finish(): number {
    this.endBatch()
    return this.#root
  }
}

import { copyInto } from './adopt.ts'
import { Arena, type ArenaStats, TrieError } from './arena.ts'
import type { Kv, KvWrite } from './kv.ts'
import { type Lineage, type SavedVersion, Version, newLineage } from './version.ts'
import { PruningPass } from './pruning.ts'
import { VersionTree } from './version-tree.ts'
import {
  META_KEY,
  type Meta,
  type Obsolete,
  type RootRecord,
  decodeMeta,
  decodeReference,
  decodeRoot,
  encodeMeta,
  encodeObsolete,
  encodeReference,
  encodeRoot,
  nodeKey,
  obsoleteKey,
  rootKey,
} from './version-records.ts'

/** What the disk lacks of a version. */
export interface StoreBatch {
  readonly writes: readonly KvWrite[]
  /** Names the version on disk once the writes are there. */
  readonly reference: Uint8Array
  /** To be called once the writes are durable: they are not asked for again. */
  confirm(): void
}

/** `nodesRead` and `recordsWritten` over a commit are its read and write amplification. */
export interface StoreStats extends ArenaStats {
  readonly recordsWritten: number
  /** Keys and values, before LevelDB compresses them. */
  readonly bytesWritten: number
}

const NO_VERSION = 0

/** Deletions that are written together, about. */
const PASS_WRITES = 20_000

/** Versions on disk: branches by number, and for each version its root and what it made obsolete. */
export class VersionStore {
  readonly arena: Arena
  readonly #kv: Kv
  readonly #open = new Map<number, WeakRef<Version>>()
  /** Versions that are in use in memory, or have one grow from them that is not saved. */
  readonly #lineages = new Map<number, WeakRef<Lineage>>()
  #versions: VersionTree | undefined
  readonly #adopted = new WeakMap<Version, Version>()
  #pruning: Promise<number> | undefined
  /** When there are so many, the dead ones are looked for. */
  #mostHeld = 1_000
  #recordsWritten = 0
  #bytesWritten = 0
  #meta: Meta

  /** @param cacheBytes of nodes in memory (default 256 MiB) @throws {KvError} when what is there cannot be read */
  constructor(kv: Kv, cacheBytes?: number) {
    this.#kv = kv
    this.arena = new Arena((id) => kv.get(nodeKey(id)), cacheBytes)
    const meta = kv.get(META_KEY)
    this.#meta = meta ? decodeMeta(meta) : { nextNode: 1, nextVersion: 1, oldest: 1 }
  }

  /** The version without accounts. */
  empty(): Version {
    return new Version(this.arena, 0, newLineage(undefined))
  }

  /**
   * `version` itself when it is of this store, else a copy in it, made once: what grows from a copy is of this store. @throws {TrieError}
   */
  adopt(version: Version): Version {
    if (version.arena === this.arena) return version
    const known = this.#adopted.get(version)
    if (known !== undefined) return known
    const copy = copyInto(this.empty(), version)
    this.#adopted.set(version, copy)
    return copy
  }

  /**
   * The records that make `version` readable from disk: what its nearest saved ancestor has not. Write them in one batch with what points
   * at the version, and batches in the order in which they were asked for: after one that failed nothing may be written before it. Then no
   * version is ever without its nodes. Asked for again before `confirm`, it is the same batch. @throws {TypeError} for a version of another store
   */
  batch(version: Version): StoreBatch {
    const { lineage } = version
    if (version.arena !== this.arena || lineage === undefined) {
      throw new TypeError('the version is of another store')
    }
    const saved = (lineage.saved ??= this.#take(version, lineage))
    this.#versions?.keep(saved.number)
    return {
      writes: saved.writes,
      reference: encodeReference(saved.number),
      confirm: () => {
        if (saved.writes.length === 0) return
        this.arena.markStored(version.root)
        this.arena.settle()
        saved.writes = []
        lineage.parent = undefined
        this.#versions?.add(saved)
      },
    }
  }

  /** Counts since the store was made, the arena's among them: differences over a commit are what it cost. */
  stats(): StoreStats {
    const recordsWritten = this.#recordsWritten
    return { ...this.arena.stats(), recordsWritten, bytesWritten: this.#bytesWritten }
  }

  #take(version: Version, lineage: Lineage): SavedVersion {
    const { nextNode: from, nextVersion: number } = this.#meta
    const writes: KvWrite[] = []
    const { next: to, link } = this.arena.collect(version.root, from, (id, value) => {
      writes.push({ key: nodeKey(id), value })
    })
    this.#meta = { ...this.#meta, nextNode: to, nextVersion: number + 1 }
    const before = savedBefore(lineage)
    const between = unsavedBefore(lineage)
    // What grew from this version, or from one before it, may have been saved first, with branches of theirs.
    const heirs = [lineage, ...between].flatMap(({ heir }) => heir?.saved ?? [])
    for (const ancestor of between) ancestor.heir ??= lineage
    const shares = [...new Set(heirs.map((heir) => heir.number))]
    const brought = to > from ? [{ from, to }] : []
    const entry = { number, parent: before?.number ?? NO_VERSION, brought, shares, link }
    const obsolete = before === undefined ? [] : this.#obsolete(before, version)
    writes.push(
      { key: rootKey(number), value: encodeRoot(entry) },
      { key: obsoleteKey(number), value: encodeObsolete(obsolete) },
      { key: META_KEY, value: encodeMeta(this.#meta) },
    )
    this.#recordsWritten += writes.length
    for (const { key, value } of writes) this.#bytesWritten += key.length + (value?.length ?? 0)
    const saved = { ...entry, version: new WeakRef(version), writes }
    this.#hold(saved, lineage)
    return saved
  }

  #hold({ number, version }: SavedVersion, lineage: Lineage): void {
    this.#open.set(number, version)
    this.#lineages.set(number, new WeakRef(lineage))
    if (this.#lineages.size >= this.#mostHeld) this.#forgetDead()
  }

  #forgetDead(): void {
    for (const [number, lineage] of this.#lineages) {
      if (lineage.deref() === undefined) this.#lineages.delete(number)
    }
    for (const [number, version] of this.#open) {
      if (version.deref() === undefined) this.#open.delete(number)
    }
    this.#mostHeld = 2 * this.#lineages.size + 1_000
  }

  #obsolete(parent: SavedVersion, version: Version): Obsolete[] {
    const before = parent.version.deref() ?? this.#read(parent)
    const entries: Obsolete[] = []
    this.arena.superseded(before.root, version.root, (id, isWhole) => entries.push({ id, isWhole }))
    return entries
  }

  /** The saved version that `reference` names. @throws {TrieError} when it is not there, {KvError} when its record is damaged */
  open(reference: Uint8Array): Version {
    const number = decodeReference(reference)
    const held = this.#open.get(number)?.deref()
    if (held !== undefined) return held
    const record = this.#rootRecord(number)
    if (record === undefined) throw new TrieError(`version ${number} of the state is missing`)
    return this.#read(record)
  }

  #rootRecord(number: number): RootRecord | undefined {
    const bytes = this.#kv.get(rootKey(number))
    return bytes && decodeRoot(bytes, number)
  }

  #read(record: RootRecord): Version {
    const lineage = newLineage(undefined)
    const version = new Version(this.arena, this.arena.open(record.link), lineage)
    lineage.saved = { ...record, version: new WeakRef(version), writes: [] }
    this.#hold(lineage.saved, lineage)
    return version
  }

  /** The chain asks for this version no more, unless it is batched again. `prune` takes it away when nothing needs it. */
  release(reference: Uint8Array): void {
    this.#tree().release(decodeReference(reference))
  }

  /** As `release`, of all saved versions but these: after a start. */
  releaseAllBut(references: readonly Uint8Array[]): void {
    const kept = new Set(references.map((reference) => decodeReference(reference)))
    const tree = this.#tree()
    for (const number of tree.numbers()) if (!kept.has(number)) tree.release(number)
  }

  /**
   * Deletes what released versions alone have, piece by piece, behind whatever else is written. A version that is held in memory stays, and so
   * does one from which two grew. Gives how many went. @throws {KvError}, {TrieError}
   */
  prune(): Promise<number> {
    this.#pruning ??= this.#prune().finally(() => {
      this.#pruning = undefined
    })
    return this.#pruning
  }

  async #prune(): Promise<number> {
    const tree = this.#tree()
    const isHeld = (number: number) => this.#lineages.get(number)?.deref() !== undefined
    let count = 0
    for (let removal = tree.next(isHeld); removal !== undefined;) {
      const pass = new PruningPass(this.#kv, this.arena)
      // Many at once, so that what the next inherits is written once.
      for (; removal !== undefined && pass.size < PASS_WRITES; removal = tree.next(isHeld)) {
        const heir = await pass.remove(removal)
        tree.remove(removal.entry.number)
        if (heir !== undefined) tree.add(heir)
        count++
      }
      await this.#kv.write(pass.writes())
    }
    const oldest = Math.min(this.#meta.nextVersion, ...tree.numbers())
    this.#meta = { ...this.#meta, oldest }
    return count
  }

  #tree(): VersionTree {
    if (this.#versions !== undefined) return this.#versions
    const tree = new VersionTree()
    for (let number = this.#meta.oldest; number < this.#meta.nextVersion; number++) {
      const record = this.#rootRecord(number)
      if (record !== undefined) tree.add(record)
    }
    this.#versions = tree
    return tree
  }
}

/** The nearest ancestor that was handed to the disk. */
function savedBefore(lineage: Lineage): SavedVersion | undefined {
  let at = lineage.parent
  while (at !== undefined && at.saved === undefined) at = at.parent
  return at?.saved
}

/** The ancestors between it and that one. */
function unsavedBefore(lineage: Lineage): Lineage[] {
  const found: Lineage[] = []
  for (let at = lineage.parent; at !== undefined && at.saved === undefined; at = at.parent) {
    found.push(at)
  }
  return found
}

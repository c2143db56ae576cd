import { copyInto } from './adopt.ts'
import { Arena, TrieError } from './arena.ts'
import { HeldVersions } from './held-versions.ts'
import { type Kv, KvError, type KvWrite } from './kv.ts'
import { type Lineage, type SavedVersion, Version, newLineage } from './version.ts'
import { PruningPass } from './pruning.ts'
import { type NumberRange, type TreeEntry, VersionTree, joined, parted } from './version-tree.ts'
import {
  FIRST_META,
  META_KEY,
  type Meta,
  type Obsolete,
  type RootRecord,
  type StoreCosts,
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
  sumOf,
} from './version-records.ts'

/** What the disk lacks of a version. */
export interface StoreBatch {
  readonly writes: readonly KvWrite[]
  /** Names the version on disk once the writes are there. */
  readonly reference: Uint8Array
  /** To be called once the writes are durable: they are not asked for again. */
  confirm(): void
}

const NO_VERSION = 0

/** Deletions that are written together, about. */
const PASS_WRITES = 20_000

/** Of the versions that are gone so many ranges are remembered, the longest: who starts next looks for none of them. */
const MOST_GAPS = 64

/** Versions on disk: branches by number, and for each version its root and what it made obsolete. */
export class VersionStore {
  readonly arena: Arena
  /** Whether nothing was ever saved. */
  readonly isNew: boolean
  readonly #kv: Kv
  readonly #held = new HeldVersions()
  #versions: VersionTree | undefined
  /** Released before there was a tree of them. */
  readonly #released = new Set<number>()
  readonly #adopted = new WeakMap<Version, Version>()
  #pruning: Promise<number> | undefined
  /** Of a pass that failed: it is done as far as memory goes. */
  #unwritten: readonly KvWrite[] = []
  readonly #written = { recordsWritten: 0, bytesWritten: 0, recordsDeleted: 0 }
  /** Numbers below it were given before this process: who is not there is gone. */
  readonly #firstVersion: number
  /** What it cost before this process. */
  readonly #costsBefore: StoreCosts
  #meta: Meta

  /** @param cacheBytes of nodes in memory (default 256 MiB) @throws {KvError} when what is there cannot be read */
  constructor(kv: Kv, cacheBytes?: number) {
    this.#kv = kv
    this.arena = new Arena((id) => kv.get(nodeKey(id)), cacheBytes)
    const meta = kv.get(META_KEY)
    this.isNew = meta === undefined
    this.#meta = meta ? decodeMeta(meta) : FIRST_META
    const { nextNode, nextVersion } = this.#meta
    // Older numbers would be given again, and what has them overwritten.
    if (kv.get(nodeKey(nextNode)) !== undefined || kv.get(rootKey(nextVersion)) !== undefined) {
      throw new KvError(
        'the record of the next numbers in the data folder is older than the states',
      )
    }
    this.#firstVersion = nextVersion
    this.#costsBefore = this.#meta.costs
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
    this.#released.delete(saved.entry.number)
    this.#versions?.keep(saved.entry.number)
    return {
      writes: this.#writesOf(saved),
      reference: encodeReference(saved.entry.number),
      confirm: () => this.#confirm(lineage, saved),
    }
  }

  /** With the next numbers as they are now: those of then would come after newer ones when it is asked for again. */
  #writesOf({ forks, writes }: SavedVersion): KvWrite[] {
    if (writes.length === 0) return []
    const along = forks.toReversed().flatMap((fork) => fork.saved!.writes)
    return [...along, ...writes, { key: META_KEY, value: encodeMeta(this.#meta) }]
  }

  #confirm(lineage: Lineage, saved: SavedVersion): void {
    if (saved.writes.length === 0) return
    for (const fork of saved.forks) this.#confirm(fork, fork.saved!)
    this.arena.markStored(saved.held!.root)
    this.arena.settle()
    saved.writes = []
    saved.forks = []
    saved.held = undefined
    lineage.parent = undefined
    this.#versions?.add(saved.entry)
    // What grew from it may have been there before it.
    for (const { saved: heir } of lineage.heirs)
      if (heir !== undefined) this.#versions?.add(heir.entry)
    lineage.heirs = []
    lineage.fork = undefined
  }

  /** Since the store was made in this process: differences over a commit are what it cost. */
  costs(): StoreCosts {
    const { nodesHashed, nodesRead, valuesChanged, bytesChanged } = this.arena.stats()
    return { nodesHashed, nodesRead, valuesChanged, bytesChanged, ...this.#written }
  }

  /** Since the folder was made, up to the newest version that was written. */
  get allCosts(): StoreCosts {
    return this.#meta.costs
  }

  /** Also of those before it from which others grew, when they are not on disk: what these share is theirs. */
  #take(version: Version, lineage: Lineage): SavedVersion {
    const forks = unsavedBefore(lineage).filter(({ fork }) => fork !== undefined)
    for (const fork of forks.toReversed()) {
      fork.saved = this.#takeAlone(fork.fork!, fork, [])
      this.#release(fork.saved.entry.number)
    }
    return this.#takeAlone(version, lineage, forks)
  }

  #takeAlone(version: Version, lineage: Lineage, forks: readonly Lineage[]): SavedVersion {
    const { nextNode: from, nextVersion: number } = this.#meta
    const writes: KvWrite[] = []
    const { next: to, link } = this.arena.collect(version.root, from, (id, value) => {
      writes.push({ key: nodeKey(id), value })
    })
    const before = savedBefore(lineage)
    const own = to > from ? [{ from, to }] : []
    const parent = before?.entry.number ?? NO_VERSION
    const heir = lineage.heirs.at(-1)?.saved
    const inherited = heir === undefined ? [] : this.#insert(version, number, heir, writes)
    const entry = { number, parent, brought: [...inherited, ...own] }
    const obsolete = before === undefined ? [] : this.#obsolete(this.#versionOf(before), version)
    for (const ancestor of unsavedBefore(lineage)) ancestor.heirs.push(lineage)
    writes.push(
      { key: rootKey(number), value: encodeRoot({ ...entry, link }) },
      { key: obsoleteKey(number), value: encodeObsolete(obsolete) },
    )
    this.#count(writes)
    this.#meta = {
      ...this.#meta,
      nextNode: to,
      nextVersion: number + 1,
      costs: sumOf(this.#costsBefore, this.costs()),
    }
    const saved = { entry, version: new WeakRef(version), held: version, link, writes, forks }
    this.#held.add(saved, lineage)
    return saved
  }

  /**
   * Puts `version` before `heir`, which grew from it and was saved first: what both have was brought by `heir` until now.
   * @returns the branches that it brought from here on
   */
  #insert(
    version: Version,
    number: number,
    heir: SavedVersion,
    writes: KvWrite[],
  ): readonly NumberRange[] {
    const after = this.#versionOf(heir)
    const { inside, outside } = parted(
      heir.entry.brought,
      this.arena.branchesApart(after.root, version.root),
    )
    heir.entry = { ...heir.entry, parent: number, brought: inside }
    const { number: at } = heir.entry
    const changed = [
      { key: rootKey(at), value: encodeRoot({ ...heir.entry, link: heir.link }) },
      { key: obsoleteKey(at), value: encodeObsolete(this.#obsolete(version, after)) },
    ]
    writes.push(...changed)
    // Its own batch, if that is asked for again, comes after this one.
    if (heir.writes.length > 0) heir.writes = [...heir.writes, ...changed]
    return outside
  }

  #count(writes: readonly KvWrite[]): void {
    for (const { key, value } of writes) {
      if (value === undefined) this.#written.recordsDeleted++
      else this.#written.recordsWritten++
      this.#written.bytesWritten += key.length + (value?.length ?? 0)
    }
  }

  #obsolete(before: Version, version: Version): Obsolete[] {
    const entries: Obsolete[] = []
    this.arena.superseded(before.root, version.root, (id, isWhole) => entries.push({ id, isWhole }))
    return entries
  }

  #versionOf({ held, version, link }: SavedVersion): Version {
    return held ?? version.deref() ?? new Version(this.arena, this.arena.open(link))
  }

  /** The saved version that `reference` names. @throws {TrieError} when it is not there, {KvError} when its record is damaged */
  open(reference: Uint8Array): Version {
    const number = decodeReference(reference)
    const held = this.#held.version(number)
    if (held !== undefined) return held
    const lineage = this.#held.lineage(number) ?? newLineage(undefined)
    const { entry, link } = lineage.saved ?? this.#recordOf(number)
    const version = new Version(this.arena, this.arena.open(link), lineage)
    const there = { version: new WeakRef(version), held: undefined, writes: [], forks: [] }
    lineage.saved = { entry, link, ...there }
    this.#held.add(lineage.saved, lineage)
    return version
  }

  #recordOf(number: number): Pick<SavedVersion, 'entry' | 'link'> {
    const record = this.#rootRecord(number)
    if (record === undefined) throw new TrieError(`version ${number} of the state is missing`)
    const { link, ...entry } = record
    return { entry, link }
  }

  #rootRecord(number: number): RootRecord | undefined {
    const bytes = this.#kv.get(rootKey(number))
    return bytes && decodeRoot(bytes, number)
  }

  /** The chain asks for this version no more, unless it is batched again. `prune` takes it away when nothing needs it. */
  release(reference: Uint8Array): void {
    this.#release(decodeReference(reference))
  }

  #release(number: number): void {
    if (this.#versions === undefined) this.#released.add(number)
    else this.#versions.release(number)
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
    const isHeld = (number: number) => this.#held.lineage(number) !== undefined
    let count = 0
    await this.#writePass()
    for (let clearance = tree.next(isHeld); clearance !== undefined;) {
      const pass = new PruningPass(this.#kv, this.arena)
      const removed: number[] = []
      // Many at once, so that what the next inherits is written once.
      for (; clearance !== undefined && pass.size < PASS_WRITES; clearance = tree.next(isHeld)) {
        const heir = await pass.clear(clearance)
        if (clearance.kind === 'fork') {
          tree.trimmed(clearance.entry)
          continue
        }
        tree.remove(clearance.entry.number)
        removed.push(clearance.entry.number)
        if (heir !== undefined) this.#became(tree, heir)
        count++
      }
      this.#unwritten = pass.writes()
      this.#count(this.#unwritten)
      await this.#writePass()
      this.#remember(removed)
    }
    return count
  }

  async #writePass(): Promise<void> {
    if (this.#unwritten.length > 0) await this.#kv.write(this.#unwritten)
    this.#unwritten = []
  }

  /** @param gone of versions that are on disk no more */
  #remember(gone: readonly number[]): void {
    const all = joined([...this.#meta.gone, ...gone.map((from) => ({ from, to: from + 1 }))])
    const longest = all.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, MOST_GAPS)
    this.#meta = { ...this.#meta, gone: joined(longest) }
  }

  #became(tree: VersionTree, entry: TreeEntry): void {
    tree.add(entry)
    const held = this.#held.lineage(entry.number)?.saved
    if (held !== undefined) held.entry = entry
  }

  #tree(): VersionTree {
    if (this.#versions !== undefined) return this.#versions
    const tree = new VersionTree()
    const gone: number[] = []
    let gaps = this.#meta.gone
    for (let number = 1; number < this.#meta.nextVersion; number++) {
      if (gaps[0]?.from === number) {
        number = gaps[0].to - 1
        gaps = gaps.slice(1)
        continue
      }
      const record = this.#rootRecord(number)
      if (record !== undefined) tree.add(record)
      else if (number < this.#firstVersion) gone.push(number)
    }
    this.#remember(gone)
    for (const number of this.#released) tree.release(number)
    this.#released.clear()
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

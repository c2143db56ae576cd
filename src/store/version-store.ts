import { Arena, TrieError } from './arena.ts'
import type { Kv, KvWrite } from './kv.ts'
import { type Lineage, type SavedVersion, Version } from './version.ts'
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

const NO_VERSION = 0

/** Versions on disk: branches by number, and for each version its root and what it made obsolete. */
export class VersionStore {
  readonly arena: Arena
  readonly #kv: Kv
  readonly #open = new Map<number, WeakRef<Version>>()
  #meta: Meta

  /** @throws {KvError} when what is there cannot be read */
  constructor(kv: Kv) {
    this.#kv = kv
    this.arena = new Arena((id) => kv.get(nodeKey(id)))
    const meta = kv.get(META_KEY)
    this.#meta = meta ? decodeMeta(meta) : { nextNode: 1, nextVersion: 1, oldest: 1 }
  }

  /** The version without accounts. */
  empty(): Version {
    return new Version(this.arena, 0, { parent: undefined, saved: undefined })
  }

  /**
   * The records that make `version` readable from disk. Write them in one batch with what points at the version, in the order in which
   * batches were asked for: then no root is ever without its nodes. @throws {TypeError} for a version of another store
   */
  batch(version: Version): StoreBatch {
    const { lineage } = version
    if (version.arena !== this.arena || lineage === undefined) {
      throw new TypeError('the version is of another store')
    }
    if (lineage.saved?.isDurable === true) {
      return { writes: [], reference: encodeReference(lineage.saved.number), confirm() {} }
    }
    const writes: KvWrite[] = []
    const { nextNode } = this.#meta
    const { next, link } = this.arena.collect(version.root, nextNode, (id, value) => {
      writes.push({ key: nodeKey(id), value })
    })
    lineage.saved ??= this.#name(version, nextNode, next, link)
    const saved = lineage.saved
    this.#meta = { ...this.#meta, nextNode: next }
    const parent = savedBefore(lineage)
    const record = { ...saved, parent: parent?.number ?? NO_VERSION }
    const obsolete = parent === undefined ? [] : this.#obsolete(parent, version)
    writes.push(
      { key: rootKey(saved.number), value: encodeRoot(record) },
      { key: obsoleteKey(saved.number), value: encodeObsolete(obsolete) },
      { key: META_KEY, value: encodeMeta(this.#meta) },
    )
    const { arena } = this
    return {
      writes,
      reference: encodeReference(saved.number),
      confirm() {
        arena.markStored(version.root)
        saved.isDurable = true
        lineage.parent = undefined
      },
    }
  }

  #name(version: Version, from: number, to: number, link: Uint8Array): SavedVersion {
    const number = this.#meta.nextVersion
    this.#meta = { ...this.#meta, nextVersion: number + 1 }
    const held = new WeakRef(version)
    this.#open.set(number, held)
    return { number, from, to, link, version: held, isDurable: false }
  }

  #obsolete(parent: SavedVersion, version: Version): Obsolete[] {
    const before = parent.version.deref() ?? this.#read(parent.number, parent)
    const entries: Obsolete[] = []
    this.arena.superseded(before.root, version.root, (id, isWhole) => entries.push({ id, isWhole }))
    return entries
  }

  /** The saved version that `reference` names. @throws {TrieError} when it is not there, {KvError} when its record is damaged */
  open(reference: Uint8Array): Version {
    const number = decodeReference(reference)
    const held = this.#open.get(number)?.deref()
    if (held !== undefined) return held
    const record = this.#kv.get(rootKey(number))
    if (record === undefined) throw new TrieError(`version ${number} of the state is missing`)
    return this.#read(number, decodeRoot(record, number))
  }

  #read(number: number, { from, to, link }: Pick<RootRecord, 'from' | 'to' | 'link'>): Version {
    const lineage: Lineage = { parent: undefined, saved: undefined }
    const version = new Version(this.arena, this.arena.open(link), lineage)
    const held = new WeakRef(version)
    lineage.saved = { number, from, to, link, version: held, isDurable: true }
    this.#open.set(number, held)
    return version
  }
}

/** The nearest ancestor that was handed to the disk. */
function savedBefore(lineage: Lineage): SavedVersion | undefined {
  let at = lineage.parent
  while (at !== undefined && at.saved === undefined) at = at.parent
  return at?.saved
}

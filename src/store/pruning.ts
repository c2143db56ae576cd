import { setImmediate } from 'node:timers/promises'

import type { Arena } from './arena.ts'
import type { Kv, KvWrite } from './kv.ts'
import {
  type Obsolete,
  decodeObsolete,
  decodeRoot,
  encodeObsolete,
  encodeRoot,
  nodeKey,
  obsoleteKey,
  rootKey,
} from './version-records.ts'
import { type Removal, type TreeEntry, inherited, isBroughtBy } from './version-tree.ts'

/** How many records are read or looked at before others have their turn. */
const PIECE = 1_000

/** Removals of versions, gathered to be written together. */
export class PruningPass {
  readonly #kv: Kv
  readonly #arena: Arena
  readonly #writes = new Map<string, KvWrite>()
  #steps = 0

  constructor(kv: Kv, arena: Arena) {
    this.#kv = kv
    this.#arena = arena
  }

  get size(): number {
    return this.#writes.size
  }

  /** All of them at once, or nothing is removed. */
  writes(): KvWrite[] {
    return [...this.#writes.values()]
  }

  /** Gives what becomes of the version after the removed one. @throws {KvError}, {TrieError} */
  async remove(removal: Removal): Promise<TreeEntry | undefined> {
    const { entry } = removal
    let heir: TreeEntry | undefined
    // With others that share it, what the version brought stays for good: it is in no list of theirs.
    if (removal.kind === 'newest') {
      if (!removal.isShared) await this.#removeBrought(entry)
    } else {
      heir = inherited(entry, removal.heir)
      await this.#passOn(removal, heir)
    }
    this.#put(rootKey(entry.number), undefined)
    this.#put(obsoleteKey(entry.number), undefined)
    return heir
  }

  async #removeBrought({ brought }: TreeEntry): Promise<void> {
    for (const { from, to } of brought) {
      for (let id = from; id < to; id++) {
        this.#put(nodeKey(id), undefined)
        await this.#step()
      }
    }
  }

  /** Of what the heir superseded: what nobody before has goes, the rest and what the removed one superseded is the heir's to tell. */
  async #passOn(removal: Removal & { readonly heir: TreeEntry }, heir: TreeEntry): Promise<void> {
    const { kind, entry } = removal
    const rest = kind === 'oldest' ? [] : this.#obsoleteOf(entry.number)
    const waiting = this.#obsoleteOf(heir.number)
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (kind === 'between' && !isBroughtBy(entry, next.id)) {
        rest.push(next)
        continue
      }
      if (next.isWhole) waiting.push(...this.#below(next.id))
      this.#put(nodeKey(next.id), undefined)
      await this.#step()
    }
    const link = this.#linkOf(heir.number)
    if (link !== undefined) this.#put(rootKey(heir.number), encodeRoot({ ...heir, link }))
    this.#put(obsoleteKey(heir.number), rest.length === 0 ? undefined : encodeObsolete(rest))
  }

  #below(id: number): Obsolete[] {
    const record = this.#get(nodeKey(id))
    if (record === undefined) return []
    return this.#arena.childrenOf(id, record).map((child) => ({ id: child, isWhole: true }))
  }

  #obsoleteOf(version: number): Obsolete[] {
    const bytes = this.#get(obsoleteKey(version))
    return bytes === undefined ? [] : decodeObsolete(bytes)
  }

  #linkOf(version: number): Uint8Array | undefined {
    const bytes = this.#get(rootKey(version))
    return bytes && decodeRoot(bytes, version).link
  }

  #get(key: Uint8Array): Uint8Array | undefined {
    const write = this.#writes.get(nameOf(key))
    return write === undefined ? this.#kv.get(key) : write.value
  }

  #put(key: Uint8Array, value: Uint8Array | undefined): void {
    this.#writes.set(nameOf(key), { key, value })
  }

  #step(): Promise<void> | undefined {
    return ++this.#steps % PIECE === 0 ? setImmediate() : undefined
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}

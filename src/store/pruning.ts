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
import { type Clearance, type TreeEntry, inherited, isBroughtBy } from './version-tree.ts'

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

  /** Gives the versions that the removal changes. @throws {KvError}, {TrieError} */
  async clear(clearance: Clearance): Promise<TreeEntry | undefined> {
    if (clearance.kind === 'fork') {
      await this.#trim(clearance)
      return undefined
    }
    const { entry } = clearance
    let heir: TreeEntry | undefined
    if (clearance.kind === 'newest') {
      await this.#removeBrought(entry)
    } else {
      heir = inherited(entry, clearance.heir)
      await this.#passOn(clearance.kind, entry, heir)
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
  async #passOn(kind: 'oldest' | 'between', entry: TreeEntry, heir: TreeEntry): Promise<void> {
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
    this.#putObsolete(heir.number, rest)
  }

  /** What none of the heirs has goes; what one before the fork has is from now on the fork's to tell. */
  async #trim({ entry, isOldest, heirs }: Clearance & { readonly kind: 'fork' }): Promise<void> {
    const lists: Set<number>[] = []
    for (const { number } of heirs) lists.push(await this.#branchesIn(this.#obsoleteOf(number)))
    const nobodys = [...lists[0]!].filter((id) => lists.every((list) => list.has(id)))
    if (nobodys.length === 0) return
    const rest = this.#obsoleteOf(entry.number)
    for (const id of nobodys) {
      if (isOldest || isBroughtBy(entry, id)) this.#put(nodeKey(id), undefined)
      else rest.push({ id, isWhole: false })
      for (const list of lists) list.delete(id)
      await this.#step()
    }
    this.#putObsolete(entry.number, rest)
    for (const [index, { number }] of heirs.entries()) {
      const left = [...lists[index]!].map((id) => ({ id, isWhole: false }))
      this.#putObsolete(number, left)
    }
  }

  /** Each of them by its number, those below too. */
  async #branchesIn(entries: Obsolete[]): Promise<Set<number>> {
    const found = new Set<number>()
    for (let next = entries.pop(); next !== undefined; next = entries.pop()) {
      found.add(next.id)
      if (next.isWhole) entries.push(...this.#below(next.id))
      await this.#step()
    }
    return found
  }

  #putObsolete(version: number, entries: readonly Obsolete[]): void {
    this.#put(obsoleteKey(version), entries.length === 0 ? undefined : encodeObsolete(entries))
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

/** A saved version among the others on disk. */
export interface TreeEntry {
  readonly number: number
  /** The version it was made of; it may be gone. */
  readonly parent: number
  /** The branches numbered from `from`, below `to`, came with it. */
  readonly from: number
  readonly to: number
  /** Versions that are not before it but whose branches it has too: both grew from one that was not saved itself. */
  readonly shares: readonly number[]
}

/**
 * A version that can go now. `oldest`: nothing is before it and one version, `heir`, comes after it; what that one superseded is nobody's.
 * `newest`: nothing comes after it; what it brought is nobody's, but for what `sharers` have too.
 */
export type Removal =
  | { readonly kind: 'oldest'; readonly entry: TreeEntry; readonly heir: TreeEntry }
  | { readonly kind: 'newest'; readonly entry: TreeEntry; readonly sharers: readonly TreeEntry[] }

/** Which versions are on disk, which of them nobody asks for any more, and which of those can go. */
export class VersionTree {
  readonly #entries = new Map<number, TreeEntry>()
  readonly #children = new Map<number, Set<number>>()
  readonly #released = new Set<number>()

  add(entry: TreeEntry): void {
    this.#entries.set(entry.number, entry)
    const siblings = this.#children.get(entry.parent)
    if (siblings === undefined) this.#children.set(entry.parent, new Set([entry.number]))
    else siblings.add(entry.number)
  }

  numbers(): Iterable<number> {
    return this.#entries.keys()
  }

  /** Nobody will ask for this version again, on disk or on its way there. It goes when what is before or after it allows. */
  release(number: number): void {
    this.#released.add(number)
  }

  /** Takes back a release. */
  keep(number: number): void {
    this.#released.delete(number)
  }

  /** @param isHeld whether a version, or one that grows from it, is in use in memory: such a version stays */
  next(isHeld: (number: number) => boolean): Removal | undefined {
    for (const number of this.#released) {
      const entry = this.#entries.get(number)
      if (entry === undefined || isHeld(number)) continue
      const children = [...(this.#children.get(number) ?? [])]
      if (children.length === 0) return { kind: 'newest', entry, sharers: this.#sharersOf(number) }
      if (children.length > 1 || this.#entries.has(entry.parent)) continue
      return { kind: 'oldest', entry, heir: this.#entries.get(children[0]!)! }
    }
    return undefined
  }

  #sharersOf(number: number): TreeEntry[] {
    return [...this.#entries.values()].filter(({ shares }) => shares.includes(number))
  }

  remove(number: number): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) return
    this.#entries.delete(number)
    this.#released.delete(number)
    this.#children.get(entry.parent)?.delete(number)
  }
}

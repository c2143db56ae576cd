/** Numbers from `from`, below `to`. */
interface NumberRange {
  readonly from: number
  readonly to: number
}

/** A saved version among the others on disk. */
export interface TreeEntry {
  readonly number: number
  /** The version it was made of; it may be gone. */
  readonly parent: number
  /** The branches that came with it, or with versions between its parent and it that are gone: in order. */
  readonly brought: readonly NumberRange[]
  /** Versions that are not before it but whose branches it has too: they grew from it, or from one before it, and were saved first. */
  readonly shares: readonly number[]
}

/**
 * A version that can go now. `newest`: none comes after it, so what it brought is nobody's, unless others share it. `oldest`: none is before
 * it and one, `heir`, comes after it: what that one superseded is nobody's. `between`: of what `heir` superseded, what it brought is nobody's.
 */
export type Removal =
  | { readonly kind: 'newest'; readonly entry: TreeEntry; readonly isShared: boolean }
  | { readonly kind: 'oldest' | 'between'; readonly entry: TreeEntry; readonly heir: TreeEntry }

/** Which versions are on disk, which of them nobody asks for any more, and which of those can go. */
export class VersionTree {
  readonly #entries = new Map<number, TreeEntry>()
  readonly #children = new Map<number, Set<number>>()
  readonly #released = new Set<number>()

  /** Takes in a version, or what became of one. */
  add(entry: TreeEntry): void {
    const before = this.#entries.get(entry.number)
    if (before !== undefined) this.#children.get(before.parent)?.delete(entry.number)
    this.#entries.set(entry.number, entry)
    const siblings = this.#children.get(entry.parent)
    if (siblings === undefined) this.#children.set(entry.parent, new Set([entry.number]))
    else siblings.add(entry.number)
  }

  numbers(): Iterable<number> {
    return this.#entries.keys()
  }

  /** Nobody will ask for this version again, on disk or on its way there. */
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
      const isShared = this.#isShared(number)
      if (children.length === 0) return { kind: 'newest', entry, isShared }
      if (children.length > 1 || isShared) continue
      const kind = this.#entries.has(entry.parent) ? 'between' : 'oldest'
      return { kind, entry, heir: this.#entries.get(children[0]!)! }
    }
    return undefined
  }

  #isShared(number: number): boolean {
    for (const { shares } of this.#entries.values()) if (shares.includes(number)) return true
    return false
  }

  remove(number: number): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) return
    this.#entries.delete(number)
    this.#released.delete(number)
    this.#children.get(entry.parent)?.delete(number)
    this.#children.delete(number)
  }
}

/** `heir` when `entry`, its parent, is gone. */
export function inherited(entry: TreeEntry, heir: TreeEntry): TreeEntry {
  return {
    number: heir.number,
    parent: entry.parent,
    brought: joined([...entry.brought, ...heir.brought]),
    shares: [...new Set([...entry.shares, ...heir.shares])],
  }
}

function joined(ranges: readonly NumberRange[]): NumberRange[] {
  const out: NumberRange[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1)
    if (last !== undefined && last.to >= range.from) {
      out[out.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
    } else if (range.to > range.from) {
      out.push(range)
    }
  }
  return out
}

export function isBroughtBy({ brought }: TreeEntry, branch: number): boolean {
  return brought.some(({ from, to }) => from <= branch && branch < to)
}

/** Numbers from `from`, below `to`. */
export interface NumberRange {
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
}

/**
 * A version that can go now. `newest`: none comes after it, so what it brought is nobody's. `oldest`: none is before it and one, `heir`,
 * comes after it: what that one superseded is nobody's. `between`: of what `heir` superseded, what it brought is nobody's.
 */
type Removal =
  | { readonly kind: 'newest'; readonly entry: TreeEntry }
  | { readonly kind: 'oldest' | 'between'; readonly entry: TreeEntry; readonly heir: TreeEntry }

/** A version that nobody asks for but from which several grew: it stays for what any of those has, the rest can go. */
interface Trimming {
  readonly kind: 'fork'
  readonly entry: TreeEntry
  readonly isOldest: boolean
  readonly heirs: readonly TreeEntry[]
}

export type Clearance = Removal | Trimming

/** Which versions are on disk, which of them nobody asks for any more, and which of those can go. */
export class VersionTree {
  readonly #entries = new Map<number, TreeEntry>()
  readonly #children = new Map<number, Set<number>>()
  readonly #released = new Set<number>()
  /** Forks that have nothing which can go, by what grew from them then. */
  readonly #trimmed = new Map<number, string>()

  /** Takes in a version, or what became of one. */
  add(entry: TreeEntry): void {
    const before = this.#entries.get(entry.number)
    if (before !== undefined) this.#children.get(before.parent)?.delete(entry.number)
    this.#entries.set(entry.number, entry)
    const siblings = this.#children.get(entry.parent)
    if (siblings === undefined) this.#children.set(entry.parent, new Set([entry.number]))
    else siblings.add(entry.number)
  }

  get(number: number): TreeEntry | undefined {
    return this.#entries.get(number)
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
  next(isHeld: (number: number) => boolean): Clearance | undefined {
    for (const number of this.#released) {
      const entry = this.#entries.get(number)
      if (entry === undefined || isHeld(number)) continue
      const heirs = this.#heirsOf(number)
      if (heirs.length === 0) return { kind: 'newest', entry }
      const isOldest = !this.#entries.has(entry.parent)
      if (heirs.length === 1) {
        return { kind: isOldest ? 'oldest' : 'between', entry, heir: heirs[0]! }
      }
      if (this.#trimmed.get(number) !== namesOf(heirs)) {
        return { kind: 'fork', entry, isOldest, heirs }
      }
    }
    return undefined
  }

  #heirsOf(number: number): TreeEntry[] {
    return [...(this.#children.get(number) ?? [])].map((child) => this.#entries.get(child)!)
  }

  remove(number: number): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) return
    this.#entries.delete(number)
    this.#released.delete(number)
    this.#trimmed.delete(number)
    this.#children.get(entry.parent)?.delete(number)
    this.#children.delete(number)
  }

  /** All that could go of a fork went. What it let go of, the one before it may let go of too. */
  trimmed({ number, parent }: TreeEntry): void {
    this.#trimmed.set(number, namesOf(this.#heirsOf(number)))
    this.#trimmed.delete(parent)
  }
}

function namesOf(entries: readonly TreeEntry[]): string {
  return entries.map(({ number }) => number).join()
}

/** `heir` when `entry`, its parent, is gone. */
export function inherited(entry: TreeEntry, heir: TreeEntry): TreeEntry {
  return {
    number: heir.number,
    parent: entry.parent,
    brought: joined([...entry.brought, ...heir.brought]),
  }
}

/** The branches of `brought` that are in `others`, and the others, each as ranges. */
export function parted(
  brought: readonly NumberRange[],
  others: ReadonlySet<number>,
): { readonly inside: readonly NumberRange[]; readonly outside: readonly NumberRange[] } {
  const inside: NumberRange[] = []
  const outside: NumberRange[] = []
  for (const { from, to } of brought) {
    for (let id = from; id < to; id++) {
      const range = { from: id, to: id + 1 }
      if (others.has(id)) inside.push(range)
      else outside.push(range)
    }
  }
  return { inside: joined(inside), outside: joined(outside) }
}

/** The same numbers in as few ranges as there are, in order. */
export function joined(ranges: readonly NumberRange[]): NumberRange[] {
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

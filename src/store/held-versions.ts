import type { Lineage, SavedVersion, Version } from './version.ts'

/** Saved versions that are in use in memory, by number. It keeps none of them alive. */
export class HeldVersions {
  readonly #versions = new Map<number, WeakRef<Version>>()
  /** Of versions that are in use, or have one grow from them that is not saved. */
  readonly #lineages = new Map<number, WeakRef<Lineage>>()
  /** When there are so many, the dead ones are looked for. */
  #most = 1_000

  add({ entry: { number }, version }: SavedVersion, lineage: Lineage): void {
    this.#versions.set(number, version)
    this.#lineages.set(number, new WeakRef(lineage))
    if (this.#lineages.size >= this.#most) this.#forgetDead()
  }

  version(number: number): Version | undefined {
    return this.#versions.get(number)?.deref()
  }

  /** undefined when nothing in memory needs that version. */
  lineage(number: number): Lineage | undefined {
    return this.#lineages.get(number)?.deref()
  }

  #forgetDead(): void {
    for (const [number, lineage] of this.#lineages) {
      if (lineage.deref() === undefined) this.#lineages.delete(number)
    }
    for (const [number, version] of this.#versions) {
      if (version.deref() === undefined) this.#versions.delete(number)
    }
    this.#most = 2 * this.#lineages.size + 1_000
  }
}

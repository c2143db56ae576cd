import type { Guard } from './touches.ts'

/** Who a check of a balance depends on: nobody, a transaction, or it cannot be told. */
type GuardDependency =
  | { readonly kind: 'none' | 'undecided' }
  | { readonly kind: 'on'; readonly tx: number }

/**
 * The balance of one account as transactions change it, to tell which of them a check depends on: the last one that turned its answer.
 * A check that would have had the same answer all along depends on nobody. O(log n) for a check, O(1) amortised for a change.
 */
export class BalanceHistory {
  /** Values in order; the first is what was there before, when that is known. */
  readonly #values: bigint[] = []
  /** The transaction behind each value; -1 for the first. */
  readonly #txs: number[] = []
  /** Places of values that no later one goes below (or above): increasing (or decreasing) values. */
  readonly #minima: number[] = []
  readonly #maxima: number[] = []
  /** What checks told before the first change, when the balance is not known. */
  #atLeastWei = 0n
  #belowWei: bigint | undefined

  constructor(beforeWei: bigint | undefined) {
    if (beforeWei !== undefined) this.#append(-1, beforeWei)
  }

  change(tx: number, afterWei: bigint): void {
    this.#append(tx, afterWei)
  }

  /** An exact read tells what is there; it is only news before the first change. */
  found(wei: bigint): void {
    if (this.#values.length === 0) this.#append(-1, wei)
  }

  dependencyOf({ atLeastWei, held }: Guard): GuardDependency {
    if (this.#values.length === 0) {
      this.#learn(atLeastWei, held)
      return { kind: 'none' }
    }
    const otherwise = held
      ? lastWhere(this.#minima, (at) => this.#values[at]! < atLeastWei)
      : lastWhere(this.#maxima, (at) => this.#values[at]! >= atLeastWei)
    if (otherwise !== undefined) {
      const turned = Math.min(otherwise + 1, this.#txs.length - 1)
      return { kind: 'on', tx: this.#txs[turned]! }
    }
    if (this.#txs[0] === -1 || this.#knownBefore(atLeastWei, held)) return { kind: 'none' }
    return { kind: 'undecided' }
  }

  #learn(atLeastWei: bigint, held: boolean): void {
    if (held && atLeastWei > this.#atLeastWei) this.#atLeastWei = atLeastWei
    if (!held && (this.#belowWei === undefined || atLeastWei < this.#belowWei)) {
      this.#belowWei = atLeastWei
    }
  }

  #knownBefore(atLeastWei: bigint, held: boolean): boolean {
    if (held) return this.#atLeastWei >= atLeastWei
    return this.#belowWei !== undefined && this.#belowWei <= atLeastWei
  }

  #append(tx: number, wei: bigint): void {
    const at = this.#values.length
    this.#values.push(wei)
    this.#txs.push(tx)
    while (this.#minima.length > 0 && this.#values[this.#minima.at(-1)!]! >= wei) {
      this.#minima.pop()
    }
    this.#minima.push(at)
    while (this.#maxima.length > 0 && this.#values[this.#maxima.at(-1)!]! <= wei) {
      this.#maxima.pop()
    }
    this.#maxima.push(at)
  }
}

/** The last of `places` that is so, where all before it are so too. */
function lastWhere(places: readonly number[], is: (place: number) => boolean): number | undefined {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (is(places[middle]!)) low = middle + 1
    else high = middle
  }
  return places[low - 1]
}

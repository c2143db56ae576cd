import type { Transaction } from '../model/transaction.ts'
import type { Version } from '../state/world.ts'
import type { ClockState } from './clock.ts'
import type { BlockSettings } from './settings.ts'

/** All of a dev chain that a revert brings back. */
export interface Snapshot {
  readonly id: bigint
  /** Of the head. */
  readonly number: bigint
  readonly version: Version
  readonly pool: readonly Transaction[]
  readonly clock: ClockState
  readonly settings: BlockSettings
}

/** Snapshots by ids that count up and never come twice. */
export class Snapshots {
  #kept: Snapshot[] = []
  #next = 0n

  /** Oldest first. */
  get all(): readonly Snapshot[] {
    return this.#kept
  }

  take(state: Omit<Snapshot, 'id'>): bigint {
    const id = this.#next++
    this.#kept.push({ id, ...state })
    return id
  }

  /** The snapshot `id`; it and later ones are used up. undefined when there is none. */
  use(id: bigint): Snapshot | undefined {
    const at = this.#kept.findIndex((snapshot) => snapshot.id === id)
    const snapshot = this.#kept[at]
    if (snapshot !== undefined) this.#kept.length = at
    return snapshot
  }

  /** Forgets those of blocks above `number`. */
  forgetAbove(number: bigint): void {
    this.#kept = this.#kept.filter((snapshot) => snapshot.number <= number)
  }

  clear(): void {
    this.#kept = []
  }
}

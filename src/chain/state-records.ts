import type { CodeStore } from '../state/codes.ts'
import { versionBatch } from '../state/persistence.ts'
import type { Version } from '../state/world.ts'
import type { Kv, KvWrite } from '../store/kv.ts'
import type { StoreCosts } from '../store/version-records.ts'
import { VersionStore } from '../store/version-store.ts'

/** What a state needs on disk. */
export interface StateWrites {
  readonly writes: readonly KvWrite[]
  /** Names the state on disk. */
  readonly reference: Uint8Array
  /** To be called once the writes are done. */
  confirm(): void
}

/** How states reach the disk: all that this room knows of it. */
export class StateRecords {
  readonly #versions: VersionStore
  readonly #codes: CodeStore

  /** @param cacheBytes of nodes in memory @throws {KvError} when what is there cannot be read */
  constructor(kv: Kv, codes: CodeStore, cacheBytes?: number) {
    this.#versions = new VersionStore(kv, cacheBytes)
    this.#codes = codes
  }

  /** Whether no state was ever written. */
  get isNew(): boolean {
    return this.#versions.isNew
  }

  /** The state without accounts: what grows from it can be written. */
  empty(): Version {
    return this.#versions.empty()
  }

  /** To be written in the order in which they are taken, each with what points at it. */
  take(version: Version): StateWrites {
    return versionBatch(this.#versions, version, this.#codes)
  }

  /** @throws {TrieError} when it is not there */
  open(reference: Uint8Array): Version {
    return this.#versions.open(reference)
  }

  /** It is asked for no more, unless it is taken again. */
  release(reference: Uint8Array): void {
    this.#versions.release(reference)
  }

  /** All but these are asked for no more. */
  releaseAllBut(references: readonly Uint8Array[]): void {
    this.#versions.releaseAllBut(references)
  }

  /** Since the start: differences over a block are what it cost. */
  costs(): StoreCosts {
    return this.#versions.costs()
  }

  /** Since the folder was made, up to the newest state that was written. */
  get allCosts(): StoreCosts {
    return this.#versions.allCosts
  }

  /** Deletes what released states alone have. @returns how many went @throws {KvError}, {TrieError} */
  prune(): Promise<number> {
    return this.#versions.prune()
  }
}

import type { KvWrite } from '../store/kv.ts'
import type { VersionStore } from '../store/version-store.ts'
import type { CodeStore } from './codes.ts'
import type { Version } from './world.ts'

/** What the disk lacks of a version. */
export interface VersionBatch {
  readonly writes: readonly KvWrite[]
  /** Names the version for `VersionStore.open`, once the writes are durable. */
  readonly reference: Uint8Array
  /** To be called once the writes are durable: they are not asked for again. */
  confirm(): void
}

/**
 * The records that make `version` readable from disk by its reference: new nodes and new code. Write them in one batch with what points
 * at it, batches in the order in which they were made, so that no version is ever without its nodes.
 */
export function versionBatch(
  store: VersionStore,
  version: Version,
  codes: CodeStore,
): VersionBatch {
  const nodes = store.batch(version)
  const code = codes.unsaved()
  return {
    writes: [...nodes.writes, ...code.writes],
    reference: nodes.reference,
    confirm() {
      nodes.confirm()
      code.confirm()
    },
  }
}

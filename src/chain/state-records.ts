import type { Hash } from '../primitives/hex.ts'
import type { CodeStore } from '../state/codes.ts'
import { openVersion, preimagesIn, versionBatch } from '../state/persistence.ts'
import type { Preimages, Version } from '../state/world.ts'
import type { Kv, KvWrite } from '../store/kv.ts'

/** How states reach the disk: all that this room knows of it. */

/** The records that `version` needs to be opened by its root. They are not asked for again: who writes them writes all or stops. */
export function takeStateWrites(version: Version, codes: CodeStore): readonly KvWrite[] {
  const batch = versionBatch(version, codes)
  batch.confirm()
  return batch.writes
}

/** The state with this root, once its records are written. @throws {TrieError} when it is not there */
export function openState(kv: Kv, stateRoot: Hash): Version {
  return openVersion(kv, stateRoot)
}

/** Names of accounts and slots, as far as states that are written knew them. */
export function namesIn(kv: Kv): Preimages {
  return preimagesIn(kv)
}

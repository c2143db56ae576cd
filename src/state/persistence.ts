import { type Address, type Hash, type Slot, hexToBytes } from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'
import type { Kv, KvWrite } from '../store/kv.ts'
import { nodeLoader, nodeWrites, prefixedKey } from '../store/node-records.ts'
import { type NewNodes, collectNew, markStored, resolve, trieAt } from '../store/trie.ts'
import { accountCodec } from './account-leaf.ts'
import type { CodeStore } from './codes.ts'
import { type Preimages, type Version, versionOf } from './world.ts'

const PREIMAGE_PREFIX = 0x70 // p

/** What the disk lacks of a version. */
export interface VersionBatch {
  readonly writes: readonly KvWrite[]
  /** To be called once the writes are durable: they are not asked for again. */
  confirm(): void
}

/**
 * The records that make `version` readable from disk by its root: new nodes, new code, and the names behind new hashes.
 * Write them in one batch with what points at the root, so that no root is ever without its nodes.
 */
export function versionBatch(version: Version, codes: CodeStore): VersionBatch {
  const nodes: NewNodes = { entries: [], nodes: [] }
  const names: KvWrite[] = []
  const addName = (hash: Uint8Array, name: Address | Slot | undefined): void => {
    if (name === undefined) return
    names.push({ key: prefixedKey(PREIMAGE_PREFIX, hash), value: hexToBytes(name) })
  }
  collectNew(version.accounts, nodes, (leaf, addressHash) => {
    addName(addressHash, leaf.address)
    collectNew(leaf.storage, nodes, (slot, keyHash) => addName(keyHash, slot.key))
  })
  const code = codes.unsaved()
  return {
    writes: [...nodeWrites(nodes), ...code.writes, ...names],
    confirm() {
      markStored(nodes)
      code.confirm()
    },
  }
}

/** Writes what `kv` lacks of `version`. @throws {KvError} and then nothing was written. */
export async function saveVersion(kv: Kv, version: Version, codes: CodeStore): Promise<void> {
  const batch = versionBatch(version, codes)
  await kv.write(batch.writes)
  batch.confirm()
}

/** The saved version with this root; only its root node is read now. @throws {TrieError} when it is not there. */
export function openVersion(kv: Kv, stateRoot: Hash): Version {
  const load = nodeLoader(kv)
  const accounts = trieAt(stateRoot, accountCodec(load), load)
  if (stateRoot !== EMPTY_ROOT) resolve(accounts, accounts.root!)
  return versionOf(accounts)
}

/** Names behind hashes, as far as saved versions knew them. */
export function preimagesIn(kv: Kv): Preimages {
  return (hash) => kv.get(prefixedKey(PREIMAGE_PREFIX, hash))
}

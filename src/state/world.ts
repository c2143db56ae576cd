import type { Account } from '../model/account.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT, keccakHash } from '../primitives/keccak.ts'
import { Arena } from '../store/arena.ts'
import { leavesOf } from '../store/leaves.ts'
import { Version as StoredVersion, newLineage, versionAfter } from '../store/version.ts'
import {
  type AccountLeaf,
  keyHash,
  type SlotEntry,
  readAccount,
  readLeaf,
  readSlot,
  readSlotValue,
  storageOf,
} from './account-leaf.ts'
import { type ChangeSet, emptyChangeSet } from './access.ts'
import { writeChanges } from './change-batch.ts'
import type { CodeStore } from './codes.ts'
import { DistantVersion, distantWorld } from './distant.ts'
import { secureKey } from './secure-key.ts'
import type { StateView } from './view.ts'

/** The whole state at one moment, immutable, hashed when its root is first asked for. */
export type Version = StoredVersion

/** A world with no accounts, in memory of its own: what grows from it lives there. */
export function emptyWorld(): Version {
  return new StoredVersion(new Arena(), 0)
}

/** A version without accounts in the world of `version`: what grows from it can be saved where `version` can. */
export function emptyBeside(version: Version): Version {
  if (version instanceof DistantVersion) return distantWorld(version.below)
  const { arena, lineage } = version
  return new StoredVersion(arena, 0, lineage && newLineage(undefined))
}

/** What a transaction sees of `version`. @param codes holds the code of its accounts. */
export function viewOf(version: Version, codes: Pick<CodeStore, 'get'>): StateView {
  if (version instanceof DistantVersion) return distantView(version, codes)
  const { arena } = version
  return {
    account(address) {
      const leaf = arena.find(version.root, secureKey(address))
      return leaf === 0 ? undefined : readAccount(arena, leaf)
    },
    slot(address, key) {
      const leaf = arena.find(version.root, secureKey(address))
      return leaf === 0 ? 0n : readSlotValue(arena, leaf, key)
    },
    code: (hash) => codes.get(hash),
    hasStorage(address) {
      const leaf = arena.find(version.root, secureKey(address))
      return leaf !== 0 && storageOf(arena, leaf) !== 0
    },
  }
}

function distantView(version: DistantVersion, codes: Pick<CodeStore, 'get'>): StateView {
  return {
    isPartial: true,
    account: (address) => version.account(address),
    slot: (address, key) => version.slot(address, key),
    code: (hash) => codes.get(hash),
    hasStorage: (address) => version.hasStorage(address),
  }
}

export function accountLeaf(version: Version, address: Address): AccountLeaf | undefined {
  const leaf = version.arena.find(version.root, secureKey(address))
  return leaf === 0 ? undefined : readLeaf(version, leaf)
}

/**
 * The version after `changes`, one after another, in time proportional to them. New code is the caller's to add to its `CodeStore`.
 * Whether an empty account goes (EIP-161) is the changes' to say, by `life`.
 */
export function applyChanges(version: Version, ...changes: readonly ChangeSet[]): Version {
  if (version instanceof DistantVersion) {
    return changes.reduce<DistantVersion>((before, each) => before.after(each), version)
  }
  return versionAfter(version, (sink) => {
    for (const each of changes) {
      writeChanges(version.arena, sink, each)
      sink.endBatch()
    }
  })
}

export interface GenesisAccount {
  readonly balanceWei: bigint
  readonly nonce?: bigint | undefined
  readonly code?: Uint8Array | undefined
  readonly storage?: ReadonlyMap<Slot, bigint> | undefined
}
export type GenesisAlloc = ReadonlyMap<Address, GenesisAccount>

/** An alloc as what it changes of nothing: every account in it comes to life, empty or not. */
function genesisChanges(alloc: GenesisAlloc): ChangeSet {
  const changes = emptyChangeSet()
  for (const [address, { balanceWei, nonce, code, storage }] of alloc) {
    const codeHash = code === undefined ? EMPTY_CODE_HASH : keccakHash(code)
    if (code !== undefined && code.length > 0) changes.codes.set(codeHash, code)
    const slots = new Map(storage)
    changes.accounts.set(address, {
      life: 'created',
      balanceWei,
      nonce: nonce ?? 0n,
      codeHash,
      slots,
    })
  }
  return changes
}

/** The version that an alloc describes; its code goes to `codes`. @param world a version without accounts: where it will live */
export function versionFromGenesis(
  alloc: GenesisAlloc,
  codes: CodeStore,
  world: Version = emptyWorld(),
): Version {
  const changes = genesisChanges(alloc)
  codes.add(changes.codes)
  return applyChanges(world, changes)
}

export interface AccountProof {
  /** undefined when there is no such account: the proof is of its absence. */
  readonly account: Account | undefined
  readonly accountProof: readonly Uint8Array[]
  readonly storageHash: Hash
  readonly storageProof: readonly {
    readonly key: Slot
    readonly value: bigint
    readonly proof: readonly Uint8Array[]
  }[]
}

/** EIP-1186: nodes from the root down, each as RLP. */
export function accountProof(
  version: Version,
  address: Address,
  slots: readonly Slot[],
): AccountProof {
  const { arena } = version
  const accountKey = secureKey(address)
  const proof = arena.prove(version.root, accountKey)
  const leaf = arena.find(version.root, accountKey)
  const storage = leaf === 0 ? 0 : storageOf(arena, leaf)
  return {
    account: leaf === 0 ? undefined : readAccount(arena, leaf),
    accountProof: proof,
    storageHash: storage === 0 ? EMPTY_ROOT : arena.rootHash(storage),
    storageProof: slots.map((key) => ({
      key,
      value: leaf === 0 ? 0n : readSlotValue(arena, leaf, key),
      proof: arena.prove(storage, secureKey(key)),
    })),
  }
}

export interface AccountEntry {
  readonly addressHash: Hash
  readonly address: Address
  readonly leaf: AccountLeaf
}

/** All accounts in the order of their hashes. @throws {TrieError} */
export function* accountsOf(version: Version): Generator<AccountEntry> {
  for (const at of leavesOf(version, version.root)) {
    const leaf = readLeaf(version, at)
    yield { addressHash: keyHash(version.arena, at), address: leaf.address, leaf }
  }
}

/**
 * An account's storage in the order of the keys' hashes. On a distant state: what was written here, after it what became zero.
 * @throws {TrieError}
 */
export function* slotsOf({ version, address }: AccountLeaf): Generator<SlotEntry> {
  const { arena } = version
  const at = arena.find(version.root, secureKey(address))
  for (const slot of leavesOf(version, storageOf(arena, at))) {
    yield { keyHash: keyHash(arena, slot), ...readSlot(arena, slot) }
  }
  if (!(version instanceof DistantVersion)) return
  for (const entry of version.zeroed(address)) {
    if (readSlotValue(arena, at, entry.key) === 0n) yield entry
  }
}

import type { Account } from '../model/account.ts'
import {
  type Address,
  type Hash,
  type Hex,
  type Slot,
  bytesToHash,
  bytesToHex,
} from '../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../primitives/keccak.ts'
import { proofOf } from '../store/proof.ts'
import {
  type Trie,
  emptyTrie,
  entriesOf,
  get,
  put,
  remove,
  rootHash,
  update,
} from '../store/trie.ts'
import {
  type AccountLeaf,
  type SlotLeaf,
  accountCodec,
  freshLeaf,
  wipedStorage,
} from './account-leaf.ts'
import { type AccountWrites, type ChangeSet, emptyChangeSet } from './access.ts'
import { bringsToLife } from './change-set.ts'
import type { CodeStore } from './codes.ts'
import { secureKey } from './secure-key.ts'
import type { StateView } from './view.ts'

/** The whole state at one moment. Immutable; versions share what they have in common, so holding many costs what differs. */
export interface Version {
  readonly accounts: Trie<AccountLeaf>
  /** Hashed when first asked for, and only where it was not hashed before. */
  readonly stateRoot: Hash
}

export function versionOf(accounts: Trie<AccountLeaf>): Version {
  return {
    accounts,
    get stateRoot() {
      return rootHash(accounts)
    },
  }
}

export const emptyVersion: Version = versionOf(emptyTrie(accountCodec(() => undefined)))

/** What a transaction sees of `version`. @param codes holds the code of its accounts. */
export function viewOf(version: Version, codes: Pick<CodeStore, 'get'>): StateView {
  const leafOf = (address: Address): AccountLeaf | undefined => accountLeaf(version, address)
  return {
    account: (address) => leafOf(address)?.account,
    slot(address, key) {
      const storage = leafOf(address)?.storage
      return storage?.root === undefined ? 0n : (get(storage, secureKey(key))?.value ?? 0n)
    },
    code: (hash) => codes.get(hash),
    hasStorage: (address) => leafOf(address)?.storage.root !== undefined,
  }
}

export function accountLeaf(version: Version, address: Address): AccountLeaf | undefined {
  return get(version.accounts, secureKey(address))
}

/**
 * The version after `changes`, in time proportional to them. New code is the caller's to add to its `CodeStore`.
 * Whether an empty account goes (EIP-161) is the changes' to say, by `life`.
 */
export function applyChanges(version: Version, changes: ChangeSet): Version {
  let accounts = version.accounts
  for (const [address, writes] of changes.accounts) {
    const key = secureKey(address)
    if (writes.life === 'destroyed') {
      accounts = remove(accounts, key)
      continue
    }
    const before = get(accounts, key)
    if (before === undefined && !bringsToLife(writes)) continue
    const after = applyWrites(before ?? freshLeaf(address), address, writes)
    if (after !== before) accounts = put(accounts, key, after)
  }
  return accounts === version.accounts ? version : versionOf(accounts)
}

function applyWrites(leaf: AccountLeaf, address: Address, writes: AccountWrites): AccountLeaf {
  const base = writes.life === 'recreated' ? wipedStorage() : leaf.storage
  const storage = writes.slots === undefined ? base : writeSlots(base, writes.slots)
  const account = applyFields(leaf.account, writes)
  if (account === leaf.account && storage === leaf.storage && writes.life === undefined) return leaf
  return { account, storage, address }
}

/** The account with the fields that were written: the same object when none differs. */
function applyFields(account: Account, writes: AccountWrites): Account {
  const nonce = writes.nonce ?? account.nonce
  const balanceWei = writes.balanceWei ?? account.balanceWei
  const codeHash = writes.codeHash ?? account.codeHash
  const isSame =
    nonce === account.nonce && balanceWei === account.balanceWei && codeHash === account.codeHash
  return isSame ? account : { nonce, balanceWei, codeHash }
}

function writeSlots(storage: Trie<SlotLeaf>, slots: ReadonlyMap<Slot, bigint>): Trie<SlotLeaf> {
  const entries: [Uint8Array, SlotLeaf | undefined][] = []
  for (const [key, value] of slots) {
    entries.push([secureKey(key), value === 0n ? undefined : { value, key }])
  }
  return update(storage, entries)
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

/** The version that an alloc describes; its code goes to `codes`. */
export function versionFromGenesis(alloc: GenesisAlloc, codes: CodeStore): Version {
  const changes = genesisChanges(alloc)
  codes.add(changes.codes)
  return applyChanges(emptyVersion, changes)
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
  const leaf = accountLeaf(version, address)
  const storage = leaf?.storage ?? wipedStorage()
  return {
    account: leaf?.account,
    accountProof: proofOf(version.accounts, secureKey(address)),
    storageHash: rootHash(storage),
    storageProof: slots.map((key) => ({
      key,
      value: get(storage, secureKey(key))?.value ?? 0n,
      proof: proofOf(storage, secureKey(key)),
    })),
  }
}

/** The name whose keccak256 is this hash; undefined when it was never seen. */
export type Preimages = (hash: Uint8Array) => Uint8Array | undefined

export interface AccountEntry {
  readonly addressHash: Hash
  /** undefined when only its hash is known. */
  readonly address: Address | undefined
  readonly leaf: AccountLeaf
}

/** All accounts in the order of their hashes. @param preimages names accounts read from disk. */
export function* accountsOf(version: Version, preimages?: Preimages): Generator<AccountEntry> {
  for (const [hash, leaf] of entriesOf(version.accounts)) {
    const address = leaf.address ?? (nameOf(hash, preimages) as Address | undefined)
    yield { addressHash: bytesToHash(hash), address, leaf }
  }
}

export interface SlotEntry {
  readonly keyHash: Hash
  /** undefined when only its hash is known. */
  readonly key: Slot | undefined
  readonly value: bigint
}

/** An account's storage in the order of the keys' hashes. @param preimages names slots read from disk. */
export function* slotsOf(leaf: AccountLeaf, preimages?: Preimages): Generator<SlotEntry> {
  for (const [hash, slot] of entriesOf(leaf.storage)) {
    const key = slot.key ?? (nameOf(hash, preimages) as Slot | undefined)
    yield { keyHash: bytesToHash(hash), key, value: slot.value }
  }
}

function nameOf(hash: Uint8Array, preimages: Preimages | undefined): Hex | undefined {
  const name = preimages?.(hash)
  return name && bytesToHex(name)
}

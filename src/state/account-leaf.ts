import type { Account } from '../model/account.ts'
import {
  type Address,
  type Hash,
  type Slot,
  bytesToHash,
  bytesToHex,
  slotOf,
} from '../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { Arena } from '../store/arena.ts'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_NONCE,
  ACCOUNT_STORAGE,
  HAS_CODE,
  LEAF_KEY,
  LEAF_NAME,
  NODE_FLAGS,
  SLOT_VALUE,
} from '../store/node-layout.ts'
import type { Version } from '../store/version.ts'
import { secureKey } from './secure-key.ts'

/** An account as it stands in a version of the world. */
export interface AccountLeaf {
  readonly account: Account
  readonly address: Address
  /** Where its storage is found. */
  readonly version: Version
}

export interface SlotEntry {
  readonly keyHash: Hash
  readonly key: Slot
  readonly value: bigint
}

export function readAccount(arena: Arena, leaf: number): Account {
  const hasCode = (arena.u8[leaf + NODE_FLAGS]! & HAS_CODE) !== 0
  return {
    nonce: arena.u64[(leaf + ACCOUNT_NONCE) >>> 3]!,
    balanceWei: arena.word(leaf + ACCOUNT_BALANCE),
    codeHash: hasCode ? hashAt(arena, leaf + ACCOUNT_CODE) : EMPTY_CODE_HASH,
  }
}

/** Root of the account's storage trie; 0 when it is empty. */
export function storageOf(arena: Arena, leaf: number): number {
  return arena.u32(leaf + ACCOUNT_STORAGE) === 0 ? 0 : arena.nodeAt(leaf + ACCOUNT_STORAGE, 0)
}

/** The word at `key` of the account at `leaf`. */
export function readSlotValue(arena: Arena, leaf: number, key: Slot): bigint {
  const slot = arena.find(storageOf(arena, leaf), secureKey(key))
  return slot === 0 ? 0n : arena.word(slot + SLOT_VALUE)
}

export function addressAt(arena: Arena, leaf: number): Address {
  return bytesToHex(arena.bytes(leaf + LEAF_NAME, 20).reverse()) as Address
}

export function readLeaf(version: Version, leaf: number): AccountLeaf {
  const { arena } = version
  return { account: readAccount(arena, leaf), address: addressAt(arena, leaf), version }
}

export function keyHash(arena: Arena, leaf: number): Hash {
  return hashAt(arena, leaf + LEAF_KEY)
}

export function readSlot(arena: Arena, leaf: number): { key: Slot; value: bigint } {
  return { key: slotOf(arena.word(leaf + LEAF_NAME)), value: arena.word(leaf + SLOT_VALUE) }
}

function hashAt(arena: Arena, at: number): Hash {
  return bytesToHash(arena.u8.subarray(at, at + 32))
}

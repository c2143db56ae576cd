/**
 * Nodes of the state's tries as they lie in the arena. AssemblyScript and TypeScript both read this file, so it holds literals only.
 * Offsets in bytes from the node; every node begins at a multiple of 8. Words are four u64 limbs, the lowest first.
 *
 * Keys are 32 bytes (keccak256 of a name), so no key is the beginning of another. A leaf holds its whole key: what its path is depends
 * on where it hangs. An extension is no node of its own: it is a branch that is entered before the nibble by which it branches.
 */

export const NODE_FREE = 0
export const NODE_BRANCH = 1
export const NODE_ACCOUNT = 2
export const NODE_SLOT = 3
/** A branch that is on disk only. */
export const NODE_STUB = 4

// Every node.
/** u8: `NODE_*` */
export const NODE_KIND = 0
/** u8: `HAS_*`, `IS_*` */
export const NODE_FLAGS = 1
/** u8: of a branch, the nibble of the key by which it branches. */
export const NODE_DEPTH = 2
/** u8: 0 not hashed yet, 32 a hash, else the length of an encoding that is shorter than a hash. */
export const NODE_REF_SIZE = 3
/** u32: how many nodes and versions point here. */
export const NODE_OWNERS = 4
/** How a parent names this node: a hash, or the encoding itself when it is under 32 bytes. */
export const NODE_REF = 8

/** The contract's code hash is in the node: it is longer by that. */
export const HAS_CODE = 1
/** A branch entered before its nibble: the key up to there is in the node. */
export const HAS_PREFIX = 2
/** It is on disk, and all below it. */
export const IS_STORED = 4
/** Its record was handed over to be written, and those of all below it. */
export const IS_TAKEN = 32
/** Walked through since the hand that makes room was here last (`assembly/evict.ts`). */
export const IS_USED = 8
/** Not walked through for a whole turn of it. */
export const IS_COLD = 16

/** It was there to be hashed by several threads (`assembly/subtries.ts`). */
export const IS_GIVEN = 64

/** Of a list of subtries: where one is named, and the nibble at which it is entered; u32 each. */
export const SUBTRIE_BYTES = 8

// Leaves.
export const LEAF_KEY = 40
/** What the key is the hash of: an address as the word that holds it (24 bytes of it), or a storage key as a word. */
export const LEAF_NAME = 72

export const ACCOUNT_NONCE = 96
export const ACCOUNT_BALANCE = 104
/** u32: root of the storage trie, 0 when it is empty. */
export const ACCOUNT_STORAGE = 136
export const ACCOUNT_CODE = 144

export const SLOT_VALUE = 104

// Branches and stubs.
/** f64: its number on disk; 0 when it has none yet. */
export const BRANCH_ID = 40
/** Sixteen u32. */
export const BRANCH_CHILDREN = 48
export const BRANCH_PREFIX = 112

export const ACCOUNT_BYTES = 144
export const CONTRACT_BYTES = 176
export const SLOT_BYTES = 136
export const BRANCH_BYTES = 112
export const PREFIXED_BYTES = 144
export const STUB_BYTES = 48

/**
 * The access record: what one transaction read, wrote and yielded, as bytes. The engine writes it into its own memory, a lane copies it
 * whole into shared memory, the shared state checks and applies it there, and the main thread decodes it when somebody asks.
 * AssemblyScript and TypeScript both read this file, so it holds literals only.
 *
 * Little-endian. Offsets are in bytes, from the start of the record (header fields, `*_AT`) or of the entry; every part begins at a
 * multiple of 8. Words and code hashes: a word is four u64 limbs, lowest first, a code hash 32 bytes as they are. An address is three
 * u64 limbs of the word that holds it.
 *
 *     header | accounts, each followed by its slots | logs | codes | output
 */

// The header.
/** u32: bytes of the whole record. */
export const RECORD_SIZE = 0
/**
 * u32: `RECORD_REJECTED`, or how the outermost frame ended (`evm/wasm/status.ts`: 0 success, 1 reverted, above halted; the output of a
 * NAMED_HALT, of an engine that has no numbers, is its reason).
 */
export const RECORD_STATUS = 4
/** u64: what is paid for, after refunds. */
export const RECORD_GAS_USED = 8
/** u64: what was given back. */
export const RECORD_GAS_REFUNDED = 16
/** u32: bits of block values that were read, by their place in `VOLATILE_READS`. */
export const RECORD_VOLATILE = 24
/** u32 each: details of a failure. */
export const RECORD_DETAIL = 28
export const RECORD_DETAIL2 = 32
/** u32 each: how many there are. */
export const RECORD_ACCOUNTS = 36
export const RECORD_LOGS = 40
export const RECORD_CODES = 44
export const RECORD_OUTPUT_SIZE = 48
/** u32 each: where the parts begin. Accounts begin at `RECORD_HEADER_SIZE`. */
export const RECORD_LOGS_AT = 52
export const RECORD_CODES_AT = 56
export const RECORD_OUTPUT_AT = 60
/** Address of the contract that a creation deployed; zeros otherwise. */
export const RECORD_CREATED = 64
/** u32 each, zeros where the network does not count them: bytes of data, key-value updates, new accounts and slots. */
export const RECORD_DATA_BYTES = 88
export const RECORD_KV_UPDATES = 92
export const RECORD_STATE_GROWTH = 96
export const RECORD_HEADER_SIZE = 104

/** Status of a transaction that cannot be in the block: it has reads, which decided that, and no writes. */
export const RECORD_REJECTED = 255

// An account entry.
export const ENTRY_ADDRESS = 0
/** u32: `SAW_*` bits. */
export const ENTRY_READS = 24
/** u32: `DID_*` bits. */
export const ENTRY_WRITES = 28
/** u32: how many slot entries follow. */
export const ENTRY_SLOTS = 32
/** u32: `WAS_*` bits. */
export const ENTRY_FLAGS = 36
/**
 * The balance as it was found, and as it was left, in wei. The write is their difference modulo 2^256, so a balance that was not read
 * exactly can be moved by earlier transactions without harm. Whoever applies the record patches both to what they are then.
 */
export const ENTRY_BASE_BALANCE = 40
export const ENTRY_BALANCE = 72
/** The greatest amount that a check found covered, and the least that it did not: predicates over the base balance. */
export const ENTRY_COVERED = 104
export const ENTRY_NOT_COVERED = 136
/** u64 each. */
export const ENTRY_BASE_NONCE = 168
export const ENTRY_NONCE = 176
export const ENTRY_BASE_CODE = 184
export const ENTRY_CODE = 216
export const ENTRY_SIZE = 248

// What was read of an account, as it was before the transaction.
/** The balance itself: validated by value. */
export const SAW_BALANCE = 1
export const SAW_NONCE = 2
export const SAW_CODE = 4
/** Whether it existed. Not set for an account that was only credited: a credit brings to life what is not there. */
export const SAW_LIFE = 8
/** Whether the balance was zero (EIP-161, the price of a new account). */
export const SAW_EMPTY = 16
export const SAW_COVERED = 32
export const SAW_NOT_COVERED = 64

// What was written. Storage is wiped by DESTROYED and RECREATED before the slots apply.
export const DID_BALANCE = 1
export const DID_NONCE = 2
export const DID_CODE = 4
export const DID_CREATE = 8
export const DID_RECREATE = 16
export const DID_DESTROY = 32

/** It existed before the transaction. */
export const WAS_THERE = 1
/** EIP-7928: it was accessed, in frames that were reverted too. */
export const WAS_ACCESSED = 2

// A slot entry.
export const RECORD_SLOT_KEY = 0
export const RECORD_SLOT_BASE = 32
export const RECORD_SLOT_VALUE = 64
/** u32: `SLOT_*` bits. */
export const RECORD_SLOT_FLAGS = 96
export const RECORD_SLOT_SIZE = 104

/** The base value came from the state. Otherwise it is zero because the account is new in this transaction. */
export const SLOT_READ = 1
export const SLOT_WRITTEN = 2
/** EIP-7928: it was accessed, in frames that were reverted too. */
export const SLOT_ACCESSED = 4

// A log: its header, topics of 32 bytes as they are, then the data, padded with zeros to a multiple of 8.
export const RECORD_LOG_ADDRESS = 0
/** u32 each. */
export const RECORD_LOG_TOPICS = 24
export const RECORD_LOG_DATA_SIZE = 28
export const RECORD_LOG_BYTES = 32

// A code that is new: its hash, its length, then the bytes, padded with zeros to a multiple of 8.
export const RECORD_CODE_HASH = 0
/** u32 */
export const RECORD_CODE_LENGTH = 32
export const RECORD_CODE_BYTES = 40

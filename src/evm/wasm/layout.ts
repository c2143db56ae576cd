/**
 * Where things are in an engine's memory. AssemblyScript and TypeScript both read this file, so it holds literals only.
 * Words are four u64 limbs, lowest first; hashes and code are bytes as they are; offsets are in bytes.
 */

/** Instances that are larger are given up after use: WebAssembly's memory never shrinks. */
export const MAX_KEPT_BYTES = 0x4000000

// The context of a transaction: what of it is the block's is written before, the rest by the engine.
export const ORIGIN = 0x10000
export const GAS_PRICE = 0x10020
export const COINBASE = 0x10040
export const TIMESTAMP = 0x10060
export const NUMBER = 0x10080
/** PREVRANDAO, or the difficulty. */
export const PREVRANDAO = 0x100a0
export const GAS_LIMIT = 0x100c0
export const CHAIN_ID = 0x100e0
export const BASE_FEE = 0x10100
export const BLOB_BASE_FEE = 0x10120
/** u32: the fork's place in `FORKS`. */
export const FORK = 0x10140
/** u32 each: bytes of code and of init code that are too many by one. */
export const MAX_CODE_SIZE = 0x10144
export const MAX_INIT_CODE_SIZE = 0x10148
/** u32 and a pointer: the versioned hashes, as words. */
export const BLOB_HASH_COUNT = 0x1014c
export const BLOB_HASHES = 0x10150
/** u32, bits by `VOLATILE_READS`: written by the engine. */
export const VOLATILE = 0x10154

// What the network's rules say (`model/network.ts`): written with the block.
/** u64 each: what a first access costs beyond a later one. */
export const COLD_ACCOUNT_GAS = 0x10180
export const COLD_SLOT_GAS = 0x10188
/** u64 each: half the price of a word of memory; 1 where the square of the words is paid for too; the most bytes of all frames together. */
export const HALF_GAS_PER_WORD = 0x10190
export const IS_QUADRATIC = 0x10198
export const MAX_MEMORY = 0x101a0
/** u32 each: the most bytes of code and of init code. */
export const CODE_LIMIT = 0x101a8
export const INIT_CODE_LIMIT = 0x101ac
/** u32: bits as below. */
export const NETWORK_RULES = 0x101b0
/** u32: how many bits of a slot's number are its place in a page; 0 where slots are warmed one by one. */
export const PAGE_BITS = 0x101b4
/** u64 each. */
export const PAGE_WRITE_GAS = 0x101b8
export const PAGE_GROWTH_GAS = 0x101c0
/** u64: what of 100 parts a caller keeps of its gas; 0 for one of 64. */
export const KEPT_PERCENT = 0x101c8
/** u64 each: what storage costs beside, of a log's topic and byte and of a code's byte. */
export const LOG_TOPIC_GAS = 0x10200
export const LOG_BYTE_GAS = 0x10208
export const CODE_BYTE_GAS = 0x10210
/** u64 each: the most compute gas of a transaction, 0 for any; and so after volatile data was seen. */
export const COMPUTE_LIMIT = 0x10218
export const DETENTION_GAS = 0x10220
/** Three u64: the most bytes of data, key-value updates, and new accounts and slots of a transaction. */
export const RESOURCE_LIMITS = 0x10228
/** u64 each: what of 100 parts of them a frame leaves to another, 0 where they are not counted; bytes that a write and a topic count as. */
export const FRAME_PERCENT = 0x10240
export const WRITE_BYTES = 0x10248
export const TOPIC_BYTES = 0x10250
/** u64: gas for storage that a call with value brings along. */
export const STORAGE_STIPEND = 0x10260
/** u32: 1 where SSTORE does more than Ethereum's rules say. */
export const WATCHES_WRITES = 0x10258
/** A word: what an account keeps for fees, in wei. */
export const RESERVE = 0x101e0

// Bits of `NETWORK_RULES`.
export const CHARGES_GAS_LIMIT = 1
export const NO_DELEGATED_CREATES = 2
export const IS_VALUE_LATE = 4
export const HAS_RESERVE = 8

// What the engine needs, and what comes back.
export const NEED_KIND = 0x11000
/** Pointer to the account entry that the need is about. */
export const NEED_ACCOUNT = 0x11004
/** Pointer to the slot entry. */
export const NEED_SLOT = 0x11008
/** u32: which precompile. */
export const NEED_PRECOMPILE = 0x1100c
/** Pointer and length of a precompile's input. */
export const NEED_INPUT = 0x11010
export const NEED_INPUT_SIZE = 0x11014
/** u64: the gas that the precompile may use. */
export const NEED_GAS = 0x11018
/** u64: the number whose block hash is wanted. */
export const NEED_NUMBER = 0x11020
/** u32: 1 when the instance was made with functions that find state. */
export const HAS_SOURCE = 0x11028
/** What is answered: a word; or of an account `SOURCE_*` bits, its nonce, the limbs of its balance, its code hash (u64 each). */
export const ANSWER = 0x11100
export const ANSWER_NONCE = 0x11108
export const ANSWER_BALANCE = 0x11110
export const ANSWER_CODE_HASH = 0x11130
export const ANSWER_LIMBS = 10
export const SOURCE_EXISTS = 1
export const SOURCE_KNOWS_STORAGE = 2
export const SOURCE_HAS_STORAGE = 4

// How the outermost frame ended.
export const RESULT_STATUS = 0x11080
/** u32 each: stack height and items wanted (underflow), or the opcode. */
export const RESULT_DETAIL = 0x11084
export const RESULT_DETAIL2 = 0x11088
export const RESULT_OUTPUT = 0x1108c
export const RESULT_OUTPUT_SIZE = 0x11090
/** i64 */
export const RESULT_GAS = 0x11098
/** i64 */
export const RESULT_REFUND = 0x110a0
/** Pointer to the account entry of a creation. */
export const RESULT_CREATED = 0x110a8
/** Pointers: the first account entry, the first log. */
export const FIRST_ACCOUNT = 0x110ac
export const FIRST_LOG = 0x110b0
/** u32: logs in all. */
export const LOG_COUNT = 0x110b4
/** u32: 1 when the memory's hard cap, not gas, ended a frame. */
export const HIT_MEMORY_CAP = 0x110b8
/** Pointer to the access record (`state/record-layout.ts`), once all is done. */
export const RECORD = 0x110bc

/** 256 x 8 bytes: gas (u16), by how many bytes the stack's height changes (i16), its least height (u16), room above it (u16). */
export const OPCODES = 0x12000
export const OPCODE_CHANGE = 2
export const OPCODE_LEAST = 4
export const OPCODE_ROOM = 6
/** One byte for each address below 0x110: the precompile's number, 0 for none. */
export const PRECOMPILES = 0x12800
export const PRECOMPILES_SIZE = 0x110
/** Scratch for the host's arguments, 4 KiB. */
export const SCRATCH = 0x13000

export const FRAMES = 0x20000
export const FRAME_SIZE = 0x100
export const ACCOUNT_BUCKETS = 0x70000
export const SLOT_BUCKETS = 0x71000
export const TRANSIENT_BUCKETS = 0x72000
export const PAGE_BUCKETS = 0x72800
/** Codes by their hash: 1,024 u32 heads. Kept as long as the codes are. */
export const CODE_BUCKETS = 0x73000
export const CODE_BUCKETS_MASK = 1023
/** 2048 segments by where they begin: see `assembly/segments.ts`. Kept between transactions. */
export const SEGMENTS = 0x74000
export const SEGMENTS_MASK = 2047
export const SEGMENT_SIZE = 16
/** u32 behind the tag: just after the opcode of the last instruction. */
export const SEGMENT_END = 4
/** u32: all their prices. */
export const SEGMENT_GAS = 8
/** u16 each, in bytes: the least height of the stack that will do, and the room above it. */
export const SEGMENT_LEAST = 12
export const SEGMENT_ROOM = 14
/** u32 heads in each table above, as long as they are in their first place. */
export const FIRST_BUCKETS = 256
export const POOL = 0x80000
export const POOL_END = 0xc0000
export const JOURNAL = 0xc0000
export const JOURNAL_SIZE = 0x20000
export const RETURN_DATA = 0xf0000
export const RETURN_DATA_SIZE = 0x10000
export const STACKS = 0x100000
export const STACKS_END = 0x1c0000
export const CODES = 0x1c0000
export const CODES_END = 0x600000
export const HEAP = 0x600000

// An account entry.
/** u64 x 3: the address as a word's limbs. */
export const ACCOUNT_ADDRESS = 0
export const ACCOUNT_NEXT = 24
export const ACCOUNT_FLAGS = 28
export const ACCOUNT_BALANCE = 32
export const ACCOUNT_NONCE = 64
/** Pointer to the code, 0 as long as it is not loaded. */
export const ACCOUNT_CODE = 72
/** u32: the precompile that answers here, 0 for none. */
export const ACCOUNT_PRECOMPILE = 76
export const ACCOUNT_CODE_HASH = 80
export const ACCOUNT_BASE_BALANCE = 112
export const ACCOUNT_BASE_NONCE = 144
export const ACCOUNT_READS = 152
/** Pointer to the account's latest slot entry. */
export const ACCOUNT_SLOTS = 156
/** The most that a check found covered, and the least that it did not. */
export const ACCOUNT_COVERED = 160
export const ACCOUNT_NOT_COVERED = 192
/** Pointer to the entry made after this one. */
export const ACCOUNT_LATER = 224
/** i32: what the functions that find state call the account; 0 when they were not asked. */
export const ACCOUNT_HANDLE = 228
export const ACCOUNT_BASE_CODE_HASH = 232
/** u32 each, for the record: `DID_*` bits, and how many slots are in it. */
export const ACCOUNT_WRITES = 264
export const ACCOUNT_SLOT_COUNT = 268
export const ACCOUNT_SIZE = 272

// Flags of an account.
export const LOADED = 1
/** It exists now. */
export const EXISTS = 2
export const WARM = 4
/** Created as a contract in this transaction. */
export const CREATED = 8
export const DESTROYED = 16
/** EIP-161 looks at it in the end. */
export const TOUCHED = 32
/** It existed before. */
export const EXISTED = 64
/** Its storage is known to be empty, or not: EIP-7610. */
export const STORAGE_KNOWN = 128
export const HAS_STORAGE = 256
/** Its code was set in this transaction. */
export const CODE_SET = 512
/** EIP-7928: an instruction had paid to see it. Never taken back. Of slots too. */
export const ACCESSED = 1024

// What was read of an account, as it was before: the bits of the record's `SAW_*`.
export const READ_BALANCE = 1
export const READ_NONCE = 2
export const READ_CODE = 4
export const READ_LIFE = 8
export const READ_EMPTY = 16
export const READ_COVERED = 32
export const READ_NOT_COVERED = 64

// A slot entry, of storage or of transient storage.
export const SLOT_KEY = 0
export const SLOT_VALUE = 32
/** As it was before the transaction. */
export const SLOT_BASE = 64
export const SLOT_ACCOUNT = 96
export const SLOT_NEXT = 100
/** Pointer to the account's slot before this one. */
export const SLOT_EARLIER = 104
export const SLOT_FLAGS = 108
export const SLOT_SIZE = 112
/** The value came from the view; otherwise it is zero because the account is new. */
export const FROM_VIEW = 8
/** Of a page, which is an entry like a slot's: it was written. Its value holds two counts of slots (i64 each). */
export const PAGE_WRITTEN = 16
/** By how many slots it has grown, and the most of that so far. */
export const PAGE_GROWTH = 32
export const PAGE_PEAK = 40

// A code: a header, then the bytes, then zeros, then a bit for each byte that may be jumped to.
export const CODE_LENGTH = 0
/** u32: 1 once the bits are there. */
export const CODE_STATE = 4
/** Pointer to the bits. */
export const CODE_JUMPS = 8
/** Pointer to the next code in the same bucket. */
export const CODE_NEXT = 12
export const CODE_HASH = 16
export const CODE_BYTES = 48
/** Zeros after the bytes: the longest PUSH and the STOP after it. */
export const CODE_PADDING = 40

// A log.
/** Pointer to the entry of the account that made it. */
export const LOG_ACCOUNT = 0
export const LOG_NEXT = 24
export const LOG_TOPICS = 28
export const LOG_DATA_SIZE = 32
/** Topics as 32 bytes each, then the data. */
export const LOG_BYTES = 40

/**
 * Where things are in the lanes' shared memory. AssemblyScript and TypeScript both read this file, so it holds literals only.
 * Offsets are in bytes. Everything below `BASE_ARENA` has a fixed place; the arenas' ends are words in memory, so that their sizes are
 * whoever's that creates the memory.
 */

// Words of the shared state.
/** A word of zeros that nobody writes. */
export const ZERO = 64
/** u32: which base the cached values are of. Any other head than the last one grown by one block starts a new epoch. */
export const EPOCH = 96
/** u32: the last epoch or stamp that was given out. */
export const STAMPS = 100
/** u32: the block in execution. Versions of other generations are not seen. */
export const GENERATION = 104
/** u32: next free byte of the base arena, and its end. */
export const BASE_NEXT = 108
export const BASE_END = 112
/** u32: accounts that merged transactions wrote, a list by `ACCOUNT_DIRTY_NEXT`. The one who merges writes it. */
export const DIRTY = 116
/** u32: an arena was full. The block is finished serially. */
export const OVERFLOW = 120

/** What is known of the block's receipts (`receipt-box.ts`): u32, then from the eighth byte on 32 of root and 256 of bloom. */
export const RECEIPTS = 2048
/** What is known of its parts (`receipt-parts.ts`): four u32, then from the 16th byte on 256 of bloom. */
export const RECEIPT_PARTS = 3072

/** Words of the scheduler (`shared.ts`), and those of them that are read here too: u32, and f64 of gas. */
export const SCHEDULER = 4096
export const WORD_STOP = 4096
export const WORD_MERGED = 4104
export const WORD_COUNT = 4112
export const WORD_GAS = 4160
export const WORD_BLOB_GAS = 4168
/** What each transaction's state is, `TX_WORDS` bytes each (`shared.ts`): u32, and an f64, its gas limit. */
export const TRANSACTIONS = 0x10000
export const TX_WORDS = 32
export const TX_STATUS = 0
export const TX_RECORD = 4
export const TX_ENCODED = 8
export const TX_AFTER = 12
export const TX_FORETOLD = 16
export const TX_BLOBS = 20
export const TX_GAS_LIMIT = 24
/** Of a status the number; the rest is how often the transaction was taken back. */
export const STATUS_MASK = 7
export const MERGED = 5
export const MAX_TRANSACTIONS = 16384

export const ACCOUNT_BUCKETS = 0x90000
export const ACCOUNT_MASK = 0xffff
export const SLOT_BUCKETS = 0xd0000
export const SLOT_MASK = 0x3ffff
export const CODE_BUCKETS = 0x1d0000
export const CODE_MASK = 0xfff
/** Blooms of receipts that are made in parts, 256 bytes each. */
export const RECEIPT_BLOOMS = 0x1f0000
export const MOST_BLOOMS = 64
/** Hashes of the receipts' leaves, 32 bytes for each transaction. */
export const RECEIPT_LEAVES = 0x200000
/** Locations and codes: kept from block to block. */
export const BASE_ARENA = 0x280000
/** A thread takes this much of the base arena at a time. */
export const BASE_CHUNK = 0x4000

/** The start of a lane's arena: what the host and the module hand to each other, and a place for an account put together. */
export const IO = 0
export const SCRATCH_IMAGE = 256
export const ARENA_HEADER = 384

// An account's state as bytes: `word(i)` is its i-th u64.
/** u64: `IMAGE_*` bits. */
export const IMAGE_FLAGS = 0
export const IMAGE_NONCE = 8
export const IMAGE_BALANCE = 16
export const IMAGE_CODE = 48
export const IMAGE_SIZE = 80
export const IMAGE_EXISTS = 1
export const IMAGE_STORAGE_KNOWN = 2
export const IMAGE_HAS_STORAGE = 4

// An account's location.
export const ACCOUNT_ADDRESS = 0
export const ACCOUNT_NEXT = 24
/** u32: the epoch that the image is of. */
export const ACCOUNT_FILLED = 28
/** u32: slots with this stamp have base values of this storage; a wipe changes it. */
export const ACCOUNT_STAMP = 32
export const ACCOUNT_LOCK = 36
export const ACCOUNT_IMAGE = 40
/** u64: the newest version, with its generation in the upper half. */
export const ACCOUNT_HEAD = 120
/** u32 each: in the list of the generation's written accounts, and its written slots. */
export const ACCOUNT_DIRTY_IN = 128
export const ACCOUNT_DIRTY_NEXT = 132
export const ACCOUNT_DIRTY_SLOTS = 136
export const ACCOUNT_SIZE = 144

// A slot's location.
export const SLOT_KEY = 0
export const SLOT_ACCOUNT = 32
export const SLOT_NEXT = 36
export const SLOT_STAMP = 40
export const SLOT_LOCK = 44
export const SLOT_BASE = 48
export const SLOT_HEAD = 80
export const SLOT_DIRTY_IN = 88
export const SLOT_DIRTY_NEXT = 92
export const SLOT_SIZE = 96

// A version: of an account or a slot. Immutable once it is in its list, but for its state and its link.
export const VERSION_TX = 0
export const VERSION_NEXT = 4
/** u32: `LIVE`, `ESTIMATE`, `DEAD` or `FORETOLD`. */
export const VERSION_STATE = 8
/** u32: `HAS_*` bits, of an account. */
export const VERSION_MASK = 12
/** u32: one more than the transaction that last wiped the storage; 0 for none. */
export const VERSION_WIPE = 16
/** An account's image, or a slot's word. */
export const VERSION_VALUE = 24
export const ACCOUNT_VERSION_SIZE = 104
export const SLOT_VERSION_SIZE = 56

export const LIVE = 0
/** Its transaction was aborted and will likely write here again. */
export const ESTIMATE = 1
/** Its transaction does not write here any more. */
export const DEAD = 2
/** Said by an access list, not by a run. Seen as if it were live. */
export const FORETOLD = 3

/** Everything. */
export const HAS_ALL = 1
/** Everything, of a merged transaction: it stays. */
export const HAS_MERGED = 65
/** The balance in the image is to be added to what was before. */
export const HAS_DELTA = 2
export const HAS_NONCE = 4
export const HAS_CODE = 8
export const HAS_LIFE = 16
export const HAS_WIPE = 32

// A code.
export const CODE_HASH = 0
export const CODE_NEXT = 32
export const CODE_LENGTH = 36
export const CODE_BYTES = 40

/** What `validate` found different, in the low bits of its answer; the rest is the entry's offset in the record. */
export const DIFFERS_BALANCE = 1
export const DIFFERS_NONCE = 2
export const DIFFERS_CODE = 3
export const DIFFERS_LIFE = 4
export const DIFFERS_SLOT = 5
/** Not different: it depends on a transaction that was aborted. */
export const DIFFERS_ESTIMATE = 6
/** Not different: the base value is not cached. */
export const DIFFERS_UNKNOWN = 7

/** The records of a block are a list after so many bytes. */
export const GATHERED_HEADER = 16
export const NOT_MERGED = 0xffffffff

/** What a block changed is a batch (`primitives/batch-layout.ts`) after this many bytes: a u64, its size. */
export const CHANGES_HEADER = 8

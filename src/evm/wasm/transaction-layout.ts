/**
 * An encoded transaction: what the engine has to know of it, as bytes. AssemblyScript and TypeScript both read this file, so it
 * holds literals only. Little-endian; words are four u64 limbs, lowest first; addresses are the first three of them.
 *
 *     header | access list | authorisations | blob hashes | moved precompiles | data
 */

/** u32: bytes of the whole, a multiple of 8. */
export const TX_SIZE = 0
/** u32: `IS_*` and `SKIPS_*` bits. */
export const TX_FLAGS = 4
export const TX_SENDER = 8
/** Zeros for a creation. */
export const TX_TO = 32
/** u64 each. Gas in gas. */
export const TX_NONCE = 56
export const TX_GAS_LIMIT = 64
export const TX_INTRINSIC_GAS = 72
/** EIP-7623: the least that is paid for. */
export const TX_FLOOR_GAS = 80
/** Words, in wei; prices in wei per gas. */
export const TX_VALUE = 88
export const TX_PRICE = 120
/** What of the price the beneficiary gets. */
export const TX_TIP = 152
/** The price of all the gas, and blob gas, at what is paid. */
export const TX_UPFRONT = 184
/** What the sender must hold: value, and gas and blob gas at their caps. */
export const TX_MAX_COST = 216
/** What BASEFEE and BLOBBASEFEE read. */
export const TX_BASE_FEE = 248
export const TX_BLOB_BASE_FEE = 280
/** u32 each: how many there are, and where the first one is. */
export const TX_ACCESSES = 312
export const TX_ACCESSES_AT = 316
export const TX_AUTHORIZATIONS = 320
export const TX_AUTHORIZATIONS_AT = 324
export const TX_HASHES = 328
export const TX_HASHES_AT = 332
export const TX_MOVES = 336
export const TX_MOVES_AT = 340
export const TX_DATA_SIZE = 344
export const TX_DATA_AT = 348
/** u64: what of the intrinsic gas is for storage. */
export const TX_STORAGE_GAS = 352
/** u32 each, where a network counts them: bytes of data and key-value updates that the transaction comes to whatever it does. */
export const TX_DATA_BYTES = 360
export const TX_KV_UPDATES = 364
export const TX_HEADER_SIZE = 368

export const IS_CREATION = 1
/** A call by the protocol: no nonce, no fee, and its gas limit is all for running. */
export const IS_SYSTEM_CALL = 2
/** Its fees, gas limit or cost keep it out of this block, whatever the state: it is refused after the checks that come before. */
export const IS_REFUSED = 4
export const SKIPS_NONCE = 8
export const SKIPS_BALANCE = 16
export const SKIPS_SENDER_CODE = 32
export const HAS_UNLIMITED_CODE = 64
/** What it runs for is counted, where the whole gas limit would be charged. */
export const MEASURES_GAS = 128
/** The sender may spend what accounts keep for fees. */
export const MAY_DIP = 256

/** An entry of the access list: an address, how many keys (u32, then four bytes of nothing), the keys as words. */
export const ACCESS_KEYS = 24
export const ACCESS_SIZE = 32

/** An authorisation (EIP-7702) that is for this chain and well signed. */
export const AUTHORIZATION_AUTHORITY = 0
/** Whose code is to run; zeros take the code away. */
export const AUTHORIZATION_TARGET = 24
export const AUTHORIZATION_NONCE = 48
export const AUTHORIZATION_SIZE = 56

/** A precompile that answers elsewhere. */
export const MOVE_FROM = 0
export const MOVE_TO = 24
/** u32: the engine's number of it. */
export const MOVE_NUMBER = 48
export const MOVE_SIZE = 56

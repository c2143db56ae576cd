/**
 * A batch: what a version changes of its parent, as bytes. AssemblyScript and TypeScript both read this file, so it holds literals only.
 * Little-endian; every entry begins at a multiple of 8. An address is the three lowest u64 limbs of the word that holds it, words are
 * four limbs, the lowest first, a code hash 32 bytes as they are: as in the access record (`state/record-layout.ts`).
 *
 *     account entry, its slot entries, account entry, ...
 *
 * Each account comes once, each slot of it once. Fields whose bit is not set are not read.
 */

export const BATCH_ADDRESS = 0
/** u32: `BATCH_SETS_*`, `BATCH_*S` */
export const BATCH_FLAGS = 24
/** u32: how many slot entries follow. */
export const BATCH_SLOTS = 28
/** u64 */
export const BATCH_NONCE = 32
export const BATCH_BALANCE = 40
export const BATCH_CODE = 72
export const BATCH_ACCOUNT_BYTES = 104

export const BATCH_SETS_BALANCE = 1
export const BATCH_SETS_NONCE = 2
export const BATCH_SETS_CODE = 4
/** The account comes to life, be it empty. */
export const BATCH_CREATES = 8
/** The storage is wiped before the slots apply, and the account comes to life. */
export const BATCH_RECREATES = 16
/** The account goes; all else is ignored. */
export const BATCH_DESTROYS = 32

// A slot entry: key and value. Zero removes.
export const BATCH_SLOT_VALUE = 32
export const BATCH_SLOT_BYTES = 64

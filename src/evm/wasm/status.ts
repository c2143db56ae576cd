/** Numbers that cross the border between the engine and its host. Literals only: AssemblyScript reads this file too. */

// What `run` returns.
export const DONE = 0
export const OUT_OF_FUEL = 1
export const NEED = 2
/** What `runBlock` returns beside: the record of the last transaction was not kept. */
export const REFUSED = 3

// What is needed.
export const NEED_STATE = 1
export const NEED_SLOT_VALUE = 2
export const NEED_CODE = 3
export const NEED_BLOCK_HASH = 4
export const NEED_PRECOMPILE_RUN = 5
export const NEED_STORAGE_KNOWLEDGE = 6
/** The functions that find state say that it will be there later. */
export const NEED_WAIT = 7

// How a frame ended.
export const SUCCESS = 0
export const REVERTED = 1
export const OUT_OF_GAS = 2
export const INVALID_OPCODE = 3
export const STACK_UNDERFLOW = 4
export const STACK_OVERFLOW = 5
export const BAD_JUMP = 6
export const RETURN_DATA_BOUNDS = 7
export const WRITE_PROTECTION = 8
export const COLLISION = 9
export const CODE_TOO_LARGE = 10
export const BAD_CODE_PREFIX = 11
export const DEPOSIT_OUT_OF_GAS = 12
export const INIT_CODE_TOO_LARGE = 13
export const PRECOMPILE_FAILED = 14
export const INSUFFICIENT_BALANCE = 15
export const DEPTH_EXCEEDED = 16
export const NONCE_OVERFLOW = 17
/** Out of gas, because there is no more memory. */
export const MEMORY_EXHAUSTED = 18
/** Halted for a reason that has no number: the record's output is its name. */
export const NAMED_HALT = 19
export const RESERVE_DIPPED = 20
export const DELEGATED_CREATE = 21
export const COMPUTE_EXCEEDED = 22
export const DETAINED = 23
export const DATA_EXCEEDED = 24
export const KV_EXCEEDED = 25
export const GROWTH_EXCEEDED = 26

// Kinds of frames, by their opcodes.
export const CREATE = 0xf0
export const CALL = 0xf1
export const CALLCODE = 0xf2
export const DELEGATECALL = 0xf4
export const CREATE2 = 0xf5
export const STATICCALL = 0xfa

// Forks by their place in `FORKS`.
export const HOMESTEAD = 1
export const TANGERINE_WHISTLE = 2
export const SPURIOUS_DRAGON = 3
export const BYZANTIUM = 4
export const CONSTANTINOPLE = 5
export const PETERSBURG = 6
export const ISTANBUL = 7
export const BERLIN = 9
export const LONDON = 10
export const SHANGHAI = 14
export const CANCUN = 15
export const PRAGUE = 16

/** A frame's record: what the machine needs to go on with it. */

/** Saved registers. */
export const SAVED_PC: usize = 0
export const SAVED_SP: usize = 4
export const SAVED_GAS: usize = 8
export const SAVED_MEM: usize = 16
export const SAVED_MEM_SIZE: usize = 20
export const SAVED_MEM_ROOM: usize = 24
/** One item below the lowest. */
export const STACK_BOTTOM: usize = 28
export const CODE_OF_FRAME: usize = 32
/** u32: the opcode that began it. */
export const KIND: usize = 36
export const IS_STATIC: usize = 40
/** The account whose context runs. */
export const ACCOUNT_OF_FRAME: usize = 44
/** The account whose code runs. */
export const CODE_ACCOUNT: usize = 48
export const CALLER: usize = 52
export const INPUT: usize = 56
export const INPUT_SIZE: usize = 60
/** Where in the caller's memory the output goes. */
export const OUTPUT: usize = 64
export const OUTPUT_SIZE: usize = 68
export const JOURNAL_MARK: usize = 72
export const HEAP_MARK: usize = 76
export const REFUND_MARK: usize = 80
export const LOG_MARK: usize = 88
export const LOG_COUNT_MARK: usize = 92
/** Where the memory for stacks ends that this frame's stack is in. */
export const STACKS_LIMIT: usize = 96
/** u32: 1 while a precompile is to be run in place of code. */
export const IS_PRECOMPILE: usize = 100
export const GIVEN_GAS: usize = 104
/** 32 bytes */
export const VALUE: usize = 112
/** u32: bytes of memory of all the frames below. */
export const MEMORY_BELOW: usize = 144
/** Three i64 each: what of each resource was counted when the frame began, and how much more it may count. */
export const COUNTS_MARK: usize = 152
export const COUNTS_LEFT: usize = 176
/** u32 each: whether its account is counted as written, and whether it was this frame that had its caller's counted. */
export const IS_COUNTED: usize = 200
export const HAS_COUNTED_CALLER: usize = 204
/** i64 and u32, with the counts: gas that storage alone may take, and whether the frame has it for itself. */
export const STIPEND_LEFT: usize = 208
export const HAS_OWN_STIPEND: usize = 216

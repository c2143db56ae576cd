import type { FrameError } from '../observer.ts'
import { precompileOf } from './precompile-table.ts'
import {
  BAD_CODE_PREFIX,
  BAD_JUMP,
  CODE_TOO_LARGE,
  COLLISION,
  COMPUTE_EXCEEDED,
  DATA_EXCEEDED,
  DELEGATED_CREATE,
  DEPOSIT_OUT_OF_GAS,
  DEPTH_EXCEEDED,
  DETAINED,
  GROWTH_EXCEEDED,
  INIT_CODE_TOO_LARGE,
  INSUFFICIENT_BALANCE,
  INVALID_OPCODE,
  KV_EXCEEDED,
  MEMORY_EXHAUSTED,
  NONCE_OVERFLOW,
  OUT_OF_GAS,
  PRECOMPILE_FAILED,
  RESERVE_DIPPED,
  RETURN_DATA_BOUNDS,
  REVERTED,
  STACK_OVERFLOW,
  STACK_UNDERFLOW,
  SUCCESS,
  WRITE_PROTECTION,
} from './status.ts'

/** Geth's words for what ends a frame. */
const WORDS: Readonly<Record<number, string>> = {
  [OUT_OF_GAS]: 'out of gas',
  // One more item than the limit is the only way to overflow.
  [STACK_OVERFLOW]: 'stack limit reached 1024 (1023)',
  [BAD_JUMP]: 'invalid jump destination',
  [RETURN_DATA_BOUNDS]: 'return data out of bounds',
  [WRITE_PROTECTION]: 'write protection',
  [COLLISION]: 'contract address collision',
  [CODE_TOO_LARGE]: 'max code size exceeded',
  [BAD_CODE_PREFIX]: 'invalid code: must not begin with 0xef',
  [DEPOSIT_OUT_OF_GAS]: 'contract creation code storage out of gas',
  [INIT_CODE_TOO_LARGE]: 'max initcode size exceeded',
  [INSUFFICIENT_BALANCE]: 'insufficient balance for transfer',
  [DEPTH_EXCEEDED]: 'max call depth exceeded',
  [NONCE_OVERFLOW]: 'nonce uint64 overflow',
  [RESERVE_DIPPED]: 'reserve balance violation',
  [DELEGATED_CREATE]: 'contract creation by a delegated account',
  [COMPUTE_EXCEEDED]: 'compute gas limit exceeded',
  [DETAINED]: 'volatile data access out of gas',
  [DATA_EXCEEDED]: 'data size limit exceeded',
  [KV_EXCEEDED]: 'key-value update limit exceeded',
  [GROWTH_EXCEEDED]: 'state growth limit exceeded',
  [MEMORY_EXHAUSTED]: 'out of gas: the engine has no more than 1 GiB of memory',
}

/**
 * What tells more of a halt than its status: items on the stack and items that were wanted when there were too few; the opcode; the
 * engine's number of the precompile.
 */
export type HaltDetails = readonly [first: number, second: number]

/** What Geth calls an opcode that no fork has. */
export function undefinedOpcode(opcode: number): string {
  return `opcode 0x${opcode.toString(16)} not defined`
}

/** Why a frame ended without success; undefined when it succeeded. */
export function frameErrorOf(status: number, details: HaltDetails): FrameError | undefined {
  if (status === SUCCESS) return undefined
  if (status === REVERTED) return { kind: 'revert' }
  return { kind: 'halt', reason: reasonOf(status, details) }
}

function reasonOf(status: number, [first, second]: HaltDetails): string {
  if (status === STACK_UNDERFLOW) return `stack underflow (${first} <=> ${second})`
  if (status === PRECOMPILE_FAILED) return `precompile ${precompileOf(first).name} failed`
  if (status === INVALID_OPCODE) {
    return `invalid opcode: ${first === 0xfe ? 'INVALID' : undefinedOpcode(first)}`
  }
  const words = WORDS[status]
  if (words === undefined) throw new Error(`bug: a frame ended with ${status}`)
  return words
}

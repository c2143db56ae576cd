import { EVMError, type ExecResult } from '@ethereumjs/evm'

import type { FrameError } from '../observer.ts'

const ERRORS = EVMError.errorMessages

/** Geth's words for the halts that ethereumjs words otherwise; the others (precompiles) keep theirs. */
const WORDS: Readonly<Record<string, string>> = {
  [ERRORS.CODESTORE_OUT_OF_GAS]: 'contract creation code storage out of gas',
  [ERRORS.CODESIZE_EXCEEDS_MAXIMUM]: 'max code size exceeded',
  [ERRORS.OUT_OF_RANGE]: 'return data out of bounds',
  [ERRORS.STATIC_STATE_CHANGE]: 'write protection',
  [ERRORS.CREATE_COLLISION]: 'contract address collision',
  [ERRORS.INSUFFICIENT_BALANCE]: 'insufficient balance for transfer',
  [ERRORS.INVALID_BYTECODE_RESULT]: 'invalid code: must not begin with 0xef',
  [ERRORS.INITCODE_SIZE_VIOLATION]: 'max initcode size exceeded',
  // One more item than the limit is the only way to overflow.
  [ERRORS.STACK_OVERFLOW]: 'stack limit reached 1024 (1023)',
}

/** Why a frame ended without success, as Geth says it; undefined when it succeeded. */
export function frameErrorOf(result: ExecResult, isCreation: boolean): FrameError | undefined {
  const error = result.exceptionError?.error
  if (error === undefined) return undefined
  if (error === ERRORS.REVERT) return { kind: 'revert' }
  return { kind: 'halt', reason: reasonOf(error, result, isCreation) }
}

function reasonOf(error: string, result: ExecResult, isCreation: boolean): string {
  const { runState } = result
  if (runState !== undefined) {
    const opcode = runState.code[runState.programCounter] ?? 0
    if (error === ERRORS.INVALID_OPCODE) return invalidOpcode(opcode)
    if (error === ERRORS.STACK_UNDERFLOW) {
      // The program counter has moved on when the instruction itself, not its gas, found the stack short.
      return `stack underflow (${runState.stack.length} <=> ${requiredItems(runState.opCode)})`
    }
    if (runState.opCode === 0x3e && error === ERRORS.OUT_OF_GAS) {
      const [, offset = 0n, size = 0n] = runState.stack.peek(3)
      if (offset + size > BigInt(runState.returnBytes.length)) return WORDS[ERRORS.OUT_OF_RANGE]!
    }
    // RETURN was reached, so it is the deposit of the code that could not be paid.
    const returned = (runState as { returnValue?: Uint8Array }).returnValue
    if (
      isCreation &&
      error === ERRORS.OUT_OF_GAS &&
      returned !== undefined &&
      returned.length > 0
    ) {
      return WORDS[ERRORS.CODESTORE_OUT_OF_GAS]!
    }
  }
  // The location follows.
  if (error.startsWith(ERRORS.INVALID_JUMP)) return 'invalid jump destination'
  return WORDS[error] ?? error
}

function invalidOpcode(opcode: number): string {
  if (opcode === 0xfe) return 'invalid opcode: INVALID'
  return `invalid opcode: ${undefinedOpcode(opcode)}`
}

/** What Geth calls an opcode that no fork has. */
export function undefinedOpcode(opcode: number): string {
  return `opcode 0x${opcode.toString(16)} not defined`
}

/** How many items an instruction needs: by families, and the exceptions one by one. */
const REQUIRED: ReadonlyMap<number, number> = new Map([
  [0x08, 3],
  [0x09, 3],
  [0x15, 1],
  [0x19, 1],
  [0x1e, 1],
  [0x31, 1],
  [0x35, 1],
  [0x37, 3],
  [0x39, 3],
  [0x3b, 1],
  [0x3c, 4],
  [0x3e, 3],
  [0x3f, 1],
  [0x40, 1],
  [0x49, 1],
  [0x50, 1],
  [0x51, 1],
  [0x52, 2],
  [0x53, 2],
  [0x54, 1],
  [0x55, 2],
  [0x56, 1],
  [0x57, 2],
  [0x5c, 1],
  [0x5d, 2],
  [0x5e, 3],
  [0xf0, 3],
  [0xf1, 7],
  [0xf2, 7],
  [0xf3, 2],
  [0xf4, 6],
  [0xf5, 4],
  [0xfa, 6],
  [0xfd, 2],
  [0xff, 1],
])

function requiredItems(opcode: number): number {
  const exact = REQUIRED.get(opcode)
  if (exact !== undefined) return exact
  if (opcode >= 0x01 && opcode <= 0x20) return 2
  if (opcode >= 0x80 && opcode <= 0x8f) return opcode - 0x7f
  if (opcode >= 0x90 && opcode <= 0x9f) return opcode - 0x8e
  if (opcode >= 0xa0 && opcode <= 0xa4) return opcode - 0x9e
  return 0
}

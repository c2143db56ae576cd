import { decodeAbi } from '../primitives/abi.ts'
import { bytesToHex } from '../primitives/hex.ts'

const ERROR_STRING = '0x08c379a0'
const PANIC = '0x4e487b71'

/** Solidity's panic codes. */
const PANICS: ReadonlyMap<bigint, string> = new Map([
  [0x00n, 'generic panic'],
  [0x01n, 'assertion failed'],
  [0x11n, 'arithmetic underflow or overflow'],
  [0x12n, 'division or modulo by zero'],
  [0x21n, 'enum conversion out of bounds'],
  [0x22n, 'access to incorrectly encoded storage byte array'],
  [0x31n, 'out-of-bounds array access; popping on an empty array'],
  [0x32n, 'array out-of-bounds access'],
  [0x41n, 'out of memory'],
  [0x51n, 'call to a zero-initialized variable of internal function type'],
])

/**
 * What revert data says, for people: `Error(string)`'s text, a panic by name, a custom error by selector,
 * plain text as it is. Undefined when there is nothing to say: no data, or fewer than four bytes.
 */
function revertReason(output: Uint8Array): string | undefined {
  if (output.length < 4) return undefined
  const selector = bytesToHex(output.subarray(0, 4))
  const body = output.subarray(4)
  if (selector === ERROR_STRING) {
    const text = decodeAbi([{ type: 'string' }], body)?.[0]
    if (typeof text === 'string') return text
  }
  if (selector === PANIC && body.length === 32) {
    const code = decodeAbi([{ type: 'uint256' }], body)?.[0]
    if (typeof code === 'bigint') {
      return `panic: ${PANICS.get(code) ?? 'unknown panic code'} (0x${code.toString(16).padStart(2, '0')})`
    }
  }
  if (body.length % 32 !== 0 && isPlainText(output)) return Buffer.from(output).toString('latin1')
  return `custom error ${selector}`
}

/** `execution reverted`, then the reason where there is one. */
export function revertMessage(output: Uint8Array): string {
  const reason = revertReason(output)
  return reason === undefined ? 'execution reverted' : `execution reverted: ${reason}`
}

function isPlainText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
}

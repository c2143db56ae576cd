import { decodeAbi } from '../../primitives/abi.ts'
import { bytesToHex } from '../../primitives/hex.ts'

/** Solidity's panic codes in Geth's words. */
const PANICS: ReadonlyMap<bigint, string> = new Map([
  [0x00n, 'generic panic'],
  [0x01n, 'assert(false)'],
  [0x11n, 'arithmetic underflow or overflow'],
  [0x12n, 'division or modulo by zero'],
  [0x21n, 'enum overflow'],
  [0x22n, 'invalid encoded storage byte array accessed'],
  [0x31n, 'out-of-bounds array access; popping on an empty array'],
  [0x32n, 'out-of-bounds access of an array or bytesN'],
  [0x41n, 'out of memory'],
  [0x51n, 'uninitialized function'],
])

/** What a revert's data says by Solidity's own two errors. */
export type RevertReason =
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'panic'; readonly code: bigint; readonly words: string }

/** Decodes `Error(string)` and `Panic(uint256)`; undefined for no data, custom errors and malformed data. */
export function readRevertReason(output: Uint8Array): RevertReason | undefined {
  if (output.length < 4) return undefined
  const selector = bytesToHex(output.subarray(0, 4))
  if (selector === '0x08c379a0') {
    const message = decodeAbi([{ type: 'string' }], output.subarray(4))?.[0]
    return typeof message === 'string' ? { kind: 'error', message } : undefined
  }
  if (selector === '0x4e487b71') {
    const code = decodeAbi([{ type: 'uint256' }], output.subarray(4))?.[0]
    if (typeof code !== 'bigint') return undefined
    const words = PANICS.get(code) ?? `unknown panic code: 0x${code.toString(16)}`
    return { kind: 'panic', code, words }
  }
  return undefined
}

/** The reason as Geth prints it: the message of `Error`, the words of `Panic`. */
export function revertWords(output: Uint8Array): string | undefined {
  const reason = readRevertReason(output)
  if (reason === undefined) return undefined
  return reason.kind === 'error' ? reason.message : reason.words
}

import { bigIntToFixedBytes } from '../../primitives/bytes.ts'
import { bytesToHex } from '../../primitives/hex.ts'
import type { Field } from './slot-names.ts'

/**
 * The value of a field in its slot's word, as Solidity would write it. A byte string that does not fit is told by its length: its bytes
 * are in slots of their own.
 */
export function fieldText({ offset, bytes, type, role }: Field, word: bigint): string {
  if (role === 'bytes') return byteStringText(type, word)
  const value = (word >> BigInt(offset * 8)) & ((1n << BigInt(bytes * 8)) - 1n)
  if (role === 'arrayLength') return value.toString()
  if (type === 'bool') return value === 0n ? 'false' : value === 1n ? 'true' : value.toString()
  if (/^(?:address|contract )/.test(type)) return hexOf(value, 20)
  const fixed = /^bytes(\d+)$/.exec(type)
  if (fixed !== null) return hexOf(value, Number(fixed[1]))
  const signed = /^int(\d+)$/.exec(type)
  if (signed !== null) return BigInt.asIntN(Number(signed[1]), value).toString()
  if (/^(?:uint\d+|enum )/.test(type)) return value.toString()
  return hexOf(value, bytes)
}

/** Short ones hold twice their length in the last byte, long ones twice their length and one in the word. */
function byteStringText(type: string, word: bigint): string {
  if ((word & 1n) === 1n) return `${(word - 1n) / 2n} bytes, in slots of their own`
  const length = Number((word & 0xffn) / 2n)
  const content = bigIntToFixedBytes(word, 32).subarray(0, Math.min(length, 31))
  if (type !== 'string') return bytesToHex(content)
  return JSON.stringify(Buffer.from(content).toString('utf8'))
}

function hexOf(value: bigint, bytes: number): string {
  return `0x${value.toString(16).padStart(bytes * 2, '0')}`
}

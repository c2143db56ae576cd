import { equalBytes } from '../primitives/bytes.ts'

/** Recognising deployed code by what a compiler wrote, in which addresses and immutables were still open. */

/** A stretch whose bytes are known only at deployment. */
export interface Gap {
  readonly start: number
  readonly length: number
}

export interface CodeTemplate {
  /** Zeros in the gaps. */
  readonly bytes: Uint8Array
  /** In order, not overlapping. */
  readonly gaps: readonly Gap[]
  /** Length of the metadata at the end (a hash of the sources, their comments too); 0 when there is none. */
  readonly metadataBytes: number
}

export type Likeness = 'exact' | 'butMetadata' | 'none'

/**
 * A template of hex as compilers print it, with `__$..$__` for the addresses of libraries.
 * Immutables are `gaps` when given, else found by the zeros that stand for them; undefined for no code.
 */
export function toTemplate(hex: string, immutables?: readonly Gap[]): CodeTemplate | undefined {
  const digits = hex.startsWith('0x') ? hex.slice(2) : hex
  const gaps: Gap[] = []
  const filled = digits.replace(/__.{36}__/g, (_found, at: number) => {
    gaps.push({ start: at / 2, length: 20 })
    return '0'.repeat(40)
  })
  if (filled === '' || !/^(?:[0-9a-fA-F]{2})+$/.test(filled)) return undefined
  const bytes = new Uint8Array(Buffer.from(filled, 'hex'))
  gaps.push(...(immutables ?? findImmutables(bytes)))
  // A library begins with its own address.
  if (bytes[0] === 0x73 && isZero(bytes, 1, 20)) gaps.push({ start: 1, length: 20 })
  gaps.sort((a, b) => a.start - b.start)
  return { bytes, gaps, metadataBytes: metadataLength(bytes) }
}

/** How much `code` is what `template` became when it was deployed. */
export function compareRuntime(template: CodeTemplate, code: Uint8Array): Likeness {
  const { bytes, gaps, metadataBytes } = template
  if (code.length === bytes.length && fits(bytes, code, gaps, 0, bytes.length)) return 'exact'
  const end = bytes.length - metadataBytes
  if (metadataBytes === 0 || code.length - metadataLength(code) !== end) return 'none'
  return fits(bytes, code, gaps, 0, end) ? 'butMetadata' : 'none'
}

/** How much `initCode` begins with `template`; constructor arguments may follow. */
export function compareCreation(template: CodeTemplate, initCode: Uint8Array): Likeness {
  const { bytes, gaps, metadataBytes } = template
  if (initCode.length < bytes.length) return 'none'
  if (!fits(bytes, initCode, gaps, 0, bytes.length - metadataBytes)) return 'none'
  const exact = fits(bytes, initCode, gaps, bytes.length - metadataBytes, bytes.length)
  return exact ? 'exact' : 'butMetadata'
}

/** Length of the CBOR map that solc puts at the end of code, with the two bytes that tell it. */
export function metadataLength(code: Uint8Array): number {
  if (code.length < 4) return 0
  const length = ((code.at(-2) ?? 0) << 8) | (code.at(-1) ?? 0)
  const first = code[code.length - 2 - length]
  // A map of one to four entries.
  return first !== undefined && first >= 0xa1 && first <= 0xa4 ? length + 2 : 0
}

function fits(
  bytes: Uint8Array,
  code: Uint8Array,
  gaps: readonly Gap[],
  from: number,
  to: number,
): boolean {
  let at = from
  for (const { start, length } of gaps) {
    if (start >= to) break
    if (start + length <= at) continue
    if (start > at && !equalBytes(bytes.subarray(at, start), code.subarray(at, start))) return false
    at = start + length
  }
  return at >= to || equalBytes(bytes.subarray(at, to), code.subarray(at, to))
}

/** PUSH32 of zeros: the compiler pushes a zero that is meant with less. */
function findImmutables(bytes: Uint8Array): Gap[] {
  const gaps: Gap[] = []
  for (let at = 0; at < bytes.length; at++) {
    const opcode = bytes[at]!
    if (opcode < 0x60 || opcode > 0x7f) continue
    if (opcode === 0x7f && isZero(bytes, at + 1, 32)) gaps.push({ start: at + 1, length: 32 })
    at += opcode - 0x5f
  }
  return gaps
}

function isZero(bytes: Uint8Array, start: number, length: number): boolean {
  if (start + length > bytes.length) return false
  for (let at = start; at < start + length; at++) if (bytes[at] !== 0) return false
  return true
}

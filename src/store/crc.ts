import { crc32 as nativeCrc32 } from 'node:zlib'

/** Reflected polynomials. */
const CASTAGNOLI = 0x82f63b78
const IEEE = 0xedb88320
const MASK = 0xa282ead8
/** A call of the native one costs as much as so many bytes here. */
const SHORT = 512

/** Eight tables of 256: what a byte does to the checksum when 0 to 7 bytes come after it. */
function tablesOf(polynomial: number): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial
    tables[byte] = crc
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256]!
    tables[at] = (before >>> 8) ^ tables[before & 0xff]!
  }
  return tables
}

const ofCastagnoli = tablesOf(CASTAGNOLI)
const ofIeee = tablesOf(IEEE)

/** Goes on from `crc`, which is not inverted. */
function run(
  tables: Int32Array,
  crc: number,
  bytes: Uint8Array,
  from: number,
  end: number,
): number {
  let at = from
  for (; at + 8 <= end; at += 8) {
    const low =
      crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      tables[0x700 | (low & 0xff)]! ^
      tables[0x600 | ((low >>> 8) & 0xff)]! ^
      tables[0x500 | ((low >>> 16) & 0xff)]! ^
      tables[0x400 | (low >>> 24)]! ^
      tables[0x300 | bytes[at + 4]!]! ^
      tables[0x200 | bytes[at + 5]!]! ^
      tables[0x100 | bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = tables[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return crc
}

/** The CRC-32C of `bytes` from `from` up to `end`, as LevelDB stores it: turned, and a constant added. */
export function maskedCrc32c(bytes: Uint8Array, from: number, end: number): number {
  const crc = ~run(ofCastagnoli, -1, bytes, from, end)
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0
}

/** The CRC-32 of two byte strings one after the other. */
export function crc32(first: Uint8Array, second: Uint8Array): number {
  const crc = run(ofIeee, -1, first, 0, first.length)
  if (second.length > SHORT) return nativeCrc32(second, ~crc >>> 0)
  return ~run(ofIeee, crc, second, 0, second.length) >>> 0
}

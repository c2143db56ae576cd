import { maskedCrc32c } from './crc.ts'

/**
 * LevelDB's log (doc/log_format.md of its repository): blocks of 32 KiB with records of u32 masked CRC-32C, u16 length, u8 type, data. What
 * LevelDB finds damaged there it leaves out without a word. A log that ends inside a record is one whose writer was killed.
 */
const BLOCK = 32_768
const HEADER = 7

/** Where the first damaged record of a log begins; undefined when there is none. */
export function damagedRecordAt(log: Buffer): number | undefined {
  let at = 0
  for (;;) {
    const left = BLOCK - (at % BLOCK)
    if (left < HEADER) {
      at += left
      continue
    }
    if (at + HEADER > log.length) return undefined
    const end = at + HEADER + log.readUInt16LE(at + 4)
    if (end > at + left) return at
    if (end > log.length) return undefined
    if (log.readUInt32LE(at) !== maskedCrc32c(log, at + 6, end)) {
      // A file system may have made room that was not written.
      return log.subarray(at).every((byte) => byte === 0) ? undefined : at
    }
    at = end
  }
}

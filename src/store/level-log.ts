import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { KvError } from './kv.ts'

/**
 * LevelDB's log (doc/log_format.md of its repository): blocks of 32 KiB with records of u32 masked CRC-32C, u16 length, u8 type, data. What
 * LevelDB finds damaged there it leaves out without a word. A log that ends inside a record is one whose writer was killed.
 */
const BLOCK = 32_768
const HEADER = 7
const MASK = 0xa282ead8
/** CRC-32C, reflected. */
const POLYNOMIAL = 0x82f63b78

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL
  return crc
})

/** @throws {KvError} naming the first log in `folder` that is damaged, and where */
export async function expectWholeLogs(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((file) => file.endsWith('.log'))) {
    const at = damagedAt(await readFile(join(folder, name)))
    if (at === undefined) continue
    throw new KvError(
      `the data folder ${folder} is damaged: ${name} at byte ${at}; without that file the chain is as it was before what the file holds`,
    )
  }
}

/** Where the first damaged record of a log begins; undefined when there is none. */
export function damagedAt(log: Buffer): number | undefined {
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
    if (log.readUInt32LE(at) !== maskedCrc(log, at + 6, end)) {
      // A file system may have made room that was not written.
      return log.subarray(at).every((byte) => byte === 0) ? undefined : at
    }
    at = end
  }
}

function maskedCrc(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff
  for (let at = from; at < to; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  crc = ~crc >>> 0
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0
}

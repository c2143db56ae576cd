import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

import { KvError } from './kv.ts'

/** A file of LevelDB's folder that LevelDB does not know: how many batches were acknowledged, as u64, and a crc32 of that. */
const NAME = 'ACKNOWLEDGED'
const BYTES = 12

/**
 * How much of a folder was acknowledged as written, kept beside its database: a log that was cut, or a file that is gone, would be taken for
 * a database that never had more.
 */
export class AcknowledgedMark {
  readonly #folder: string
  readonly #file: number
  #batches: number

  private constructor(folder: string, file: number, batches: number) {
    this.#folder = folder
    this.#file = file
    this.#batches = batches
  }

  /** @param batches that are in the database @throws {KvError} when more were acknowledged */
  static open(folder: string, batches: number): AcknowledgedMark {
    const file = openSync(join(folder, NAME), constants.O_RDWR | constants.O_CREAT, 0o644)
    try {
      const acknowledged = readMark(file, folder)
      if (acknowledged > batches) {
        const lost = `${acknowledged - batches} of the ${acknowledged} writes that were acknowledged`
        const remedy = `without its file ${NAME} the chain is as it was before them`
        throw new KvError(
          `the data folder ${folder} is damaged: it lacks ${lost}, so one of its files was cut or is gone; ${remedy}`,
        )
      }
      return new AcknowledgedMark(folder, file, acknowledged)
    } catch (error) {
      closeSync(file)
      throw error
    }
  }

  /** In place: it needs no room on a full disk, and who is killed has written all of it or nothing. @throws {KvError} */
  set(batches: number): void {
    if (batches === this.#batches) return
    const bytes = Buffer.alloc(BYTES)
    bytes.writeBigUInt64BE(BigInt(batches))
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
    try {
      writeSync(this.#file, bytes, 0, BYTES, 0)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new KvError(`writing to ${this.#folder} failed: ${reason}`, { cause: error })
    }
    this.#batches = batches
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** Nothing was acknowledged where there is nothing. */
function readMark(file: number, folder: string): number {
  const buffer = Buffer.alloc(BYTES + 1)
  const size = readSync(file, buffer, 0, buffer.length, 0)
  if (size === 0) return 0
  const isWhole = size === BYTES && buffer.readUInt32BE(8) === crc32(buffer.subarray(0, 8))
  if (!isWhole) {
    throw new KvError(
      `the data folder ${folder} is damaged: ${NAME}, which says how much must be there; without that file nobody knows whether something is missing`,
    )
  }
  return Number(buffer.readBigUInt64BE(0))
}

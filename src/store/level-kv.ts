import { mkdir } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import type { Level } from 'level'

import { bytesToHex } from '../primitives/hex.ts'
import { type Kv, KvError } from './kv.ts'

type Database = Level<Uint8Array, Uint8Array>

const CHECKSUM_BYTES = 4
const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const

/**
 * The store in `folder`, which is made when it is not there. Each record ends with a checksum over its key and value, since
 * LevelDB does not verify what it reads. LevelDB is loaded here, at the first call, and never in memory mode.
 *
 * @throws {KvError} in one line naming the folder: in use by another process, damaged, or not to be opened at all.
 */
export async function openLevelKv(folder: string): Promise<Kv> {
  const database = await open(folder)
  return {
    get(key) {
      let record: Uint8Array | undefined
      try {
        record = database.getSync(key)
      } catch (error) {
        throw new KvError(`reading ${bytesToHex(key)} from ${folder} failed: ${reason(error)}`, {
          cause: error,
        })
      }
      return record && unseal(key, record, folder)
    },
    async write(batch) {
      const operations = batch.map(({ key, value }) =>
        value === undefined
          ? ({ type: 'del', key } as const)
          : ({ type: 'put', key, value: seal(key, value) } as const),
      )
      try {
        await database.batch(operations)
      } catch (error) {
        throw new KvError(`writing to ${folder} failed: ${reason(error)}`, { cause: error })
      }
    },
    async close() {
      await database.close()
    },
  }
}

async function open(folder: string): Promise<Database> {
  try {
    await mkdir(folder, { recursive: true })
    const { Level } = await import('level')
    const database: Database = new Level(folder, encodings)
    await database.open()
    return database
  } catch (error) {
    throw new KvError(describe(folder, error), { cause: error })
  }
}

function describe(folder: string, error: unknown): string {
  const codes = new Set(causesOf(error).map((cause) => codeOf(cause)))
  if (codes.has('LEVEL_LOCKED')) {
    return `the data folder ${folder} is in use by another process`
  }
  if (codes.has('LEVEL_CORRUPTION')) {
    return `the data folder ${folder} is damaged: ${reason(error)}`
  }
  return `the data folder ${folder} cannot be opened: ${reason(error)}`
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = []
  for (let at = error; at instanceof Error && causes.length < 8; at = at.cause) causes.push(at)
  return causes
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** The innermost message, on one line. */
function reason(error: unknown): string {
  const innermost = causesOf(error).at(-1) ?? error
  const text = innermost instanceof Error ? innermost.message : String(innermost)
  return text.split('\n', 1)[0]!
}

function seal(key: Uint8Array, value: Uint8Array): Uint8Array {
  const record = new Uint8Array(value.length + CHECKSUM_BYTES)
  record.set(value)
  new DataView(record.buffer).setUint32(value.length, checksum(key, value))
  return record
}

function unseal(key: Uint8Array, record: Uint8Array, folder: string): Uint8Array {
  const length = record.length - CHECKSUM_BYTES
  const isWhole =
    length >= 0 &&
    new DataView(record.buffer, record.byteOffset).getUint32(length) ===
      checksum(key, record.subarray(0, length))
  if (!isWhole) throw new KvError(`the record ${bytesToHex(key)} in ${folder} is damaged`)
  return new Uint8Array(record.subarray(0, length))
}

function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key))
}

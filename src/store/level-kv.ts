import { mkdir, statfs } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import type { Level } from 'level'

import { bytesToHex } from '../primitives/hex.ts'
import { type Kv, KvError, type KvWrite } from './kv.ts'
import { expectWholeFiles } from './level-files.ts'

type Database = Level<Uint8Array, Uint8Array>

const CHECKSUM_BYTES = 4
/** A disk with so many bytes is no longer full: as much as LevelDB writes when it is opened again, and some. */
const ROOM_BYTES = 16 * 2 ** 20
const IS_FULL = /no space left|quota exceeded/i
const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const

/**
 * The store in `folder`, which is made when it is not there. Each record ends with a checksum over its key and value, since
 * LevelDB does not verify what it reads. LevelDB is loaded here, at the first call, and never in memory mode.
 *
 * @throws {KvError} in one line naming the folder: in use by another process, damaged, or not to be opened at all.
 */
export async function openLevelKv(folder: string): Promise<Kv> {
  return new LevelKv(folder, await open(folder))
}

class LevelKv implements Kv {
  readonly #folder: string
  readonly #database: Database
  /** Of the write that failed: LevelDB's log may end in the middle of it, and what came after would be lost. */
  #failure: KvError | undefined

  constructor(folder: string, database: Database) {
    this.#folder = folder
    this.#database = database
  }

  get(key: Uint8Array): Uint8Array | undefined {
    let record: Uint8Array | undefined
    try {
      record = this.#database.getSync(key)
    } catch (error) {
      const what = `reading ${bytesToHex(key)} from ${this.#folder} failed`
      throw new KvError(`${what}: ${reason(error)}`, { cause: error })
    }
    return record && unseal(key, record, this.#folder)
  }

  async write(batch: readonly KvWrite[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const operations = batch.map(({ key, value }) =>
      value === undefined
        ? ({ type: 'del', key } as const)
        : ({ type: 'put', key, value: seal(key, value) } as const),
    )
    try {
      await this.#database.batch(operations)
    } catch (error) {
      const text = `writing to ${this.#folder} failed: ${reason(error)}`
      this.#failure ??= new KvError(text, { cause: error })
      throw this.#failure
    }
  }

  /** LevelDB takes its log up again when it is opened, as after a crash. While that lasts, reading fails. */
  async recover(): Promise<boolean> {
    if (this.#failure === undefined) return true
    if (!IS_FULL.test(this.#failure.message) || !(await hasRoom(this.#folder))) return false
    try {
      if (this.#database.status === 'open') await this.#database.close()
      await this.#database.open()
    } catch {
      return false
    }
    this.#failure = undefined
    return true
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}

async function hasRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize >= ROOM_BYTES
}

async function open(folder: string): Promise<Database> {
  try {
    await mkdir(folder, { recursive: true })
    await expectWholeFiles(folder)
    const { Level } = await import('level')
    const database: Database = new Level(folder, encodings)
    await database.open()
    return database
  } catch (error) {
    if (error instanceof KvError) throw error
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

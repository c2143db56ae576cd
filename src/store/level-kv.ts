import { mkdir, statfs } from 'node:fs/promises'

import type { Level } from 'level'

import { bigIntToBytes, bytesToBigInt } from '../primitives/bytes.ts'
import { bytesToHex } from '../primitives/hex.ts'
import { crc32 } from './crc.ts'
import { type Kv, KvError, type KvWrite } from './kv.ts'
import { expectWholeFiles } from './level-files.ts'
import { AcknowledgedMark } from './level-mark.ts'
import { META_KEY } from './version-records.ts'

type Database = Level<Uint8Array, Uint8Array>

const CHECKSUM_BYTES = 4
/** How many batches were written, in each of them. */
const BATCHES_KEY = Uint8Array.of(0)
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
  const database = await open(folder)
  try {
    const batches = await readBatches(database, folder)
    return new LevelKv(folder, database, batches, AcknowledgedMark.open(folder, batches))
  } catch (error) {
    await database.close()
    throw error
  }
}

/** None in a folder that is new, or older than this count. @throws {KvError} when somebody else's records are there */
async function readBatches(database: Database, folder: string): Promise<number> {
  const record = database.getSync(BATCHES_KEY)
  if (record !== undefined) return Number(bytesToBigInt(unseal(BATCHES_KEY, record, folder)))
  const isOthers =
    database.getSync(META_KEY) === undefined && (await database.keys({ limit: 1 }).all()).length > 0
  if (isOthers) throw new KvError(`the data folder ${folder} holds another program's database`)
  return 0
}

class LevelKv implements Kv {
  readonly #folder: string
  readonly #database: Database
  readonly #mark: AcknowledgedMark
  #batches: number
  /** Ends when the batch before has: each says how many there are. */
  #last: Promise<void> = Promise.resolve()
  /** Of the write that failed: LevelDB's log may end in the middle of it, and what came after would be lost. */
  #failure: KvError | undefined
  #isClosed = false

  constructor(folder: string, database: Database, batches: number, mark: AcknowledgedMark) {
    this.#folder = folder
    this.#database = database
    this.#batches = batches
    this.#mark = mark
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

  write(batch: readonly KvWrite[]): Promise<void> {
    const sealed = sealAll(batch)
    const writing = this.#last.then(() => this.#write(sealed))
    this.#last = writing.catch(() => undefined)
    return writing
  }

  async #write(sealed: readonly KvWrite[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const batches = this.#batches + 1
    const count = { key: BATCHES_KEY, value: bigIntToBytes(BigInt(batches)) }
    try {
      // Record by record: an array of operations costs 3 to 5 us each, this 0.5.
      const chained = this.#database.batch()
      for (const { key, value } of sealed) {
        if (value === undefined) chained.del(key)
        else chained.put(key, value)
      }
      for (const { key, value } of sealAll([count])) chained.put(key, value!)
      await chained.write()
      this.#batches = batches
    } catch (error) {
      const text = `writing to ${this.#folder} failed: ${reason(error)}`
      this.#failure ??= new KvError(text, { cause: error })
      throw this.#failure
    }
  }

  async acknowledge(): Promise<void> {
    this.#mark.set(this.#batches)
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
    if (this.#isClosed) return
    this.#isClosed = true
    this.#mark.close()
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

/** The same with checksums after the values, which lie in one piece of memory: a piece for each costs more than all else of it. */
function sealAll(batch: readonly KvWrite[]): KvWrite[] {
  let size = 0
  for (const { value } of batch) if (value !== undefined) size += value.length + CHECKSUM_BYTES
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  return batch.map(({ key, value }) => {
    if (value === undefined) return { key, value }
    const begin = at
    bytes.set(value, begin)
    view.setUint32(begin + value.length, crc32(key, value))
    at += value.length + CHECKSUM_BYTES
    return { key, value: bytes.subarray(begin, at) }
  })
}

function unseal(key: Uint8Array, record: Uint8Array, folder: string): Uint8Array {
  const length = record.length - CHECKSUM_BYTES
  const isWhole =
    length >= 0 &&
    new DataView(record.buffer, record.byteOffset).getUint32(length) ===
      crc32(key, record.subarray(0, length))
  if (!isWhole) throw new KvError(`the record ${bytesToHex(key)} in ${folder} is damaged`)
  return new Uint8Array(record.subarray(0, length))
}

import { maskedCrc32c } from './crc.ts'

/**
 * LevelDB's table (doc/table_format.md of its repository): blocks, each with a byte for its compression and a u32 masked CRC-32C after it, and
 * a footer that says where the index of the blocks lies and that of what is beside them. LevelDB checks none of it when it merges tables.
 */
const FOOTER = 48
const MAGIC = 0xdb4775248b80fb57n
const TRAILER = 5
const SNAPPY = 1

/** Where a block lies, without what comes after it. NaN when there is no such number. */
interface Handle {
  readonly at: number
  readonly size: number
}

/**
 * Where the first block lies that is damaged; undefined when there is none. A table without a footer is one whose writer was killed:
 * LevelDB leaves it out, or says that it is none.
 */
export function damagedBlockAt(table: Buffer): number | undefined {
  const footer = table.length - FOOTER
  if (footer < 0 || table.readBigUInt64LE(table.length - 8) !== MAGIC) return undefined
  const reader = new Varints(table, footer)
  for (const index of [reader.handle(), reader.handle()]) {
    if (!isWhole(table, index, footer)) return placeOf(index, footer)
    const damaged = handlesIn(contentOf(table, index)).find(
      (block) => !isWhole(table, block, footer),
    )
    if (damaged !== undefined) return placeOf(damaged, footer)
  }
  return undefined
}

function isWhole(table: Buffer, { at, size }: Handle, footer: number): boolean {
  const end = at + size + 1
  return end + TRAILER - 1 <= footer && table.readUInt32LE(end) === maskedCrc32c(table, at, end)
}

/** A place outside is the fault of who names it. */
function placeOf({ at }: Handle, footer: number): number {
  return at < footer ? at : footer
}

function contentOf(table: Buffer, { at, size }: Handle): Uint8Array {
  const block = table.subarray(at, at + size)
  return table[at + size] === SNAPPY ? decompress(block) : block
}

/** The values of an index: entries with u32 places of some of them, and their number, after them. */
function handlesIn(index: Uint8Array): Handle[] {
  const view = new DataView(index.buffer, index.byteOffset, index.length)
  const end = index.length - 4 - 4 * view.getUint32(index.length - 4, true)
  const reader = new Varints(index, 0)
  const handles: Handle[] = []
  while (reader.at < end) {
    reader.next()
    const [keyBytes, valueBytes] = [reader.next(), reader.next()]
    const value = reader.at + keyBytes
    handles.push(new Varints(index, value).handle())
    reader.at = value + valueBytes
  }
  return handles
}

/** Numbers of seven bits a byte, the lowest first. */
class Varints {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  next(): number {
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.at++]
      if (byte === undefined) return Number.NaN
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
    }
  }

  handle(): Handle {
    return { at: this.next(), size: this.next() }
  }
}

/** Snappy's format (format_description.txt of its repository): the length, then bytes as they are and copies of earlier ones. */
function decompress(bytes: Uint8Array): Uint8Array {
  const reader = new Varints(bytes, 0)
  const content = new Uint8Array(reader.next())
  const read = (count: number): number => {
    let value = 0
    for (let byte = 0; byte < count; byte++) value += bytes[reader.at++]! * 256 ** byte
    return value
  }
  let end = 0
  while (reader.at < bytes.length) {
    const tag = bytes[reader.at++]!
    const [kind, rest] = [tag & 3, tag >>> 2]
    if (kind === 0) {
      const length = 1 + (rest < 60 ? rest : read(rest - 59))
      content.set(bytes.subarray(reader.at, reader.at + length), end)
      reader.at += length
      end += length
      continue
    }
    const length = kind === 1 ? 4 + (rest & 7) : 1 + rest
    const distance = kind === 1 ? ((rest >>> 3) << 8) | read(1) : read(kind === 2 ? 2 : 4)
    // A copy may reach into what it makes.
    for (const last = end + length; end < last; end++) content[end] = content[end - distance]!
  }
  return content
}

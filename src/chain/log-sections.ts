import { type KvWrite } from '../store/kv.ts'
import { type LogIndex, merged } from './log-index.ts'
import type { Term } from './log-terms.ts'

/** Blocks of a section. */
export const SECTION = 1024
/** Entries of a bucket, about. */
const BUCKET = 512
/** Term, block in the section, log: u32, u16, u32. */
const ENTRY = 10
const SECTION_PREFIX = 0x44 // D
const BUCKET_PREFIX = 0x4c // L
const CACHED = 1024

type Read = (key: Uint8Array) => Uint8Array | undefined

/**
 * The index of logs of blocks that are complete by the thousand: of each section a record with its number of buckets and the
 * logs of each block, and buckets of entries by term. What a section had before it was taken back may remain: readers compare.
 */
export class LogSections {
  readonly #read: Read
  readonly #known = new Map<number, DataView>()

  constructor(read: Read) {
    this.#read = read
  }

  /** The records of `section`, all of whose blocks `index` has. */
  seal(section: number, index: LogIndex): KvWrite[] {
    const first = section * SECTION
    const entries = [...index.entries()].filter(
      ([, block]) => block >= first && block < first + SECTION,
    )
    let buckets = 1
    while (buckets * BUCKET < entries.length) buckets *= 2
    const head = new DataView(new ArrayBuffer(4 + 4 * SECTION))
    head.setUint32(0, buckets)
    for (let at = 0; at < SECTION; at++) head.setUint32(4 + 4 * at, index.logCount(first + at))
    this.#known.set(section, head)
    const sorted: (typeof entries)[] = Array.from({ length: buckets }, () => [])
    for (const entry of entries) sorted[entry[0] % buckets]!.push(entry)
    const writes = sorted.map((bucket, at): KvWrite => {
      const view = new DataView(new ArrayBuffer(ENTRY * bucket.length))
      for (const [row, [term, block, log]] of bucket.entries()) {
        view.setUint32(ENTRY * row, term)
        view.setUint16(ENTRY * row + 4, block - first)
        view.setUint32(ENTRY * row + 6, log)
      }
      return { key: bucketKey(section, at), value: new Uint8Array(view.buffer) }
    })
    return [...writes, { key: sectionKey(section), value: new Uint8Array(head.buffer) }]
  }

  /** Forgets what is remembered of sections from `section` on: they are not complete any longer. */
  forget(section: number): void {
    for (const known of this.#known.keys()) if (known >= section) this.#known.delete(known)
  }

  logCount(block: number): number {
    const head = this.#head(Math.floor(block / SECTION))
    return head === undefined ? 0 : head.getUint32(4 + 4 * (block % SECTION))
  }

  /** Block and log of what has one term of the shortest list, in order. `from` and `to` lie in `section`. */
  candidates(
    section: number,
    asked: readonly (readonly Term[])[],
    from: number,
    to: number,
  ): readonly number[] {
    const head = this.#head(section)
    if (head === undefined) return []
    const buckets = head.getUint32(0)
    let shortest: readonly number[] | undefined
    for (const terms of asked) {
      const found = merged(terms.map((term) => this.#find(section, term, buckets, from, to)))
      if (shortest === undefined || found.length < shortest.length) shortest = found
      if (shortest.length === 0) break
    }
    return shortest ?? []
  }

  #find(section: number, term: Term, buckets: number, from: number, to: number): number[] {
    const bytes = this.#read(bucketKey(section, term % buckets))
    const found: number[] = []
    if (bytes === undefined) return found
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; at += ENTRY) {
      if (view.getUint32(at) !== term) continue
      const block = section * SECTION + view.getUint16(at + 4)
      if (block >= from && block <= to) found.push(block, view.getUint32(at + 6))
    }
    return found
  }

  #head(section: number): DataView | undefined {
    const known = this.#known.get(section)
    if (known !== undefined) return known
    const bytes = this.#read(sectionKey(section))
    if (bytes === undefined) return undefined
    const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (this.#known.size >= CACHED) this.#known.clear()
    this.#known.set(section, head)
    return head
  }
}

function sectionKey(section: number): Uint8Array {
  const key = new DataView(new ArrayBuffer(5))
  key.setUint8(0, SECTION_PREFIX)
  key.setUint32(1, section)
  return new Uint8Array(key.buffer)
}

function bucketKey(section: number, bucket: number): Uint8Array {
  const key = new DataView(new ArrayBuffer(9))
  key.setUint8(0, BUCKET_PREFIX)
  key.setUint32(1, section)
  key.setUint32(5, bucket)
  return new Uint8Array(key.buffer)
}

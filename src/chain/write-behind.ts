import type { Kv, KvWrite } from '../store/kv.ts'

/** Written together at most: LevelDB holds a batch in memory. */
const GROUP = 10_000
/** Who makes more waits when so many writes are due. */
const FULL = 40_000

/** How often a store that failed is tried again. */
const RETRY_MS = 2_000

/** A write by its key as text. */
type Named = readonly [string, KvWrite]

/** What was put at once. */
interface Group {
  readonly seen: readonly Named[]
  readonly hidden: readonly KvWrite[]
  readonly onWritten: (() => void) | undefined
}

/** Made when it can be written. */
interface LatePut {
  readonly slot: number
  readonly make: () => void
}

/**
 * A key-value store that is written in the background: what is put is seen at once, and reaches `kv` in groups, in its order.
 * Writes put in the same turn reach it together or not at all.
 */
export class WriteBehind {
  readonly #kv: Kv
  readonly #onFailure: (error: unknown) => void
  readonly #onRecovered: () => void
  #groups: Group[] = []
  #late: LatePut | undefined
  #taken = 0
  #written = 0
  /** What is not written yet, by key. */
  readonly #unwritten = new Map<string, KvWrite>()
  #running: Promise<void> | undefined
  /** Of one group. */
  #writing: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined
  #recovering: Promise<boolean> | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  /**
   * @param onFailure told of a write that failed: nothing more is written until the store has recovered
   * @param onRecovered told when it has: what was put meanwhile is written
   */
  constructor(
    kv: Kv,
    onFailure: (error: unknown) => void = () => undefined,
    onRecovered: () => void = () => undefined,
  ) {
    this.#kv = kv
    this.#onFailure = onFailure
    this.#onRecovered = onRecovered
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const unwritten = this.#unwritten.size === 0 ? undefined : this.#unwritten.get(nameOf(key))
    return unwritten === undefined ? this.#kv.get(key) : unwritten.value
  }

  /** How many writes were put so far. */
  get taken(): number {
    return this.#taken
  }

  /** How many of them are on disk: always the first. */
  get written(): number {
    return this.#written
  }

  /** What failed; undefined while all is well. */
  get failure(): unknown {
    return this.#failure?.error
  }

  /** Nothing to wait for: undefined. @throws (a rejection) the failure of an earlier write from which the store has not recovered */
  ready(): Promise<void> | undefined {
    if (this.#failure !== undefined) return this.#expectRecovery()
    return this.#isFull ? this.#room() : undefined
  }

  get #isFull(): boolean {
    return this.#taken - this.#written > FULL
  }

  /** More may come while the rest is written. @throws the failure of a write */
  async #room(): Promise<void> {
    while (this.#isFull && this.#writing !== undefined) await this.#writing
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #expectRecovery(): Promise<void> {
    if (await this.recover()) return
    throw this.#failure?.error
  }

  /** Tries a store that failed again. @returns whether it can be written */
  recover(): Promise<boolean> {
    this.#recovering ??= this.#recover().finally(() => {
      this.#recovering = undefined
    })
    return this.#recovering
  }

  async #recover(): Promise<boolean> {
    if (this.#failure === undefined) return true
    if (!(await this.#kv.recover())) return false
    this.#failure = undefined
    clearInterval(this.#retry)
    this.#running ??= this.#drain()
    await this.#running
    // It may have failed again.
    if (this.#failure !== undefined) return false
    this.#onRecovered()
    return true
  }

  /**
   * @param hidden is written along and not seen before: nobody asks for it yet
   * @param onWritten called when all of it is written
   */
  put(writes: readonly KvWrite[], hidden: readonly KvWrite[] = [], onWritten?: () => void): void {
    this.settle()
    const seen = writes.map((write): Named => [nameOf(write.key), write])
    for (const [name, write] of seen) this.#unwritten.set(name, write)
    this.#groups.push({ seen, hidden, onWritten })
    this.#taken += sizeOf(this.#groups.at(-1)!)
    if (this.#failure === undefined) this.#running ??= this.#drain()
  }

  /**
   * Calls `make`, which puts, once nothing is being written, and before anything else is put. When another comes for the same slot
   * meanwhile, that one takes its place: of many the last is made. What `make` throws is a failure of the store.
   */
  putLater(slot: number, make: () => void): void {
    if (this.#late?.slot !== slot) this.settle()
    this.#late = { slot, make }
    if (this.#failure === undefined) this.#running ??= this.#drain()
  }

  /** Puts now what was to be put later. */
  settle(): void {
    const late = this.#late
    if (late === undefined) return
    this.#late = undefined
    try {
      late.make()
    } catch (error) {
      this.#late = late
      throw error
    }
  }

  /** Resolves when all that was put before is written, and acknowledged as such. @throws the failure of a write */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) await this.#expectRecovery()
    while (this.#running !== undefined) await this.#running
    if (this.#failure !== undefined) throw this.#failure.error
    await this.#kv.acknowledge()
  }

  /** Writes what is due and closes `kv`. @throws the failure of a write */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#retry)
    try {
      await this.flush()
    } finally {
      await this.#kv.close()
    }
  }

  async #drain(): Promise<void> {
    // What is put in this same turn comes along.
    await Promise.resolve()
    while (this.#failure === undefined && this.#hasMore()) {
      this.#writing = this.#writeGroup()
      await this.#writing
    }
    this.#writing = undefined
    this.#running = undefined
  }

  #hasMore(): boolean {
    try {
      if (this.#groups.length === 0) this.settle()
    } catch (error) {
      this.#fail(error)
      return false
    }
    return this.#groups.length > 0
  }

  async #writeGroup(): Promise<void> {
    let size = 0
    let taken = 0
    while (taken < this.#groups.length && size < GROUP) size += sizeOf(this.#groups[taken++]!)
    const written = this.#groups.slice(0, taken)
    this.#groups = this.#groups.slice(taken)
    try {
      await this.#kv.write(newestOf(written))
    } catch (error) {
      this.#groups = [...written, ...this.#groups]
      this.#fail(error)
      return
    }
    this.#written += size
    for (const { seen } of written) {
      for (const [name, write] of seen) {
        if (this.#unwritten.get(name) === write) this.#unwritten.delete(name)
      }
    }
    for (const { onWritten } of written) onWritten?.()
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    if (!this.#isClosed) this.#retry = setInterval(() => void this.recover(), RETRY_MS).unref()
    this.#onFailure(error)
  }
}

/** Of writes to one key the last: all of them together are written or none. */
function newestOf(groups: readonly Group[]): KvWrite[] {
  const newest = new Map<string, KvWrite>()
  const batch: KvWrite[] = []
  for (const { seen, hidden } of groups) {
    for (const write of hidden) {
      // The short ones, such as the next numbers, are written anew with each version; the others stay in their order.
      if (write.key.length > 1) batch.push(write)
      else newest.set(nameOf(write.key), write)
    }
    for (const [name, write] of seen) newest.set(name, write)
  }
  for (const write of newest.values()) batch.push(write)
  return batch
}

function sizeOf({ seen, hidden }: Group): number {
  return seen.length + hidden.length
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}

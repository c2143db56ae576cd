import { type Hash, bytesToHash, bytesToHex } from '../primitives/hex.ts'
import { Slab } from '../primitives/slab.ts'
import { type StoreExports, newMemory, storeModule } from './artefact.ts'
import { NODE_REF, NODE_REF_SIZE } from './node-layout.ts'
import { type CallSealer, SHARED_FROM, SharedPass } from './seal-together.ts'

/** A trie cannot be read: a node is missing from the disk, or is not what its parent names. */
export class TrieError extends Error {
  override readonly name = 'TrieError'
}

/** The record of the branch with this number; undefined when there is none. */
export type NodeSource = (id: number) => Uint8Array | undefined

/** What an arena did since it was made, and what it holds. */
export interface ArenaStats {
  readonly nodesHashed: number
  readonly nodesRead: number
  /** Accounts and slots that were collected for the first time, and their bytes in records. */
  readonly valuesChanged: number
  readonly bytesChanged: number
  readonly usedBytes: number
  /** Of the WebAssembly memory, which never shrinks. */
  readonly memoryBytes: number
}

/** Nodes that are looked at before a task lets others run: about a millisecond. */
const PIECE = 20_000
/** What holds when nobody says how much memory nodes may take. */
const DEFAULT_CACHE_BYTES = 256 * 2 ** 20
const NODE_BYTES = 128
const LIMB = 64n

/**
 * The nodes of a world's tries in one WebAssembly memory. A root is a pointer that counts as one owner: who got it drops it.
 * @see assembly/index.ts
 */
export class Arena {
  readonly fn: StoreExports
  readonly batchAt: number
  readonly batchRoom: number
  u8!: Uint8Array
  u64!: BigUint64Array
  view!: DataView
  /** Finds a thread for a part of a large pass; without it this one does all. */
  callSealer: CallSealer | undefined
  readonly memory: WebAssembly.Memory = newMemory()
  readonly #source: NodeSource
  readonly #keyAt: number
  readonly #outAt: number
  #proof: Uint8Array[] = []
  #onRecord: (id: number, record: Uint8Array) => void = () => {}
  #onSuperseded: (id: number, isWhole: boolean) => void = () => {}
  #found: number[] = []
  readonly #records = new Slab()
  #isTidying = false
  readonly #cacheBytes: number
  /** Nodes that had been made when something was hashed last, and those that other threads hashed. */
  #madeBefore = 0
  #hashedElsewhere = 0

  /**
   * @param source where branches are read from; leave it out for a world that lives in memory alone
   * @param cacheBytes above this, branches that are on disk and were not used lately make room
   */
  constructor(source?: NodeSource, cacheBytes: number = DEFAULT_CACHE_BYTES) {
    this.#source = source ?? (() => undefined)
    this.#cacheBytes = source === undefined ? Infinity : cacheBytes
    const imports: WebAssembly.ModuleImports = {
      load: (id, stub) => this.#load(Number(id), Number(stub)),
      damaged: (id) => {
        throw new TrieError(
          `the trie node ${Number(id)} is damaged: it is not what its parent names`,
        )
      },
      proof: (at, size) => {
        this.#proof.push(this.bytes(Number(at), Number(size)))
      },
      superseded: (id, isWhole) => this.#onSuperseded(Number(id), isWhole !== 0),
      full: () => {
        throw new RangeError('the state does not fit in memory: its nodes take 2 GiB')
      },
      child: (id) => {
        this.#found.push(Number(id))
      },
      leaf: (at) => {
        this.#found.push(Number(at))
      },
      record: (id, at, size) => {
        this.refresh()
        this.#onRecord(Number(id), this.#records.copy(this.u8, Number(at), Number(size)))
      },
    }
    const instance = new WebAssembly.Instance(storeModule(), {
      host: imports,
      env: { memory: this.memory },
    })
    this.fn = instance.exports as unknown as StoreExports
    this.batchAt = this.fn.batchAt()
    this.batchRoom = this.fn.batchRoom()
    this.#keyAt = this.fn.keyAt()
    this.#outAt = this.fn.outAt()
    this.refresh()
  }

  /** Takes hold of the memory again, which moves when it grows: before every use of the views after a call. */
  refresh(): void {
    const { buffer } = this.memory
    if (this.u8?.buffer === buffer) return
    this.u8 = new Uint8Array(buffer)
    this.u64 = new BigUint64Array(buffer)
    this.view = new DataView(buffer)
  }

  #load(id: number, stub: number): number {
    const record = this.#source(id)
    this.refresh()
    if (record === undefined) {
      const hash = bytesToHex(this.bytes(stub + NODE_REF, this.u8[stub + NODE_REF_SIZE]!))
      throw new TrieError(`the trie node ${id} is missing (${hash})`)
    }
    this.#putRecord(record)
    this.settle()
    return record.length
  }

  #putRecord(record: Uint8Array): void {
    if (record.length > this.fn.recordRoom()) {
      throw new TrieError(`a trie node of ${record.length} bytes is damaged: it is too long`)
    }
    this.u8.set(record, this.fn.recordAt())
  }

  /** A copy of what lies at `at`. */
  bytes(at: number, size: number): Uint8Array {
    this.refresh()
    return this.u8.slice(at, at + size)
  }

  /** The word whose limbs are at `at`. */
  word(at: number): bigint {
    const i = at >>> 3
    const { u64 } = this
    const low = u64[i]!
    const high = (u64[i + 2]! | u64[i + 3]!) === 0n ? 0n : (u64[i + 3]! << LIMB) | u64[i + 2]!
    return ((high << LIMB) | u64[i + 1]!) === 0n
      ? low
      : (high << 128n) | (u64[i + 1]! << LIMB) | low
  }

  u32(at: number): number {
    return this.view.getUint32(at, true)
  }

  /** The leaf with this key (32 bytes); 0 when there is none. @throws {TrieError} */
  find(root: number, key: Uint8Array): number {
    if (root === 0) return 0
    this.refresh()
    this.u8.set(key, this.#keyAt)
    const leaf = this.fn.find(root, this.#keyAt)
    this.refresh()
    return leaf
  }

  /** The node whose pointer is at `place`, brought from disk if need be. @throws {TrieError} */
  nodeAt(place: number, depth: number): number {
    const node = this.fn.nodeAt(place, depth)
    this.refresh()
    return node
  }

  #seal(root: number): void {
    if (root === 0) return
    const { fn, callSealer: call } = this
    const made = fn.madeCount()
    const isLarge = (made - this.#madeBefore) >>> 0 >= SHARED_FROM
    this.#madeBefore = made
    if (call === undefined || !isLarge) return fn.seal(root, 0)
    const hashed = new SharedPass(fn, this.memory).seal(root, call)
    // Who did not end what it began may be at it for ever.
    if (hashed === undefined) this.callSealer = undefined
    else this.#hashedElsewhere += hashed
  }

  /** Hashes what is not hashed and gives the root's hash. @throws {TrieError} */
  rootHash(root: number): Hash {
    this.#seal(root)
    this.fn.rootHash(this.#outAt, root)
    this.refresh()
    return bytesToHash(this.u8.subarray(this.#outAt, this.#outAt + 32))
  }

  /** The encodings on the way to `key`, root first, as EIP-1186 lists them. @throws {TrieError} */
  prove(root: number, key: Uint8Array): Uint8Array[] {
    if (root === 0) return []
    this.#seal(root)
    this.refresh()
    this.u8.set(key, this.#keyAt)
    this.#proof = []
    this.fn.prove(root, this.#keyAt)
    this.refresh()
    return this.#proof
  }

  retain(root: number): number {
    return this.fn.retain(root)
  }

  /** Gives up one ownership. What nobody holds any more is freed behind it, in pieces. */
  drop(root: number): void {
    if (root === 0) return
    this.fn.drop(root)
    this.#tidyLater()
  }

  /** To be called when nodes were added: makes room behind it, in pieces, when they are too many. */
  settle(): void {
    if (this.#isFull()) this.#tidyLater()
  }

  #isFull(): boolean {
    return this.fn.usedBytes() > this.#cacheBytes
  }

  #tidyLater(): void {
    if (this.#isTidying) return
    this.#isTidying = true
    // A whole task for each piece: no pointer below a root is in use between tasks.
    setImmediate(() => this.#tidy(this.#turns())).unref()
  }

  /** Pieces of three turns of the hand. What is not on disk yet stays, above any limit, and then the search for room ends. */
  #turns(): number {
    return 3 + Math.ceil((3 * this.fn.usedBytes()) / (PIECE * NODE_BYTES))
  }

  #tidy(left: number): void {
    const isLeft = this.fn.sweep(PIECE) !== 0
    const isFull = this.#isFull()
    if (isFull) this.fn.evict(PIECE)
    this.#isTidying = isLeft || (isFull && left > 0)
    if (this.#isTidying) setImmediate(() => this.#tidy(left - 1)).unref()
  }

  /**
   * Hands over the records of the branches below `root` that were not handed over yet, numbered from `next`. They are not on disk until
   * `markStored` says so. Gives the next number and what names the root on disk.
   */
  collect(
    root: number,
    next: number,
    onRecord: (id: number, record: Uint8Array) => void,
  ): { readonly next: number; readonly link: Uint8Array } {
    this.#seal(root)
    this.#onRecord = onRecord
    this.settle()
    const following = this.fn.collect(root, next)
    const size = this.fn.writeRoot(root)
    return { next: following, link: this.bytes(this.fn.recordAt(), size) }
  }

  markStored(root: number): void {
    this.fn.markStored(root)
  }

  /** The root that `link` names, read from disk. @throws {TrieError} */
  open(link: Uint8Array): number {
    this.refresh()
    this.#putRecord(link)
    const root = this.fn.readRoot()
    if (root === 0) return 0
    this.refresh()
    // A place for the pointer, which the branch then takes.
    this.view.setUint32(this.#outAt, root, true)
    return this.nodeAt(this.#outAt, 0)
  }

  /**
   * Calls `onBranch` for each stored branch below `old` that is not below `next`; with `isWhole` for one whose whole subtrie is not,
   * in place of all that is below it. What both share is not walked. @throws {TrieError}
   */
  superseded(old: number, next: number, onBranch: (id: number, isWhole: boolean) => void): void {
    this.#onSuperseded = onBranch
    this.fn.superseded(old, next)
  }

  /** The numbers of all branches below `old` that are not below `next`; each has been collected. @throws {TrieError} */
  branchesApart(old: number, next: number): ReadonlySet<number> {
    const found = new Set<number>()
    this.#onSuperseded = (id) => found.add(id)
    this.fn.branchesApart(old, next)
    return found
  }

  /**
   * Pointers to the leaves below `old` that `next` does not share, good until the task ends: all with another value or none in `next`, and
   * perhaps some with the same. @throws {TrieError}
   */
  leavesApart(old: number, next: number): readonly number[] {
    this.#found = []
    this.fn.leavesApart(old, next)
    this.refresh()
    return this.#found
  }

  /** The numbers of the branches that a branch's record names. @throws {TrieError} */
  childrenOf(id: number, record: Uint8Array): readonly number[] {
    this.refresh()
    this.#putRecord(record)
    this.#found = []
    this.fn.childrenOf(id)
    return this.#found
  }

  stats(): ArenaStats {
    return {
      nodesHashed: (this.fn.hashCount() >>> 0) + this.#hashedElsewhere,
      nodesRead: this.fn.loadCount() >>> 0,
      valuesChanged: this.fn.leafCount(),
      bytesChanged: this.fn.leafSize(),
      usedBytes: this.fn.usedBytes() >>> 0,
      memoryBytes: this.memory.buffer.byteLength,
    }
  }
}

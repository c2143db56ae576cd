import type { BlockFunctions, StateFunctions } from '../../evm/wasm/machine.ts'
import type { Account } from '../../model/account.ts'
import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import { invariant } from '../../primitives/invariant.ts'
import { putAddress, putKey, putWord, wordIn } from '../../primitives/limbs.ts'
import { readWasm } from '../../primitives/wasm-file.ts'
import type { ChangeSet } from '../../state/access.ts'
import { type RecordMemory, recordMemory } from '../../state/record.ts'
import { RECORD_SIZE } from '../../state/record-layout.ts'
import type { StateView } from '../../state/view.ts'
import type { BlockRecords } from '../recorded.ts'
import {
  BASE_ARENA,
  BASE_END,
  CHANGES_HEADER,
  CODE_BYTES,
  CODE_LENGTH,
  GATHERED_HEADER,
  IMAGE_BALANCE,
  IMAGE_CODE,
  IMAGE_EXISTS,
  IMAGE_HAS_STORAGE,
  IMAGE_NONCE,
  IMAGE_STORAGE_KNOWN,
  NOT_MERGED,
  OVERFLOW,
  BASE_NEXT,
} from './layout.ts'
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts'

interface Exports extends StateFunctions, Omit<BlockFunctions, 'ended'> {
  beginOrder(gas: number, blobGas: number): void
  open(place: number): number
  kept(): number
  attach(start: number, end: number): void
  enter(): void
  at(tx: number, settled: number): void
  allocate(size: number): number
  accountHere(): number
  slotHere(): number
  image(): number
  putAccount(): number
  putSlot(): number
  renewAccount(isWiped: number): number
  renewSlot(): number
  codeAt(hash: number): number
  newCode(hash: number, length: number): number
  showCode(code: number): void
  showCodes(record: number): number
  validate(record: number, tx: number, settled: number): number
  merge(record: number, tx: number): number
  publish(record: number, tx: number): number
  markEstimates(record: number, tx: number): void
  forgetEstimates(record: number, tx: number): void
  foretell(record: number, tx: number): number
  forgetForetold(record: number, tx: number): void
  isWipedHere(): number
  changes(): number
  gather(count: number): number
  settle(): void
  beginBlock(): void
  beginEpoch(): void
  clear(): void
}

const PAGE = 0x10000
// What the host writes into the arena's start.
const IO_KEY = 24
const IO_VALUE = 56

/** How large the parts of a shared memory are, in bytes. */
export interface SharedSizes {
  readonly lanes: number
  readonly arena: number
  readonly base: number
}

/** The memory that all lanes share. It never grows: a page that nobody touched costs nothing. */
export function createSharedMemory({ lanes, arena, base }: SharedSizes): WebAssembly.Memory {
  const pages = Math.ceil((BASE_ARENA + base + lanes * arena) / PAGE)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const words = new Uint32Array(memory.buffer)
  words[BASE_NEXT >>> 2] = BASE_ARENA
  words[BASE_END >>> 2] = BASE_ARENA + base
  return memory
}

/** One thread's hold on the shared state: an instance of its module, and an arena. Versions, locations and codes are in memory. */
export class SharedState {
  readonly fn: Exports
  readonly memory: RecordMemory
  readonly #io: number

  /** @param lane whose arena this thread has, from 0 */
  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    sizes: SharedSizes,
    lane: number,
  ) {
    invariant(lane < sizes.lanes, `there are ${sizes.lanes} arenas, lane ${lane} has none`)
    const instance = new WebAssembly.Instance(module, { env: { memory } })
    this.fn = instance.exports as Exports
    this.memory = recordMemory(memory.buffer)
    this.#io = BASE_ARENA + sizes.base + lane * sizes.arena
    this.fn.attach(this.#io, this.#io + sizes.arena)
  }

  /** A block begins: what this thread kept of the last one is gone. */
  enter(): void {
    this.fn.enter()
  }

  /** What an engine imports to find state here. */
  get seam(): StateFunctions {
    return this.fn
  }

  /** What an engine imports to take transactions from here and leave records. @param ended called after each of a block in order, if that is asked for */
  block(ended: () => void = () => undefined): BlockFunctions {
    const { take, input, room, put, keep } = this.fn
    return { take, input, room, put, keep, ended }
  }

  /** Whether an arena was full in this block. */
  get hasOverflowed(): boolean {
    return Atomics.load(this.memory.u32, OVERFLOW >>> 2) !== 0
  }

  /** How full the part is that is kept from block to block, of 1. */
  get baseUse(): number {
    const end = this.memory.u32[BASE_END >>> 2]! - BASE_ARENA
    return (Atomics.load(this.memory.u32, BASE_NEXT >>> 2) - BASE_ARENA) / end
  }

  /** A copy of `record` in this thread's arena; 0 when it is full. */
  keep(record: Uint8Array): number {
    const at = this.fn.allocate(record.length)
    if (at !== 0) this.memory.u8.set(record, at)
    return at
  }

  /** `size` bytes at `at`, as they are now: not a copy. */
  bytesAt(at: number, size: number): Uint8Array {
    return this.memory.u8.subarray(at, at + size)
  }

  u32At(at: number): number {
    return this.memory.u32[at >>> 2]!
  }

  /** The account as the transaction in view sees it. */
  account(address: Address): Account | undefined | 'unknown' | 'wait' {
    this.#putAddress(address)
    const seen = this.fn.accountHere()
    if (seen === 0) return 'unknown'
    if (seen === -1) return 'wait'
    const at = this.fn.image()
    if ((this.memory.u32[at >>> 2]! & IMAGE_EXISTS) === 0) return undefined
    return {
      nonce: this.memory.u64[(at + IMAGE_NONCE) >>> 3]!,
      balanceWei: this.#word(at + IMAGE_BALANCE),
      codeHash: this.#hashAt(at + IMAGE_CODE),
    }
  }

  /** Whether the account has storage (EIP-7610), after `account` found it. */
  hasStorage(address: Address): boolean {
    this.#putAddress(address)
    if (this.fn.accountHere() <= 0) return false
    return (this.memory.u32[this.fn.image() >>> 2]! & IMAGE_HAS_STORAGE) !== 0
  }

  /** Whether the account's storage was wiped in this block, as the transaction in view sees it. */
  isWiped(address: Address): boolean {
    this.#putAddress(address)
    return this.fn.isWipedHere() !== 0
  }

  /** The records of the first `count` transactions, copied, in one piece if they lie close together; undefined when there is no room. */
  records(count: number): BlockRecords | undefined {
    const at = this.fn.gather(count)
    if (at === 0) return undefined
    const { u8, u32 } = this.memory
    const list = (at + GATHERED_HEADER) >>> 2
    const starts = u32.slice(list, list + count)
    const first = this.u32At(at)
    const end = this.u32At(at + 4)
    const size = this.u32At(at + 8)
    if (size === 0) return { memory: recordMemory(new ArrayBuffer(0)), starts }
    if (end - first <= 2 * size) {
      for (let i = 0; i < count; i++) if (starts[i] !== NOT_MERGED) starts[i]! -= first
      return { memory: recordMemory(u8.slice(first, end).buffer), starts }
    }
    const copy = new Uint8Array(size)
    let to = 0
    for (let i = 0; i < count; i++) {
      const from = starts[i]!
      if (from === NOT_MERGED) continue
      const length = u32[(from + RECORD_SIZE) >>> 2]!
      copy.set(u8.subarray(from, from + length), to)
      starts[i] = to
      to += length
    }
    return { memory: recordMemory(copy.buffer), starts }
  }

  /** The same where they are, until the next block. */
  recordsHere(count: number): BlockRecords | undefined {
    const at = this.fn.gather(count)
    if (at === 0) return undefined
    const list = (at + GATHERED_HEADER) >>> 2
    return { memory: this.memory, starts: this.memory.u32.slice(list, list + count) }
  }

  /** What the merged transactions changed, as a batch, copied; undefined when there is no room. */
  changes(): Uint8Array | undefined {
    const at = this.fn.changes()
    if (at === 0) return undefined
    const start = at + CHANGES_HEADER
    return this.memory.u8.slice(start, start + this.u32At(at))
  }

  /** The slot as the transaction in view sees it. */
  slot(address: Address, key: Slot): bigint | 'unknown' | 'wait' {
    this.#putAddress(address)
    this.#putKey(key)
    const seen = this.fn.slotHere()
    if (seen === 0) return 'unknown'
    return seen === -1 ? 'wait' : this.#word(this.fn.image())
  }

  /** The code with this hash, where it is; undefined when it is not here. */
  code(hash: Hash): Uint8Array | undefined {
    this.memory.bytes.write(hash.slice(2), this.#io, 32, 'hex')
    const at = this.fn.codeAt(this.#io)
    return at === 0 ? undefined : this.bytesAt(at + CODE_BYTES, this.u32At(at + CODE_LENGTH))
  }

  /** Caches what the base has of an account. One thread alone may. @returns whether there was room */
  fillAccount(address: Address, base: StateView): boolean {
    this.#putAddress(address)
    if (this.fn.accountHere() !== 0) return true
    this.#putImage(address, base)
    return this.fn.putAccount() === 0
  }

  /** As `fillAccount`, with the code. Where the account is cached already somebody has asked for its code, or will. */
  fillCallee(address: Address, base: StateView): boolean {
    this.#putAddress(address)
    if (this.fn.accountHere() !== 0) return true
    const hash = base.account(address)?.codeHash ?? EMPTY_CODE_HASH
    const fits = hash === EMPTY_CODE_HASH || this.fillCode(hash, base)
    return this.fillAccount(address, base) && fits
  }

  #putImage(address: Address, base: StateView): void {
    const account = base.account(address)
    this.#putAddress(address)
    const at = this.#io + IO_KEY
    this.memory.u64.fill(0n, at >>> 3, (at + IMAGE_CODE) >>> 3)
    const hash = account?.codeHash ?? EMPTY_CODE_HASH
    this.memory.bytes.write(hash.slice(2), at + IMAGE_CODE, 32, 'hex')
    let flags = IMAGE_STORAGE_KNOWN
    if (account !== undefined) {
      flags |= IMAGE_EXISTS
      // EIP-7610 asks for accounts to which nothing else says that they were there before.
      const isVacant = account.nonce === 0n && account.codeHash === EMPTY_CODE_HASH
      if (isVacant && base.hasStorage(address)) flags |= IMAGE_HAS_STORAGE
      this.memory.u64[(at + IMAGE_NONCE) >>> 3] = account.nonce
      this.#setWord(at + IMAGE_BALANCE, account.balanceWei)
    }
    this.memory.u32[at >>> 2] = flags
  }

  /**
   * Between blocks: what was changed outside of transactions is in the base. @param base after the changes
   * @returns whether there was room
   */
  renew(changes: ChangeSet, base: StateView): boolean {
    for (const [address, { life, slots }] of changes.accounts) {
      this.#putImage(address, base)
      const isWiped = life === 'destroyed' || life === 'recreated'
      if (this.fn.renewAccount(isWiped ? 1 : 0) !== 0) return false
      for (const key of slots?.keys() ?? []) {
        this.#putAddress(address)
        this.#putKey(key)
        this.#setWord(this.#io + IO_VALUE, base.slot(address, key))
        if (this.fn.renewSlot() !== 0) return false
      }
    }
    return true
  }

  /** Caches what the base has in a slot, and its account. One thread alone may. @returns whether there was room */
  fillSlot(address: Address, key: Slot, base: StateView): boolean {
    if (!this.fillAccount(address, base)) return false
    this.#putAddress(address)
    this.#putKey(key)
    this.#setWord(this.#io + IO_VALUE, base.slot(address, key))
    return this.fn.putSlot() === 0
  }

  /** Caches a code. @returns whether there was room */
  fillCode(hash: Hash, base: StateView): boolean {
    this.memory.bytes.write(hash.slice(2), this.#io, 32, 'hex')
    if (this.fn.codeAt(this.#io) !== 0) return true
    const code = base.code(hash)
    const at = this.fn.newCode(this.#io, code.length)
    if (at === 0) return false
    this.memory.u8.set(code, at + CODE_BYTES)
    this.fn.showCode(at)
    return true
  }

  #putAddress(address: Address): void {
    putAddress(this.memory.u32, this.#io >>> 2, address)
  }

  #putKey(key: Slot): void {
    putKey(this.memory.u32, (this.#io + IO_KEY) >>> 2, key)
  }

  #hashAt(at: number): Hash {
    return `0x${this.memory.bytes.toString('hex', at, at + 32)}` as Hash
  }

  #word(at: number): bigint {
    return wordIn(this.memory.u64, at >>> 3)
  }

  #setWord(at: number, value: bigint): void {
    putWord(this.memory.u64, at >>> 3, value)
  }
}

/** Compiles the module. */
export function loadSharedState(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readWasm('shared-state'))
}

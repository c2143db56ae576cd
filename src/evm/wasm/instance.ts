import { type Hex, hexToBytes } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts'
import { readWasm } from '../../primitives/wasm-file.ts'
import { CODES, CODES_END, CODE_BYTES, CODE_HASH, SCRATCH } from './layout.ts'

/** What the artefact exports; pointers are numbers. See `assembly/index.ts`. */
interface Exports {
  readonly memory: WebAssembly.Memory
  setUp(): void
  begin(): void
  run(fuel: number): number
  account(): number
  slot(account: number): number
  answerSlot(): void
  hashAnswered(): void
  warm(account: number): void
  warmSlot(slot: number): void
  credit(account: number, amount: number): void
  debit(account: number, amount: number): void
  setNonce(account: number, nonce: bigint): void
  grantRefund(gas: number): void
  wordBytes(at: number): void
  creationAt(creator: number, nonce: bigint): number
  isVacancyKnown(account: number): number
  newCode(length: number): number
  dropCodes(): void
  pin(size: number): number
  abort(): void
  returnBuffer(size: number): number
  setOrigin(account: number): void
  addressBytes(account: number): void
  beginCall(
    from: number,
    to: number,
    codeAccount: number,
    code: number,
    precompile: number,
    input: number,
    inputSize: number,
    gas: bigint,
  ): void
  beginCreation(from: number, at: number, input: number, size: number, gas: bigint): void
  endPrecompile(status: number, size: number): void
}

const LIMB = 1n << 64n
const EMPTY_HASH_BYTES: Uint8Array = hexToBytes(EMPTY_CODE_HASH)
/** Instances that are this large are given up after use: WebAssembly's memory never shrinks. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024

const MAX_ADDRESSES = 10_000

/** One engine's memory and functions, with views that follow the memory as it grows. */
export class Instance {
  readonly fn: Exports
  /** Codes in memory by their hash. */
  readonly codes: Map<string, number> = new Map()
  u8!: Uint8Array
  u32!: Uint32Array
  u64!: BigUint64Array
  bytes!: Buffer
  #buffer: ArrayBuffer | undefined
  /** Addresses as bytes: decoding hex takes longer than finding them. */
  readonly #addresses = new Map<string, Uint8Array>()

  constructor(module: WebAssembly.Module, imports: WebAssembly.Imports) {
    this.fn = new WebAssembly.Instance(module, imports).exports as unknown as Exports
    this.fn.setUp()
    this.refresh()
  }

  /** Takes hold of the memory again, which moves when it grows. */
  refresh(): void {
    const { buffer } = this.fn.memory
    if (buffer === this.#buffer) return
    this.#buffer = buffer
    this.u8 = new Uint8Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.u64 = new BigUint64Array(buffer)
    this.bytes = Buffer.from(buffer)
  }

  get isTooLarge(): boolean {
    return this.fn.memory.buffer.byteLength > MAX_KEPT_BYTES
  }

  /** The word at `at`. */
  word(at: number): bigint {
    const { u64 } = this
    const i = at >>> 3
    const low = u64[i]!
    const u32 = this.u32
    const j = at >>> 2
    if ((u32[j + 2]! | u32[j + 3]!) !== 0 || this.#hasTop(j)) {
      return low + (u64[i + 1]! << 64n) + (u64[i + 2]! << 128n) + (u64[i + 3]! << 192n)
    }
    return low
  }

  #hasTop(j: number): boolean {
    const { u32 } = this
    return (u32[j + 4]! | u32[j + 5]! | u32[j + 6]! | u32[j + 7]!) !== 0
  }

  setWord(at: number, value: bigint): void {
    const { u64 } = this
    const i = at >>> 3
    u64[i] = value
    if (value < LIMB) {
      u64[i + 1] = 0n
      u64[i + 2] = 0n
      u64[i + 3] = 0n
      return
    }
    u64[i + 1] = value >> 64n
    u64[i + 2] = value >> 128n
    u64[i + 3] = value >> 192n
  }

  areWordsEqual(a: number, b: number): boolean {
    const { u32 } = this
    const i = a >>> 2
    const j = b >>> 2
    for (let k = 0; k < 8; k++) if (u32[i + k] !== u32[j + k]) return false
    return true
  }

  pointer(at: number): number {
    return this.u32[at >>> 2]!
  }

  /** Lower-case hex of `size` bytes. */
  hex(at: number, size: number): Hex {
    return `0x${this.bytes.toString('hex', at, at + size)}`
  }

  /** A copy of `size` bytes. */
  copyOut(at: number, size: number): Uint8Array {
    return this.u8.slice(at, at + size)
  }

  /** Bytes that stay until the next transaction. */
  put(bytes: Uint8Array): number {
    const at = this.fn.pin(bytes.length)
    this.refresh()
    this.u8.set(bytes, at)
    return at
  }

  /** The entry of an account. */
  accountAt(address: Hex): number {
    let bytes = this.#addresses.get(address)
    if (bytes === undefined) {
      bytes = hexToBytes(address)
      if (this.#addresses.size >= MAX_ADDRESSES) this.#addresses.clear()
      this.#addresses.set(address, bytes)
    }
    this.u8.set(bytes, SCRATCH)
    return this.fn.account()
  }

  /** The entry of a slot. */
  slotAt(account: number, key: Hex): number {
    this.bytes.write(key.slice(2), SCRATCH, 32, 'hex')
    return this.fn.slot(account)
  }

  /** Where the code with this hash is; undefined when it is not in memory. */
  codeAt(hash: string): number | undefined {
    return hash === EMPTY_CODE_HASH ? CODES : this.codes.get(hash)
  }

  /** Puts a code in memory: until it is forgotten when there is room, else until the next transaction. */
  putCode(hash: Hex, code: Uint8Array): number {
    const at = this.fn.newCode(code.length)
    this.refresh()
    this.u8.set(code, at + CODE_BYTES)
    this.setHash(at + CODE_HASH, hash)
    this.keepCode(hash, at)
    return at
  }

  /** Remembers where a code is, if it stays. */
  keepCode(hash: Hex, at: number): void {
    if (at < CODES_END) this.codes.set(hash, at)
    else this.isFull = true
  }

  /** Codes had to go where they do not stay. */
  isFull = false

  /** Starts a transaction; the context is in its place. */
  begin(): void {
    if (this.isFull) {
      this.codes.clear()
      this.fn.dropCodes()
      this.isFull = false
    }
    this.fn.begin()
  }

  setHash(at: number, hash: Hex): void {
    if (hash === EMPTY_CODE_HASH) this.u8.set(EMPTY_HASH_BYTES, at)
    else this.bytes.write(hash.slice(2), at, 32, 'hex')
  }
}

/** Compiles an artefact. */
export function loadModule(name: 'engine' | 'engine-hooked'): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readWasm(name))
}

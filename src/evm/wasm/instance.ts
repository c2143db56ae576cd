import type { Hex } from '../../primitives/hex.ts'
import { putWord, wordIn } from '../../primitives/limbs.ts'
import { readWasm } from '../../primitives/wasm-file.ts'

/** What the artefact exports; pointers are numbers. See `assembly/index.ts`. */
interface Exports {
  readonly memory: WebAssembly.Memory
  setUp(): void
  begin(size: number): number
  run(fuel: number): number
  fetch(size: number): void
  give(): number
  runBlock(fuel: number, isTimed: number): number
  drop(): void
  hasEnded(): number
  hasDoom(): number
  transaction(): number
  abort(): number
  doom(): void
  answerState(): void
  answerSlot(): void
  answerVacancy(hasStorage: number): void
  codeRoom(length: number): number
  answerCode(bytes: number): void
  hashAnswered(): void
  returnBuffer(size: number): number
  endPrecompile(status: number, size: number): void
  addressBytes(account: number): void
  wordBytes(at: number): void
}

/** One instance's memory and functions, with views that follow the memory as it grows. */
export class Instance {
  readonly fn: Exports
  u8!: Uint8Array
  u32!: Uint32Array
  u64!: BigUint64Array
  bytes!: Buffer

  constructor(module: WebAssembly.Module, imports: WebAssembly.Imports) {
    this.fn = new WebAssembly.Instance(module, imports).exports as unknown as Exports
    this.fn.setUp()
    this.#hold()
  }

  /** Takes hold of the memory again, if it grew: views of what it was have no length then. */
  refresh(): void {
    if (this.u8.length === 0) this.#hold()
  }

  #hold(): void {
    const { buffer } = this.fn.memory
    this.u8 = new Uint8Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.u64 = new BigUint64Array(buffer)
    this.bytes = Buffer.from(buffer)
  }

  get size(): number {
    return this.u8.length
  }

  /** The word at `at`. */
  word(at: number): bigint {
    return wordIn(this.u64, at >>> 3)
  }

  setWord(at: number, value: bigint): void {
    putWord(this.u64, at >>> 3, value)
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
}

/** Compiles an artefact. */
export function loadModule(name: 'engine' | 'engine-hooked'): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readWasm(name))
}

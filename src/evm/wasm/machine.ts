import type { Account } from '../../model/account.ts'
import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import { addressIn, keyIn, putHash } from '../../primitives/limbs.ts'
import { RECORD_SIZE } from '../../state/record-layout.ts'
import type { BlockEnv } from '../engine.ts'
import { writeBlock } from './context.ts'
import { Instance } from './instance.ts'
import {
  ACCOUNT_CODE_HASH,
  ANSWER,
  ANSWER_BALANCE,
  ANSWER_CODE_HASH,
  ANSWER_NONCE,
  HAS_SOURCE,
  MAX_KEPT_BYTES,
  NEED_ACCOUNT,
  NEED_GAS,
  NEED_INPUT,
  NEED_INPUT_SIZE,
  NEED_KIND,
  NEED_NUMBER,
  NEED_PRECOMPILE,
  NEED_SLOT,
  RECORD,
  SOURCE_EXISTS,
} from './layout.ts'
import { runPrecompile } from './precompile-table.ts'
import { OUT_OF_GAS, PRECOMPILE_FAILED, SUCCESS } from './status.ts'
import { TX_SIZE } from './transaction-layout.ts'

/**
 * Functions of another instance by which the engine finds state; "The binary seam" in `state/README.md` says what they answer. As exports
 * of a WebAssembly instance they are called without JavaScript in between.
 */
export interface StateFunctions {
  account(a0: bigint, a1: bigint, a2: bigint): number
  slot(handle: number, k0: bigint, k1: bigint, k2: bigint, k3: bigint): number
  word(i: number): bigint
}

/**
 * Functions by which the engine takes a block's transactions, one after another, and gives their records: `executor/lane/assembly/in-order.ts`
 * says what they do.
 */
export interface BlockFunctions {
  take(): number
  /** Of the transaction that was taken or opened last. */
  input(offset: number): bigint
  room(size: number): number
  put(offset: number, a: bigint, b: bigint, c: bigint, d: bigint): void
  keep(): number
  /** A transaction has run, and its record was kept. */
  ended(): void
}

export interface MachineOptions {
  readonly state?: StateFunctions | undefined
  readonly block?: BlockFunctions | undefined
  /** What the artefact for observers calls. */
  readonly hooks?: WebAssembly.ModuleImports | undefined
}

/** Never called: the engine asks only when it was told to. */
const NOWHERE: StateFunctions = { account: () => 0, slot: () => 0, word: () => 0n }
const NO_BLOCK: BlockFunctions = {
  take: () => 0,
  input: () => 0n,
  room: () => 0,
  put: () => undefined,
  keep: () => 0,
  ended: () => undefined,
}

/**
 * The engine, one transaction at a time: `setBlock`, `start`, then `run` until it says DONE, answering what it needs in between; then there
 * is a record. The numbers of states and needs are in `status.ts`.
 */
export class Machine {
  readonly #module: WebAssembly.Module
  readonly #imports: WebAssembly.Imports
  readonly #hasSource: boolean
  #instance: Instance
  #env: BlockEnv | undefined
  /** A trap: the memory's cap was reached where the engine cannot go on. */
  #isBroken = false

  /** Ready at once. @param module compiled from `engine.wasm`, or `engine-hooked.wasm` with hooks */
  constructor(module: WebAssembly.Module, { state, block, hooks }: MachineOptions = {}) {
    this.#module = module
    const imports = { state: importsOf(state ?? NOWHERE), block: importsOf(block ?? NO_BLOCK) }
    this.#imports = hooks === undefined ? imports : { ...imports, hooks }
    this.#hasSource = state !== undefined
    this.#instance = this.#newInstance()
  }

  /** The instance at work. It changes when `start` or a trap gives it up. */
  get instance(): Instance {
    return this.#instance
  }

  get env(): BlockEnv | undefined {
    return this.#env
  }

  get isTooLarge(): boolean {
    return this.#instance.size > MAX_KEPT_BYTES
  }

  /** The transaction runs a second time, to run out of gas where the memory ended. */
  get isDoomed(): boolean {
    return this.#instance.fn.hasDoom() !== 0
  }

  /** What opcodes see of the block, until the next one is set. Nothing to do for the same object. */
  setBlock(env: BlockEnv): void {
    if (env === this.#env) return
    writeBlock(this.#instance, this.#env, env)
    this.#env = env
  }

  /** Begins a transaction, whatever became of the last one. @param encoded is copied */
  start(encoded: Uint8Array): void {
    if (this.isTooLarge || this.#isBroken) this.#renew()
    this.#put(encoded)
  }

  /**
   * Runs to the next need, to the end, or until `fuel` jumps were made, or what takes as long.
   * @returns DONE, NEED or OUT_OF_FUEL
   */
  run(fuel: number): number {
    return this.#go(({ fn }) => fn.run(fuel))
  }

  /** As `start`, with the transaction of `size` bytes that the block's functions have opened. */
  startOpened(size: number): void {
    if (this.isTooLarge || this.#isBroken) this.#renew()
    this.#instance.fn.fetch(size)
    this.#instance.refresh()
  }

  /** Gives the record to the block's functions, after `run` said DONE. @returns whether there was room */
  giveRecord(): boolean {
    return this.#instance.fn.give() !== 0
  }

  /** Begins a block, whatever became of the last transaction. */
  startBlock(): void {
    if (this.#isBroken) this.#renew()
    this.#instance.fn.drop()
  }

  /**
   * Runs the block's transactions one after another, each until `fuel` jumps were made.
   * @returns DONE when there is none to take; NEED or OUT_OF_FUEL to go on; REFUSED when a record was not kept
   */
  runBlock(fuel: number, isTimed: boolean): number {
    if (this.isTooLarge && this.#instance.fn.hasEnded() !== 0) this.#renew()
    return this.#go(({ fn }) => fn.runBlock(fuel, isTimed ? 1 : 0))
  }

  #go(run: (instance: Instance) => number): number {
    for (;;) {
      if (this.#isBroken) this.#restart()
      try {
        const state = run(this.#instance)
        this.#instance.refresh()
        return state
      } catch (error) {
        this.#break(error)
      }
    }
  }

  /** Ends all frames as if gas had run out; `run` does the rest. The record has what was written alone. @returns whether there was one */
  abort(): boolean {
    return this.#instance.fn.abort() !== 0
  }

  /** What is needed, after `run` said NEED. */
  get need(): number {
    return this.#instance.pointer(NEED_KIND)
  }

  /** Whose state, slot, code or storage is needed; of a precompile, where it was called. */
  get neededAddress(): Address {
    return addressIn(this.#instance.u32, this.#instance.pointer(NEED_ACCOUNT) >>> 2)
  }

  get neededKey(): Slot {
    return keyIn(this.#instance.u32, this.#instance.pointer(NEED_SLOT) >>> 2)
  }

  get neededCodeHash(): Hash {
    const { instance } = this
    return instance.hex(instance.pointer(NEED_ACCOUNT) + ACCOUNT_CODE_HASH, 32) as Hash
  }

  /** The number of the block whose hash is needed. */
  get neededNumber(): bigint {
    return this.#instance.u64[NEED_NUMBER >>> 3]!
  }

  /** Copies the limbs of the needed address (24 bytes). */
  copyNeededAddress(target: Uint8Array, at: number): void {
    this.#copy(this.#instance.pointer(NEED_ACCOUNT), 24, target, at)
  }

  /** Copies the limbs of the needed slot's key (32 bytes). */
  copyNeededKey(target: Uint8Array, at: number): void {
    this.#copy(this.#instance.pointer(NEED_SLOT), 32, target, at)
  }

  /** Answers NEED_STATE. */
  answerState(account: Account | undefined): void {
    const instance = this.#instance
    const { u32, u64 } = instance
    u32[ANSWER >>> 2] = account === undefined ? 0 : SOURCE_EXISTS
    if (account !== undefined) {
      u64[ANSWER_NONCE >>> 3] = account.nonce
      instance.setWord(ANSWER_BALANCE, account.balanceWei)
      putHash(u32, ANSWER_CODE_HASH >>> 2, account.codeHash)
    }
    instance.fn.answerState()
  }

  /** Answers NEED_SLOT_VALUE. */
  answerSlot(value: bigint): void {
    this.#instance.setWord(ANSWER, value)
    this.#instance.fn.answerSlot()
  }

  /** Answers NEED_CODE. @param code whose hash is the one that is needed */
  answerCode(code: Uint8Array): void {
    const instance = this.#instance
    try {
      const at = instance.fn.codeRoom(code.length)
      instance.refresh()
      instance.u8.set(code, at)
      instance.fn.answerCode(at)
    } catch (error) {
      this.#break(error)
    }
  }

  /** Answers NEED_BLOCK_HASH. @param hash undefined when there is no such block */
  answerBlockHash(hash: Hash | undefined): void {
    this.#instance.setWord(ANSWER, BigInt(hash ?? 0))
    this.#instance.fn.hashAnswered()
  }

  /** Answers NEED_STORAGE_KNOWLEDGE. */
  answerStorage(hasStorage: boolean): void {
    this.#instance.fn.answerVacancy(hasStorage ? 1 : 0)
  }

  /**
   * Answers NEED_PRECOMPILE_RUN.
   * @returns a promise when its library has to load: nothing is answered then, and `run` will need the same again
   */
  runPrecompile(): Promise<void> | undefined {
    const instance = this.#instance
    const input = instance.copyOut(instance.pointer(NEED_INPUT), instance.pointer(NEED_INPUT_SIZE))
    const gas = instance.u64[NEED_GAS >>> 3]!
    const result = runPrecompile(instance.pointer(NEED_PRECOMPILE), input, gas, this.#env!.rules)
    if (result.kind === 'wait') return result.ready
    try {
      if (result.kind === 'done') this.#endPrecompile(gas - result.gas, result.output)
      else instance.fn.endPrecompile(result.kind === 'unpaid' ? OUT_OF_GAS : PRECOMPILE_FAILED, 0)
    } catch (error) {
      this.#break(error)
    }
    return undefined
  }

  #endPrecompile(gas: bigint, output: Uint8Array): void {
    const instance = this.#instance
    instance.u64[NEED_GAS >>> 3] = gas
    const buffer = instance.fn.returnBuffer(output.length)
    instance.refresh()
    instance.u8.set(output, buffer)
    instance.fn.endPrecompile(SUCCESS, output.length)
  }

  /** Bytes of the record, after `run` said DONE. */
  get recordSize(): number {
    return this.#instance.pointer(this.#instance.pointer(RECORD) + RECORD_SIZE)
  }

  /** Copies the record to `target`, from `at` on. */
  copyRecord(target: Uint8Array, at: number): void {
    this.#copy(this.#instance.pointer(RECORD), this.recordSize, target, at)
  }

  #copy(from: number, size: number, target: Uint8Array, at: number): void {
    target.set(this.#instance.u8.subarray(from, from + size), at)
  }

  #newInstance(): Instance {
    const instance = new Instance(this.#module, this.#imports)
    instance.u32[HAS_SOURCE >>> 2] = this.#hasSource ? 1 : 0
    return instance
  }

  #renew(): void {
    this.#instance = this.#newInstance()
    this.#isBroken = false
    if (this.#env !== undefined) writeBlock(this.#instance, undefined, this.#env)
  }

  #put(encoded: Uint8Array): void {
    const instance = this.#instance
    const at = instance.fn.begin(encoded.length)
    instance.refresh()
    instance.u8.set(encoded, at)
  }

  #break(error: unknown): void {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
    this.#isBroken = true
    if (this.isDoomed) throw error
  }

  /** The same transaction on another instance, there to run out of gas. */
  #restart(): void {
    this.#instance.refresh()
    const at = this.#instance.fn.transaction()
    const encoded = this.#instance.copyOut(at, this.#instance.pointer(at + TX_SIZE))
    this.#renew()
    this.#put(encoded)
    this.#instance.fn.doom()
  }
}

function importsOf(functions: StateFunctions | BlockFunctions): WebAssembly.ModuleImports {
  return functions as unknown as WebAssembly.ModuleImports
}

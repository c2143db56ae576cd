import type { Account } from '../../model/account.ts'
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts'
import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import type { StateView } from '../../state/view.ts'
import type { BlockEnv, Patience } from '../engine.ts'
import type { Instance } from './instance.ts'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_BASE_BALANCE,
  ACCOUNT_BASE_NONCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_FLAGS,
  ACCOUNT_NONCE,
  ANSWER,
  CODES,
  EXISTED,
  EXISTS,
  HAS_STORAGE,
  LOADED,
  NEED_ACCOUNT,
  NEED_INPUT,
  NEED_INPUT_SIZE,
  NEED_GAS,
  NEED_KIND,
  NEED_NUMBER,
  NEED_PRECOMPILE,
  NEED_SLOT,
  SCRATCH,
  SLOT_KEY,
  STORAGE_KNOWN,
} from './layout.ts'
import { runPrecompile } from './precompile-table.ts'
import {
  DONE,
  NEED,
  NEED_BLOCK_HASH,
  NEED_CODE,
  NEED_PRECOMPILE_RUN,
  NEED_SLOT_VALUE,
  NEED_STATE,
  PRECOMPILE_FAILED,
  SUCCESS,
} from './status.ts'

/** An account that the engine was told of. */
export interface KnownAccount {
  readonly at: number
  readonly address: Address
  /** As the view has it. */
  readonly base: Account | undefined
  /** Slots that were read of the view. */
  slots: Map<Slot, bigint> | undefined
}

/** Jumps of one run. Between runs V8 can put in the interpreter that it has compiled better meanwhile. */
const FUEL = 100_000
/** Jumps between two looks at the clock. */
const TIMED_FUEL = 2_000

/** One transaction on an instance: answers what the engine needs from a view, and remembers what it answered. */
export class Session {
  readonly instance: Instance
  readonly env: BlockEnv
  readonly view: StateView
  readonly accounts: KnownAccount[] = []
  readonly #known = new Map<number, KnownAccount>()
  /** The keys of slots by their entries. */
  readonly keys: Map<number, Slot> = new Map()
  /** What a precompile that is not ready, or a run that lasts long, waits for. */
  waitsFor: Promise<void> | undefined
  failure: string | undefined
  /** Why it was ended from outside. */
  timeout: string | undefined
  #spentMs = 0

  constructor(instance: Instance, env: BlockEnv, view: StateView) {
    this.instance = instance
    this.env = env
    this.view = view
  }

  /** The account's entry, with its state in it. */
  load(address: Address): KnownAccount {
    const at = this.instance.accountAt(address)
    return this.#known.get(at) ?? this.#fill(at, address)
  }

  /** The entry's account, with its state in it. */
  loadAt(at: number): KnownAccount {
    return this.#known.get(at) ?? this.#fill(at, this.#addressOf(at))
  }

  /** Where the code is that the account has now. */
  codeOf(at: number): number {
    const present = this.instance.pointer(at + ACCOUNT_CODE)
    return present === 0 ? this.loadCode(this.loadAt(at)) : present
  }

  #fill(at: number, address: Address): KnownAccount {
    const { instance } = this
    const base = this.view.account(address)
    const known: KnownAccount = { at, address, base, slots: undefined }
    this.#known.set(at, known)
    this.accounts.push(known)
    const { u32 } = instance
    let flags = u32[(at + ACCOUNT_FLAGS) >>> 2]! | LOADED
    if (base === undefined) {
      instance.setHash(at + ACCOUNT_CODE_HASH, EMPTY_CODE_HASH)
      u32[(at + ACCOUNT_CODE) >>> 2] = CODES
    } else {
      flags |= EXISTS | EXISTED
      instance.setWord(at + ACCOUNT_BALANCE, base.balanceWei)
      instance.setWord(at + ACCOUNT_BASE_BALANCE, base.balanceWei)
      instance.u64[(at + ACCOUNT_NONCE) >>> 3] = base.nonce
      instance.u64[(at + ACCOUNT_BASE_NONCE) >>> 3] = base.nonce
      instance.setHash(at + ACCOUNT_CODE_HASH, base.codeHash)
      u32[(at + ACCOUNT_CODE) >>> 2] = instance.codeAt(base.codeHash) ?? 0
    }
    u32[(at + ACCOUNT_FLAGS) >>> 2] = flags
    return known
  }

  /** Where the account's code is, which is put in memory if it was not. */
  loadCode(account: KnownAccount): number {
    const { instance } = this
    const place = (account.at + ACCOUNT_CODE) >>> 2
    const present = instance.u32[place]!
    if (present !== 0) return present
    const hash: Hash = account.base?.codeHash ?? EMPTY_CODE_HASH
    const at = instance.codeAt(hash) ?? instance.putCode(hash, this.view.code(hash))
    instance.u32[place] = at
    return at
  }

  /** EIP-7610: tells the engine whether the account has storage. */
  loadVacancy(account: KnownAccount): void {
    const place = (account.at + ACCOUNT_FLAGS) >>> 2
    const found = this.view.hasStorage(account.address) ? HAS_STORAGE : 0
    this.instance.u32[place]! |= STORAGE_KNOWN | found
  }

  /** Runs to the end, or until `waitsFor` has to be waited for. */
  run(patience?: Patience): void {
    const { instance } = this
    const startedMs = patience === undefined ? 0 : performance.now()
    const fuel = patience === undefined ? FUEL : TIMED_FUEL
    this.waitsFor = undefined
    for (;;) {
      const state = instance.fn.run(fuel)
      instance.refresh()
      if (state === DONE) return
      if (state === NEED) this.#serve()
      else if (patience !== undefined) this.#watch(patience, performance.now() - startedMs)
      if (this.waitsFor !== undefined) {
        if (patience !== undefined) this.#spentMs += performance.now() - startedMs
        return
      }
    }
  }

  #watch({ yieldMs, limitMs }: Patience, sinceMs: number): void {
    if (this.#spentMs + sinceMs > limitMs) {
      this.timeout = `execution aborted (timeout = ${limitMs / 1000}s)`
      this.instance.fn.abort()
    } else if (sinceMs > yieldMs) this.waitsFor = new Promise((resolve) => setImmediate(resolve))
  }

  #serve(): void {
    const { instance } = this
    const at = instance.pointer(NEED_ACCOUNT)
    switch (instance.pointer(NEED_KIND)) {
      case NEED_STATE:
        this.#fill(at, this.#addressOf(at))
        return
      case NEED_SLOT_VALUE:
        return this.#answerSlot(at)
      case NEED_CODE:
        this.loadCode(this.#known.get(at)!)
        return
      case NEED_BLOCK_HASH: {
        const hash = this.env.blockHash(instance.u64[NEED_NUMBER >>> 3]!)
        instance.setWord(ANSWER, BigInt(hash ?? 0))
        return instance.fn.hashAnswered()
      }
      case NEED_PRECOMPILE_RUN:
        return this.#runPrecompile()
      default:
        return this.loadVacancy(this.#known.get(at)!)
    }
  }

  #addressOf(at: number): Address {
    this.instance.fn.addressBytes(at)
    return this.instance.hex(SCRATCH, 20) as Address
  }

  /** The key of a slot entry. */
  keyOf(slot: number): Slot {
    const known = this.keys.get(slot)
    if (known !== undefined) return known
    this.instance.fn.wordBytes(slot + SLOT_KEY)
    return this.instance.hex(SCRATCH, 32) as Slot
  }

  #answerSlot(at: number): void {
    const { instance } = this
    const slot = instance.pointer(NEED_SLOT)
    const key = this.keyOf(slot)
    this.keys.set(slot, key)
    const account = this.#known.get(at)!
    // What does not exist has no storage, and its `life` is read already.
    const value = account.base === undefined ? 0n : this.view.slot(account.address, key)
    if (account.base !== undefined) {
      account.slots ??= new Map()
      account.slots.set(key, value)
    }
    instance.setWord(ANSWER, value)
    instance.fn.answerSlot()
  }

  #runPrecompile(): void {
    const { instance } = this
    const input = instance.copyOut(instance.pointer(NEED_INPUT), instance.pointer(NEED_INPUT_SIZE))
    const gas = instance.u64[NEED_GAS >>> 3]!
    const which = instance.pointer(NEED_PRECOMPILE)
    const result = runPrecompile(which, input, gas, this.env.rules)
    if (result.kind === 'wait') {
      this.waitsFor = result.ready
      return
    }
    if (result.kind === 'failed') {
      this.failure = result.reason
      return instance.fn.endPrecompile(PRECOMPILE_FAILED, 0)
    }
    instance.u64[NEED_GAS >>> 3] = gas - result.gas
    const { output } = result
    const buffer = instance.fn.returnBuffer(output.length)
    instance.refresh()
    instance.u8.set(output, buffer)
    instance.fn.endPrecompile(SUCCESS, output.length)
    instance.refresh()
  }
}

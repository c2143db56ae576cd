import { type Account, EMPTY_ACCOUNT } from '../../model/account.ts'
import { blobGasOf, effectiveGasPrice } from '../../model/fees.ts'
import { recoverAuthority } from '../../model/signer.ts'
import { concatBytes } from '../../primitives/bytes.ts'
import {
  type Address,
  type Hash,
  type Slot,
  ZERO_ADDRESS,
  hexToBytes,
  slotOf,
} from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../primitives/keccak.ts'
import type { StateView } from '../../state/view.ts'
import { isDelegation, pricesOf } from '../admission.ts'
import type { BlockEnv, Executable, Switches } from '../engine.ts'
import type { FrameEnd, FrameStart, Step } from '../observer.ts'

const SSTORE = 0x55
const DELEGATION_MARK = Uint8Array.of(0xef, 0x01, 0x00)
/** A creation that ended so did not begin: its creator's nonce stays. */
const NOT_BEGUN = /^(insufficient balance|max call depth|nonce uint64|max initcode)/

/** A frame that runs: how the state was before it, as what takes each change back. */
interface Open {
  readonly start: FrameStart
  readonly undo: (() => void)[]
}

/**
 * The state between two instructions, from what an observer hears. Engines keep it to themselves, and tell of an instruction when it has
 * run; a tracer asks for what was there before. Tell it of each event after the tracer.
 */
export class LiveState implements Pick<StateView, 'account' | 'slot' | 'code'> {
  readonly #base: StateView
  readonly #accounts = new Map<Address, Account>()
  readonly #slots = new Map<Address, Map<Slot, bigint>>()
  readonly #codes = new Map<Hash, Uint8Array>()
  readonly #open: Open[] = []
  #undo: (() => void)[] = []

  /** As the transaction's first frame finds it: fees are paid, the nonce is used, authorisations are made (EIP-7702). */
  constructor(base: StateView, tx: Executable, env: BlockEnv, switches: Switches) {
    this.#base = base
    const { baseFeeWei, blobFeeWei = 0n } = pricesOf(tx, env, switches)
    const costWei = tx.gasLimit * effectiveGasPrice(tx, baseFeeWei) + blobGasOf(tx) * blobFeeWei
    const { balanceWei, nonce } = this.#current(tx.sender)
    const leftWei = balanceWei > costWei ? balanceWei - costWei : 0n
    this.#set(tx.sender, { balanceWei: leftWei, nonce: nonce + 1n })
    if (tx.type === 4) this.#authorize(tx.authorizationList, env.chainId)
  }

  account(address: Address): Account | undefined {
    return this.#accounts.get(address) ?? this.#base.account(address)
  }

  slot(address: Address, key: Slot): bigint {
    return this.#slots.get(address)?.get(key) ?? this.#base.slot(address, key)
  }

  code(hash: Hash): Uint8Array {
    return this.#codes.get(hash) ?? this.#base.code(hash)
  }

  step({ opcode, address, stack }: Step): void {
    const key = stack.at(-1)
    const value = stack.at(-2)
    if (opcode === SSTORE && value !== undefined) this.#write(address, slotOf(key!), value)
  }

  frameStart(start: FrameStart): void {
    const { kind, depth, from, to, valueWei } = start
    const creates = kind === 'CREATE' || kind === 'CREATE2'
    if (creates && depth > 0) this.#set(from, { nonce: this.#current(from).nonce + 1n })
    this.#open.push({ start, undo: this.#undo })
    this.#undo = []
    if (creates) this.#set(to, { nonce: 1n, codeHash: EMPTY_CODE_HASH })
    if (kind === 'CALL' || kind === 'SELFDESTRUCT' || creates) this.#move(from, to, valueWei)
  }

  frameEnd({ error, output }: FrameEnd): void {
    const open = this.#open.pop()
    if (open === undefined) return
    const { kind, depth, from, to } = open.start
    const creates = kind === 'CREATE' || kind === 'CREATE2'
    if (error === undefined) {
      if (creates) this.#setCode(to, output.slice())
      for (const back of this.#undo) open.undo.push(back)
    } else for (const back of this.#undo.reverse()) back()
    this.#undo = open.undo
    const isVain = creates && error?.kind === 'halt' && NOT_BEGUN.test(error.reason)
    if (isVain && depth > 0) this.#set(from, { nonce: this.#current(from).nonce - 1n })
  }

  #current(address: Address): Account {
    return this.account(address) ?? EMPTY_ACCOUNT
  }

  #set(address: Address, changed: Partial<Account>): void {
    const before = this.#accounts.get(address)
    this.#accounts.set(address, { ...this.#current(address), ...changed })
    this.#undo.push(() => {
      if (before === undefined) this.#accounts.delete(address)
      else this.#accounts.set(address, before)
    })
  }

  #write(address: Address, key: Slot, value: bigint): void {
    let slots = this.#slots.get(address)
    if (slots === undefined) this.#slots.set(address, (slots = new Map()))
    const before = slots.get(key)
    slots.set(key, value)
    this.#undo.push(() => {
      if (before === undefined) slots.delete(key)
      else slots.set(key, before)
    })
  }

  #move(from: Address, to: Address, valueWei: bigint): void {
    if (valueWei === 0n || from === to) return
    this.#set(from, { balanceWei: this.#current(from).balanceWei - valueWei })
    this.#set(to, { balanceWei: this.#current(to).balanceWei + valueWei })
  }

  #setCode(address: Address, code: Uint8Array): void {
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakHash(code)
    this.#codes.set(codeHash, code)
    this.#set(address, { codeHash })
  }

  #authorize(list: Extract<Executable, { type: 4 }>['authorizationList'], chainId: bigint): void {
    for (const authorization of list) {
      if (authorization.chainId !== 0n && authorization.chainId !== chainId) continue
      const authority = recoverAuthority(authorization)
      if (authority === undefined) continue
      const { nonce, codeHash } = this.#current(authority)
      if (nonce !== authorization.nonce) continue
      if (codeHash !== EMPTY_CODE_HASH && !isDelegation(this.code(codeHash))) continue
      const isCleared = authorization.address === ZERO_ADDRESS
      const code = concatBytes(DELEGATION_MARK, hexToBytes(authorization.address))
      this.#set(authority, { nonce: nonce + 1n })
      this.#setCode(authority, isCleared ? new Uint8Array(0) : code)
    }
  }
}

import type { AccountFields, StateManagerInterface } from '@ethereumjs/common'
import { Account as Record, type Address as RawAddress } from '@ethereumjs/util'
import { KECCAK256_NULL, KECCAK256_RLP } from '@ethereumjs/util'

import { type Account, EMPTY_ACCOUNT } from '../../model/account.ts'
import { EMPTY_BYTES, bigIntToBytes, bytesToBigInt } from '../../primitives/bytes.ts'
import { type Address, type Hash, type Slot, bytesToHex, hexToBytes } from '../../primitives/hex.ts'
import { bytesToSlot } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../primitives/keccak.ts'
import type { AccountReads, AccountWrites, ChangeSet, ReadSet } from '../../state/access.ts'
import { emptyChangeSet } from '../../state/access.ts'
import type { StateView } from '../../state/view.ts'

/** What one transaction knows of one account. */
interface Entry {
  /** As the view has it. */
  readonly base: Account | undefined
  /** As it is now. */
  now: Account | undefined
  /** The view's slots are gone: the account was created or deleted. */
  wiped: boolean
  /** Slots read from the view. */
  readonly read: Map<Slot, bigint>
  /** Slots written since, without leading zeros. */
  written: Map<Slot, Uint8Array>
}

/** How to take one change back. */
type Undo =
  | { readonly kind: 'account'; readonly entry: Entry; readonly now: Account | undefined }
  | {
      readonly kind: 'slot'
      readonly entry: Entry
      readonly key: Slot
      readonly before: Uint8Array | undefined
    }
  | {
      readonly kind: 'wipe'
      readonly entry: Entry
      readonly wiped: boolean
      readonly written: Map<Slot, Uint8Array>
    }

const DONE: Promise<void> = Promise.resolve()
const SOME_STORAGE = new Uint8Array(32).fill(0xff)
const NO_ROOT = new Uint8Array(32)

/** The storage root is asked for at creations only, so it is found out when asked. */
class ViewRecord extends Record {
  private readonly hasStorage: () => boolean

  constructor(account: Account, codeHash: Uint8Array, hasStorage: () => boolean) {
    super(account.nonce, account.balanceWei, null, codeHash)
    this.hasStorage = hasStorage
  }

  /** A marker: that there is storage matters (EIP-7610), not which. */
  override get storageRoot(): Uint8Array {
    return this.hasStorage() ? SOME_STORAGE : KECCAK256_RLP
  }

  override set storageRoot(_: Uint8Array) {
    throw new Error('bug: a storage root is not set')
  }
}

/**
 * The state manager of one machine: an overlay over the view of the transaction at hand, with an undo journal,
 * that remembers what was read from the view. Reverting costs what was changed, never what is held.
 */
export class ViewManager implements StateManagerInterface {
  private view: StateView | undefined
  private entries = new Map<Address, Entry>()
  private codes = new Map<Hash, Uint8Array>()
  private undo: Undo[] = []
  private marks: number[] = []
  private lent: { readonly to: Address; readonly wei: bigint } | undefined
  private hiddenCodeOf: Address | undefined

  readonly originalStorageCache: StateManagerInterface['originalStorageCache'] = {
    get: (address, key) => Promise.resolve(this.originalSlot(address, key)),
    // What was read stays for the access set; `begin` forgets it.
    clear: () => {},
  }

  /** Starts afresh on `view`. */
  begin(view: StateView): void {
    this.view = view
    this.entries = new Map()
    this.codes = new Map()
    this.undo = []
    this.marks = []
    this.lent = undefined
    this.hiddenCodeOf = undefined
  }

  /** Forgets the view and all that was read of it. */
  end(): void {
    this.begin(NOTHING)
    this.view = undefined
  }

  /** Adds to a balance until `takeChanges`, which takes it back as far as it is still there. Wei. */
  lend(to: Address, wei: bigint): void {
    const entry = this.entry(to)
    const now = entry.now ?? EMPTY_ACCOUNT
    entry.now = { ...now, balanceWei: now.balanceWei + wei }
    this.lent = { to, wei }
  }

  /** The account shows no code until it is written to for the first time (to pass the check of EIP-3607). */
  hideCode(address: Address): void {
    this.hiddenCodeOf = address
  }

  /** What was read of the view since `begin`. */
  takeReads(): ReadSet {
    const reads: ReadSet = new Map()
    for (const [address, { base, read }] of this.entries) {
      const account = base ?? EMPTY_ACCOUNT
      const found: AccountReads = {
        balance: { strength: 'exact', wei: account.balanceWei },
        nonce: account.nonce,
        codeHash: account.codeHash,
        life: base !== undefined,
      }
      if (read.size > 0) found.slots = read
      reads.set(address, found)
    }
    return reads
  }

  /** How the state differs from the view. */
  takeChanges(): ChangeSet {
    this.takeBackLoan()
    const changes = emptyChangeSet()
    for (const [address, entry] of this.entries) {
      const writes = this.writesOf(address, entry)
      if (writes === undefined) continue
      changes.accounts.set(address, writes)
      const code = writes.codeHash === undefined ? undefined : this.codes.get(writes.codeHash)
      if (code !== undefined) changes.codes.set(writes.codeHash!, code)
    }
    return changes
  }

  /** The account as it is now, for observers: not remembered as read. */
  peekAccount(address: Address): Account | undefined {
    const entry = this.entries.get(address)
    return entry === undefined ? this.baseView().account(address) : entry.now
  }

  /** An account's code, for observers. */
  peekCode(address: Address): Uint8Array {
    return this.codeWith(this.peekAccount(address)?.codeHash)
  }

  getAccount(address: RawAddress): Promise<Record | undefined> {
    const key = keyOf(address)
    const entry = this.entry(key)
    if (entry.now === undefined) return Promise.resolve(undefined)
    const hash = key === this.hiddenCodeOf ? EMPTY_CODE_HASH : entry.now.codeHash
    return Promise.resolve(
      new ViewRecord(entry.now, codeHashBytes(hash), () => this.hasStorage(key, entry)),
    )
  }

  /** The code hash is not taken from `account`: code is set by `putCode` alone. */
  putAccount(address: RawAddress, account?: Record): Promise<void> {
    if (account === undefined) return this.deleteAccount(address)
    const key = keyOf(address)
    if (key === this.hiddenCodeOf) this.hiddenCodeOf = undefined
    const entry = this.entry(key)
    const { balance: balanceWei } = account
    // Only a call that skips the nonce has one that overflows.
    const nonce = BigInt.asUintN(64, account.nonce)
    const { now } = entry
    if (now === undefined) {
      this.setAccount(entry, { nonce, balanceWei, codeHash: EMPTY_CODE_HASH })
    } else if (now.nonce !== nonce || now.balanceWei !== balanceWei) {
      this.setAccount(entry, { nonce, balanceWei, codeHash: now.codeHash })
    }
    return DONE
  }

  deleteAccount(address: RawAddress): Promise<void> {
    const entry = this.entry(keyOf(address))
    if (entry.now === undefined) return DONE
    this.wipe(entry)
    this.setAccount(entry, undefined)
    return DONE
  }

  modifyAccountFields(address: RawAddress, fields: AccountFields): Promise<void> {
    const entry = this.entry(keyOf(address))
    const now = entry.now ?? EMPTY_ACCOUNT
    this.setAccount(entry, {
      nonce: fields.nonce ?? now.nonce,
      balanceWei: fields.balance ?? now.balanceWei,
      codeHash: now.codeHash,
    })
    return DONE
  }

  getCode(address: RawAddress): Promise<Uint8Array> {
    return Promise.resolve(this.codeWith(this.entry(keyOf(address)).now?.codeHash))
  }

  getCodeSize(address: RawAddress): Promise<number> {
    return Promise.resolve(this.codeWith(this.entry(keyOf(address)).now?.codeHash).length)
  }

  putCode(address: RawAddress, code: Uint8Array): Promise<void> {
    const entry = this.entry(keyOf(address))
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakHash(code)
    if (code.length > 0) this.codes.set(codeHash, code)
    this.setAccount(entry, { ...(entry.now ?? EMPTY_ACCOUNT), codeHash })
    return DONE
  }

  getStorage(address: RawAddress, key: Uint8Array): Promise<Uint8Array> {
    const owner = keyOf(address)
    const entry = this.entry(owner)
    const slot = bytesToSlot(key)
    const written = entry.written.get(slot)
    if (written !== undefined) return Promise.resolve(written)
    return Promise.resolve(this.baseSlot(owner, entry, slot))
  }

  putStorage(address: RawAddress, key: Uint8Array, value: Uint8Array): Promise<void> {
    const entry = this.entry(keyOf(address))
    const slot = bytesToSlot(key)
    this.undo.push({ kind: 'slot', entry, key: slot, before: entry.written.get(slot) })
    entry.written.set(slot, value)
    return DONE
  }

  clearStorage(address: RawAddress): Promise<void> {
    this.wipe(this.entry(keyOf(address)))
    return DONE
  }

  checkpoint(): Promise<void> {
    this.marks.push(this.undo.length)
    return DONE
  }

  commit(): Promise<void> {
    this.marks.pop()
    return DONE
  }

  revert(): Promise<void> {
    const mark = this.marks.pop() ?? 0
    while (this.undo.length > mark) takeBack(this.undo.pop()!)
    return DONE
  }

  /** Receipts before Byzantium carry a root: the executor fills it in, this one is not used. */
  getStateRoot(): Promise<Uint8Array> {
    return Promise.resolve(NO_ROOT)
  }

  setStateRoot(): Promise<void> {
    throw new Error('bug: a view has no other roots')
  }

  hasStateRoot(): Promise<boolean> {
    throw new Error('bug: a view has no other roots')
  }

  clearCaches(): void {}

  shallowCopy(): StateManagerInterface {
    throw new Error('bug: a machine is not copied')
  }

  private baseView(): StateView {
    if (this.view === undefined) throw new Error('bug: the machine runs without a view')
    return this.view
  }

  private codeWith(hash: Hash = EMPTY_CODE_HASH): Uint8Array {
    if (hash === EMPTY_CODE_HASH) return EMPTY_BYTES
    return this.codes.get(hash) ?? this.baseView().code(hash)
  }

  private entry(address: Address): Entry {
    let entry = this.entries.get(address)
    if (entry === undefined) {
      const base = this.baseView().account(address)
      entry = { base, now: base, wiped: false, read: new Map(), written: new Map() }
      this.entries.set(address, entry)
    }
    return entry
  }

  private setAccount(entry: Entry, now: Account | undefined): void {
    this.undo.push({ kind: 'account', entry, now: entry.now })
    entry.now = now
  }

  private wipe(entry: Entry): void {
    this.undo.push({ kind: 'wipe', entry, wiped: entry.wiped, written: entry.written })
    entry.wiped = true
    entry.written = new Map()
  }

  private baseSlot(owner: Address, entry: Entry, key: Slot): Uint8Array {
    // An account that did not exist has no storage, and its `life` is read already.
    if (entry.wiped || entry.base === undefined) return EMPTY_BYTES
    let value = entry.read.get(key)
    if (value === undefined) {
      value = this.baseView().slot(owner, key)
      entry.read.set(key, value)
    }
    return value === 0n ? EMPTY_BYTES : bigIntToBytes(value)
  }

  private originalSlot(address: RawAddress, key: Uint8Array): Uint8Array {
    const owner = keyOf(address)
    return this.baseSlot(owner, this.entry(owner), bytesToSlot(key))
  }

  private hasStorage(address: Address, entry: Entry): boolean {
    for (const value of entry.written.values()) if (value.length > 0) return true
    return !entry.wiped && entry.base !== undefined && this.baseView().hasStorage(address)
  }

  private takeBackLoan(): void {
    if (this.lent === undefined) return
    const entry = this.entry(this.lent.to)
    if (entry.now !== undefined) {
      const rest = entry.now.balanceWei - this.lent.wei
      entry.now = { ...entry.now, balanceWei: rest > 0n ? rest : 0n }
    }
    this.lent = undefined
  }

  private writesOf(address: Address, entry: Entry): AccountWrites | undefined {
    const { base, now } = entry
    if (now === undefined) return base === undefined ? undefined : { life: 'destroyed' }
    const before = base ?? EMPTY_ACCOUNT
    const writes: AccountWrites = {}
    if (base === undefined) writes.life = 'created'
    else if (entry.wiped && this.baseView().hasStorage(address)) writes.life = 'recreated'
    if (now.balanceWei !== before.balanceWei) writes.balanceWei = now.balanceWei
    if (now.nonce !== before.nonce) writes.nonce = now.nonce
    if (now.codeHash !== before.codeHash) writes.codeHash = now.codeHash
    const slots = this.changedSlots(address, entry)
    if (slots.size > 0) writes.slots = slots
    return Object.keys(writes).length > 0 ? writes : undefined
  }

  private changedSlots(address: Address, entry: Entry): Map<Slot, bigint> {
    const slots = new Map<Slot, bigint>()
    for (const [key, bytes] of entry.written) {
      const value = bytesToBigInt(bytes)
      const gone = entry.wiped || entry.base === undefined
      const before = gone ? 0n : (entry.read.get(key) ?? this.baseView().slot(address, key))
      if (value !== before) slots.set(key, value)
    }
    return slots
  }
}

const NOTHING: StateView = {
  account: () => undefined,
  slot: () => 0n,
  code: () => EMPTY_BYTES,
  hasStorage: () => false,
}

function keyOf(address: RawAddress): Address {
  return bytesToHex(address.bytes) as Address
}

function codeHashBytes(hash: Hash): Uint8Array {
  return hash === EMPTY_CODE_HASH ? KECCAK256_NULL : hexToBytes(hash)
}

function takeBack(change: Undo): void {
  switch (change.kind) {
    case 'account':
      change.entry.now = change.now
      return
    case 'slot':
      if (change.before === undefined) change.entry.written.delete(change.key)
      else change.entry.written.set(change.key, change.before)
      return
    case 'wipe':
      change.entry.wiped = change.wiped
      change.entry.written = change.written
  }
}

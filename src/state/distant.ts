import { type Account, EMPTY_ACCOUNT } from '../model/account.ts'
import type { Address, Slot } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import { Arena } from '../store/arena.ts'
import { leavesOf } from '../store/leaves.ts'
import { Version, versionAfter } from '../store/version.ts'
import { type AccountWrites, type ChangeSet, emptyChangeSet } from './access.ts'
import {
  type SlotEntry,
  keyHash,
  readAccount,
  readSlot,
  readSlotValue,
  storageOf,
} from './account-leaf.ts'
import { writeChanges } from './change-batch.ts'
import { secureKey } from './secure-key.ts'

/** The state of another chain at one block: what is not here yet is `Absent`. Codes of accounts that were read are with the codes. */
export interface DistantState {
  /** @throws {Absent} */
  account(address: Address): Account | undefined
  /** @throws {Absent} */
  slot(address: Address, key: Slot): bigint
}

/**
 * A version that lies on another chain's state: its tries hold what was written since, whole accounts and single words. What they do not
 * hold is the other chain's, but for what is struck out: words that became zero, and all words of accounts that were made or destroyed
 * here. That is kept as a version of its own, in which a struck word is one and an account without its words has the nonce one.
 */
export class DistantVersion extends Version {
  readonly below: DistantState
  readonly #struck: Version

  constructor(below: DistantState, top: Version, struck: Version) {
    super(top.arena, top.arena.retain(top.root), top.lineage)
    this.below = below
    this.#struck = struck
  }

  account(address: Address): Account | undefined {
    const leaf = this.arena.find(this.root, secureKey(address))
    if (leaf !== 0) return readAccount(this.arena, leaf)
    return this.#hasOwnWords(address) ? undefined : this.below.account(address)
  }

  slot(address: Address, key: Slot): bigint {
    const { arena } = this
    const leaf = arena.find(this.root, secureKey(address))
    const word = leaf === 0 ? 0n : readSlotValue(arena, leaf, key)
    if (word !== 0n || this.#isStruck(address, key)) return word
    return this.below.slot(address, key)
  }

  /** The other chain's is not known without a proof of it; only an account without nonce and code is asked (EIP-7610). */
  hasStorage(address: Address): boolean {
    const leaf = this.arena.find(this.root, secureKey(address))
    return leaf !== 0 && storageOf(this.arena, leaf) !== 0
  }

  /** Words of an account that became zero, and perhaps something else since. */
  *zeroed(address: Address): Generator<SlotEntry> {
    const { arena, root } = this.#struck
    const leaf = arena.find(root, secureKey(address))
    if (leaf === 0) return
    for (const slot of leavesOf(this.#struck, storageOf(arena, leaf))) {
      const { key } = readSlot(arena, slot)
      yield { keyHash: keyHash(arena, slot), key, value: 0n }
    }
  }

  /** @throws {Absent} when an account is changed that nobody has read */
  after(changes: ChangeSet): DistantVersion {
    const whole: ChangeSet = { accounts: new Map(), codes: changes.codes }
    const strikes = emptyChangeSet()
    for (const [address, writes] of changes.accounts) {
      whole.accounts.set(address, this.#wholeWrites(address, writes))
      const strike = strikeOf(writes)
      if (strike !== undefined) strikes.accounts.set(address, strike)
    }
    return new DistantVersion(this.below, grown(this, whole), grown(this.#struck, strikes))
  }

  /** An account's first change here takes along what it is there. */
  #wholeWrites(address: Address, writes: AccountWrites): AccountWrites {
    if (writes.life === 'destroyed' || writes.life === 'created') return writes
    const isHere = this.arena.find(this.root, secureKey(address)) !== 0
    if (isHere || this.#hasOwnWords(address)) return writes
    const { balanceWei, nonce, codeHash } = writes
    const isWhole = balanceWei !== undefined && nonce !== undefined && codeHash !== undefined
    if (isWhole) return writes
    const before = this.below.account(address)
    return before === undefined ? writes : { ...before, ...writes, life: 'created' }
  }

  /** Made or destroyed here: nothing of the other chain's shows through. */
  #hasOwnWords(address: Address): boolean {
    const { arena, root } = this.#struck
    const leaf = arena.find(root, secureKey(address))
    return leaf !== 0 && readAccount(arena, leaf).nonce !== 0n
  }

  #isStruck(address: Address, key: Slot): boolean {
    const { arena, root } = this.#struck
    const leaf = arena.find(root, secureKey(address))
    if (leaf === 0) return false
    return readAccount(arena, leaf).nonce !== 0n || readSlotValue(arena, leaf, key) !== 0n
  }
}

/** The other chain's state with nothing written. */
export function distantWorld(below: DistantState): DistantVersion {
  return new DistantVersion(below, new Version(new Arena(), 0), new Version(new Arena(), 0))
}

function strikeOf({ life, slots }: AccountWrites): AccountWrites | undefined {
  if (life !== undefined) return { ...EMPTY_ACCOUNT, life: 'recreated', nonce: 1n }
  const zeros = [...(slots ?? [])].filter(([, value]) => value === 0n)
  if (zeros.length === 0) return undefined
  return { codeHash: EMPTY_CODE_HASH, slots: new Map(zeros.map(([key]) => [key, 1n])) }
}

function grown(version: Version, changes: ChangeSet): Version {
  return versionAfter(version, (sink) => writeChanges(version.arena, sink, changes))
}

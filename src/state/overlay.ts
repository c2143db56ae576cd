import { type Account, EMPTY_ACCOUNT } from '../model/account.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import { type ChangeSet, emptyChangeSet } from './access.ts'
import { bringsToLife, mergeChanges } from './change-set.ts'
import type { StateView } from './view.ts'

/** A view over another with changes applied on top: a block in execution, transaction after transaction. */
export class Overlay implements StateView {
  readonly #base: StateView
  readonly #changes: ChangeSet = emptyChangeSet()

  constructor(base: StateView) {
    this.#base = base
  }

  /** Everything applied so far as one change of the base. Grows with the next `apply`. */
  get changes(): ChangeSet {
    return this.#changes
  }

  get isPartial(): boolean | undefined {
    return this.#base.isPartial
  }

  /** Puts `changes` on top; they are copied. */
  apply(changes: ChangeSet): void {
    mergeChanges(this.#changes, changes)
  }

  account(address: Address): Account | undefined {
    const writes = this.#changes.accounts.get(address)
    if (writes === undefined) return this.#base.account(address)
    if (writes.life === 'destroyed') return undefined
    const before = this.#base.account(address)
    if (before === undefined && !bringsToLife(writes)) return undefined
    const { nonce, balanceWei, codeHash } = before ?? EMPTY_ACCOUNT
    return {
      nonce: writes.nonce ?? nonce,
      balanceWei: writes.balanceWei ?? balanceWei,
      codeHash: writes.codeHash ?? codeHash,
    }
  }

  slot(address: Address, key: Slot): bigint {
    const writes = this.#changes.accounts.get(address)
    if (writes === undefined) return this.#base.slot(address, key)
    const written = writes.slots?.get(key)
    if (written !== undefined) return written
    const isWiped = writes.life === 'destroyed' || writes.life === 'recreated'
    return isWiped ? 0n : this.#base.slot(address, key)
  }

  code(hash: Hash): Uint8Array {
    return this.#changes.codes.get(hash) ?? this.#base.code(hash)
  }

  /**
   * An account of the base that had storage counts as having it, even when every word was zeroed on top: a view cannot list
   * them. Only an account with code can zero them, and EIP-7610 asks for accounts without.
   */
  hasStorage(address: Address): boolean {
    const writes = this.#changes.accounts.get(address)
    if (writes === undefined) return this.#base.hasStorage(address)
    for (const value of writes.slots?.values() ?? []) if (value !== 0n) return true
    const isWiped = writes.life === 'destroyed' || writes.life === 'recreated'
    return !isWiped && this.#base.hasStorage(address)
  }
}

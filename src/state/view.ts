import type { Account } from '../model/account.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'

/** What a transaction can see of the state. Synchronous: a view over memory, a version of the store, or an overlay. */
export interface StateView {
  /** Some of it lies elsewhere: reads may throw `Absent`. */
  readonly isPartial?: boolean | undefined
  /** undefined when no such account exists. */
  account(address: Address): Account | undefined
  /** The word at `key`; zero when nothing was written. */
  slot(address: Address, key: Slot): bigint
  /** The code with this hash; no bytes for the empty hash. @throws {Error} when it is unknown. */
  code(hash: Hash): Uint8Array
  /** Whether the account has any storage (EIP-7610 asks at creation). */
  hasStorage(address: Address): boolean
}

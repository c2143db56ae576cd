import type { Address, Slot } from '../primitives/hex.ts'

/** EIP-7928: what a block did to one account. Lists are in the order of the canonical encoding. */
export interface AccountAccess {
  readonly address: Address
  /** Slots that some step changed, by key. */
  readonly storageChanges: readonly {
    readonly key: Slot
    readonly changes: readonly StepChange<bigint>[]
  }[]
  /** Slots that were accessed and that no step changed. */
  readonly storageReads: readonly Slot[]
  /** Wei. */
  readonly balanceChanges: readonly StepChange<bigint>[]
  readonly nonceChanges: readonly StepChange<bigint>[]
  readonly codeChanges: readonly StepChange<Uint8Array>[]
}

/** A value after a step: 0 is what the protocol does before the transactions, `i + 1` transaction `i`, the last what it does after them. */
export interface StepChange<T> {
  readonly index: number
  readonly value: T
}

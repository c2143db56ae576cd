import type { Address, Hash, Slot } from '../primitives/hex.ts'
import type { BlockRef } from './block-ref.ts'
import type { NotInspected } from './inspect-port.ts'

/** What the artefacts that the node watches say of an account's code. */
export interface KnownContract {
  /** undefined when no artefact has this code. */
  readonly name: string | undefined
  /** The source file as the compiler was told it. */
  readonly source: string | undefined
  /** solc's JSON ABI. */
  readonly abi: unknown
  /** Whose code a proxy runs (EIP-1967, EIP-1167, EIP-7702). */
  readonly implementation: Address | undefined
}

/** A variable, member or element of a contract that lies in a slot, or in a part of it. */
interface SlotField {
  /** `balanceOf[0xab..]` */
  readonly name: string
  /** As Solidity writes it. */
  readonly type: string
  /** Bytes from the low end of the slot. */
  readonly offset: number
  readonly bytes: number
  /** The value as Solidity would write it, of the slot's word. */
  readonly show: (word: bigint) => string
}

export interface NamedSlot {
  readonly address: Address
  readonly key: Slot
  /** With its contract: `Token.balanceOf[0xab..]`; what tells no more than its place has no fields. */
  readonly label: string
  readonly fields: readonly SlotField[]
}

/** Contracts by name, and what lies in their slots: from artefacts, for reading only. */
export interface ContractPort {
  /** `contract` is undefined when the account has no code. */
  at(
    address: Address,
    block: BlockRef,
  ): Promise<
    { readonly kind: 'looked'; readonly contract: KnownContract | undefined } | NotInspected
  >
  /**
   * Accounts of the newest state whose contract's name contains `text`, whatever the case.
   * @returns `complete` is false when there are more accounts than were looked at, or more contracts than `limit`
   */
  find(
    text: string,
    limit: number,
  ): Promise<{
    readonly contracts: readonly { readonly address: Address; readonly name: string }[]
    readonly complete: boolean
  }>
  /** Of one account after a block. Keys of mappings are those that newest transactions hashed, and guesses: addresses, small numbers. */
  nameStorage(
    address: Address,
    keys: readonly Slot[],
    block: BlockRef,
  ): Promise<{ readonly kind: 'named'; readonly slots: readonly NamedSlot[] } | NotInspected>
  /** As a mined transaction's block found them. */
  nameWritten(
    transaction: Hash,
    slots: readonly { readonly address: Address; readonly key: Slot }[],
  ): Promise<{ readonly kind: 'named'; readonly slots: readonly NamedSlot[] } | NotInspected>
}

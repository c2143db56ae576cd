import type { Address, Hash, Slot } from '../primitives/hex.ts'

/**
 * How a balance was read: `exact` by BALANCE and SELFBALANCE, `atLeast` by a check that a payment is covered, `isEmpty` by
 * EIP-161 and new-account gas. Exact reads are validated by value, the others by their predicate.
 */
type BalanceRead =
  | { readonly strength: 'exact'; readonly wei: bigint }
  | { readonly strength: 'atLeast'; readonly wei: bigint; readonly held: boolean }
  | { readonly strength: 'isEmpty'; readonly empty: boolean }

/** What was read of one account, with the values found. A field left out was not read. */
export interface AccountReads {
  balance?: BalanceRead
  nonce?: bigint
  codeHash?: Hash
  /** Whether the account existed. */
  life?: boolean
  slots?: Map<Slot, bigint>
}

/**
 * What one account became. A field left out did not change.
 * `destroyed` and `recreated` wipe the storage before `slots` apply; after `destroyed` nothing else is set.
 * `created`: it did not exist, and fields left out are empty. Whoever brings an account to life says so here, also when only a
 * balance is set; the caller, not the state, removes empty accounts (EIP-161).
 */
export interface AccountWrites {
  life?: 'created' | 'recreated' | 'destroyed'
  balanceWei?: bigint
  nonce?: bigint
  /** The new code's hash; its bytes are in `ChangeSet.codes`. */
  codeHash?: Hash
  slots?: Map<Slot, bigint>
}

export type ReadSet = Map<Address, AccountReads>

/** A change of state: what accounts became, and the code that is new. */
export interface ChangeSet {
  readonly accounts: Map<Address, AccountWrites>
  readonly codes: Map<Hash, Uint8Array>
  /** The accounts as a batch (`batch-layout.ts`), where they come from one. Nothing is added to such a set. */
  readonly batch?: Uint8Array
}

export function emptyChangeSet(): ChangeSet {
  return { accounts: new Map(), codes: new Map() }
}

/** Block values whose reading ties a transaction to its block: reported apart from storage conflicts. */
export type VolatileRead =
  | 'TIMESTAMP'
  | 'NUMBER'
  | 'COINBASE'
  | 'PREVRANDAO'
  | 'BLOCKHASH'
  | 'GASLIMIT'
  | 'BASEFEE'
  | 'BLOBBASEFEE'
  | 'SLOTNUM'

/**
 * EIP-7928: the accounts that were accessed, with the slots that were, in frames that were reverted too. Broader than reads and
 * writes: an access that needs no value counts (a transfer of nothing), and so does a slot of an account that was not there.
 */
export type Touched = ReadonlyMap<Address, ReadonlySet<Slot>>

/** What one transaction read and wrote. Transient storage is not in it: it never conflicts. */
export interface AccessSet {
  readonly reads: ReadSet
  readonly writes: ChangeSet
  readonly volatile: ReadonlySet<VolatileRead>
  /** `accounts`: balance, nonce, code and life reads are over-approximated (the reference engine reads whole accounts). */
  readonly precision: 'exact' | 'accounts'
  /** Exact. The reference has it since Amsterdam. */
  readonly touched?: Touched
}

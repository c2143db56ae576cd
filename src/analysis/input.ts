import type { AccessList } from '../model/transaction.ts'
import type { Address, Hash, Hex } from '../primitives/hex.ts'
import type { AccessSet, VolatileRead } from '../state/access.ts'
import type { Location } from '../state/location.ts'

/** What is analysed: plain data that whoever has a chain can build. Nothing here is written. */

/** The accounts whose code ran, the outermost first; the last one's code made the access. */
export type CallPath = readonly Address[]

/** One instruction that read or wrote a location. */
export interface Site {
  readonly location: Location
  readonly access: 'read' | 'write'
  /** Of the instruction, in the code that ran. */
  readonly pc: number
  /** Whose code ran: differs from the location's account under DELEGATECALL. */
  readonly codeAddress: Address
  readonly path: CallPath
  /** Init code ran, not the code that the account has. */
  readonly inCreation?: boolean | undefined
}

/** An instruction that read a value of the block. */
export interface VolatileSite {
  readonly name: VolatileRead
  readonly pc: number
  readonly codeAddress: Address
  readonly path: CallPath
  /** As of a `Site`. */
  readonly inCreation?: boolean | undefined
}

/**
 * What a transaction did with the value of a slot. `added`: it wrote the value plus something that does not depend on it, and used it
 * for nothing else. `guarded`: the same, but a branch looked at the value, as checked arithmetic does. `used`: anything else.
 */
export type ValueUse = 'added' | 'guarded' | 'used'

/** What running a transaction again with an observer tells. */
export interface Trace {
  readonly sites: readonly Site[]
  readonly volatile: readonly VolatileSite[]
  /** By `locationKey`: of slots that were written. */
  readonly uses: ReadonlyMap<string, ValueUse>
}

export interface RecordedTransaction {
  readonly hash?: Hash | undefined
  readonly sender: Address
  /** null creates a contract. */
  readonly to: Address | null
  /** The first four bytes of the call data. */
  readonly selector?: Hex | undefined
  readonly nonce: bigint
  readonly gasUsed: number
  /** Measured; given for all transactions or for none. */
  readonly ms?: number | undefined
  readonly access: AccessSet
  /** EIP-2930. */
  readonly declared?: AccessList | undefined
  readonly trace?: Trace | undefined
}

/** A block, or several in a row: transactions in the order in which they ran. */
export interface Recording {
  readonly transactions: readonly RecordedTransaction[]
  /** Who is paid the fees; undefined when several blocks have several. */
  readonly beneficiary?: Address | undefined
  /** Balances before the first transaction, in wei; 0 for an account that is not there. Without one, a check of it may be undecided. */
  readonly balancesWei?: ReadonlyMap<Address, bigint> | undefined
}

import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { Slices } from '../primitives/slices.ts'
import type { AccessSet, AccountReads, AccountWrites } from '../state/access.ts'
import { type Location, locationKey } from '../state/location.ts'
import type { RecordedTransaction } from './input.ts'

/** A check of a balance, by its threshold: it asked whether the balance was `atLeast` so many wei, and was told `held`. */
export interface Guard {
  readonly atLeastWei: bigint
  readonly held: boolean
}

/** What one transaction did with one location. */
export interface Touch {
  readonly tx: number
  /** `value`: it depends on the value that was found. */
  readonly read: 'none' | 'value' | Guard
  /** `delta`: it adds or takes, whatever is there; the order of deltas does not matter. */
  readonly write: 'none' | 'value' | 'delta'
  /** What was read, when that is a number. */
  readonly before?: bigint | undefined
  /** What it was after the transaction, when that is a number. */
  readonly after?: bigint | undefined
}

/** The touches of all locations, each by its place in `locations`. */
export interface Touches {
  readonly transactions: number
  readonly locations: readonly Location[]
  /** The place of a location by its `locationKey`. */
  readonly idOf: ReadonlyMap<string, number>
  /** By location: in the order of the transactions. */
  readonly of: readonly (readonly Touch[])[]
}

/** Turns access sets around: from what a transaction touched to who touched a location. Linear in the number of accesses. */
export function* collectTouches(transactions: readonly RecordedTransaction[]): Slices<Touches> {
  const idOf = new Map<string, number>()
  const locations: Location[] = []
  const of: Touch[][] = []
  for (const [tx, { access }] of transactions.entries()) {
    if (tx % 64 === 63) yield
    const add: Add = (location, touch) => {
      const key = locationKey(location)
      let id = idOf.get(key)
      if (id === undefined) {
        id = locations.length
        idOf.set(key, id)
        locations.push(location)
        of.push([])
      }
      of[id]!.push({ tx, ...touch })
    }
    for (const [address, reads] of access.reads) {
      const writes = access.writes.accounts.get(address) ?? NO_WRITES
      addAccount(add, address, reads, writes, access.precision)
    }
    for (const [address, writes] of access.writes.accounts) {
      if (!access.reads.has(address)) addAccount(add, address, NO_READS, writes, access.precision)
    }
  }
  return { transactions: transactions.length, locations, idOf, of }
}

type Add = (location: Location, touch: Omit<Touch, 'tx'>) => void

const NO_READS: AccountReads = {}
const NO_WRITES: AccountWrites = {}

function addAccount(
  add: Add,
  address: Location['address'],
  reads: AccountReads,
  writes: AccountWrites,
  precision: AccessSet['precision'],
): void {
  addLife(add, address, reads, writes, precision)
  addBalance(add, address, reads, writes)
  if (reads.nonce !== undefined || writes.nonce !== undefined) {
    add(
      { kind: 'nonce', address },
      {
        read: reads.nonce === undefined ? 'none' : 'value',
        write: writes.nonce === undefined ? 'none' : 'value',
        before: reads.nonce,
        after: writes.nonce,
      },
    )
  }
  if (reads.codeHash !== undefined || writes.codeHash !== undefined) {
    add(
      { kind: 'code', address },
      {
        read: reads.codeHash === undefined ? 'none' : 'value',
        write: writes.codeHash === undefined ? 'none' : 'value',
      },
    )
  }
  addSlots(add, address, reads, writes)
}

function addSlots(
  add: Add,
  address: Location['address'],
  reads: AccountReads,
  writes: AccountWrites,
): void {
  for (const [key, before] of reads.slots ?? []) {
    const after = writes.slots?.get(key)
    const write = after === undefined ? 'none' : 'value'
    add({ kind: 'slot', address, key }, { read: 'value', write, before, after })
  }
  for (const [key, after] of writes.slots ?? []) {
    if (reads.slots?.has(key) === true) continue
    add({ kind: 'slot', address, key }, { read: 'none', write: 'value', after })
  }
}

function addBalance(
  add: Add,
  address: Location['address'],
  reads: AccountReads,
  writes: AccountWrites,
): void {
  const { balance } = reads
  const after = writes.life === 'destroyed' ? 0n : writes.balanceWei
  if (balance === undefined && after === undefined) return
  const isExact = balance?.strength === 'exact'
  const read = balance === undefined ? 'none' : isExact ? 'value' : guardOf(balance)
  // Code that looked at a balance and changed it may have made the change depend on it.
  const write =
    after === undefined ? 'none' : isExact || writes.life === 'destroyed' ? 'value' : 'delta'
  // What was not there had nothing.
  const before = isExact ? balance.wei : writes.life === 'created' ? 0n : undefined
  add({ kind: 'balance', address }, { read, write, before, after })
}

function guardOf(
  balance: Exclude<NonNullable<AccountReads['balance']>, { strength: 'exact' }>,
): Guard {
  if (balance.strength === 'isEmpty') return { atLeastWei: 1n, held: !balance.empty }
  return { atLeastWei: balance.wei, held: balance.held }
}

/**
 * A credit brings to life what is not there, so credits do not depend on each other by that; who looks at the account does, as a call does
 * that pays for a new account. The reference engine reads whole accounts, so there a plain credit is told by all that it did.
 */
function addLife(
  add: Add,
  address: Location['address'],
  reads: AccountReads,
  writes: AccountWrites,
  precision: AccessSet['precision'],
): void {
  const isCredit = isPlainCredit(reads, writes)
  const isRead = reads.life !== undefined && !(isCredit && precision === 'accounts')
  if (!isRead && writes.life === undefined) return
  const write = writes.life === undefined ? 'none' : isCredit ? 'delta' : 'value'
  add({ kind: 'life', address }, { read: isRead ? 'value' : 'none', write })
}

/** Nothing but the balance changed, and nothing was looked at but whether the account has code to run. */
function isPlainCredit(reads: AccountReads, writes: AccountWrites): boolean {
  if (writes.balanceWei === undefined || writes.nonce !== undefined) return false
  if (writes.codeHash !== undefined || writes.slots !== undefined) return false
  if (writes.life !== undefined && writes.life !== 'created') return false
  if (reads.nonce !== undefined || reads.slots !== undefined) return false
  if (reads.balance?.strength === 'exact') return false
  return reads.codeHash === undefined || reads.codeHash === EMPTY_CODE_HASH
}

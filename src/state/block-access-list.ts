import type { AccountAccess, StepChange } from '../model/block-access-list.ts'
import { EMPTY_BYTES, bigIntToBytes } from '../primitives/bytes.ts'
import { type Address, type Slot, hexToBytes } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import { type RlpItem, encodeRlp } from '../primitives/rlp.ts'
import type { AccessSet } from './access.ts'

/** EIP-7928, the block access list: an export of what was recorded, step by step. */

/** One thing that a step did: what the recorder saw of a transaction, or of something that the protocol did. */
export type StepAccess = Pick<AccessSet, 'reads' | 'writes' | 'touched'>

/** A value after each step that changed it. */
type Changes<T> = Map<number, T>

/** What a block did to one account. */
interface AccountChanges {
  /** Slots that some step changed. */
  readonly slots: Map<Slot, Changes<bigint>>
  /** Slots that were accessed and that no step changed: a value written back within its step is no change. */
  readonly slotReads: Set<Slot>
  readonly balancesWei: Changes<bigint>
  readonly nonces: Changes<bigint>
  readonly codes: Changes<Uint8Array>
}

/** By address; `encodeBlockAccessList` puts things in order. */
export type BlockAccessList = ReadonlyMap<Address, AccountChanges>

/**
 * The list of a block. An account that was touched without change is in it.
 * @param steps first the protocol's before the transactions, then one per transaction, last the protocol's after them. What happens in
 *   one step is in order and changes no value back.
 */
export function blockAccessList(steps: readonly (readonly StepAccess[])[]): BlockAccessList {
  const list = new Map<Address, AccountChanges>()
  for (const [index, accesses] of steps.entries()) {
    for (const access of accesses) {
      for (const [address, slots] of access.touched ?? []) {
        const { slotReads } = accountOf(list, address)
        for (const slot of slots) slotReads.add(slot)
      }
      addChanges(list, index, access)
    }
  }
  for (const { slots, slotReads } of list.values()) {
    for (const slot of slots.keys()) slotReads.delete(slot)
  }
  return list
}

function accountOf(list: Map<Address, AccountChanges>, address: Address): AccountChanges {
  let account = list.get(address)
  if (account === undefined) {
    account = {
      slots: new Map(),
      slotReads: new Set(),
      balancesWei: new Map(),
      nonces: new Map(),
      codes: new Map(),
    }
    list.set(address, account)
  }
  return account
}

function addChanges(
  list: Map<Address, AccountChanges>,
  index: number,
  { reads, writes }: StepAccess,
): void {
  for (const [address, { life, balanceWei, nonce, codeHash, slots }] of writes.accounts) {
    const account = accountOf(list, address)
    if (life === 'destroyed') {
      addDestruction(account, index, reads.get(address))
      continue
    }
    if (balanceWei !== undefined) account.balancesWei.set(index, balanceWei)
    if (nonce !== undefined) account.nonces.set(index, nonce)
    if (codeHash !== undefined) {
      account.codes.set(index, writes.codes.get(codeHash) ?? EMPTY_BYTES)
    }
    for (const [slot, value] of slots ?? []) {
      const values = account.slots.get(slot) ?? new Map<number, bigint>()
      account.slots.set(slot, values.set(index, value))
    }
  }
}

/** Nothing is left of the account: what it had became zero. EIP-6780 spares accounts with storage. */
function addDestruction(
  account: AccountChanges,
  index: number,
  before: ReturnType<StepAccess['reads']['get']>,
): void {
  const balance = before?.balance
  if (balance?.strength === 'exact' && balance.wei !== 0n) account.balancesWei.set(index, 0n)
  if ((before?.nonce ?? 0n) !== 0n) account.nonces.set(index, 0n)
  if ((before?.codeHash ?? EMPTY_CODE_HASH) !== EMPTY_CODE_HASH) {
    account.codes.set(index, EMPTY_BYTES)
  }
}

/** The list in its canonical order: accounts by address, slots by key, changes by step. */
export function accountAccesses(list: BlockAccessList): readonly AccountAccess[] {
  return byKey(list).map(([address, { slots, slotReads, balancesWei, nonces, codes }]) => ({
    address,
    storageChanges: byKey(slots).map(([key, values]) => ({ key, changes: inSteps(values) })),
    storageReads: [...slotReads].toSorted(),
    balanceChanges: inSteps(balancesWei),
    nonceChanges: inSteps(nonces),
    codeChanges: inSteps(codes),
  }))
}

/** The list as RLP, whose Keccak-256 is the header's `blockAccessListHash`. */
export function encodeBlockAccessList(list: BlockAccessList): Uint8Array {
  const accounts = accountAccesses(list).map((account): RlpItem => [
    hexToBytes(account.address),
    account.storageChanges.map(({ key, changes }) => [
      keyBytes(key),
      changeItems(changes, bigIntToBytes),
    ]),
    account.storageReads.map(keyBytes),
    changeItems(account.balanceChanges, bigIntToBytes),
    changeItems(account.nonceChanges, bigIntToBytes),
    changeItems(account.codeChanges, (code) => code),
  ])
  return encodeRlp(accounts)
}

/** How much of the block's gas the list stands for: EIP-7928 grants an item per 2,000 gas of the limit. */
export function blockAccessListGas(list: BlockAccessList): bigint {
  let items = list.size
  for (const { slots, slotReads } of list.values()) items += slots.size + slotReads.size
  return 2_000n * BigInt(items)
}

/** Hex of one length and case sorts as the number does. */
function byKey<K extends string, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Steps were added in order. */
function inSteps<T>(changes: Changes<T>): readonly StepChange<T>[] {
  return Array.from(changes, ([index, value]) => ({ index, value }))
}

function changeItems<T>(
  changes: readonly StepChange<T>[],
  bytesOf: (value: T) => Uint8Array,
): RlpItem[] {
  return changes.map(({ index, value }) => [bigIntToBytes(BigInt(index)), bytesOf(value)])
}

function keyBytes(slot: Slot): Uint8Array {
  return bigIntToBytes(BigInt(slot))
}

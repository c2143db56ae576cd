import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { AccountWrites, ChangeSet, ReadSet } from './access.ts'
import type { Location } from './location.ts'

/** Whether an account that is not there comes into being by `writes`: said by `life`, or by anything set that is not empty. */
export function bringsToLife(writes: AccountWrites): boolean {
  if (writes.life !== undefined) return writes.life !== 'destroyed'
  if ((writes.balanceWei ?? 0n) !== 0n || (writes.nonce ?? 0n) !== 0n) return true
  if ((writes.codeHash ?? EMPTY_CODE_HASH) !== EMPTY_CODE_HASH) return true
  for (const value of writes.slots?.values() ?? []) if (value !== 0n) return true
  return false
}

/**
 * Makes `into` the change of both, `later` after it. `later` is only read.
 *
 *     before      later none      created        recreated      destroyed
 *     none        none            created        recreated      destroyed
 *     created     created         created        created        destroyed
 *     recreated   recreated       recreated      recreated      destroyed
 *     destroyed   destroyed (1)   recreated (2)  recreated (2)  destroyed
 *
 * (1) recreated when the writes set something that is not empty. (2) Fields left out are empty, not as before.
 */
export function mergeChanges(into: ChangeSet, later: ChangeSet): void {
  for (const [hash, code] of later.codes) into.codes.set(hash, code)
  for (const [address, writes] of later.accounts) {
    const before = into.accounts.get(address)
    if (before === undefined) into.accounts.set(address, copyOf(writes))
    else if (writes.life === 'destroyed') into.accounts.set(address, { life: 'destroyed' })
    else if (before.life !== 'destroyed') mergeWrites(before, writes)
    else if (bringsToLife(writes)) into.accounts.set(address, reborn(writes))
  }
}

function copyOf(writes: AccountWrites): AccountWrites {
  if (writes.life === 'destroyed') return { life: 'destroyed' }
  return writes.slots === undefined ? { ...writes } : { ...writes, slots: new Map(writes.slots) }
}

function reborn(writes: AccountWrites): AccountWrites {
  return {
    life: 'recreated',
    balanceWei: writes.balanceWei ?? 0n,
    nonce: writes.nonce ?? 0n,
    codeHash: writes.codeHash ?? EMPTY_CODE_HASH,
    slots: new Map(writes.slots),
  }
}

/** Neither is a destruction. */
function mergeWrites(into: AccountWrites, later: AccountWrites): void {
  if (later.life !== undefined) into.life = mergeLife(into.life, later.life)
  if (later.balanceWei !== undefined) into.balanceWei = later.balanceWei
  if (later.nonce !== undefined) into.nonce = later.nonce
  if (later.codeHash !== undefined) into.codeHash = later.codeHash
  if (later.life === 'recreated') into.slots = new Map(later.slots)
  else if (into.slots === undefined) {
    if (later.slots !== undefined) into.slots = new Map(later.slots)
  } else for (const [key, value] of later.slots ?? []) into.slots.set(key, value)
}

type Life = NonNullable<AccountWrites['life']>

function mergeLife(before: Life | undefined, later: Life): Life {
  return before === 'created' || before === 'recreated' ? before : later
}

/** Every location that `changes` write. */
export function locationsOf(changes: ChangeSet): Location[] {
  const locations: Location[] = []
  for (const [address, writes] of changes.accounts) {
    if (writes.life !== undefined) locations.push({ kind: 'life', address })
    if (writes.balanceWei !== undefined) locations.push({ kind: 'balance', address })
    if (writes.nonce !== undefined) locations.push({ kind: 'nonce', address })
    if (writes.codeHash !== undefined) locations.push({ kind: 'code', address })
    for (const key of writes.slots?.keys() ?? []) locations.push({ kind: 'slot', address, key })
  }
  return locations
}

/** Every location that was read. */
export function locationsOfReads(reads: ReadSet): Location[] {
  const locations: Location[] = []
  for (const [address, read] of reads) {
    if (read.life !== undefined) locations.push({ kind: 'life', address })
    if (read.balance !== undefined) locations.push({ kind: 'balance', address })
    if (read.nonce !== undefined) locations.push({ kind: 'nonce', address })
    if (read.codeHash !== undefined) locations.push({ kind: 'code', address })
    for (const key of read.slots?.keys() ?? []) locations.push({ kind: 'slot', address, key })
  }
  return locations
}

import type { Account } from '../model/account.ts'
import type { Address, Slot } from '../primitives/hex.ts'
import type { Arena } from '../store/arena.ts'
import { LEAF_KEY } from '../store/node-layout.ts'
import { addressAt, readAccount, readSlot, storageOf } from './account-leaf.ts'
import type { Version } from './world.ts'

/** What is different about one account: undefined where it is not there, and the slots whose words differ. */
export interface AccountDifference {
  readonly before: Account | undefined
  readonly after: Account | undefined
  readonly slots: ReadonlyMap<Slot, SlotDifference>
}

interface SlotDifference {
  readonly before: bigint
  readonly after: bigint
}

/**
 * What leads from one version to another of the same world, and back, in time proportional to it: read off the tries, whatever lies
 * between the two. @throws {TypeError} for versions of two worlds, {TrieError}
 */
export function differencesBetween(
  before: Version,
  after: Version,
): Map<Address, AccountDifference> {
  const { arena } = before
  if (after.arena !== arena) throw new TypeError('the versions are of two worlds')
  const found = new Map<Address, AccountDifference>()
  for (const [old, next] of pairs(arena, before.root, after.root)) {
    const difference = {
      before: old === 0 ? undefined : readAccount(arena, old),
      after: next === 0 ? undefined : readAccount(arena, next),
      slots: slotDifferences(arena, old, next),
    }
    if (isDifferent(difference)) found.set(addressAt(arena, old || next), difference)
  }
  return found
}

function slotDifferences(arena: Arena, old: number, next: number): Map<Slot, SlotDifference> {
  const found = new Map<Slot, SlotDifference>()
  const oldStorage = old === 0 ? 0 : storageOf(arena, old)
  const nextStorage = next === 0 ? 0 : storageOf(arena, next)
  for (const [oldSlot, nextSlot] of pairs(arena, oldStorage, nextStorage)) {
    const { key } = readSlot(arena, oldSlot || nextSlot)
    const before = oldSlot === 0 ? 0n : readSlot(arena, oldSlot).value
    const after = nextSlot === 0 ? 0n : readSlot(arena, nextSlot).value
    if (before !== after) found.set(key, { before, after })
  }
  return found
}

/** Leaves that the two tries do not share, by their keys: 0 where one has none. */
function* pairs(arena: Arena, old: number, next: number): Generator<[old: number, next: number]> {
  const keyOf = (leaf: number) => arena.bytes(leaf + LEAF_KEY, 32)
  for (const leaf of arena.leavesApart(old, next)) yield [leaf, arena.find(next, keyOf(leaf))]
  for (const leaf of arena.leavesApart(next, old)) {
    if (arena.find(old, keyOf(leaf)) === 0) yield [0, leaf]
  }
}

function isDifferent({ before, after, slots }: AccountDifference): boolean {
  if (slots.size > 0 || before === undefined || after === undefined) return true
  return (
    before.nonce !== after.nonce ||
    before.balanceWei !== after.balanceWei ||
    before.codeHash !== after.codeHash
  )
}

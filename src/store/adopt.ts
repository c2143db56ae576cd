import type { Arena } from './arena.ts'
import {
  BATCH_ACCOUNT_BYTES,
  BATCH_ADDRESS,
  BATCH_BALANCE,
  BATCH_CODE,
  BATCH_CREATES,
  BATCH_FLAGS,
  BATCH_NONCE,
  BATCH_SETS_BALANCE,
  BATCH_SETS_CODE,
  BATCH_SETS_NONCE,
  BATCH_SLOT_BYTES,
  BATCH_SLOT_VALUE,
} from '../primitives/batch-layout.ts'
import { leavesOf } from './leaves.ts'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_NONCE,
  ACCOUNT_STORAGE,
  HAS_CODE,
  LEAF_NAME,
  NODE_FLAGS,
  SLOT_VALUE,
} from './node-layout.ts'
import { type Version, versionAfter } from './version.ts'

const FLAGS = BATCH_CREATES | BATCH_SETS_BALANCE | BATCH_SETS_NONCE

/** What is in `version`, in the world of `into`, a version without accounts. It costs the whole state. @throws {TrieError} */
export function copyInto(into: Version, version: Version): Version {
  const { arena } = version
  return versionAfter(into, (sink) => {
    for (const leaf of leavesOf(version, version.root)) {
      sink.account(accountEntry(arena, leaf), 0)
      const hasStorage = arena.u32(leaf + ACCOUNT_STORAGE) !== 0
      const storage = hasStorage ? arena.nodeAt(leaf + ACCOUNT_STORAGE, 0) : 0
      for (const slot of leavesOf(version, storage)) sink.slot(slotEntry(arena, slot), 0)
    }
  })
}

function accountEntry(arena: Arena, leaf: number): Uint8Array {
  const entry = new Uint8Array(BATCH_ACCOUNT_BYTES)
  const hasCode = (arena.u8[leaf + NODE_FLAGS]! & HAS_CODE) !== 0
  const flags = hasCode ? FLAGS | BATCH_SETS_CODE : FLAGS
  new DataView(entry.buffer).setUint32(BATCH_FLAGS, flags, true)
  entry.set(arena.bytes(leaf + LEAF_NAME, 24), BATCH_ADDRESS)
  entry.set(arena.bytes(leaf + ACCOUNT_NONCE, 8), BATCH_NONCE)
  entry.set(arena.bytes(leaf + ACCOUNT_BALANCE, 32), BATCH_BALANCE)
  if (hasCode) entry.set(arena.bytes(leaf + ACCOUNT_CODE, 32), BATCH_CODE)
  return entry
}

function slotEntry(arena: Arena, leaf: number): Uint8Array {
  const entry = new Uint8Array(BATCH_SLOT_BYTES)
  entry.set(arena.bytes(leaf + LEAF_NAME, 32))
  entry.set(arena.bytes(leaf + SLOT_VALUE, 32), BATCH_SLOT_VALUE)
  return entry
}

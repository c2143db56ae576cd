import type { StateOverrides } from '../model/call.ts'
import type { Address } from '../primitives/hex.ts'
import { keccakHash } from '../primitives/keccak.ts'
import { type AccountWrites, type ChangeSet, emptyChangeSet } from './access.ts'
import { bringsToLife } from './change-set.ts'
import { Overlay } from './overlay.ts'
import type { StateView } from './view.ts'

/**
 * The overrides as a change of state. An account that they mention comes to life, also when they leave it empty.
 * @param exists whether an account is there without them; only asked of those that they leave empty
 */
export function overrideChanges(
  overrides: StateOverrides,
  exists: (address: Address) => boolean,
): ChangeSet {
  const changes = emptyChangeSet()
  for (const [address, { balanceWei, nonce, code, storage }] of overrides) {
    const writes: AccountWrites = {}
    if (balanceWei !== undefined) writes.balanceWei = balanceWei
    if (nonce !== undefined) writes.nonce = nonce
    if (code !== undefined) {
      writes.codeHash = keccakHash(code)
      changes.codes.set(writes.codeHash, code)
    }
    if (storage !== undefined && storage.slots.size > 0) writes.slots = new Map(storage.slots)
    if (storage?.kind === 'replace') writes.life = 'recreated'
    if (Object.keys(writes).length === 0) continue
    if (!bringsToLife(writes) && !exists(address)) writes.life = 'created'
    changes.accounts.set(address, writes)
  }
  return changes
}

/** A view of `base` as `overrides` would have it. */
export function overrideView(base: StateView, overrides: StateOverrides): StateView {
  if (overrides.size === 0) return base
  const overlay = new Overlay(base)
  // What lies below shows through a created account, so `base`, which may be far away, is not asked.
  overlay.apply(overrideChanges(overrides, () => false))
  return overlay
}

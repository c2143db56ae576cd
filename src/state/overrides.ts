import type { StateOverrides } from '../model/call.ts'
import { keccakHash } from '../primitives/keccak.ts'
import { type AccountWrites, type ChangeSet, emptyChangeSet } from './access.ts'
import { Overlay } from './overlay.ts'
import type { StateView } from './view.ts'

/** The overrides as a change of state. */
export function overrideChanges(overrides: StateOverrides): ChangeSet {
  const changes = emptyChangeSet()
  for (const [address, { balanceWei, nonce, code, storage }] of overrides) {
    const writes: AccountWrites = {}
    if (balanceWei !== undefined) writes.balanceWei = balanceWei
    if (nonce !== undefined) writes.nonce = nonce
    if (code !== undefined) {
      writes.codeHash = keccakHash(code)
      changes.codes.set(writes.codeHash, code)
    }
    if (storage !== undefined) writes.slots = new Map(storage.slots)
    if (storage?.kind === 'replace') writes.life = 'recreated'
    changes.accounts.set(address, writes)
  }
  return changes
}

/** A view of `base` as `overrides` would have it. */
export function overrideView(base: StateView, overrides: StateOverrides): StateView {
  if (overrides.size === 0) return base
  const overlay = new Overlay(base)
  overlay.apply(overrideChanges(overrides))
  return overlay
}

import { describe, expect, it } from 'vitest'

import { type Address, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import type { AccountWrites, ChangeSet } from '../../../src/state/access.ts'
import { CodeStore } from '../../../src/state/codes.ts'
import { Overlay } from '../../../src/state/overlay.ts'
import { overrideView } from '../../../src/state/overrides.ts'
import { versionFromGenesis, viewOf } from '../../../src/state/world.ts'

const alice = `0x${'aa'.repeat(20)}` as Address
const bob = `0x${'bb'.repeat(20)}` as Address
const one = slotOf(1n)
const two = slotOf(2n)
const code = Uint8Array.of(0xfe)

const codes = new CodeStore()
const storage = new Map([[one, 11n]])
const base = viewOf(
  versionFromGenesis(new Map([[alice, { balanceWei: 5n, nonce: 2n, code, storage }]]), codes),
  codes,
)

function writes(to: AccountWrites, address = alice): ChangeSet {
  return { accounts: new Map([[address, to]]), codes: new Map() }
}

describe('an overlay', () => {
  it('shows its base until something is applied', () => {
    const overlay = new Overlay(base)
    expect(overlay.account(alice)).toEqual(base.account(alice))
    expect(overlay.slot(alice, one)).toBe(11n)
    expect(overlay.code(keccakHash(code))).toEqual(code)
    expect(overlay.hasStorage(alice)).toBe(true)
    expect(overlay.account(bob)).toBeUndefined()
  })

  it('never writes its base, nor keeps what it was given', () => {
    const overlay = new Overlay(base)
    const slots = new Map([[one, 12n]])
    overlay.apply(writes({ balanceWei: 6n, slots }))
    slots.set(one, 13n)
    expect(overlay.slot(alice, one)).toBe(12n)
    expect(overlay.account(alice)).toEqual({ ...base.account(alice), balanceWei: 6n })
    expect(base.slot(alice, one)).toBe(11n)
    expect(base.account(alice)?.balanceWei).toBe(5n)
  })

  it('hides a destroyed account and its storage', () => {
    const overlay = new Overlay(base)
    overlay.apply(writes({ life: 'destroyed' }))
    expect(overlay.account(alice)).toBeUndefined()
    expect(overlay.slot(alice, one)).toBe(0n)
    expect(overlay.hasStorage(alice)).toBe(false)
    overlay.apply(writes({ life: 'created', nonce: 1n, slots: new Map([[two, 1n]]) }))
    expect(overlay.account(alice)).toEqual({ nonce: 1n, balanceWei: 0n, codeHash: EMPTY_CODE_HASH })
    expect(overlay.slot(alice, one)).toBe(0n)
    expect(overlay.slot(alice, two)).toBe(1n)
    expect(overlay.hasStorage(alice)).toBe(true)
  })

  it('stands on another overlay', () => {
    const lower = new Overlay(base)
    lower.apply(writes({ life: 'destroyed' }))
    const upper = new Overlay(lower)
    upper.apply(writes({ life: 'created', balanceWei: 1n }))
    expect(upper.slot(alice, one)).toBe(0n)
    expect(upper.account(alice)?.balanceWei).toBe(1n)
    expect(lower.account(alice)).toBeUndefined()
  })
})

describe('overrideView', () => {
  it('is the base itself when there is nothing to override', () => {
    expect(overrideView(base, new Map())).toBe(base)
  })

  it('overrides fields apart and leaves the others', () => {
    const view = overrideView(base, new Map([[alice, { balanceWei: 0n }]]))
    expect(view.account(alice)).toEqual({ ...base.account(alice), balanceWei: 0n })
    expect(view.slot(alice, one)).toBe(11n)
  })

  it('brings an account to life, with code that the base does not know', () => {
    const other = Uint8Array.of(0x60, 0x01)
    const view = overrideView(base, new Map([[bob, { code: other, nonce: 3n }]]))
    expect(view.account(bob)).toEqual({ nonce: 3n, balanceWei: 0n, codeHash: keccakHash(other) })
    expect(view.code(keccakHash(other))).toEqual(other)
    expect(view.code(keccakHash(code))).toEqual(code)
  })

  it('takes code away', () => {
    const view = overrideView(base, new Map([[alice, { code: new Uint8Array(0) }]]))
    expect(view.account(alice)?.codeHash).toBe(EMPTY_CODE_HASH)
    expect(view.code(EMPTY_CODE_HASH)).toHaveLength(0)
  })

  it('replaces the whole storage, or only what is named', () => {
    const slots = new Map([[two, 22n]])
    const replaced = overrideView(base, new Map([[alice, { storage: { kind: 'replace', slots } }]]))
    expect([replaced.slot(alice, one), replaced.slot(alice, two)]).toEqual([0n, 22n])
    expect(replaced.account(alice)).toEqual(base.account(alice))
    const diff = overrideView(base, new Map([[alice, { storage: { kind: 'diff', slots } }]]))
    expect([diff.slot(alice, one), diff.slot(alice, two)]).toEqual([11n, 22n])
  })

  it('brings an account to life that it leaves empty', () => {
    const view = overrideView(base, new Map([[bob, { nonce: 0n }]]))
    expect(view.account(bob)).toEqual({ nonce: 0n, balanceWei: 0n, codeHash: EMPTY_CODE_HASH })
  })

  it('an override of nothing brings nobody to life', () => {
    expect(overrideView(base, new Map([[bob, {}]])).account(bob)).toBeUndefined()
    const storage = { kind: 'replace', slots: new Map() } as const
    expect(overrideView(base, new Map([[alice, { storage }]])).hasStorage(alice)).toBe(false)
  })
})

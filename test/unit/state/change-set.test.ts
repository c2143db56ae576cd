import { describe, expect, it } from 'vitest'

import { type Address, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import type { AccountWrites, ChangeSet, ReadSet } from '../../../src/state/access.ts'
import { locationsOf, locationsOfReads, mergeChanges } from '../../../src/state/change-set.ts'
import { locationKey } from '../../../src/state/location.ts'

const alice = `0x${'aa'.repeat(20)}` as Address
const bob = `0x${'bb'.repeat(20)}` as Address
const one = slotOf(1n)
const two = slotOf(2n)
const codeHash = keccakHash(Uint8Array.of(1))

function writes(to: AccountWrites, address = alice): ChangeSet {
  return { accounts: new Map([[address, to]]), codes: new Map() }
}

function merged(...all: AccountWrites[]): AccountWrites | undefined {
  const into: ChangeSet = { accounts: new Map(), codes: new Map() }
  for (const to of all) mergeChanges(into, writes(to))
  return into.accounts.get(alice)
}

describe('mergeChanges', () => {
  it('keeps the later of two fields and adds the others', () => {
    expect(
      merged(
        { balanceWei: 1n, nonce: 1n, slots: new Map([[one, 1n]]) },
        { balanceWei: 2n, codeHash, slots: new Map([[two, 2n]]) },
        { slots: new Map([[one, 0n]]) },
      ),
    ).toEqual({
      balanceWei: 2n,
      nonce: 1n,
      codeHash,
      slots: new Map([
        [one, 0n],
        [two, 2n],
      ]),
    })
  })

  it.each([
    [undefined, undefined, undefined],
    [undefined, 'created', 'created'],
    [undefined, 'recreated', 'recreated'],
    [undefined, 'destroyed', 'destroyed'],
    ['created', undefined, 'created'],
    ['created', 'recreated', 'created'],
    ['created', 'destroyed', 'destroyed'],
    ['recreated', undefined, 'recreated'],
    ['recreated', 'recreated', 'recreated'],
    ['recreated', 'destroyed', 'destroyed'],
    ['destroyed', 'created', 'recreated'],
    ['destroyed', 'recreated', 'recreated'],
    ['destroyed', 'destroyed', 'destroyed'],
  ] as const)('life: %s then %s is %s', (before, later, after) => {
    const first = before === undefined ? {} : { life: before }
    const second = later === undefined ? {} : { life: later }
    expect(merged(first, second)?.life).toBe(after)
  })

  it('forgets what was written before a destruction', () => {
    expect(merged({ balanceWei: 1n, slots: new Map([[one, 1n]]) }, { life: 'destroyed' })).toEqual({
      life: 'destroyed',
    })
  })

  it('leaves nothing of the old account to one that comes after its destruction', () => {
    expect(merged({ life: 'destroyed' }, { life: 'created', nonce: 1n })).toEqual({
      life: 'recreated',
      balanceWei: 0n,
      nonce: 1n,
      codeHash: EMPTY_CODE_HASH,
      slots: new Map(),
    })
  })

  it('keeps a destroyed account destroyed when nothing is set after', () => {
    expect(merged({ life: 'destroyed' }, {})).toEqual({ life: 'destroyed' })
    expect(merged({ life: 'destroyed' }, { balanceWei: 0n })).toEqual({ life: 'destroyed' })
    expect(merged({ life: 'destroyed' }, { balanceWei: 1n })?.life).toBe('recreated')
  })

  it('wipes slots written before a recreation', () => {
    expect(
      merged({ slots: new Map([[one, 1n]]) }, { life: 'recreated', slots: new Map([[two, 2n]]) }),
    ).toEqual({ life: 'recreated', slots: new Map([[two, 2n]]) })
  })

  it('only reads the later one', () => {
    const first = writes({ slots: new Map([[one, 1n]]) })
    const second = writes({ slots: new Map([[two, 2n]]) })
    const into: ChangeSet = { accounts: new Map(), codes: new Map() }
    mergeChanges(into, first)
    mergeChanges(into, second)
    expect(first).toEqual(writes({ slots: new Map([[one, 1n]]) }))
    expect(second).toEqual(writes({ slots: new Map([[two, 2n]]) }))
  })

  it('joins the codes', () => {
    const into: ChangeSet = { accounts: new Map(), codes: new Map() }
    const code = Uint8Array.of(1)
    mergeChanges(into, { accounts: new Map(), codes: new Map([[codeHash, code]]) })
    expect(into.codes.get(codeHash)).toBe(code)
  })
})

describe('locations', () => {
  it('of changes: one for each field and slot', () => {
    const changes = writes({
      life: 'created',
      balanceWei: 0n,
      nonce: 1n,
      codeHash,
      slots: new Map([[one, 0n]]),
    })
    mergeChanges(changes, writes({ balanceWei: 1n }, bob))
    expect(locationsOf(changes).map(locationKey)).toEqual([
      `l:${alice}`,
      `b:${alice}`,
      `n:${alice}`,
      `c:${alice}`,
      `s:${alice}:${one}`,
      `b:${bob}`,
    ])
  })

  it('of reads, also when what was read is nothing', () => {
    const reads: ReadSet = new Map([
      [
        alice,
        {
          balance: { strength: 'exact', wei: 0n },
          nonce: 0n,
          codeHash: EMPTY_CODE_HASH,
          life: false,
          slots: new Map([[two, 0n]]),
        },
      ],
      [bob, { life: true }],
    ])
    expect(locationsOfReads(reads).map(locationKey)).toEqual([
      `l:${alice}`,
      `b:${alice}`,
      `n:${alice}`,
      `c:${alice}`,
      `s:${alice}:${two}`,
      `l:${bob}`,
    ])
  })
})

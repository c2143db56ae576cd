import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Account } from '../../../src/model/account.ts'
import { type Address, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import { Absent, bringHere, whenHere } from '../../../src/state/absent.ts'
import type { AccountWrites, ChangeSet } from '../../../src/state/access.ts'
import { CodeStore } from '../../../src/state/codes.ts'
import { type DistantState, distantWorld } from '../../../src/state/distant.ts'
import { applyChanges, viewOf } from '../../../src/state/world.ts'
import { type Balances, moved, moves } from './world-model.ts'

const alice = `0x${'aa'.repeat(20)}` as Address
const bob = `0x${'bb'.repeat(20)}` as Address
const [one, two] = [slotOf(1n), slotOf(2n)]
const codes = new CodeStore()

function stateOf(balances: Balances): DistantState {
  return {
    account(address): Account | undefined {
      const found = balances.get(address)
      return found && { nonce: 7n, balanceWei: found.balanceWei, codeHash: EMPTY_CODE_HASH }
    },
    slot: (address, key) => balances.get(address)?.slots.get(key) ?? 0n,
  }
}

const there: Balances = new Map([
  [
    alice,
    {
      balanceWei: 5n,
      slots: new Map([
        [one, 11n],
        [two, 22n],
      ]),
    },
  ],
])

function change(writes: AccountWrites, address = alice): ChangeSet {
  return { accounts: new Map([[address, writes]]), codes: new Map() }
}

describe('a version on a distant state', () => {
  it('shows what is there until it is written', () => {
    const world = distantWorld(stateOf(there))
    const view = viewOf(world, codes)
    expect(view.account(alice)).toEqual({ nonce: 7n, balanceWei: 5n, codeHash: EMPTY_CODE_HASH })
    expect(view.account(bob)).toBeUndefined()
    expect([view.slot(alice, one), view.slot(bob, one)]).toEqual([11n, 0n])
    expect(view.isPartial).toBe(true)
  })

  it('takes an account along when one field of it is written', () => {
    const after = applyChanges(distantWorld(stateOf(there)), change({ balanceWei: 6n }))
    const view = viewOf(after, codes)
    expect(view.account(alice)).toEqual({ nonce: 7n, balanceWei: 6n, codeHash: EMPTY_CODE_HASH })
    expect(view.slot(alice, two)).toBe(22n)
  })

  it('keeps a word that became zero at zero, here and in what grows from it', () => {
    const before = distantWorld(stateOf(there))
    const zeroed = applyChanges(before, change({ slots: new Map([[one, 0n]]) }))
    expect(viewOf(zeroed, codes).slot(alice, one)).toBe(0n)
    const again = applyChanges(zeroed, change({ slots: new Map([[two, 0n]]) }))
    expect(again).not.toBe(zeroed)
    expect([one, two].map((key) => viewOf(again, codes).slot(alice, key))).toEqual([0n, 0n])
    expect(viewOf(zeroed, codes).slot(alice, two)).toBe(22n)
    expect(viewOf(before, codes).slot(alice, one)).toBe(11n)
    const set = applyChanges(again, change({ slots: new Map([[one, 3n]]) }))
    expect(viewOf(set, codes).slot(alice, one)).toBe(3n)
  })

  it('shows nothing of an account that was destroyed and made again', () => {
    const gone = applyChanges(distantWorld(stateOf(there)), change({ life: 'destroyed' }))
    expect(viewOf(gone, codes).account(alice)).toBeUndefined()
    expect(viewOf(gone, codes).slot(alice, one)).toBe(0n)
    const back = applyChanges(gone, change({ life: 'created', nonce: 1n }))
    expect(viewOf(back, codes).account(alice)).toMatchObject({ nonce: 1n, balanceWei: 0n })
    expect(viewOf(back, codes).slot(alice, two)).toBe(0n)
  })

  it('is what a state is that has all of it, whatever is written', () => {
    fc.assert(
      fc.property(moves, fc.array(moves, { maxLength: 5 }), (first, later) => {
        const start = moved(new Map(), first).after
        let [balances, version] = [start, distantWorld(stateOf(start))]
        const steps = later.map((list) => {
          const { after, changes } = moved(balances, list)
          balances = after
          version = applyChanges(version, changes) as typeof version
          return { balances, version, list }
        })
        // Later versions leave earlier ones as they were.
        for (const { balances: wanted, version: made, list } of steps) {
          const view = viewOf(made, codes)
          for (const { address, slots } of [...first, ...list]) {
            expect(view.account(address)?.balanceWei).toBe(wanted.get(address)?.balanceWei)
            for (const [key] of slots) {
              expect(view.slot(address, key)).toBe(wanted.get(address)?.slots.get(key) ?? 0n)
            }
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('what is absent', () => {
  function fetched() {
    const known = new Set<string>()
    let fetches = 0
    const read = (name: string): string => {
      if (known.has(name)) return name
      throw new Absent(name, async () => {
        fetches++
        known.add(name)
      })
    }
    return { read, fetches: () => fetches }
  }

  it('is fetched, and the reader starts again', async () => {
    const { read, fetches } = fetched()
    expect(await whenHere(() => read('a') + read('b'))).toBe('ab')
    expect(await whenHere(async () => read('a') + read('c'))).toBe('ac')
    expect(fetches()).toBe(3)
    expect(whenHere(() => read('c'))).toBe('c')
  })

  it('is fetched together by who knows what it will read', async () => {
    const { read, fetches } = fetched()
    await bringHere(['a', 'b', 'c'].map((name) => () => read(name)))
    expect(fetches()).toBe(3)
    expect(read('b')).toBe('b')
  })

  it('fails with the reason why it cannot be fetched', async () => {
    const read = (): never => {
      throw new Absent('it', () => Promise.reject(new Error('nobody answers')))
    }
    await expect(whenHere(read)).rejects.toThrow('nobody answers')
    expect(() =>
      whenHere(() => {
        throw new RangeError('its own')
      }),
    ).toThrow('its own')
  })
})

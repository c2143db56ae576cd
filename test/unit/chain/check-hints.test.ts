import { describe, expect, it } from 'vitest'

import {
  accessListFault,
  dependencyFault,
  hintsOfAccessList,
} from '../../../src/chain/check-hints.ts'
import type { AccountAccess } from '../../../src/model/block-access-list.ts'
import { type Address, slotOf } from '../../../src/primitives/hex.ts'

const ADDRESS = `0x${'11'.repeat(20)}` as Address

function account(more: Partial<AccountAccess>): AccountAccess {
  return {
    address: ADDRESS,
    storageChanges: [],
    storageReads: [],
    balanceChanges: [],
    nonceChanges: [],
    codeChanges: [],
    ...more,
  }
}

describe('lists of dependencies', () => {
  it.each([
    [[[], [0], [0, 1]], undefined],
    [[], '`deps`: expected 3 lists, one for each transaction, got 0'],
    [[[], [], [], []], '`deps`: expected 3 lists, one for each transaction, got 4'],
    [[[], [0, 0], []], '`deps[1][1]`: 0 is there twice'],
    [[[], [2], []], '`deps[1][0]`: 2 points forward, transaction 1 can wait for earlier ones only'],
    [[[], [2], [1]], '`deps[1][0]`: a cycle, 1 waits for 2 waits for 1'],
    [[[1], [2], [0]], '`deps[0][0]`: a cycle, 0 waits for 1 waits for 2 waits for 0'],
    [[[], [1], []], '`deps[1][0]`: a cycle, 1 waits for 1'],
    [[[], [], [7]], '`deps[2][0]`: 7 is no transaction of the block, which has 3'],
  ])('%j: %s', (lists, fault) => {
    expect(dependencyFault(lists, 3, 'deps')).toBe(fault)
  })

  it('of any length are looked at without recursion', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => (index === 0 ? [] : [index - 1]))
    expect(dependencyFault(many, many.length, 'deps')).toBeUndefined()
    const ring = [[many.length - 1], ...many.slice(1)]
    expect(dependencyFault(ring, ring.length, 'deps')).toMatch(
      /^`deps\[0\]\[0\]`: a cycle, 0 waits/,
    )
  })
})

describe('a block access list as a hint', () => {
  it('has no steps that the block has not', () => {
    const key = slotOf(1n)
    const fits = account({ storageChanges: [{ key, changes: [{ index: 3, value: 1n }] }] })
    expect(accessListFault([fits], 2, 'list')).toBeUndefined()
    expect(accessListFault([fits], 1, 'list')).toBe(
      '`list[0].storageChanges[0].changes[0].index`: 3 is no step of the block, which has 0 to 2',
    )
    const nonces = account({ nonceChanges: [{ index: 9, value: 1n }] })
    expect(accessListFault([fits, nonces], 3, 'list')).toBe(
      '`list[1].nonceChanges[0].index`: 9 is no step of the block, which has 0 to 4',
    )
  })

  it('says what each transaction writes, and so reads', () => {
    const key = slotOf(1n)
    const list = account({
      storageChanges: [{ key, changes: [{ index: 2, value: 5n }] }],
      balanceChanges: [{ index: 1, value: 7n }],
    })
    const [first, second] = hintsOfAccessList([list], 2)
    expect(first!.writes.accounts.get(ADDRESS)).toEqual({ balanceWei: 7n })
    expect(second!.reads.get(ADDRESS)?.slots?.has(key)).toBe(true)
    expect(second!.writes.accounts.get(ADDRESS)?.slots?.get(key)).toBe(5n)
  })
})

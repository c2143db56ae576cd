import { describe, expect, it } from 'vitest'

import { dependencies } from '../../../src/executor/lane/hints.ts'
import type { BlockInput } from '../../../src/executor/executor.ts'
import type { Transaction } from '../../../src/model/transaction.ts'
import { type Address, type Slot, slotOf } from '../../../src/primitives/hex.ts'
import type { AccessSet } from '../../../src/state/access.ts'

const A = '0x000000000000000000000000000000000000000a' as Address
const B = '0x000000000000000000000000000000000000000b' as Address
const POOL = '0x0000000000000000000000000000000000000900' as Address

type Hint = Pick<AccessSet, 'reads' | 'writes'>

function hint(reads: readonly bigint[], writes: readonly bigint[]): Hint {
  const slots = (keys: readonly bigint[]): Map<Slot, bigint> =>
    new Map(keys.map((key) => [slotOf(key), 1n]))
  return {
    reads: new Map([[POOL, { slots: slots(reads) }]]),
    writes: { accounts: new Map([[POOL, { slots: slots(writes) }]]), codes: new Map() },
  }
}

function afterEach(
  senders: readonly Address[],
  hints: readonly Hint[],
  keys?: readonly Slot[],
): number[] {
  const block = { hintOf: (index: number) => hints[index] } as unknown as BlockInput
  const after = dependencies(block)
  const accessList = keys === undefined ? [] : [{ address: POOL, storageKeys: keys }]
  return senders.map((sender, i) =>
    after(i, i, { type: 2, sender, accessList } as unknown as Transaction),
  )
}

describe('what a transaction waits for', () => {
  it('is the last one that writes what it reads', () => {
    const hints = [
      hint([], [1n]),
      hint([], [2n]),
      hint([1n], []),
      hint([2n, 1n], [1n]),
      hint([1n], []),
    ]
    const senders = hints.map((_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}` as Address)
    expect(afterEach(senders, hints)).toEqual([0, 0, 1, 2, 4])
  })

  it('is the one before of the same sender', () => {
    expect(afterEach([A, B, A, B], [])).toEqual([0, 0, 1, 2])
  })

  it('is, of a transaction with an access list and no hint, whoever lists a slot of it', () => {
    expect(afterEach([A, B], [], [slotOf(1n)])).toEqual([0, 1])
  })
})

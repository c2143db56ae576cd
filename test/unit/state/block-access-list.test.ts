import { describe, expect, it } from 'vitest'

import { type Address, type Slot, bytesToHex, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import type { AccountReads, AccountWrites } from '../../../src/state/access.ts'
import {
  type StepAccess,
  blockAccessList,
  blockAccessListGas,
  encodeBlockAccessList,
} from '../../../src/state/block-access-list.ts'

const A = `0x${'0a'.repeat(20)}` as Address
const B = `0x${'0b'.repeat(20)}` as Address
const hex = (address: Address): string => address.slice(2)
const CODE = Uint8Array.of(0x60, 0x00)
const CODE_HASH = keccakHash(CODE)

/** One access: what was touched, then what was written. */
function step(
  touched: Readonly<Record<Address, readonly number[]>>,
  writes: Readonly<Record<Address, AccountWrites>> = {},
  reads: Readonly<Record<Address, AccountReads>> = {},
): StepAccess {
  const slots = (keys: readonly number[]): Set<Slot> =>
    new Set(keys.map((key) => slotOf(BigInt(key))))
  return {
    touched: new Map(
      Object.entries(touched).map(([address, keys]) => [address as Address, slots(keys)]),
    ),
    writes: {
      accounts: new Map(Object.entries(writes) as [Address, AccountWrites][]),
      codes: new Map([[CODE_HASH, CODE]]),
    },
    reads: new Map(Object.entries(reads) as [Address, AccountReads][]),
  }
}

const rlp = (...steps: readonly (readonly StepAccess[])[]): string =>
  bytesToHex(encodeBlockAccessList(blockAccessList(steps)))

describe('the block access list', () => {
  it('of a block that touches nothing is the empty list', () => {
    expect(rlp([], [])).toBe('0xc0')
  })

  it('has accounts that were touched without change, by address', () => {
    expect(rlp([], [step({ [B]: [], [A]: [] })], [])).toBe(
      `0xf6da94${hex(A)}c0c0c0c0c0da94${hex(B)}c0c0c0c0c0`,
    )
  })

  it('has each step that changed a value, and reads of what no step changed, by key', () => {
    const list = blockAccessList([
      [step({ [A]: [1] })],
      [step({ [A]: [256, 2] }, { [A]: { slots: new Map([[slotOf(2n), 9n]]) } })],
      [step({ [A]: [2] }, { [A]: { slots: new Map([[slotOf(2n), 0n]]) } })],
      [],
    ])
    expect(bytesToHex(encodeBlockAccessList(list))).toBe(
      `0xe8e794${hex(A)}c9c802c6c20109c20280c401820100c0c0c0`,
    )
    expect(blockAccessListGas(list)).toBe(8_000n)
  })

  it('has balances, nonces and code after the step, the last of several in one', () => {
    const list = blockAccessList([
      [],
      [step({ [A]: [] }, { [A]: { life: 'created', nonce: 1n, codeHash: CODE_HASH } })],
      [step({ [A]: [] }, { [A]: { balanceWei: 5n } }), step({}, { [A]: { balanceWei: 7n } })],
    ])
    expect(list.get(A)).toEqual({
      slots: new Map(),
      slotReads: new Set(),
      balancesWei: new Map([[2, 7n]]),
      nonces: new Map([[1, 1n]]),
      codes: new Map([[1, CODE]]),
    })
  })

  it('has code that was taken away as empty', () => {
    const list = blockAccessList([[], [step({}, { [A]: { codeHash: EMPTY_CODE_HASH } })], []])
    expect(list.get(A)?.codes).toEqual(new Map([[1, new Uint8Array(0)]]))
  })

  it('has what a destroyed account had become zero, and keeps what was before', () => {
    const found: AccountReads = {
      balance: { strength: 'exact', wei: 5n },
      nonce: 0n,
      codeHash: EMPTY_CODE_HASH,
    }
    const list = blockAccessList([
      [],
      [step({ [A]: [] }, { [A]: { life: 'created', balanceWei: 5n } })],
      [step({ [A]: [3] }, { [A]: { life: 'destroyed' } }, { [A]: found })],
      [],
    ])
    expect(list.get(A)).toEqual({
      slots: new Map(),
      slotReads: new Set([slotOf(3n)]),
      balancesWei: new Map([
        [1, 5n],
        [2, 0n],
      ]),
      nonces: new Map(),
      codes: new Map(),
    })
  })
})

import { expect, it } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import { createAddress } from '../../src/model/create-address.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../src/primitives/keccak.ts'
import {
  BASE_FEE_WEI,
  BENEFICIARY,
  OTHER,
  RICH,
  SENDER,
  TestWorld,
  account,
  asm,
  callOf,
  deploying,
  slot,
} from './engine-world.ts'

const A = account(0xa)
const B = account(0xb)

export function accessCases(engine: Engine): void {
  it('names exactly what a transfer wrote', async () => {
    const world = new TestWorld(engine, {})
    const { access } = await world.send({ valueWei: 3n })
    const paidWei = 21_000n * (BASE_FEE_WEI + 1n)
    expect(access.writes.accounts).toEqual(
      new Map([
        [SENDER, { balanceWei: RICH - 3n - paidWei, nonce: 1n }],
        [OTHER, { life: 'created', balanceWei: 3n }],
        [BENEFICIARY, { life: 'created', balanceWei: 21_000n }],
      ]),
    )
    expect(access.writes.codes.size).toBe(0)
    expect(access.reads.get(SENDER)).toMatchObject({ nonce: 0n, life: true })
    // Not its life: a credit brings to life what is not there.
    expect(access.reads.get(OTHER)?.codeHash).toBe(EMPTY_CODE_HASH)
  })

  it('reads each slot with the value that the view had', async () => {
    const code = asm('0x09 0x01 SSTORE 0x01 SLOAD POP 0x02 SLOAD POP 0x00 0x03 SSTORE')
    const storage = new Map([
      [slot(1), 7n],
      [slot(2), 8n],
      [slot(4), 1n],
    ])
    const world = new TestWorld(engine, { [A]: { code, storage } })
    const { access } = await world.send({ to: A })
    expect(access.reads.get(A)?.slots).toEqual(
      new Map([
        [slot(1), 7n],
        [slot(2), 8n],
        [slot(3), 0n],
      ]),
    )
    expect(access.reads.get(A)?.codeHash).toBe(keccakHash(code))
    expect(access.writes.accounts.get(A)).toEqual({ slots: new Map([[slot(1), 9n]]) })
  })

  it('does not call it a write when the value is the same in the end', async () => {
    const code = asm('0x09 0x01 SSTORE 0x07 0x01 SSTORE')
    const world = new TestWorld(engine, { [A]: { code, storage: new Map([[slot(1), 7n]]) } })
    const { access } = await world.send({ to: A })
    expect(access.writes.accounts.get(A)).toBeUndefined()
  })

  it('keeps the reads of what was reverted, not the writes', async () => {
    const inner = asm('0x01 SLOAD 0x02 SSTORE 0x00 0x00 REVERT')
    const world = new TestWorld(engine, {
      [A]: { code: asm(`${callOf(B)} STOP`) },
      [B]: { code: inner, storage: new Map([[slot(1), 5n]]) },
    })
    const { access } = await world.send({ to: A })
    expect(access.writes.accounts.get(B)).toBeUndefined()
    expect(access.reads.get(B)?.slots).toEqual(
      new Map([
        [slot(1), 5n],
        [slot(2), 0n],
      ]),
    )
  })

  it('reports the life and the code of what is created', async () => {
    const world = new TestWorld(engine, {})
    const runtime = asm('0x01 0x00 SSTORE')
    const { access } = await world.send({ to: null, data: deploying(runtime) })
    const created = createAddress(SENDER, 0n)
    const codeHash = keccakHash(runtime)
    expect(access.writes.accounts.get(created)).toEqual({ life: 'created', nonce: 1n, codeHash })
    expect(access.writes.codes).toEqual(new Map([[codeHash, runtime]]))
    expect(access.reads.get(created)).toMatchObject({ life: false, codeHash: EMPTY_CODE_HASH })
  })

  it('leaves only nonce and fees of a transaction that fails', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm('0x01 0x00 SSTORE 0x00 0x00 REVERT') } })
    const outcome = await world.send({ to: A, valueWei: 9n })
    expect(outcome.kind).toBe('revert')
    expect(new Set(outcome.access.writes.accounts.keys())).toEqual(new Set([SENDER, BENEFICIARY]))
    expect(outcome.access.writes.accounts.get(SENDER)).toEqual({
      nonce: 1n,
      balanceWei: RICH - outcome.gasUsed * (BASE_FEE_WEI + 1n),
    })
  })

  it('tags the block values that were read, and only those', async () => {
    const world = new TestWorld(engine, {
      [A]: { code: asm('TIMESTAMP POP 0x01 BLOCKHASH POP') },
      [B]: { code: asm('COINBASE NUMBER PREVRANDAO GASLIMIT BASEFEE BLOBBASEFEE CHAINID') },
      [OTHER]: { code: asm('STOP') },
    })
    expect((await world.send({})).access.volatile).toEqual(new Set())
    expect((await world.send({ to: A })).access.volatile).toEqual(
      new Set(['TIMESTAMP', 'BLOCKHASH']),
    )
    expect((await world.send({ to: B })).access.volatile).toEqual(
      new Set(['COINBASE', 'NUMBER', 'PREVRANDAO', 'GASLIMIT', 'BASEFEE', 'BLOBBASEFEE']),
    )
  })

  it('has no transient storage in it', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm('0x01 0x00 TSTORE 0x00 TLOAD') } })
    const { access } = await world.send({ to: A })
    expect(access.reads.get(A)?.slots).toBeUndefined()
    expect(access.writes.accounts.get(A)).toBeUndefined()
  })
}

import { expect, it } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import { createAddress } from '../../src/model/create-address.ts'
import { EMPTY_BYTES, concatBytes } from '../../src/primitives/bytes.ts'
import { hexToBytes } from '../../src/primitives/hex.ts'
import { keccakHash } from '../../src/primitives/keccak.ts'
import {
  BASE_FEE_WEI,
  BENEFICIARY,
  OTHER,
  RETURN_TOP,
  RICH,
  SENDER,
  TestWorld,
  account,
  asm,
  deploying,
  slot,
  word,
} from './engine-world.ts'

const CONTRACT = account(0xc0)

export function transactionCases(engine: Engine): void {
  it('moves value for 21000 gas and pays the tip to the beneficiary', async () => {
    const world = new TestWorld(engine, { [OTHER]: { balanceWei: 5n } })
    const outcome = await world.send({ valueWei: 3n, maxPriorityFeePerGasWei: 2n })
    expect(outcome).toMatchObject({
      kind: 'success',
      gasUsed: 21_000n,
      gasRefunded: 0n,
      output: EMPTY_BYTES,
      logs: [],
      created: null,
    })
    const paidWei = 21_000n * (BASE_FEE_WEI + 2n)
    expect(world.view.account(SENDER)).toMatchObject({ nonce: 1n, balanceWei: RICH - 3n - paidWei })
    expect(world.view.account(OTHER)?.balanceWei).toBe(8n)
    expect(world.view.account(BENEFICIARY)?.balanceWei).toBe(21_000n * 2n)
  })

  it('runs legacy transactions and those with an access list', async () => {
    const world = new TestWorld(engine, { [OTHER]: { balanceWei: 1n } })
    const { nonce, gasLimit, to, valueWei, data, chainId, sender } = world.transaction({})
    const shared = { gasLimit, to, valueWei, data, sender, gasPriceWei: 9n }
    const legacy = await world.send({ type: 0, nonce, chainId: undefined, ...shared })
    expect(legacy.gasUsed).toBe(21_000n)
    const accessList = [{ address: CONTRACT, storageKeys: [slot(1), slot(2)] }]
    const listed = { type: 1, nonce: 1n, chainId: chainId!, accessList, ...shared } as const
    expect((await world.send(listed)).gasUsed).toBe(21_000n + 2_400n + 2n * 1_900n)
    expect(world.view.account(BENEFICIARY)?.balanceWei).toBe((21_000n + 27_200n) * 2n)
  })

  it('charges no more than the fee cap allows, and the rest goes back', async () => {
    const world = new TestWorld(engine, { [OTHER]: { balanceWei: 1n } })
    await world.send({ maxFeePerGasWei: 8n, maxPriorityFeePerGasWei: 8n })
    expect(world.view.account(SENDER)?.balanceWei).toBe(RICH - 21_000n * 8n)
    expect(world.view.account(BENEFICIARY)?.balanceWei).toBe(21_000n)
  })

  it('charges data, at least the floor of EIP-7623', async () => {
    const world = new TestWorld(engine, { [OTHER]: { balanceWei: 1n } })
    const data = Uint8Array.of(0, 1, 2, 0)
    expect((await world.send({ data })).gasUsed).toBe(21_000n + 10n * (2n + 2n * 4n))
    const before = new TestWorld(engine, { [OTHER]: { balanceWei: 1n } }, 'cancun')
    expect((await before.send({ data })).gasUsed).toBe(21_000n + 2n * 4n + 2n * 16n)
  })

  it('creates a contract at the address of sender and nonce', async () => {
    const world = new TestWorld(engine, {})
    const runtime = asm(`0x2a ${RETURN_TOP}`)
    const outcome = await world.send({ to: null, data: deploying(runtime), valueWei: 4n })
    const created = createAddress(SENDER, 0n)
    expect(outcome).toMatchObject({ kind: 'success', created, output: runtime })
    expect(world.view.account(created)).toEqual({
      nonce: 1n,
      balanceWei: 4n,
      codeHash: keccakHash(runtime),
    })
    expect(world.view.code(keccakHash(runtime))).toEqual(runtime)
    expect((await world.send({ to: created })).output).toEqual(word(0x2a))
  })

  it('names a creation that reverts, and keeps only nonce and fees', async () => {
    const world = new TestWorld(engine, {})
    const data = asm('0xdead 0x00 MSTORE 0x20 0x00 REVERT')
    const outcome = await world.send({ to: null, data, valueWei: 4n })
    expect(outcome).toMatchObject({ kind: 'revert', output: word(0xdead) })
    expect(outcome).not.toHaveProperty('created')
    expect(world.view.account(createAddress(SENDER, 0n))).toBeUndefined()
    expect(world.view.account(SENDER)?.nonce).toBe(1n)
  })

  it.each([
    ['invalid code: must not begin with 0xef', '0xef 0x00 MSTORE 0x01 0x1f RETURN', {}],
    ['max code size exceeded', '0x6001 0x00 RETURN', { gasLimit: 10_000_000n }],
    ['contract creation code storage out of gas', '0x6000 0x00 RETURN', { gasLimit: 100_000n }],
    ['out of gas', '0x01 0x00 SSTORE', { gasLimit: 53_200n }],
    ['invalid opcode: INVALID', 'INVALID', {}],
  ])('names a creation that halts: %s', async (reason, source, more) => {
    const world = new TestWorld(engine, {})
    const data = asm(source)
    const { gasLimit } = world.transaction(more)
    const outcome = await world.send({ to: null, data, ...more })
    expect(outcome).toMatchObject({ kind: 'halt', reason, gasUsed: gasLimit, output: EMPTY_BYTES })
    expect(world.view.account(createAddress(SENDER, 0n))).toBeUndefined()
  })

  it.each([
    ['code', { code: asm('STOP') }],
    ['a nonce', { nonce: 1n }],
    ['storage (EIP-7610)', { balanceWei: 1n, storage: new Map([[slot(0), 1n]]) }],
  ])('does not create over %s', async (_, fields) => {
    const world = new TestWorld(engine, { [createAddress(SENDER, 0n)]: fields })
    const outcome = await world.send({ to: null, data: deploying(asm('STOP')) })
    expect(outcome).toMatchObject({ kind: 'halt', reason: 'contract address collision' })
  })

  it('creates where only a balance was, and keeps it', async () => {
    const address = createAddress(SENDER, 0n)
    const world = new TestWorld(engine, { [address]: { balanceWei: 6n } })
    await world.send({ to: null, data: deploying(asm('STOP')), valueWei: 1n })
    expect(world.view.account(address)).toMatchObject({ nonce: 1n, balanceWei: 7n })
  })

  it('gives back what storage cleared, at most a fifth', async () => {
    const storage = new Map([
      [slot(0), 1n],
      [slot(1), 1n],
      [slot(2), 1n],
    ])
    const one = asm('0x00 0x00 SSTORE')
    const three = asm('0x00 0x00 SSTORE 0x00 0x01 SSTORE 0x00 0x02 SSTORE')
    const world = new TestWorld(engine, {
      [CONTRACT]: { code: one, storage },
      [OTHER]: { code: three, storage },
    })
    // 2 pushes of 3, a cold SSTORE that clears: 5000.
    expect(await world.send({ to: CONTRACT })).toMatchObject({
      gasUsed: 21_000n + 5_006n - 4_800n,
      gasRefunded: 4_800n,
    })
    const spent = 21_000n + 3n * 5_006n
    expect(await world.send({ to: OTHER })).toMatchObject({
      gasUsed: spent - spent / 5n,
      gasRefunded: spent / 5n,
    })
  })

  it('runs transactions at once without mixing them', async () => {
    const senders = Array.from({ length: 20 }, (_, i) => account(0x100 + i))
    const world = new TestWorld(engine, {
      [CONTRACT]: { code: asm(`CALLVALUE CALLER SSTORE CALLVALUE ${RETURN_TOP}`) },
      ...Object.fromEntries(senders.map((sender) => [sender, { balanceWei: RICH }])),
    })
    const outcomes = await Promise.all(
      senders.map((sender, i) => world.run({ sender, to: CONTRACT, valueWei: BigInt(i + 1) })),
    )
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.kind !== 'success') throw new Error(outcome.kind)
      expect(outcome.output).toEqual(word(i + 1))
      const slots = outcome.access.writes.accounts.get(CONTRACT)?.slots
      expect(slots).toEqual(new Map([[slot(BigInt(senders[i]!)), BigInt(i + 1)]]))
    }
    expect(world.view.account(CONTRACT)?.balanceWei).toBe(0n)
  })

  it('runs a call by the protocol without nonce or fee', async () => {
    const code = asm(`CALLER 0x00 CALLDATALOAD SSTORE CALLER ${RETURN_TOP}`)
    const system = '0xfffffffffffffffffffffffffffffffffffffffe'
    const world = new TestWorld(engine, { [CONTRACT]: { code }, [OTHER]: { code: asm('INVALID') } })
    const call = { to: CONTRACT, data: word(9) }
    const outcome = await engine.systemCall(call, world.env, world.view)
    if (outcome.kind !== 'success') throw new Error(outcome.kind)
    expect(outcome.output).toEqual(word(BigInt(system)))
    expect([...outcome.access.writes.accounts]).toEqual([
      [CONTRACT, { slots: new Map([[slot(9), BigInt(system)]]) }],
    ])
    const failed = await engine.systemCall({ to: OTHER, data: EMPTY_BYTES }, world.env, world.view)
    expect(failed).toMatchObject({
      kind: 'failed',
      error: { kind: 'halt', reason: 'invalid opcode: INVALID' },
    })
  })

  it('gives such a call 30,000,000 gas (EIP-4788)', async () => {
    const world = new TestWorld(engine, { [CONTRACT]: { code: asm(`GAS ${RETURN_TOP}`) } })
    const call = { to: CONTRACT, data: EMPTY_BYTES }
    const outcome = await engine.systemCall(call, world.env, world.view)
    expect(outcome).toMatchObject({ kind: 'success', output: word(30_000_000n - 2n) })
  })

  it('has nobody warm in such a call, not even who calls (EIP-4788)', async () => {
    // GAS CALLER BALANCE POP GAS SWAP1 SUB
    const code = concatBytes(hexToBytes('0x5a3331505a9003'), asm(RETURN_TOP))
    const world = new TestWorld(engine, { [CONTRACT]: { code } })
    const call = { to: CONTRACT, data: EMPTY_BYTES }
    const outcome = await engine.systemCall(call, world.env, world.view)
    expect(outcome).toMatchObject({ kind: 'success', output: word(2 + 2600 + 2 + 2) })
  })

  it('passes on what the view throws', async () => {
    const world = new TestWorld(engine, { [CONTRACT]: { code: asm('0x00 SLOAD') } })
    const failure = new Error('the disk is gone')
    const view = {
      account: (address: Parameters<typeof world.view.account>[0]) => world.view.account(address),
      slot: () => {
        throw failure
      },
      code: (hash: Parameters<typeof world.view.code>[0]) => world.view.code(hash),
      hasStorage: () => false,
    }
    const run = async (): Promise<unknown> =>
      engine.transact(world.transaction({ to: CONTRACT }), world.env, view)
    await expect(run()).rejects.toBe(failure)
    expect((await world.run({ to: CONTRACT })).kind).toBe('success')
  })
}

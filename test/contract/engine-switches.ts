import { expect, it } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import { concatBytes } from '../../src/primitives/bytes.ts'
import type { Address } from '../../src/primitives/hex.ts'
import { hexToBytes } from '../../src/primitives/hex.ts'
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
  word,
} from './engine-world.ts'

const A = account(0xa)
const POOR = account(0xf)
const CALL = { skipNonce: true, skipBalance: true, skipFees: true, skipSenderCode: true }

export function switchCases(engine: Engine): void {
  it('runs any nonce with skipNonce', async () => {
    const world = new TestWorld(engine, { [SENDER]: { balanceWei: RICH, nonce: 7n } })
    const outcome = await world.send({ nonce: 0n }, { switches: { skipNonce: true } })
    expect(outcome.kind).toBe('success')
    expect(world.view.account(SENDER)?.nonce).toBe(8n)
  })

  it('begins again at 0 after the last nonce with skipNonce', async () => {
    const nonce = 2n ** 64n - 1n
    const world = new TestWorld(engine, { [SENDER]: { balanceWei: RICH, nonce } })
    const outcome = await world.send({ nonce }, { switches: { skipNonce: true } })
    expect(outcome.kind).toBe('success')
    expect(world.view.account(SENDER)?.nonce).toBe(0n)
  })

  it('shows a base fee of zero when no price is named, and charges nothing', async () => {
    const code = asm(`BASEFEE 0x00 MSTORE GASPRICE 0x20 MSTORE 0x40 0x00 RETURN`)
    const world = new TestWorld(engine, { [A]: { code } })
    const free = { to: A, maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n, sender: POOR }
    const outcome = await world.send(free, { switches: CALL })
    expect(outcome.output).toEqual(new Uint8Array(64))
    expect(world.view.account(BENEFICIARY)).toBeUndefined()
    expect(world.view.account(POOR)).toMatchObject({ nonce: 1n, balanceWei: 0n })
  })

  it('shows the block its base fee at a price of zero with showBaseFee, and charges nothing', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm(`BASEFEE ${RETURN_TOP}`) } })
    const free = { to: A, maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n, sender: POOR }
    const outcome = await world.send(free, { switches: { ...CALL, showBaseFee: true } })
    expect(outcome.output).toEqual(word(BASE_FEE_WEI))
    expect(world.view.account(BENEFICIARY)).toBeUndefined()
    expect(world.view.account(POOR)).toMatchObject({ nonce: 1n, balanceWei: 0n })
  })

  it('shows the block its base fee when a price is named, also one below it', async () => {
    const code = asm(`BASEFEE 0x00 MSTORE GASPRICE 0x20 MSTORE 0x40 0x00 RETURN`)
    const world = new TestWorld(engine, { [A]: { code } })
    const low = { to: A, maxFeePerGasWei: 3n, maxPriorityFeePerGasWei: 2n }
    const outcome = await world.send(low, { switches: { skipFees: true } })
    expect(outcome.output).toEqual(concatBytes(word(BASE_FEE_WEI), word(3)))
    expect(world.view.account(SENDER)?.balanceWei).toBe(RICH - 3n * outcome.gasUsed)
    expect(world.view.account(BENEFICIARY)).toBeUndefined()
  })

  it('lends what the sender lacks, and takes back what is left', async () => {
    const code = asm(`CALLER BALANCE ${RETURN_TOP}`)
    const world = new TestWorld(engine, { [A]: { code }, [POOR]: { balanceWei: 40n } })
    const tx = { sender: POOR, to: A, valueWei: 100n }
    expect((await world.run(tx)).kind).toBe('rejected')
    const outcome = await world.send(tx, { switches: { skipBalance: true } })
    expect(outcome).toMatchObject({ kind: 'success', output: word(0) })
    expect(world.view.account(A)?.balanceWei).toBe(100n)
    expect(world.view.account(POOR)).toMatchObject({ nonce: 1n, balanceWei: 0n })
  })

  it('lends what is paid, however high the caps are', async () => {
    const world = new TestWorld(engine, {})
    const most = 2n ** 256n - 1n
    const tx = { sender: POOR, valueWei: 1n, maxFeePerGasWei: most, maxPriorityFeePerGasWei: 1n }
    expect((await world.run(tx)).kind).toBe('rejected')
    const outcome = await world.run(tx, { switches: { skipBalance: true } })
    expect(outcome.kind).toBe('success')
  })

  it('lends nothing to a sender who can pay', async () => {
    const world = new TestWorld(engine, {})
    const outcome = await world.send({ valueWei: 1n }, { switches: { skipBalance: true } })
    const paidWei = outcome.gasUsed * (BASE_FEE_WEI + 1n)
    expect(world.view.account(SENDER)?.balanceWei).toBe(RICH - 1n - paidWei)
  })

  it('lets a contract send with skipSenderCode, and its code stays', async () => {
    const world = new TestWorld(engine, {
      [A]: { balanceWei: RICH, code: asm(`0x05 ${RETURN_TOP}`) },
    })
    const codeHash = world.view.account(A)?.codeHash
    const own = { sender: A, to: A }
    expect((await world.run(own)).kind).toBe('rejected')
    const outcome = await world.send(own, { switches: { skipSenderCode: true } })
    expect(outcome).toMatchObject({ kind: 'success', output: word(5) })
    expect(world.view.account(A)).toMatchObject({ nonce: 1n, codeHash })
  })

  it('runs above the block limit and the cap with skipGasCap', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm(`GAS ${RETURN_TOP}`) } })
    const gasLimit = 50_000_000n
    const outcome = await world.send({ to: A, gasLimit }, { switches: { skipGasCap: true } })
    expect(outcome).toMatchObject({ kind: 'success', output: word(gasLimit - 21_002n) })
  })

  it('deploys any size with unlimitedCodeSize', async () => {
    const world = new TestWorld(engine, {})
    const data = deploying(new Uint8Array(60_000))
    const tx = { to: null, data, gasLimit: 16_000_000n }
    expect((await world.run(tx)).kind).toBe('rejected')
    const outcome = await world.send(tx, { switches: { unlimitedCodeSize: true } })
    expect(outcome).toMatchObject({ kind: 'success', output: new Uint8Array(60_000) })
    const after = await world.run({ ...tx, nonce: 1n })
    expect(after.kind).toBe('rejected')
  })

  it('takes the price of blob gas from the environment when it names one', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm(`BLOBBASEFEE ${RETURN_TOP}`) } })
    const env = { ...world.env, blobBaseFeeWei: 77n }
    const outcome = await engine.transact(world.transaction({ to: A }), env, world.view)
    expect(outcome).toMatchObject({ output: word(77) })
  })

  it('moves precompiles', async () => {
    const sha256 = '0x0000000000000000000000000000000000000002' as Address
    const world = new TestWorld(engine, { [sha256]: { code: asm(`0x09 ${RETURN_TOP}`) } })
    const switches = { movedPrecompiles: new Map([[sha256, OTHER]]) }
    const moved = await world.run({ to: OTHER }, { switches })
    expect(moved).toMatchObject({
      output: hexToBytes('0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
    })
    expect(await world.run({ to: sha256 }, { switches })).toMatchObject({ output: word(9) })
    expect(await world.run({ to: OTHER })).toMatchObject({ output: new Uint8Array(0) })
  })
}

import { expect, it } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import type { Rejection } from '../../src/model/rejection.ts'
import { concatBytes } from '../../src/primitives/bytes.ts'
import { type Hash, hexToBytes } from '../../src/primitives/hex.ts'
import {
  BASE_FEE_WEI,
  OTHER,
  RICH,
  SENDER,
  type TestTransaction,
  TestWorld,
  account,
  asm,
} from './engine-world.ts'

const BLOB = `0x01${'00'.repeat(31)}` as Hash

const CASES: readonly (readonly [TestTransaction, Rejection])[] = [
  [{ nonce: 4n }, { kind: 'nonceTooLow', sender: SENDER, expected: 5n, got: 4n }],
  [{ nonce: 6n }, { kind: 'nonceTooHigh', sender: SENDER, expected: 5n, got: 6n }],
  [{ nonce: 2n ** 64n - 1n }, { kind: 'nonceMax', sender: SENDER }],
  [
    { valueWei: RICH },
    {
      kind: 'insufficientFunds',
      sender: SENDER,
      balanceWei: RICH,
      costWei: RICH + 100n * 1_000_000n,
    },
  ],
  [{ gasLimit: 20_999n }, { kind: 'intrinsicGasTooLow', gasLimit: 20_999n, neededGas: 21_000n }],
  [
    { gasLimit: 21_020n, data: Uint8Array.of(1) },
    { kind: 'floorGasTooLow', gasLimit: 21_020n, neededGas: 21_040n },
  ],
  [
    { gasLimit: 16_000_001n },
    { kind: 'gasLimitAboveBlock', gasLimit: 16_000_001n, availableGas: 16_000_000n },
  ],
  [
    { gasLimit: 16_777_217n },
    { kind: 'gasLimitAboveCap', gasLimit: 16_777_217n, capGas: 16_777_216n },
  ],
  [
    { maxFeePerGasWei: 6n },
    {
      kind: 'feeCapBelowBaseFee',
      sender: SENDER,
      maxFeeWei: 6n,
      baseFeeWei: BASE_FEE_WEI,
    },
  ],
  [
    { maxFeePerGasWei: 9n, maxPriorityFeePerGasWei: 10n },
    { kind: 'tipAboveFeeCap', sender: SENDER, tipWei: 10n, maxFeeWei: 9n },
  ],
  [
    { blobVersionedHashes: [BLOB], maxFeePerBlobGasWei: 53n },
    { kind: 'blobFeeCapTooLow', maxFeeWei: 53n, blobBaseFeeWei: 54n },
  ],
  [{ blobVersionedHashes: [] }, { kind: 'blobCount', got: 0, max: 6 }],
  [{ authorizationList: [] }, { kind: 'emptyAuthorizationList' }],
  [{ sender: account(9) }, { kind: 'senderHasCode', sender: account(9) }],
  [
    { to: null, data: new Uint8Array(49_153) },
    { kind: 'initCodeTooLarge', sizeBytes: 49_153, maxBytes: 49_152 },
  ],
]

export function rejectionCases(engine: Engine): void {
  it.each(CASES.map((one) => [one[1].kind, ...one] as const))('%s', async (_, tx, rejection) => {
    const header = { gasLimit: 16_000_000n, excessBlobGas: 20_000_000n }
    const alloc = {
      [SENDER]: { balanceWei: RICH, nonce: 5n },
      [account(9)]: { balanceWei: RICH, code: asm('STOP') },
    }
    const world = new TestWorld(engine, alloc, 'osaka', header)
    expect(await world.run(tx)).toEqual({ kind: 'rejected', rejection })
    const next = await world.send({ valueWei: 1n })
    expect(next).toMatchObject({ kind: 'success', gasUsed: 21_000n })
    expect(world.view.account(OTHER)?.balanceWei).toBe(1n)
  })

  it('refuses a type that the fork does not have', async () => {
    const world = new TestWorld(engine, {}, 'berlin')
    const rejection = { kind: 'typeNotSupported', type: 2, fork: 'berlin' }
    expect(await world.run({})).toEqual({ kind: 'rejected', rejection })
  })

  it('refuses what was signed for another chain', async () => {
    const world = new TestWorld(engine, {})
    const tx = { ...world.transaction({}), chainId: 1n }
    const rejection = { kind: 'wrongChainId', expected: 31337n, got: 1n }
    expect(await world.run(tx)).toEqual({ kind: 'rejected', rejection })
  })

  it('refuses a sender whose nonce cannot grow', async () => {
    const nonce = 2n ** 64n - 1n
    const world = new TestWorld(engine, { [SENDER]: { balanceWei: RICH, nonce } })
    const outcome = await world.run({ nonce })
    expect(outcome).toEqual({ kind: 'rejected', rejection: { kind: 'nonceMax', sender: SENDER } })
  })

  it('takes a delegation for code like any other before Prague', async () => {
    const code = concatBytes(hexToBytes('0xef0100'), hexToBytes(OTHER))
    const alloc = { [SENDER]: { balanceWei: RICH, code } }
    const rejection = { kind: 'senderHasCode', sender: SENDER }
    expect(await new TestWorld(engine, alloc, 'cancun').run({})).toEqual({
      kind: 'rejected',
      rejection,
    })
    expect((await new TestWorld(engine, alloc, 'prague').run({})).kind).toBe('success')
  })

  it('counts the fee cap, not the price, as cost', async () => {
    const world = new TestWorld(engine, { [SENDER]: { balanceWei: 1_000_000n * 100n } })
    expect((await world.run({ maxFeePerGasWei: 101n })).kind).toBe('rejected')
    expect((await world.run({ maxFeePerGasWei: 100n })).kind).toBe('success')
  })
}

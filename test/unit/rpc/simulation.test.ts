import { describe, expect, it } from 'vitest'

import type { Rejection } from '../../../src/model/rejection.ts'
import { ZERO_ADDRESS, ZERO_HASH } from '../../../src/primitives/hex.ts'
import { simulationParams } from '../../../src/rpc/codec/simulation.ts'
import { RpcError } from '../../../src/rpc/error.ts'
import { simulationError } from '../../../src/rpc/simulation-failure.ts'

const sender = ZERO_ADDRESS

describe('the error of a simulation that was refused', () => {
  it.each<[number, Rejection]>([
    [-38010, { kind: 'nonceTooLow', sender, expected: 1n, got: 0n }],
    [-38011, { kind: 'nonceTooHigh', sender, expected: 0n, got: 1n }],
    [-38012, { kind: 'feeCapBelowBaseFee', sender, maxFeeWei: 0n, baseFeeWei: 1n }],
    [-38012, { kind: 'blobFeeCapTooLow', maxFeeWei: 0n, blobBaseFeeWei: 1n }],
    [-38013, { kind: 'intrinsicGasTooLow', gasLimit: 0n, neededGas: 21_000n }],
    [-38013, { kind: 'floorGasTooLow', gasLimit: 0n, neededGas: 21_000n }],
    [-38014, { kind: 'insufficientFunds', sender, balanceWei: 0n, costWei: 1n }],
    [-38015, { kind: 'gasLimitAboveBlock', gasLimit: 2n, availableGas: 1n }],
    [-38015, { kind: 'blobGasAboveBlock', blobGas: 2n, availableBlobGas: 1n }],
    [-38024, { kind: 'senderHasCode', sender }],
    [-38025, { kind: 'initCodeTooLarge', sizeBytes: 2, maxBytes: 1 }],
    [-32602, { kind: 'tipAboveFeeCap', sender, tipWei: 2n, maxFeeWei: 1n }],
    [-32602, { kind: 'blobVersion', versionedHash: ZERO_HASH }],
    [-32603, { kind: 'nonceMax', sender }],
  ])('has the code %i that its rejection asks for', (code, rejection) => {
    const error = simulationError({ kind: 'rejected', rejection })
    expect(error).toBeInstanceOf(RpcError)
    expect(error.code).toBe(code)
  })

  it('has the code that its blocks ask for', () => {
    const codes = [
      simulationError({ kind: 'numberOrder', number: 1n, previous: 1n }),
      simulationError({ kind: 'timestampOrder', timestamp: 1n, previous: 1n }),
      simulationError({ kind: 'movedOntoItself', address: sender }),
      simulationError({ kind: 'notPrecompile', address: sender }),
      simulationError({ kind: 'movedOntoOverride', address: sender }),
      simulationError({ kind: 'tooManyBlocks', limit: 256 }),
      simulationError({ kind: 'tooManyCalls', count: 2, limit: 1 }),
      simulationError({ kind: 'gasSpent', limit: 1n }),
      simulationError({ kind: 'invalidBlock', detail: 'no' }),
    ].map(({ code }) => code)
    expect(codes).toEqual([-38020, -38021, -38022, -32000, -32000, -38026, -38026, -38026, -32000])
  })
})

describe('the request of a simulation', () => {
  const read = (value: unknown) => simulationParams.decode(value, 'payload')

  it('has defaults', () => {
    expect(read({ blockStateCalls: [{}] })).toEqual({
      blocks: [{ calls: [] }],
      traceTransfers: false,
      validation: false,
      full: false,
    })
  })

  it('reads what a whole block has beside what a call sees of it', () => {
    const withdrawal = { index: '0x1', validatorIndex: '0x2', address: sender, amount: '0x3' }
    const blockOverrides = { number: '0x5', withdrawals: [withdrawal], beaconRoot: ZERO_HASH }
    const [block] = read({ blockStateCalls: [{ blockOverrides }] }).blocks
    expect(block!.blockOverrides).toMatchObject({
      number: 5n,
      withdrawals: [{ index: 1n, validatorIndex: 2n, address: sender, amountGwei: 3n }],
      parentBeaconBlockRoot: ZERO_HASH,
    })
  })

  it.each([
    [{}, /blockStateCalls`: empty input/],
    [{ blockStateCalls: [] }, /empty input/],
    [{ blockStateCalls: [{ calls: {} }] }, /blockStateCalls\[0\]\.calls`: expected a list/],
    [{ blockStateCalls: [{ calls: [{ to: '0x1' }] }] }, /calls\[0\]\.to`: expected a 20-byte/],
    [
      { blockStateCalls: [{ blockOverrides: { withdrawals: [{}] } }] },
      /withdrawals\[0\]`: expected index/,
    ],
    [
      { blockStateCalls: [{ stateOverrides: { [sender]: { state: {}, stateDiff: {} } } }] },
      /has both "state" and "stateDiff"/,
    ],
  ])('%j is refused by its place', (value, message) => {
    expect(() => read(value)).toThrow(message)
  })
})

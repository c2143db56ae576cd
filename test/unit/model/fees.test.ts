import { getCreate2Address, getCreateAddress } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { create2Address, createAddress } from '../../../src/model/create-address.ts'
import {
  GAS_PER_BLOB,
  blobBaseFee,
  blobGasOf,
  effectiveGasPrice,
  effectiveTip,
  fakeExponential,
  maxCost,
  maxGasPrice,
  nextBaseFee,
  nextExcessBlobGas,
} from '../../../src/model/fees.ts'
import { BLOB_PARAMS, configAtFork, rulesAt } from '../../../src/model/fork.ts'
import type { ForkName } from '../../../src/model/fork.ts'
import { blockReward, nephewReward, ommerReward } from '../../../src/model/reward.ts'
import type { LegacyFields, TransactionFields } from '../../../src/model/transaction.ts'
import { ZERO_ADDRESS, bytesToHex } from '../../../src/primitives/hex.ts'
import { keccak256 } from '../../../src/primitives/keccak.ts'
import { address, blob, data, hash, uint64 } from './arbitrary.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'

const at = (fork: ForkName) => rulesAt(configAtFork(fork, 1n), 1n, 1n)
const GWEI = 10n ** 9n

describe('the base fee', () => {
  it.each([
    ['stays at the target', GWEI, 20_000_000n, 10_000_000n, GWEI],
    ['falls below it', GWEI, 20_000_000n, 9_000_000n, 987_500_000n],
    ['rises above it', GWEI, 20_000_000n, 11_000_000n, 1_012_500_000n],
    ['falls by an eighth after an empty block', GWEI, 30_000_000n, 0n, 875_000_000n],
    ['rises by an eighth after a full one', GWEI, 30_000_000n, 30_000_000n, 1_125_000_000n],
    ['rises by 1 wei at least', 1n, 20_000_000n, 10_000_001n, 2n],
    ['stays when an eighth rounds to nothing', 7n, 30_000_000n, 0n, 7n],
    ['begins at 1 gwei', undefined, 30_000_000n, 0n, GWEI],
  ] as const)('%s', (_what, baseFeePerGasWei, gasLimit, gasUsed, wanted) => {
    expect(nextBaseFee({ baseFeePerGasWei, gasLimit, gasUsed })).toBe(wanted)
  })
})

describe('the blob base fee', () => {
  it.each([
    [1n, 0n, 1n, 1n],
    [38_493n, 0n, 1_000n, 38_493n],
    [0n, 1_234n, 2_345n, 0n],
    [1n, 2n, 1n, 6n],
    [1n, 4n, 2n, 6n],
    [1n, 3n, 1n, 16n],
    [1n, 6n, 2n, 18n],
    [1n, 4n, 1n, 49n],
    [1n, 8n, 2n, 50n],
    [10n, 8n, 2n, 542n],
    [11n, 8n, 2n, 596n],
    [1n, 5n, 1n, 136n],
    [1n, 5n, 2n, 11n],
    [2n, 5n, 2n, 23n],
    [1n, 50_000_000n, 2_225_652n, 5_709_098_764n],
  ])('takes %i * e ** (%i / %i) to be %i', (factor, numerator, denominator, wanted) => {
    expect(fakeExponential(factor, numerator, denominator)).toBe(wanted)
  })

  it('is 1 wei without excess, 2 from the first 10 blobs or so', () => {
    const { cancun } = BLOB_PARAMS
    expect(blobBaseFee(0n, cancun)).toBe(1n)
    expect(blobBaseFee(2_314_057n, cancun)).toBe(1n)
    expect(blobBaseFee(2_314_058n, cancun)).toBe(2n)
  })

  const parent = (excess: number, used: number, baseFeePerGasWei = 7n) => ({
    excessBlobGas: BigInt(excess) * GAS_PER_BLOB,
    blobGasUsed: BigInt(used) * GAS_PER_BLOB,
    baseFeePerGasWei,
  })

  it.each([
    ['cancun', parent(0, 0), 0],
    ['cancun', parent(0, 3), 0],
    ['cancun', parent(0, 4), 1],
    ['cancun', parent(2, 0), 0],
    ['cancun', parent(10, 6), 13],
    ['prague', parent(10, 6), 10],
    ['prague', parent(10, 9), 13],
    ['osaka', parent(10, 9), 13],
    // EIP-7918: 8192 * base fee above 131072 * blob base fee, so the excess does not fall.
    ['osaka', parent(10, 0, GWEI), 10],
    ['osaka', parent(10, 9, GWEI), 13],
    ['osaka', parent(10, 6, GWEI), 12],
    ['osaka', parent(0, 5, GWEI), 0],
    ['prague', parent(10, 0, GWEI), 4],
  ] as const)('in %s carries the excess on: %o', (fork, header, wanted) => {
    expect(nextExcessBlobGas(header, at(fork))).toBe(BigInt(wanted) * GAS_PER_BLOB)
  })

  it('begins at no excess', () => {
    const first = { excessBlobGas: undefined, blobGasUsed: undefined, baseFeePerGasWei: 7n }
    expect(nextExcessBlobGas(first, at('cancun'))).toBe(0n)
  })
})

describe('the price of a transaction', () => {
  const legacy: LegacyFields = {
    type: 0,
    chainId: 1n,
    nonce: 0n,
    gasPriceWei: 10n,
    gasLimit: 21_000n,
    to: null,
    valueWei: 5n,
    data: new Uint8Array(0),
  }
  const { gasPriceWei: _price, ...rest } = legacy
  const capped: TransactionFields = {
    ...rest,
    type: 2,
    chainId: 1n,
    accessList: [],
    maxFeePerGasWei: 10n,
    maxPriorityFeePerGasWei: 3n,
  }

  it('is the lower of the cap, and base fee and tip', () => {
    expect([0n, 5n, 7n, 8n, 10n, 12n].map((baseFee) => effectiveGasPrice(capped, baseFee))).toEqual(
      [3n, 8n, 10n, 10n, 10n, 10n],
    )
    expect([0n, 5n, 8n, 12n].map((baseFee) => effectiveTip(capped, baseFee))).toEqual([
      3n,
      3n,
      2n,
      -2n,
    ])
    expect(effectiveGasPrice(legacy, 7n)).toBe(10n)
    expect(effectiveGasPrice(legacy, undefined)).toBe(10n)
    expect(effectiveTip(legacy, 7n)).toBe(3n)
    expect([maxGasPrice(legacy), maxGasPrice(capped)]).toEqual([10n, 10n])
  })

  it('is covered by value, gas at the cap and blob gas at its cap', () => {
    expect(maxCost(legacy)).toBe(210_005n)
    expect(maxCost(capped)).toBe(210_005n)
    fc.assert(
      fc.property(blob, (tx) => {
        const count = BigInt(tx.blobVersionedHashes.length)
        expect(blobGasOf(tx)).toBe(count * 131_072n)
        const gas = tx.gasLimit * tx.maxFeePerGasWei
        expect(maxCost(tx)).toBe(tx.valueWei + gas + count * 131_072n * tx.maxFeePerBlobGasWei)
      }),
    )
    expect(blobGasOf(legacy)).toBe(0n)
  })
})

describe('block rewards', () => {
  it.each([
    ['frontier', 5],
    ['spuriousDragon', 5],
    ['byzantium', 3],
    ['constantinople', 2],
    ['grayGlacier', 2],
    ['paris', 0],
    ['osaka', 0],
  ] as const)('in %s are %i ether', (fork, ether) => {
    expect(blockReward(at(fork))).toBe(BigInt(ether) * 10n ** 18n)
  })

  it('fall by an eighth per generation for an ommer', () => {
    expect(ommerReward(8n, 100n, 99n)).toBe(7n)
    expect(ommerReward(8n, 100n, 94n)).toBe(2n)
    expect(nephewReward(5n * 10n ** 18n, 2)).toBe(312_500_000_000_000_000n)
    expect(nephewReward(8n, 0)).toBe(0n)
  })
})

describe('the address of a new contract', () => {
  it("is ethers' for CREATE", () => {
    fc.assert(
      fc.property(address, uint64, (from, nonce) => {
        expect(createAddress(from, nonce)).toBe(getCreateAddress({ from, nonce }).toLowerCase())
      }),
    )
  })

  it("is ethers' for CREATE2", () => {
    fc.assert(
      fc.property(address, hash, data, (from, salt, code) => {
        const theirs = getCreate2Address(from, salt, bytesToHex(keccak256(code)))
        expect(create2Address(from, hexToBytes(salt), code)).toBe(theirs.toLowerCase())
      }),
    )
  })

  it("is that of EIP-1014's first example", () => {
    expect(create2Address(ZERO_ADDRESS, new Uint8Array(32), Uint8Array.of(0))).toBe(
      '0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38',
    )
  })
})

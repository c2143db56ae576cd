import fc from 'fast-check'

import { bytesToAddress, bytesToHash, bytesToSlot } from '../../../src/primitives/hex.ts'
import type {
  AccessListFields,
  Authorization,
  BlobFields,
  FeeMarketTransactionFields,
  LegacyFields,
  SetCodeFields,
} from '../../../src/model/transaction.ts'

/** Fields of transactions, drawn at random from all that the encoding can hold. */

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const below = (bits: number) => fc.bigInt(0n, 2n ** BigInt(bits) - 1n)
export const uint64 = below(64)
export const uint256 = fc.oneof(below(256), below(64), below(8))
export const address = bytes(20).map(bytesToAddress)
export const hash = bytes(32).map(bytesToHash)
export const data = fc.uint8Array({ maxLength: 200 })

const accessList = fc.array(
  fc.record({ address, storageKeys: fc.array(bytes(32).map(bytesToSlot), { maxLength: 3 }) }),
  { maxLength: 3 },
)
const common = { nonce: uint64, gasLimit: uint64, valueWei: uint256, data }
const anyTo = fc.option(address, { nil: null })
const fees = { maxPriorityFeePerGasWei: uint256, maxFeePerGasWei: uint256 }
const chainId = below(52)

export const authorization: fc.Arbitrary<Authorization> = fc.record({
  chainId: uint256,
  address,
  nonce: uint64,
  yParity: below(8),
  r: uint256,
  s: uint256,
})

export const legacy: fc.Arbitrary<LegacyFields> = fc.record({
  type: fc.constant(0 as const),
  chainId: fc.option(chainId, { nil: undefined }),
  gasPriceWei: uint256,
  to: anyTo,
  ...common,
})

export const withAccessList: fc.Arbitrary<AccessListFields> = fc.record({
  type: fc.constant(1 as const),
  chainId,
  gasPriceWei: uint256,
  to: anyTo,
  accessList,
  ...common,
})

export const feeMarket: fc.Arbitrary<FeeMarketTransactionFields> = fc.record({
  type: fc.constant(2 as const),
  chainId,
  to: anyTo,
  accessList,
  ...fees,
  ...common,
})

export const blob: fc.Arbitrary<BlobFields> = fc.record({
  type: fc.constant(3 as const),
  chainId,
  to: address,
  accessList,
  maxFeePerBlobGasWei: uint256,
  blobVersionedHashes: fc.array(
    bytes(32).map((it) => bytesToHash(it.fill(1, 0, 1))),
    { minLength: 1, maxLength: 6 },
  ),
  ...fees,
  ...common,
})

export const setCode: fc.Arbitrary<SetCodeFields> = fc.record({
  type: fc.constant(4 as const),
  chainId,
  to: address,
  accessList,
  authorizationList: fc.array(authorization, { minLength: 1, maxLength: 3 }),
  ...fees,
  ...common,
})

export const anyFields = fc.oneof(legacy, withAccessList, feeMarket, blob, setCode)

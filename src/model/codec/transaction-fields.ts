import { type Slot, bytesToSlot, hexToBytes } from '../../primitives/hex.ts'
import type {
  AccessListEntry,
  AccessListFields,
  Authorization,
  BlobFields,
  FeeMarketTransactionFields,
  LegacyFields,
  SetCodeFields,
  TransactionType,
} from '../transaction.ts'
import {
  type FieldCodec,
  type FieldTable,
  address,
  addressOrNull,
  byteString,
  hash,
  listOf,
  recordOf,
  tableOf,
  uint256,
  uint64,
  uint8,
} from './field.ts'

const slot: FieldCodec<Slot> = {
  decode: (item, label) => bytesToSlot(hexToBytes(hash.decode(item, label))),
  encode: hexToBytes,
}

const accessList: FieldCodec<readonly AccessListEntry[]> = listOf(
  recordOf<AccessListEntry>([
    { name: 'address', codec: address },
    { name: 'storageKeys', codec: listOf(slot) },
  ]),
)

const authorizations: FieldCodec<readonly Authorization[]> = listOf(
  recordOf<Authorization>([
    { name: 'chainId', codec: uint256 },
    { name: 'address', codec: address },
    { name: 'nonce', codec: uint64 },
    { name: 'yParity', codec: uint8 },
    { name: 'r', codec: uint256 },
    { name: 's', codec: uint256 },
  ]),
)

const LEGACY = tableOf<LegacyFields>('transaction', [
  { name: 'nonce', codec: uint64 },
  { name: 'gasPriceWei', codec: uint256 },
  { name: 'gasLimit', codec: uint64 },
  { name: 'to', codec: addressOrNull },
  { name: 'valueWei', codec: uint256 },
  { name: 'data', codec: byteString },
])

const ACCESS_LIST = tableOf<AccessListFields>('transaction', [
  { name: 'chainId', codec: uint256 },
  { name: 'nonce', codec: uint64 },
  { name: 'gasPriceWei', codec: uint256 },
  { name: 'gasLimit', codec: uint64 },
  { name: 'to', codec: addressOrNull },
  { name: 'valueWei', codec: uint256 },
  { name: 'data', codec: byteString },
  { name: 'accessList', codec: accessList },
])

const FEE_MARKET = tableOf<FeeMarketTransactionFields>('transaction', [
  { name: 'chainId', codec: uint256 },
  { name: 'nonce', codec: uint64 },
  { name: 'maxPriorityFeePerGasWei', codec: uint256 },
  { name: 'maxFeePerGasWei', codec: uint256 },
  { name: 'gasLimit', codec: uint64 },
  { name: 'to', codec: addressOrNull },
  { name: 'valueWei', codec: uint256 },
  { name: 'data', codec: byteString },
  { name: 'accessList', codec: accessList },
])

const BLOB = tableOf<BlobFields>('transaction', [
  { name: 'chainId', codec: uint256 },
  { name: 'nonce', codec: uint64 },
  { name: 'maxPriorityFeePerGasWei', codec: uint256 },
  { name: 'maxFeePerGasWei', codec: uint256 },
  { name: 'gasLimit', codec: uint64 },
  { name: 'to', codec: address },
  { name: 'valueWei', codec: uint256 },
  { name: 'data', codec: byteString },
  { name: 'accessList', codec: accessList },
  { name: 'maxFeePerBlobGasWei', codec: uint256 },
  { name: 'blobVersionedHashes', codec: listOf(hash) },
])

const SET_CODE = tableOf<SetCodeFields>('transaction', [
  { name: 'chainId', codec: uint256 },
  { name: 'nonce', codec: uint64 },
  { name: 'maxPriorityFeePerGasWei', codec: uint256 },
  { name: 'maxFeePerGasWei', codec: uint256 },
  { name: 'gasLimit', codec: uint64 },
  { name: 'to', codec: address },
  { name: 'valueWei', codec: uint256 },
  { name: 'data', codec: byteString },
  { name: 'accessList', codec: accessList },
  { name: 'authorizationList', codec: authorizations },
])

/** What each type signs, in order. A legacy transaction's chain id is in its `v` instead. */
export const SIGNED_FIELDS: Readonly<Record<TransactionType, FieldTable>> = {
  0: LEGACY,
  1: ACCESS_LIST,
  2: FEE_MARKET,
  3: BLOB,
  4: SET_CODE,
}

import type { CallFields } from '../../model/call.ts'
import { BLOB_BYTES } from '../../model/codec/sidecar.ts'
import type { AccessListEntry, Authorization } from '../../model/transaction.ts'
import { equalBytes } from '../../primitives/bytes.ts'
import type { Address } from '../../primitives/hex.ts'
import { badParam, invalidParams } from '../error.ts'
import { type Decoder, fieldsOf, listOf, mapped } from './decoder.ts'
import { address, bytes, hash, slot, uint256, uint64 } from './scalar.ts'

/** More than any fork lets into a block. */
const MAX_BLOBS = 128

const accessListEntry: Decoder<AccessListEntry> = mapped(
  fieldsOf({ address, storageKeys: listOf(slot) }),
  (entry, path) => ({
    address: required(entry.address, `${path}.address`),
    storageKeys: entry.storageKeys ?? [],
  }),
)

const authorization: Decoder<Authorization> = mapped(
  fieldsOf({
    chainId: uint256,
    address,
    nonce: uint64,
    yParity: uint256,
    v: uint256,
    r: uint256,
    s: uint256,
  }),
  (entry, path) => ({
    chainId: required(entry.chainId, `${path}.chainId`),
    address: required(entry.address, `${path}.address`),
    nonce: required(entry.nonce, `${path}.nonce`),
    yParity: required(entry.yParity ?? parityOf(entry.v), `${path}.yParity`),
    r: required(entry.r, `${path}.r`),
    s: required(entry.s, `${path}.s`),
  }),
)

/** A legacy `v` of 27 or 28 as a parity; others are parities already. */
function parityOf(v: bigint | undefined): bigint | undefined {
  return v === 27n || v === 28n ? v - 27n : v
}

/** `"0x"` and `""` create a contract, as null does: old clients send them. */
const to: Decoder<Address | null> = {
  schema: address.schema,
  decode: (value, path) => (value === '0x' || value === '' ? null : address.decode(value, path)),
}

/** A call goes by its other fields, whatever type it names (EIP-2718: up to 0x7f); what is sent must be of a known one. */
const transactionType: Decoder<number> = {
  schema: { title: 'transaction type', type: 'string' },
  decode(value, path) {
    const type = uint256.decode(value, path)
    if (type > 0x7fn) throw badParam(path, 'a transaction type from 0x0 to 0x7f', value)
    return Number(type)
  },
}

const blob: Decoder<Uint8Array> = mapped(bytes, (value, path) => {
  if (value.length !== BLOB_BYTES) {
    throw invalidParams(`\`${path}\`: expected a blob of ${BLOB_BYTES} bytes, got ${value.length}`)
  }
  return value
})

const wire = fieldsOf({
  type: transactionType,
  chainId: uint256,
  from: address,
  to,
  nonce: uint64,
  gas: uint64,
  gasLimit: uint64,
  value: uint256,
  data: bytes,
  input: bytes,
  gasPrice: uint256,
  maxFeePerGas: uint256,
  maxPriorityFeePerGas: uint256,
  accessList: listOf(accessListEntry),
  authorizationList: listOf(authorization),
  maxFeePerBlobGas: uint256,
  blobVersionedHashes: listOf(hash),
  blobs: listOf(blob, MAX_BLOBS),
})

/**
 * A transaction object of eth_call, eth_estimateGas, eth_sendTransaction. `data` and `input` mean the same and may
 * both stand when they are equal; `gasLimit` is taken for `gas`.
 */
export const callFields: Decoder<CallFields> = mapped(wire, (read, path) => {
  const { data, input, gasLimit, gas, value, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = read
  if (data !== undefined && input !== undefined && !equalBytes(data, input)) {
    throw invalidParams(
      `\`${path}\`: both "data" and "input" are set and not equal. Please use "input" to pass transaction call data`,
    )
  }
  if (gasPrice !== undefined && (maxFeePerGas ?? maxPriorityFeePerGas) !== undefined) {
    throw invalidParams(
      `\`${path}\`: both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified`,
    )
  }
  return {
    type: read.type,
    chainId: read.chainId,
    from: read.from,
    to: read.to,
    nonce: read.nonce,
    gas: gas ?? gasLimit,
    valueWei: value,
    data: input ?? data,
    gasPriceWei: gasPrice,
    maxFeePerGasWei: maxFeePerGas,
    maxPriorityFeePerGasWei: maxPriorityFeePerGas,
    accessList: read.accessList,
    authorizationList: read.authorizationList,
    maxFeePerBlobGasWei: read.maxFeePerBlobGas,
    blobVersionedHashes: read.blobVersionedHashes,
    blobs: read.blobs,
  }
})

function required<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw invalidParams(`\`${path}\`: missing, it is required`)
  return value
}

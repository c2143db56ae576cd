import { signatureV } from '../../model/codec/transaction.ts'
import { effectiveGasPrice, maxGasPrice } from '../../model/fees.ts'
import type { AccessList, Authorization, Transaction } from '../../model/transaction.ts'
import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import type { Json, LocatedTransaction } from '../backend.ts'

/** A transaction as Geth shows it. One that waits has null for its place, and its fee cap as gasPrice. */
export function encodeTransaction({ transaction, place }: LocatedTransaction): Json {
  const price =
    place === undefined
      ? maxGasPrice(transaction)
      : effectiveGasPrice(transaction, place.header.baseFeePerGasWei)
  return {
    blockHash: place?.hash ?? null,
    blockNumber: place === undefined ? null : toQuantity(place.header.number),
    blockTimestamp: place === undefined ? null : toQuantity(place.header.timestamp),
    from: transaction.sender,
    gas: toQuantity(transaction.gasLimit),
    gasPrice: toQuantity(price),
    ...feeCaps(transaction),
    hash: transaction.hash,
    input: bytesToHex(transaction.data),
    nonce: toQuantity(transaction.nonce),
    to: transaction.to,
    transactionIndex: place === undefined ? null : toQuantity(place.index),
    value: toQuantity(transaction.valueWei),
    type: toQuantity(transaction.type),
    ...typedFields(transaction),
    ...signature(transaction),
  }
}

export function encodeAccessList(accessList: AccessList): Json {
  return accessList.map(({ address, storageKeys }) => ({ address, storageKeys }))
}

function feeCaps(tx: Transaction): Readonly<Record<string, Json>> {
  if (tx.type === 0 || tx.type === 1) return {}
  const caps = {
    maxFeePerGas: toQuantity(tx.maxFeePerGasWei),
    maxPriorityFeePerGas: toQuantity(tx.maxPriorityFeePerGasWei),
  }
  return tx.type === 3 ? { ...caps, maxFeePerBlobGas: toQuantity(tx.maxFeePerBlobGasWei) } : caps
}

function typedFields(tx: Transaction): Readonly<Record<string, Json>> {
  if (tx.type === 0) return tx.chainId === undefined ? {} : { chainId: toQuantity(tx.chainId) }
  const common = { accessList: encodeAccessList(tx.accessList), chainId: toQuantity(tx.chainId) }
  switch (tx.type) {
    case 1:
    case 2:
      return common
    case 3:
      return { ...common, blobVersionedHashes: tx.blobVersionedHashes }
    case 4:
      return { ...common, authorizationList: tx.authorizationList.map(encodeAuthorization) }
  }
}

function encodeAuthorization(authorization: Authorization): Json {
  return {
    chainId: toQuantity(authorization.chainId),
    address: authorization.address,
    nonce: toQuantity(authorization.nonce),
    yParity: toQuantity(authorization.yParity),
    r: toQuantity(authorization.r),
    s: toQuantity(authorization.s),
  }
}

function signature(tx: Transaction): Readonly<Record<string, Json>> {
  const { r, s, yParity } = tx.signature
  const rs = { r: toQuantity(r), s: toQuantity(s) }
  if (tx.type === 0) return { v: toQuantity(signatureV(tx, tx.signature)), ...rs }
  return { v: toQuantity(yParity), ...rs, yParity: toQuantity(yParity) }
}

import type { Common } from '@ethereumjs/common'
import {
  type AccessListBytes,
  AccessList2930Tx,
  Blob4844Tx,
  EOACode7702Tx,
  FeeMarket1559Tx,
  LegacyTx,
  type TypedTransaction,
} from '@ethereumjs/tx'
import { Address as RawAddress } from '@ethereumjs/util'

import type { AccessList, Authorization } from '../../model/transaction.ts'
import { bigIntToBytes } from '../../primitives/bytes.ts'
import { type Address, hexToBytes } from '../../primitives/hex.ts'
import type { Executable } from '../engine.ts'

/**
 * ethereumjs' object for `tx` as `runTx` reads it. Its constructors would copy the rules, check again what was checked
 * and recover the sender, so the object is put together from its fields; signed or not, it says that it is unsigned,
 * since nothing may ask for its signature.
 */
export function toRawTransaction(tx: Executable, common: Common): TypedTransaction {
  const raw = assemble(tx, common)
  if (tx.to !== tx.sender || !common.isActivatedEIP(2780)) return raw
  // A transaction to oneself spares this, and ethereumjs knows the sender of a signed one only.
  const accessGas = common.param('txRecipientAccessGas')
  const sparedGas = tx.valueWei > 0n ? accessGas + common.param('txValueCost') : accessGas
  const gas = raw.getIntrinsicGas() - sparedGas
  return Object.assign(raw, { getIntrinsicGas: () => gas })
}

function assemble(tx: Executable, common: Common): TypedTransaction {
  const sender = toRawAddress(tx.sender)
  const shared = {
    type: tx.type,
    nonce: tx.nonce,
    gasLimit: tx.gasLimit,
    to: tx.to === null ? undefined : toRawAddress(tx.to),
    value: tx.valueWei,
    data: tx.data,
    common,
    cache: {},
    getSenderAddress: () => sender,
    isSigned: () => false,
  }
  if (tx.type === 0) {
    return build(LegacyTx, { ...shared, gasPrice: tx.gasPriceWei, activeCapabilities: [] })
  }
  const accessList = toRawAccessList(tx.accessList)
  if (tx.type === 1) {
    const fields = { gasPrice: tx.gasPriceWei, accessList, chainId: tx.chainId }
    return build(AccessList2930Tx, { ...shared, ...fields, activeCapabilities: [2718, 2930] })
  }
  const market = {
    ...shared,
    chainId: tx.chainId,
    accessList,
    maxFeePerGas: tx.maxFeePerGasWei,
    maxPriorityFeePerGas: tx.maxPriorityFeePerGasWei,
    activeCapabilities: [1559, 2718, 2930],
  }
  switch (tx.type) {
    case 2:
      return build(FeeMarket1559Tx, market)
    case 3:
      return build(Blob4844Tx, {
        ...market,
        maxFeePerBlobGas: tx.maxFeePerBlobGasWei,
        blobVersionedHashes: [...tx.blobVersionedHashes],
      })
    case 4:
      return build(EOACode7702Tx, {
        ...market,
        authorizationList: tx.authorizationList.map(toRawAuthorization),
        activeCapabilities: [1559, 2718, 2930, 7702],
      })
  }
}

export function toRawAddress(address: Address): RawAddress {
  return new RawAddress(hexToBytes(address))
}

function build<T extends TypedTransaction>(kind: { readonly prototype: T }, fields: object): T {
  return Object.assign(Object.create(kind.prototype) as T, fields)
}

function toRawAccessList(list: AccessList): AccessListBytes {
  return list.map(({ address, storageKeys }) => [hexToBytes(address), storageKeys.map(hexToBytes)])
}

function toRawAuthorization(
  item: Authorization,
): [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array] {
  return [
    bigIntToBytes(item.chainId),
    hexToBytes(item.address),
    bigIntToBytes(item.nonce),
    bigIntToBytes(item.yParity),
    bigIntToBytes(item.r),
    bigIntToBytes(item.s),
  ]
}

import type { Payload, PayloadAttributes } from '../../model/payload.ts'
import type { Block } from '../../model/block.ts'
import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import { invalidParams } from '../error.ts'
import { encodeWithdrawal } from './block.ts'
import { type Decoder, fieldsOf, listOf, mapped } from './decoder.ts'
import { type Encoder, objectOut } from './encoder.ts'
import { address, hash, uint64, word32 } from './scalar.ts'
import { withdrawal } from './withdrawal.ts'

/** The engine API's PayloadAttributes, of any version. */
export const payloadAttributes: Decoder<PayloadAttributes> = mapped(
  fieldsOf({
    timestamp: uint64,
    prevRandao: word32,
    suggestedFeeRecipient: address,
    withdrawals: listOf(withdrawal),
    parentBeaconBlockRoot: hash,
    targetGasLimit: uint64,
  }),
  (read, path) => {
    const { timestamp, prevRandao, suggestedFeeRecipient: feeRecipient } = read
    if (timestamp === undefined || prevRandao === undefined || feeRecipient === undefined) {
      throw invalidParams(
        `\`${path}\`: expected timestamp, prevRandao and suggestedFeeRecipient at least`,
      )
    }
    return {
      timestamp,
      prevRandao,
      feeRecipient,
      withdrawals: read.withdrawals ?? [],
      parentBeaconBlockRoot: read.parentBeaconBlockRoot,
      targetGasLimit: read.targetGasLimit,
    }
  },
)

/** What engine_getPayload answers: the payload with what it is worth, its blobs and its requests. */
export const payloadOut: Encoder<Payload> = objectOut('payload', (payload): Json => {
  const { block, valueWei, sidecars, requests } = payload
  return {
    executionPayload: encodePayload(block, payload.blockAccessList),
    blockValue: toQuantity(valueWei),
    blobsBundle: {
      commitments: sidecars.flatMap(({ commitments }) => commitments.map(bytesToHex)),
      proofs: sidecars.flatMap(({ proofs }) => proofs.map(bytesToHex)),
      blobs: sidecars.flatMap(({ blobs }) => blobs.map(bytesToHex)),
    },
    executionRequests: requests.map(bytesToHex),
    shouldOverrideBuilder: false,
  }
})

function encodePayload(
  { header, hash: blockHash, transactions, withdrawals }: Block,
  accessList: Uint8Array | undefined,
): Json {
  const { blobGasUsed, excessBlobGas, slotNumber } = header
  return {
    parentHash: header.parentHash,
    feeRecipient: header.beneficiary,
    stateRoot: header.stateRoot,
    receiptsRoot: header.receiptsRoot,
    logsBloom: bytesToHex(header.logsBloom),
    prevRandao: header.mixHash,
    blockNumber: toQuantity(header.number),
    gasLimit: toQuantity(header.gasLimit),
    gasUsed: toQuantity(header.gasUsed),
    timestamp: toQuantity(header.timestamp),
    extraData: bytesToHex(header.extraData),
    baseFeePerGas: toQuantity(header.baseFeePerGasWei ?? 0n),
    blockHash,
    transactions: transactions.map((tx) => bytesToHex(tx.raw)),
    ...(withdrawals && { withdrawals: withdrawals.map(encodeWithdrawal) }),
    ...(blobGasUsed !== undefined && { blobGasUsed: toQuantity(blobGasUsed) }),
    ...(excessBlobGas !== undefined && { excessBlobGas: toQuantity(excessBlobGas) }),
    ...(slotNumber !== undefined && { slotNumber: toQuantity(slotNumber) }),
    ...(accessList && { blockAccessList: bytesToHex(accessList) }),
  }
}

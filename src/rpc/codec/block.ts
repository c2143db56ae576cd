import type { Header, Withdrawal } from '../../model/block.ts'
import { blockSize } from '../../model/codec/block.ts'
import { headerHash } from '../../model/codec/header.ts'
import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import type { Json, LocatedBlock } from '../backend.ts'
import { encodeTransaction } from './transaction.ts'

/** A header as eth_getHeaderBy* and newHeads have it. Fields of later forks are absent before them. */
export function encodeHeader(header: Header, hash: string): { readonly [key: string]: Json } {
  return withoutUndefined({
    baseFeePerGas: optionalQuantity(header.baseFeePerGasWei),
    blobGasUsed: optionalQuantity(header.blobGasUsed),
    blockAccessListHash: header.blockAccessListHash,
    difficulty: toQuantity(header.difficulty),
    excessBlobGas: optionalQuantity(header.excessBlobGas),
    extraData: bytesToHex(header.extraData),
    gasLimit: toQuantity(header.gasLimit),
    gasUsed: toQuantity(header.gasUsed),
    hash,
    logsBloom: bytesToHex(header.logsBloom),
    miner: header.beneficiary,
    mixHash: header.mixHash,
    nonce: bytesToHex(header.nonce),
    number: toQuantity(header.number),
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    parentHash: header.parentHash,
    receiptsRoot: header.receiptsRoot,
    requestsHash: header.requestsHash,
    sha3Uncles: header.ommersHash,
    slotNumber: optionalQuantity(header.slotNumber),
    stateRoot: header.stateRoot,
    timestamp: toQuantity(header.timestamp),
    transactionsRoot: header.transactionsRoot,
    withdrawalsRoot: header.withdrawalsRoot,
  })
}

/**
 * A block as eth_getBlockBy* has it. The pending block has a hash and a nonce, as Anvil's has: typed clients fail on
 * null there. Its transactions are in no block yet.
 *
 * @param full whole transactions instead of their hashes
 */
export function encodeBlock(
  { block, pending }: LocatedBlock,
  full: boolean,
): { readonly [key: string]: Json } {
  const { header, hash } = block
  return {
    ...encodeHeader(header, hash),
    size: toQuantity(block.sizeBytes),
    transactions: block.transactions.map((transaction, index) => {
      if (!full) return transaction.hash
      const place = pending ? undefined : { header, hash, index }
      return encodeTransaction({ transaction, place })
    }),
    uncles: block.ommers.map(headerHash),
    ...(block.withdrawals && { withdrawals: block.withdrawals.map(encodeWithdrawal) }),
  }
}

/** An uncle as a block without transactions. */
export function encodeOmmer(ommer: Header): Json {
  return {
    ...encodeHeader(ommer, headerHash(ommer)),
    size: toQuantity(blockSize({ header: ommer, transactions: [], ommers: [] })),
    uncles: [],
  }
}

/** A withdrawal of a block or a payload. */
export function encodeWithdrawal(withdrawal: Withdrawal): Json {
  return {
    index: toQuantity(withdrawal.index),
    validatorIndex: toQuantity(withdrawal.validatorIndex),
    address: withdrawal.address,
    amount: toQuantity(withdrawal.amountGwei),
  }
}

function optionalQuantity(value: bigint | undefined): string | undefined {
  return value === undefined ? undefined : toQuantity(value)
}

function withoutUndefined(fields: Readonly<Record<string, Json | undefined>>): {
  readonly [key: string]: Json
} {
  const out: Record<string, Json> = {}
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) out[key] = value
  return out
}

import type { AccountOverride, BlockOverrides, StateOverrides } from '../../model/call.ts'
import type { Slot } from '../../primitives/hex.ts'
import { invalidParams } from '../error.ts'
import { type Decoder, fieldsOf, mapOf, mapped } from './decoder.ts'
import { address, bytes, hash, slot, uint256, uint64, word32 } from './scalar.ts'

const storage = mapOf(slot, uint256)

const accountOverride: Decoder<AccountOverride> = mapped(
  fieldsOf({
    balance: uint256,
    nonce: uint64,
    code: bytes,
    state: storage,
    stateDiff: storage,
    movePrecompileToAddress: address,
  }),
  (read, path) => {
    if (read.state !== undefined && read.stateDiff !== undefined) {
      throw invalidParams(`\`${path}\`: has both "state" and "stateDiff"`)
    }
    return {
      balanceWei: read.balance,
      nonce: read.nonce,
      code: read.code,
      storage: storageOverride(read.state, read.stateDiff),
      movePrecompileTo: read.movePrecompileToAddress,
    }
  },
)

function storageOverride(
  state: ReadonlyMap<Slot, bigint> | undefined,
  stateDiff: ReadonlyMap<Slot, bigint> | undefined,
): AccountOverride['storage'] {
  if (state !== undefined) return { kind: 'replace', slots: state }
  return stateDiff && { kind: 'diff', slots: stateDiff }
}

/** What eth_call pretends of accounts, by address. */
export const stateOverrides: Decoder<StateOverrides> = mapOf(address, accountOverride)

/** What eth_call pretends of the block; the names of Geth, and those of Erigon and Anvil beside them. */
export const blockOverrides: Decoder<BlockOverrides> = mapped(
  fieldsOf({
    number: uint256,
    blockNumber: uint256,
    time: uint64,
    timestamp: uint64,
    gasLimit: uint64,
    feeRecipient: address,
    coinbase: address,
    prevRandao: word32,
    random: word32,
    difficulty: uint256,
    baseFeePerGas: uint256,
    baseFee: uint256,
    blobBaseFee: uint256,
    blockHash: mapOf(uint64, hash),
  }),
  (read) => ({
    number: read.number ?? read.blockNumber,
    timestamp: read.time ?? read.timestamp,
    gasLimit: read.gasLimit,
    beneficiary: read.feeRecipient ?? read.coinbase,
    prevRandao: read.prevRandao ?? read.random,
    difficulty: read.difficulty,
    baseFeePerGasWei: read.baseFeePerGas ?? read.baseFee,
    blobBaseFeeWei: read.blobBaseFee,
    blockHashes: read.blockHash,
  }),
)

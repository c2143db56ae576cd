import { FORKS, isActive } from '../../model/fork.ts'
import type { BlockEnv, Executable, Switches } from '../engine.ts'
import type { Prices } from '../admission.ts'
import { opcodeTable } from './gas-table.ts'
import type { Instance } from './instance.ts'
import {
  BASE_FEE,
  BLOB_BASE_FEE,
  BLOB_HASH_COUNT,
  BLOB_HASHES,
  CHAIN_ID,
  COINBASE,
  FORK,
  GAS_LIMIT,
  GAS_PRICE,
  MAX_CODE_SIZE,
  MAX_INIT_CODE_SIZE,
  NUMBER,
  OPCODES,
  PRECOMPILES,
  PREVRANDAO,
  TIMESTAMP,
} from './layout.ts'
import { precompileBytes } from './precompile-table.ts'

const CODE_BYTES_LIMIT = 24_576
const NO_LIMIT = 0x7fffffff

/** What of a block is in an instance's memory already. */
export interface Written {
  env: BlockEnv | undefined
}

/** Writes what opcodes see of the block: nothing when it is there already. */
export function writeBlock(instance: Instance, written: Written, env: BlockEnv): void {
  const { rules, header } = env
  const { env: before } = written
  if (before === env) return
  if (before?.rules.fork !== rules.fork) {
    instance.u32[FORK >>> 2] = FORKS.indexOf(rules.fork)
    instance.u8.set(opcodeTable(rules.fork), OPCODES)
    instance.u8.set(precompileBytes(rules), PRECOMPILES)
  }
  instance.setWord(COINBASE, BigInt(header.beneficiary))
  instance.setWord(TIMESTAMP, header.timestamp)
  instance.setWord(NUMBER, header.number)
  const random = isActive(rules, 'paris') ? BigInt(header.mixHash) : header.difficulty
  instance.setWord(PREVRANDAO, random)
  instance.setWord(GAS_LIMIT, header.gasLimit)
  instance.setWord(CHAIN_ID, env.chainId)
  written.env = env
}

/** Writes what opcodes see of the transaction. */
export function writeTransaction(
  instance: Instance,
  prices: Prices,
  gasPriceWei: bigint,
  switches: Switches,
): void {
  instance.setWord(GAS_PRICE, gasPriceWei)
  instance.setWord(BASE_FEE, prices.shownBaseFeeWei ?? 0n)
  instance.setWord(BLOB_BASE_FEE, prices.blobFeeWei ?? 0n)
  const limit = switches.unlimitedCodeSize === true ? NO_LIMIT : CODE_BYTES_LIMIT
  instance.u32[MAX_CODE_SIZE >>> 2] = limit
  instance.u32[MAX_INIT_CODE_SIZE >>> 2] = limit === NO_LIMIT ? NO_LIMIT : 2 * limit
  instance.u32[BLOB_HASH_COUNT >>> 2] = 0
}

/** After the transaction has begun. */
export function writeBlobHashes(instance: Instance, tx: Executable): void {
  if (tx.type !== 3) return
  const hashes = tx.blobVersionedHashes
  const at = instance.fn.pin(hashes.length * 32)
  instance.refresh()
  for (const [i, hash] of hashes.entries()) instance.setWord(at + i * 32, BigInt(hash))
  instance.u32[BLOB_HASHES >>> 2] = at
  instance.u32[BLOB_HASH_COUNT >>> 2] = hashes.length
}

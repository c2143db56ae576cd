import { FORKS, type Rules, isActive } from '../../model/fork.ts'
import { codeLimits, networkOf } from '../../model/network.ts'
import { NO_RESOURCES } from '../../model/resources.ts'
import { putWord } from '../../primitives/limbs.ts'
import type { BlockEnv } from '../engine.ts'
import { opcodeTable } from './gas-table.ts'
import type { Instance } from './instance.ts'
import {
  CHAIN_ID,
  CHARGES_GAS_LIMIT,
  CODE_BYTE_GAS,
  CODE_LIMIT,
  COINBASE,
  COLD_ACCOUNT_GAS,
  COLD_SLOT_GAS,
  COMPUTE_LIMIT,
  DETENTION_GAS,
  FORK,
  FRAME_PERCENT,
  GAS_LIMIT,
  HALF_GAS_PER_WORD,
  HAS_RESERVE,
  INIT_CODE_LIMIT,
  IS_QUADRATIC,
  IS_VALUE_LATE,
  KEPT_PERCENT,
  LOG_BYTE_GAS,
  LOG_TOPIC_GAS,
  MAX_MEMORY,
  NETWORK_RULES,
  NO_DELEGATED_CREATES,
  NUMBER,
  OPCODES,
  PAGE_BITS,
  PAGE_GROWTH_GAS,
  PAGE_WRITE_GAS,
  PRECOMPILES,
  PREVRANDAO,
  RESERVE,
  RESOURCE_LIMITS,
  STORAGE_STIPEND,
  TIMESTAMP,
  TOPIC_BYTES,
  WATCHES_WRITES,
  WRITE_BYTES,
} from './layout.ts'
import { precompileBytes } from './precompile-table.ts'

/** Writes what opcodes see of the block. @param before the block that is in the instance's memory */
export function writeBlock(instance: Instance, before: BlockEnv | undefined, env: BlockEnv): void {
  const { rules, header } = env
  if (
    before?.rules.fork !== rules.fork ||
    before.rules.network !== rules.network ||
    before.rules.tweaks?.maxCodeBytes !== rules.tweaks?.maxCodeBytes
  ) {
    instance.u32[FORK >>> 2] = FORKS.indexOf(rules.fork)
    instance.u8.set(opcodeTable(rules.fork), OPCODES)
    instance.u8.set(precompileBytes(rules), PRECOMPILES)
    writeNetwork(instance, rules)
  }
  instance.setWord(COINBASE, BigInt(header.beneficiary))
  instance.setWord(TIMESTAMP, header.timestamp)
  instance.setWord(NUMBER, header.number)
  const random = isActive(rules, 'paris') ? BigInt(header.mixHash) : header.difficulty
  instance.setWord(PREVRANDAO, random)
  instance.setWord(GAS_LIMIT, header.gasLimit)
  instance.setWord(CHAIN_ID, env.chainId)
}

function writeNetwork({ u32, u64 }: Instance, rules: Rules): void {
  const network = networkOf(rules)
  u64[COLD_ACCOUNT_GAS >>> 3] = BigInt(network.coldAccountGas)
  u64[COLD_SLOT_GAS >>> 3] = BigInt(network.coldSlotGas)
  u64[HALF_GAS_PER_WORD >>> 3] = BigInt(network.memory.halfGasPerWord)
  u64[IS_QUADRATIC >>> 3] = network.memory.isQuadratic ? 1n : 0n
  u64[MAX_MEMORY >>> 3] = BigInt(network.maxMemoryBytes)
  const { maxCodeBytes, maxInitCodeBytes } = codeLimits(rules)
  u32[CODE_LIMIT >>> 2] = maxCodeBytes
  u32[INIT_CODE_LIMIT >>> 2] = maxInitCodeBytes
  u32[NETWORK_RULES >>> 2] =
    (network.chargesGasLimit ? CHARGES_GAS_LIMIT : 0) |
    (network.delegatedCreates ? 0 : NO_DELEGATED_CREATES) |
    (network.valueIsLate ? IS_VALUE_LATE : 0) |
    (network.reserve === undefined ? 0 : HAS_RESERVE)
  u32[PAGE_BITS >>> 2] = network.pages?.bits ?? 0
  u64[PAGE_WRITE_GAS >>> 3] = BigInt(network.pages?.writeGas ?? 0)
  u64[PAGE_GROWTH_GAS >>> 3] = BigInt(network.pages?.growthGas ?? 0)
  const { storage, limits } = network
  u64[KEPT_PERCENT >>> 3] = BigInt(network.keptPercent ?? 0)
  u64[LOG_TOPIC_GAS >>> 3] = BigInt(storage?.logTopicGas ?? 0)
  u64[LOG_BYTE_GAS >>> 3] = BigInt(storage?.logByteGas ?? 0)
  u64[CODE_BYTE_GAS >>> 3] = BigInt(storage?.codeByteGas ?? 0)
  u64[STORAGE_STIPEND >>> 3] = BigInt(storage?.callStipendGas ?? 0)
  u64[COMPUTE_LIMIT >>> 3] = BigInt(limits?.computeGas ?? 0)
  u64[DETENTION_GAS >>> 3] = BigInt(limits?.detainedGas ?? 0)
  const { dataBytes, kvUpdates, stateGrowth } = limits?.transaction ?? NO_RESOURCES
  for (const [i, most] of [dataBytes, kvUpdates, stateGrowth].entries()) {
    u64[(RESOURCE_LIMITS >>> 3) + i] = BigInt(most)
  }
  u64[FRAME_PERCENT >>> 3] = BigInt(limits?.framePercent ?? 0)
  u64[WRITE_BYTES >>> 3] = BigInt(limits?.data.write ?? 0)
  u64[TOPIC_BYTES >>> 3] = BigInt(limits?.data.logTopic ?? 0)
  u32[WATCHES_WRITES >>> 2] = network.pages === undefined && limits === undefined ? 0 : 1
  putWord(u64, RESERVE >>> 3, network.reserve?.reserveWei ?? 0n)
}

import { FORKS, isActive } from '../../model/fork.ts'
import type { BlockEnv } from '../engine.ts'
import { opcodeTable } from './gas-table.ts'
import type { Instance } from './instance.ts'
import {
  CHAIN_ID,
  COINBASE,
  FORK,
  GAS_LIMIT,
  NUMBER,
  OPCODES,
  PRECOMPILES,
  PREVRANDAO,
  TIMESTAMP,
} from './layout.ts'
import { precompileBytes } from './precompile-table.ts'

/** Writes what opcodes see of the block. @param before the block that is in the instance's memory */
export function writeBlock(instance: Instance, before: BlockEnv | undefined, env: BlockEnv): void {
  const { rules, header } = env
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
}

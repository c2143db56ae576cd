import type { BlockEnv } from '../evm/engine.ts'
import type { Block, Header } from '../model/block.ts'
import { type Rules, isActive } from '../model/fork.ts'
import type { SimulatedBlock } from '../model/simulation.ts'
import { ZERO_HASH } from '../primitives/hex.ts'
import { draftHeader } from './assemble.ts'
import type { Chain } from './chain.ts'
import type { LiveRecord } from './block-record.ts'
import type { PlannedBlock } from './simulation-plan.ts'

/** The header of a simulated block before it runs: what is not overridden follows the parent, and without validation gas is free. */
export function simulatedHeader(
  chain: Chain,
  parent: Block,
  { timestamp, blockOverrides }: PlannedBlock,
  validation: boolean,
): { readonly header: Header; readonly rules: Rules } {
  const overrides = blockOverrides ?? {}
  const { header, rules } = draftHeader(parent, chain.config, {
    timestamp,
    beneficiary: overrides.beneficiary ?? parent.header.beneficiary,
    gasLimit: overrides.gasLimit ?? parent.header.gasLimit,
    baseFeeWei: overrides.baseFeePerGasWei ?? (validation ? undefined : 0n),
    prevRandao: overrides.prevRandao ?? ZERO_HASH,
    parentBeaconBlockRoot: overrides.parentBeaconBlockRoot,
  })
  const inherited = isActive(rules, 'paris') ? 0n : parent.header.difficulty
  return { header: { ...header, difficulty: overrides.difficulty ?? inherited }, rules }
}

/** What calls of a simulated block see: BLOCKHASH knows the simulated blocks before it and those of the chain below. */
export function simulatedEnv(
  chain: Chain,
  base: LiveRecord,
  before: readonly SimulatedBlock[],
  { blockOverrides }: PlannedBlock,
  header: Header,
  rules: Rules,
): BlockEnv {
  const env = chain.env(header, rules, base)
  const first = base.block.header.number + 1n
  return {
    ...env,
    blobBaseFeeWei: blockOverrides?.blobBaseFeeWei,
    blockHash(number) {
      if (number >= header.number || header.number - number > 256n) return undefined
      const pretended = blockOverrides?.blockHashes?.get(number)
      if (pretended !== undefined) return pretended
      return number < first ? env.blockHash(number) : before[Number(number - first)]?.block.hash
    },
  }
}

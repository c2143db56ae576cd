import { keccakHash } from '../primitives/keccak.ts'
import type { ConsensusConfig, Round, ValidatorId } from './types.ts'

/** Who leads, and how much is enough. */

/** @throws {RangeError} naming the setting that cannot be. */
export function checkConfig(config: ConsensusConfig): void {
  const { stakes, timeoutMs, rootLag, seed } = config
  if (stakes.length === 0) throw new RangeError('`stakes`: expected at least one validator')
  for (const [index, stake] of stakes.entries()) {
    if (!Number.isSafeInteger(stake) || stake <= 0) {
      throw new RangeError(`\`stakes[${index}]\`: expected a whole number above 0, got ${stake}`)
    }
  }
  if (!(timeoutMs > 0))
    throw new RangeError(`\`timeoutMs\`: expected more than 0, got ${timeoutMs}`)
  if (!Number.isSafeInteger(rootLag) || rootLag < 0) {
    throw new RangeError(`\`rootLag\`: expected a whole number from 0 on, got ${rootLag}`)
  }
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`\`seed\`: expected a whole number, got ${seed}`)
}

function totalStake({ stakes }: ConsensusConfig): number {
  return stakes.reduce((sum, stake) => sum + stake, 0)
}

/** The stake that may be faulty without harm: under a third. */
export function faultyStake(config: ConsensusConfig): number {
  return Math.ceil(totalStake(config) / 3) - 1
}

/** Whether these validators, each counted once, hold over two thirds of the stake. */
export function isQuorum(config: ConsensusConfig, validators: Iterable<ValidatorId>): boolean {
  return stakeOf(config, validators) * 3 > totalStake(config) * 2
}

/** Whether one of them must be honest: they hold at least a third of the stake. */
export function hasHonest(config: ConsensusConfig, validators: Iterable<ValidatorId>): boolean {
  return stakeOf(config, validators) > faultyStake(config)
}

function stakeOf({ stakes }: ConsensusConfig, validators: Iterable<ValidatorId>): number {
  let sum = 0
  for (const validator of new Set(validators)) sum += stakes[validator] ?? 0
  return sum
}

/** Drawn by stake, from the seed and the round alone. */
export function leaderOf(config: ConsensusConfig, round: Round): ValidatorId {
  const digest = keccakHash(Buffer.from(`leader ${config.seed} ${round}`))
  let ticket = Number(BigInt(digest) % BigInt(totalStake(config)))
  for (const [validator, stake] of config.stakes.entries()) {
    if (ticket < stake) return validator
    ticket -= stake
  }
  return 0
}

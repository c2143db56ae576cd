import { type Rules, isActive } from './fork.ts'

/** Block rewards before the merge, in wei. */

const ETHER = 10n ** 18n

/** What the beneficiary gets for a block: 5 ether, 3 since Byzantium (EIP-649), 2 since Constantinople (EIP-1234), 0 since Paris. */
export function blockReward(rules: Rules): bigint {
  if (isActive(rules, 'paris')) return 0n
  if (isActive(rules, 'constantinople')) return 2n * ETHER
  return (isActive(rules, 'byzantium') ? 3n : 5n) * ETHER
}

/** What the beneficiary of an ommer gets, in wei: an eighth of the block's reward less per generation. */
export function ommerReward(rewardWei: bigint, blockNumber: bigint, ommerNumber: bigint): bigint {
  return ((8n + ommerNumber - blockNumber) * rewardWei) / 8n
}

/** What the block's own beneficiary gets for the ommers that it includes, in wei. */
export function nephewReward(rewardWei: bigint, ommerCount: number): bigint {
  return (rewardWei / 32n) * BigInt(ommerCount)
}

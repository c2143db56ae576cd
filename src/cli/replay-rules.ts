import type { Header } from '../model/block.ts'
import { type ChainConfig, configAtFork } from '../model/fork.ts'
import { forkShownBy, knownSchedule } from '../node/fork/schedules.ts'

/** Mainnet, Sepolia, Holesky, Hoodi: chains that have Ethereum's rules and no others. */
const ETHEREUM = new Set([1n, 11_155_111n, 17_000n, 560_048n])

/** The rules of a chain, as far as they are known; else those that a block of it shows. */
export function configOfChain(chainId: bigint, header: Header): ChainConfig {
  return knownSchedule(chainId) ?? configAtFork(forkShownBy(header, 'osaka'), chainId)
}

/** Why a block of this chain need not come out here as it did there; undefined when it must. */
export function whyNotComparable(chainId: bigint): string | undefined {
  if (ETHEREUM.has(chainId)) return undefined
  return `gas not comparable: what chain ${chainId} has besides Ethereum's rules is not known here`
}

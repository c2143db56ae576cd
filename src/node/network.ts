import { type ForkName, describeFork } from '../model/fork.ts'
import { networkRules } from '../model/network.ts'
import type { NodeConfig } from './config.ts'
import { DEFAULT_NODE_CONFIG } from './defaults.ts'
import { StartError } from './start-error.ts'

/**
 * A node's whole configuration: what is given, what its network has where nothing is, and the defaults.
 * @throws {StartError} when what is given cannot be with the network's rules
 */
export function wholeConfig(given: Partial<NodeConfig>): NodeConfig {
  const { network } = given
  if (network === undefined) return { ...DEFAULT_NODE_CONFIG, ...given }
  const rules = networkRules(network)
  const refuse = (why: string): never => {
    throw new StartError(`the rules of ${network} ${why}`)
  }
  if (given.hardfork !== undefined && given.hardfork !== rules.fork) {
    refuse(`are those of hardfork ${rules.fork}, changed: it cannot be ${given.hardfork}`)
  }
  if (given.engine === 'ethereumjs') {
    refuse("are tables of the engine wasm: the reference engine, ethereumjs, has Ethereum's only")
  }
  for (const [key, what] of OTHER_CHAINS) {
    if (given[key] !== undefined) refuse(`are for a chain of the node's own, not yet for ${what}`)
  }
  return {
    ...DEFAULT_NODE_CONFIG,
    hardfork: rules.fork,
    gasLimit: rules.blockGasLimit,
    enforceTxGasCap: rules.transactionGasCap !== undefined,
    baseFeeWei: rules.baseFeeWei,
    ...given,
  }
}

/** Their first block says by which rules it was made. */
const OTHER_CHAINS = [
  ['fork', 'a fork of a remote one'],
  ['genesisFile', 'a genesis file'],
  ['importFile', 'an imported one'],
] as const satisfies readonly (readonly [keyof NodeConfig, string])[]

/** By which rules a chain's newest block was made, for users. */
export function describeRules(fork: ForkName, network: NodeConfig['network']): string {
  if (network === undefined) return describeFork(fork)
  return `${describeFork(fork)}; gas rules ${networkRules(network).label}`
}

/** By whose rules gas is counted, for users. */
export function gasRules(network: NodeConfig['network']): string {
  return network === undefined ? 'ethereum' : networkRules(network).label
}

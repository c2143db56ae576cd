import { Clock } from '../../chain/clock.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import type { Start } from '../../chain/dev-parts.ts'
import type { Address } from '../../primitives/hex.ts'
import type { ForkTarget } from '../../rpc/backend.ts'
import type { NodeConfig } from '../config.ts'
import { wholeConfig } from '../network.ts'
import type { HeddleNode } from '../node.ts'
import { type StartedChain, gasLimitOf, ownOrigin } from '../start-chain.ts'
import type { Wallet } from '../wallet.ts'
import { ForkConfigError } from './fork-config.ts'
import { Forking } from './forking.ts'
import { nextRulesOf } from './open-fork.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'

/** How a node becomes a fork, at its start and by a reset. */

/** Opens what the configuration says to fork, if it does. @throws {RemoteError | ForkConfigError} */
export function openForking(
  config: NodeConfig,
  given: Partial<NodeConfig>,
  wallet: Wallet,
): Promise<Forking> {
  return Forking.open(config.fork, {
    chainId: given.chainId,
    hardfork: given.hardfork,
    newest: config.hardfork,
    funded: wallet.funded(config),
    create2Deployer: config.create2Deployer,
  })
}

/** What a fork decides where the user does not. */
export function onFork(
  config: NodeConfig,
  given: Partial<NodeConfig>,
  { fork }: Forking,
): NodeConfig {
  if (fork === undefined) return config
  return {
    ...config,
    chainId: fork.config.chainId,
    hardfork: nextRulesOf(fork),
    gasLimit: given.gasLimit ?? fork.header.gasLimit,
    genesisTimestamp: given.genesisTimestamp ?? fork.header.timestamp,
    genesisNumber: fork.header.number,
  }
}

export interface RestartParts {
  readonly config: NodeConfig
  /** What the user asked for. */
  readonly given: Partial<NodeConfig>
  readonly wallet: Wallet
  readonly dev: DevChain
  readonly forking: Forking
  readonly started: StartedChain
}

/** Where a reset to another chain begins, and what makes it the one that is forked. @throws {RemoteError | ForkConfigError} */
export async function restart(
  { config, given, wallet, dev, forking, started }: RestartParts,
  target: ForkTarget | undefined,
): Promise<{ readonly start: Start; readonly enter: () => Promise<unknown> }> {
  if (started.disk !== undefined) {
    throw new ForkConfigError('a chain that is kept in a data folder cannot become a fork')
  }
  const { settings } = dev
  const common = {
    coinbase: config.coinbase,
    nextPrevRandao: undefined,
    extraData: EMPTY_BYTES,
    withdrawals: [],
    minGasPriceWei: 0n,
    impersonated: new Set<Address>(),
    autoImpersonate: settings.autoImpersonate,
    nextBaseFeeWei: undefined,
  }
  if (target === undefined) {
    const plain = wholeConfig(given)
    const origin = ownOrigin(plain, wallet, dev.chain.config.chainId)
    const gasLimit = gasLimitOf(plain)
    const start = { origin, clock: new Clock(undefined).state, settings: { ...common, gasLimit } }
    return { start, enter: () => forking.leave() }
  }
  if (config.network !== undefined) {
    throw new ForkConfigError(
      `a chain with the rules of ${config.network} cannot become a fork yet`,
    )
  }
  const { fork, enter } = await forking.prepare(target)
  const { header, origin } = fork
  const gasLimit = config.disableBlockGasLimit
    ? settings.gasLimit
    : (given.gasLimit ?? header.gasLimit)
  const clock = new Clock(header.timestamp).state
  return { start: { origin, clock, settings: { ...common, gasLimit } }, enter }
}

/** For the banner. */
export function describeForking(forking: Forking): ReturnType<HeddleNode['describe']>['fork'] {
  const info = forking.info()
  return info && { ...info, offline: forking.fork?.offline }
}

import { existsSync, readFileSync } from 'node:fs'

import type { AccountsConfig, MiningConfig, NodeConfig, ServerConfig } from '../node/config.ts'
import { DEFAULT_NODE_CONFIG, DEFAULT_SERVER_CONFIG } from '../node/defaults.ts'
import type { ForkConfig } from '../node/fork/fork-config.ts'
import { randomMnemonic, seededMnemonic } from '../node/mnemonic.ts'
import type { ConsensusOptions } from '../node/pipeline/presets.ts'
import { longName } from './options.ts'
import type { Settings } from './settings.ts'
import { messageOf } from './start-error.ts'

/** Only what was set: a genesis file may decide the rest. */
export async function toNodeConfig(settings: Partial<Settings>): Promise<Partial<NodeConfig>> {
  return withoutUndefined<NodeConfig>({
    chainId: settings.chainId,
    hardfork: settings.hardfork,
    network: settings.network === 'ethereum' ? undefined : settings.network,
    engine: settings.engine,
    accounts: await toAccounts(settings),
    fundedAccounts: toFunded(settings),
    mining: toMining(settings),
    consensus: toConsensus(settings),
    order: settings.order,
    fork: toFork(settings),
    gasLimit: settings.gasLimit,
    disableBlockGasLimit: settings.disableBlockGasLimit,
    baseFeeWei: settings.blockBaseFeePerGas,
    gasPriceWei: settings.gasPrice,
    minPriorityFee: not(settings.disableMinPriorityFee),
    enforceTxGasCap: settings.enableTxGasLimit,
    coinbase: settings.coinbase,
    genesisTimestamp: settings.timestamp,
    genesisNumber: settings.number,
    codeSizeLimit: settings.disableCodeSizeLimit === true ? Infinity : settings.codeSizeLimit,
    create2Deployer: not(settings.disableDefaultCreate2Deployer),
    autoImpersonate: settings.autoImpersonate,
    poolBalanceChecks: not(settings.disablePoolBalanceChecks),
    maxBlockTransactions: settings.maxTransactions,
    slotsInAnEpoch: settings.slotsInAnEpoch,
    executor: settings.executor,
    workers: settings.workers,
    forceParallel: settings.forceParallel,
    recordedBlocks: settings.record,
    maxBundle: settings.maxBundle,
    maxRange: settings.maxRange,
    dataDir: settings.dataDir,
    keptStates: settings.history,
    cacheMib: settings.cache,
    stateFile: settings.state,
    loadState: settings.loadState,
    dumpState: settings.dumpState,
    stateIntervalMs: settings.stateInterval,
    historicalStates: settings.preserveHistoricalStates,
    genesisFile: settings.init,
    importFile: settings.import,
    artefactDirs: settings.artefacts ?? foundryOut(),
    compat: settings.compat,
    printTraces: toTraces(settings),
  })
}

export function toServerConfig(settings: Partial<Settings>): ServerConfig {
  const standard = DEFAULT_SERVER_CONFIG
  return {
    ...standard,
    host: settings.host ?? standard.host,
    port: settings.port ?? standard.port,
    allowOrigin: settings.allowOrigin ?? standard.allowOrigin,
    cors: not(settings.noCors) ?? standard.cors,
    ui: not(settings.noUi) ?? standard.ui,
    allowedHosts: settings.allowedHosts ?? standard.allowedHosts,
    maxBodyBytes: toMaxBody(settings) ?? standard.maxBodyBytes,
    maxBatch: settings.maxBatch ?? standard.maxBatch,
    compression: settings.compression ?? standard.compression,
    ipcPath: settings.ipc ?? standard.ipcPath,
  }
}

/** As Hardhat's levels: 3 shows what failed, 4 all. */
function toTraces({
  printTraces,
  verbosity = 0,
}: Partial<Settings>): NodeConfig['printTraces'] | undefined {
  if (printTraces === true || verbosity >= 4) return 'all'
  return verbosity === 3 ? 'failures' : undefined
}

function toMaxBody({ noRequestSizeLimit, maxBody }: Partial<Settings>): number | undefined {
  if (noRequestSizeLimit === true) return Infinity
  return maxBody === undefined ? undefined : maxBody * 2 ** 20
}

/** @throws {Error} when the scenario cannot be read */
function toConsensus({
  consensus,
  consensusSet,
  consensusScenario,
}: Partial<Settings>): ConsensusOptions | undefined {
  if (consensus === undefined && consensusSet === undefined && consensusScenario === undefined) {
    return undefined
  }
  return {
    preset: consensus ?? DEFAULT_NODE_CONFIG.consensus.preset,
    set: consensusSet,
    scenario: consensusScenario === undefined ? undefined : readScenario(consensusScenario),
  }
}

function readScenario(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`the scenario ${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** @throws {Error} when a setting of a fork stands alone */
function toFork(settings: Partial<Settings>): ForkConfig | undefined {
  const { forkUrl, cachePath, noStorageCaching, noRateLimit } = settings
  if (forkUrl === undefined) {
    const lone = LONE_FORK_KEYS.find((key) => settings[key] !== undefined)
    if (lone === undefined) return undefined
    throw new Error(`--${longName(lone)} needs --fork-url`)
  }
  return withoutUndefined<ForkConfig>({
    url: forkUrl,
    blockNumber: settings.forkBlockNumber,
    transactionHash: settings.forkTransactionHash,
    chainId: settings.forkChainId,
    headers: settings.forkHeader,
    timeoutMs: settings.timeout,
    retries: settings.retries,
    retryBackoffMs: settings.forkRetryBackoff,
    computeUnitsPerSecond: noRateLimit === true ? Infinity : settings.computeUnitsPerSecond,
    caching: noStorageCaching === true ? false : undefined,
    cachePath,
  }) as ForkConfig
}

/** They would mean nothing. */
const LONE_FORK_KEYS = [
  'forkBlockNumber',
  'forkTransactionHash',
  'forkChainId',
  'forkHeader',
] as const

async function toAccounts(settings: Partial<Settings>): Promise<AccountsConfig | undefined> {
  const { accounts, balance, derivationPath } = settings
  const mnemonic = await toMnemonic(settings)
  const wanted = [accounts, balance, derivationPath, mnemonic]
  if (wanted.every((value) => value === undefined)) return undefined
  const standard = DEFAULT_NODE_CONFIG.accounts
  return {
    mnemonic: mnemonic ?? standard.mnemonic,
    derivationPath: derivationPath ?? standard.derivationPath,
    count: accounts ?? standard.count,
    balanceWei: balance ?? standard.balanceWei,
  }
}

function toFunded({
  fundAccounts,
  balance = DEFAULT_NODE_CONFIG.accounts.balanceWei,
}: Partial<Settings>): NodeConfig['fundedAccounts'] | undefined {
  if (fundAccounts === undefined) return undefined
  return new Map([...fundAccounts].map(([address, wei]) => [address, wei ?? balance]))
}

async function toMnemonic(settings: Partial<Settings>): Promise<string | undefined> {
  if (settings.mnemonicRandom !== undefined) return randomMnemonic(settings.mnemonicRandom)
  if (settings.mnemonicSeedUnsafe !== undefined) return seededMnemonic(settings.mnemonicSeedUnsafe)
  return settings.mnemonic
}

function toMining(settings: Partial<Settings>): MiningConfig | undefined {
  if (settings.noMining === true) return { kind: 'manual' }
  if (settings.blockTime === undefined) return undefined
  const kind = settings.mixedMining === true ? 'mixed' : 'interval'
  return { kind, intervalMs: settings.blockTime }
}

/** Foundry's `out` folder when foundry.toml puts it elsewhere, besides the usual ones. */
function foundryOut(): readonly string[] | undefined {
  if (!existsSync('foundry.toml')) return undefined
  const found = /^\s*out\s*=\s*["']([^"']+)["']/m.exec(readFileSync('foundry.toml', 'utf8'))
  const folder = found?.[1]
  const standard = DEFAULT_NODE_CONFIG.artefactDirs
  return folder === undefined || standard.includes(folder) ? undefined : [folder, ...standard]
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value
}

function withoutUndefined<T>(values: { readonly [K in keyof T]?: T[K] | undefined }): Partial<T> {
  const set = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(set) as Partial<T>
}

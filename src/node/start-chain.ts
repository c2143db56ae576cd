import { readFile } from 'node:fs/promises'

import type { Chain } from '../chain/chain.ts'
import { type GenesisSpec, devAlloc } from '../chain/genesis.ts'
import type { Origin } from '../chain/origin.ts'
import {
  type DiskOptions,
  type OpenedChain,
  newChain,
  openChain,
  originOf,
} from '../chain/open-chain.ts'
import { HEAD_KEY } from '../chain/archive-keys.ts'
import type { Executor } from '../executor/executor.ts'
import { decodeBlocks } from '../model/codec/block.ts'
import { configAtFork } from '../model/fork.ts'
import type { Kv, KvWrite } from '../store/kv.ts'
import type { NodeConfig } from './config.ts'
import type { Forking } from './fork/forking.ts'
import { replayUpTo } from './fork/replay-up-to.ts'
import { expectSameFile, keptGenesis, keptOrigin, readGenesisFile } from './genesis-source.ts'
import { NOTHING_SET } from './kept-settings.ts'
import { StartError } from './start-error.ts'
import type { Wallet } from './wallet.ts'

export interface StartedChain extends OpenedChain {
  /** The newest block that was imported, or the genesis. */
  readonly settled: bigint
}

/** The chain that the configuration describes: kept in a folder or in memory, with the blocks to import on it. */
export async function startChain(
  config: NodeConfig,
  wallet: Wallet,
  executor: Executor,
  forking: Forking,
  disk: Pick<DiskOptions, 'onFailure' | 'onRecovered'>,
): Promise<StartedChain> {
  if (forking.fork !== undefined) return startFork(config, executor, forking)
  const opened = await open(config, wallet, executor, disk)
  opened.chain.recordings.limit = config.recordedBlocks
  if (config.importFile !== undefined) await importChain(opened.chain, config.importFile)
  const { history } = opened.chain
  const settled = (config.importFile === undefined ? history.genesis : history.head).block.header
    .number
  return { ...opened, settled }
}

async function startFork(
  config: NodeConfig,
  executor: Executor,
  forking: Forking,
): Promise<StartedChain> {
  const { fork, transactionHash } = forking
  const chain = newChain(fork!.origin, executor, config.keptStates)
  if (transactionHash !== undefined) await replayUpTo(chain, fork!, transactionHash)
  return { chain, disk: undefined, states: undefined, settled: chain.head.block.header.number }
}

/** Why the configuration cannot fork; undefined when it can. @throws {StartError} */
export function checkForkable({ fork, dataDir, genesisFile, importFile }: NodeConfig): void {
  if (fork === undefined) return
  const other =
    dataDir === undefined
      ? (genesisFile ?? importFile) === undefined
        ? undefined
        : 'a genesis or chain file (--init, --import)'
      : 'a data folder (--data-dir); --state keeps a fork'
  if (other !== undefined) throw new StartError(`a fork (--fork-url) does not go with ${other}`)
}

/** A chain of the node's own, as `config` describes it, with the chain id that holds now. */
export function ownOrigin(config: NodeConfig, wallet: Wallet, chainId: bigint): Origin {
  return originOf(genesisSpec({ ...config, chainId }, wallet))
}

async function open(
  config: NodeConfig,
  wallet: Wallet,
  executor: Executor,
  disk: Pick<DiskOptions, 'onFailure' | 'onRecovered'>,
): Promise<OpenedChain> {
  const { keptStates, cacheMib } = config
  if (config.dataDir === undefined) {
    const chain = newChain(genesisSpec(config, wallet), executor, keptStates)
    return { chain, disk: undefined, states: undefined }
  }
  const { openLevelKv } = await import('../store/level-kv.ts')
  const kv = await openLevelKv(config.dataDir)
  try {
    const isNew = kv.get(HEAD_KEY) === undefined
    const { from, origin, record } = await beginning(config, wallet, kv, config.dataDir)
    const opened = openChain(from, executor, kv, {
      identity: `chain id ${config.chainId}, hardfork ${rulesOf(config)}, ${origin}`,
      keptStates,
      cacheBytes: cacheMib * 2 ** 20,
      ...disk,
    })
    if (isNew) opened.disk.put(record === undefined ? [NOTHING_SET] : [NOTHING_SET, record])
    // A new folder has its genesis from here on, whatever becomes of the process.
    await opened.disk.flush()
    return opened
  } catch (error) {
    await kv.close()
    throw error
  }
}

function rulesOf({ hardfork, network }: NodeConfig): string {
  return network === undefined ? hardfork : `${hardfork}, network ${network}`
}

/** What the chain in a folder begins with. */
interface Beginning {
  readonly from: Parameters<typeof openChain>[0]
  /** What two runs must share, beside id and fork, for the second to go on with the first's chain. */
  readonly origin: string
  /** To keep beside a new chain. */
  readonly record?: KvWrite
}

async function beginning(
  config: NodeConfig,
  wallet: Wallet,
  kv: Kv,
  folder: string,
): Promise<Beginning> {
  const { genesisFile, genesisNumber } = config
  if (genesisFile === undefined) {
    return { from: genesisSpec(config, wallet), origin: `genesis ${genesisNumber}` }
  }
  const kept = keptGenesis(kv)
  if (kept === undefined) {
    const { spec, sha256, record } = readGenesisFile(genesisFile)
    return { from: spec, origin: fileOrigin(sha256), record }
  }
  await expectSameFile(kept, genesisFile, folder)
  return {
    from: (world) => keptOrigin(kept, genesisFile, folder, world),
    origin: fileOrigin(kept.sha256),
  }
}

/** The content counts, wherever the file lies. */
function fileOrigin(sha256: string): string {
  return `the genesis file of SHA-256 ${sha256}`
}

function genesisSpec(config: NodeConfig, wallet: Wallet): GenesisSpec {
  if (config.genesisFile !== undefined) return readGenesisFile(config.genesisFile).spec
  return {
    config: configAtFork(config.hardfork, config.chainId, config.network),
    alloc: devAlloc({
      fork: config.hardfork,
      funded: wallet.funded(config),
      create2Deployer: config.create2Deployer,
    }),
    header: {
      number: config.genesisNumber,
      gasLimit: gasLimitOf(config),
      timestamp: config.genesisTimestamp ?? BigInt(Math.floor(Date.now() / 1000)),
      baseFeePerGasWei: config.baseFeeWei,
    },
  }
}

/** A block without a limit takes what no transaction can reach. */
export function gasLimitOf(config: NodeConfig): bigint {
  return config.disableBlockGasLimit ? 2n ** 63n - 1n : config.gasLimit
}

async function importChain(chain: Chain, path: string): Promise<void> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new StartError(`the chain file ${path} cannot be read: ${reason(error)}`, {
      cause: error,
    })
  }
  for (const decoded of decodeBlocks(bytes)) {
    if (!decoded.ok) throw new StartError(`${path}: ${decoded.error}`)
    const block = decoded.value
    // Exports begin with the genesis, which the chain has.
    if (chain.history.byHash(block.hash) !== undefined) continue
    const outcome = await chain.import(block)
    if (outcome.kind === 'refused') {
      throw new StartError(`${path}: block ${block.header.number} is refused: ${outcome.detail}`)
    }
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import type { ExecutorName } from '../executor/names.ts'
import type { EngineName } from '../evm/load.ts'
import type { ForkName, NetworkName } from '../model/fork.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { MnemonicLength } from '../node/mnemonic.ts'
import type { PresetName } from '../node/pipeline/presets.ts'
import type { PipelineOverrides } from '../node/pipeline/presets.ts'
import type { HeddleConfig } from '../node/user-config.ts'

export type Key = keyof HeddleConfig

/** Accounts, how blocks are made, and what the chain starts from and is kept in. */
export interface ChainSettings {
  readonly accounts: number
  /** Wei. */
  readonly balance: bigint
  /** Wei; without an amount the dev accounts' balance. */
  readonly fundAccounts: ReadonlyMap<Address, bigint | undefined>
  readonly mnemonic: string
  readonly mnemonicRandom: MnemonicLength
  readonly mnemonicSeedUnsafe: bigint
  readonly derivationPath: string
  readonly autoImpersonate: boolean
  /** Milliseconds. */
  readonly blockTime: number
  readonly noMining: boolean
  readonly mixedMining: boolean
  readonly consensus: PresetName
  readonly consensusSet: PipelineOverrides
  readonly consensusScenario: string
  readonly order: 'fees' | 'fifo'
  readonly maxTransactions: number
  readonly slotsInAnEpoch: number
  readonly coinbase: Address
  readonly chainId: bigint
  readonly hardfork: ForkName
  readonly network: NetworkName | 'ethereum'
  readonly number: bigint
  /** Seconds since 1970. */
  readonly timestamp: bigint
  readonly init: string
  readonly import: string
  readonly dataDir: string
  /** Blocks. */
  readonly history: number
  /** MiB. */
  readonly cache: number
  readonly state: string
  readonly loadState: string
  readonly dumpState: string
  /** Milliseconds. */
  readonly stateInterval: number
  readonly preserveHistoricalStates: boolean
  readonly disableDefaultCreate2Deployer: boolean
}

/** Fees, and limits of blocks and transactions. */
export interface FeeSettings {
  /** Wei. */
  readonly blockBaseFeePerGas: bigint
  /** Wei. */
  readonly gasPrice: bigint
  readonly gasLimit: bigint
  readonly disableBlockGasLimit: boolean
  readonly enableTxGasLimit: boolean
  readonly disableMinPriorityFee: boolean
  /** Bytes. */
  readonly codeSizeLimit: number
  readonly disableCodeSizeLimit: boolean
  readonly disablePoolBalanceChecks: boolean
}

/** Where the node listens, to whom, and how much it takes at once. */
export interface ServerSettings {
  readonly port: number
  readonly host: string
  readonly allowOrigin: string
  readonly noCors: boolean
  readonly noUi: boolean
  readonly allowedHosts: readonly string[]
  readonly noRequestSizeLimit: boolean
  /** MiB. */
  readonly maxBody: number
  /** Requests. */
  readonly maxBatch: number
  readonly compression: 'auto' | 'always' | 'never'
  readonly compat: 'anvil' | 'hardhat'
  readonly ipc: string
}

/** The remote chain that a fork starts on, and how it is asked. */
export interface ForkSettings {
  readonly forkUrl: readonly string[]
  readonly forkBlockNumber: bigint
  readonly forkTransactionHash: Hash
  readonly forkChainId: bigint
  readonly forkHeader: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly timeout: number
  readonly retries: number
  /** Milliseconds. */
  readonly forkRetryBackoff: number
  readonly computeUnitsPerSecond: number
  readonly noRateLimit: boolean
  readonly noStorageCaching: boolean
  readonly cachePath: string
}

/** What executes, and what is kept of it. */
export interface ExecutionSettings {
  readonly engine: EngineName
  readonly executor: ExecutorName
  readonly workers: number
  readonly forceParallel: boolean
  /** Blocks. */
  readonly record: number
  /** Transactions. */
  readonly maxBundle: number
  /** Blocks. */
  readonly maxRange: number
  readonly artefacts: readonly string[]
}

/** What is printed and written. */
export interface OutputSettings {
  readonly disableConsoleLog: boolean
  readonly configOut: string
  readonly quiet: boolean
  readonly json: boolean
  readonly color: 'auto' | 'always' | 'never'
  readonly printTraces: boolean
  readonly gasReport: boolean
  readonly verbosity: number
}

/** What flags, variables and the configuration file set, read. Absent is not set. */
export interface Settings
  extends
    ChainSettings,
    FeeSettings,
    ServerSettings,
    ForkSettings,
    ExecutionSettings,
    OutputSettings {}

import type { ExecutorName } from '../executor/names.ts'
import type { EngineName } from '../evm/load.ts'
import type { ForkName } from '../model/fork.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { MnemonicLength } from '../node/mnemonic.ts'
import type { HeddleConfig } from '../node/user-config.ts'

export type Key = keyof HeddleConfig

/** What flags, variables and the configuration file set, read. Absent is not set. */
export interface Settings {
  readonly accounts: number
  /** Wei. */
  readonly balance: bigint
  readonly mnemonic: string
  readonly mnemonicRandom: MnemonicLength
  readonly mnemonicSeedUnsafe: bigint
  readonly derivationPath: string
  readonly port: number
  readonly host: string
  /** Milliseconds. */
  readonly blockTime: number
  readonly noMining: boolean
  readonly mixedMining: boolean
  readonly order: 'fees' | 'fifo'
  readonly hardfork: ForkName
  readonly chainId: bigint
  readonly forkUrl: readonly string[]
  readonly forkBlockNumber: bigint
  readonly forkTransactionHash: Hash
  readonly forkChainId: bigint
  readonly forkHeader: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly forkRetryBackoff: number
  readonly retries: number
  /** Milliseconds. */
  readonly timeout: number
  readonly computeUnitsPerSecond: number
  readonly noRateLimit: boolean
  readonly noStorageCaching: boolean
  readonly cachePath: string
  readonly number: bigint
  /** Seconds since 1970. */
  readonly timestamp: bigint
  readonly init: string
  readonly import: string
  readonly configOut: string
  readonly slotsInAnEpoch: number
  readonly ipc: string
  readonly allowOrigin: string
  readonly noCors: boolean
  readonly noRequestSizeLimit: boolean
  /** MiB. */
  readonly maxBody: number
  /** Requests. */
  readonly maxBatch: number
  /** Transactions. */
  readonly maxBundle: number
  /** Blocks. */
  readonly maxRange: number
  readonly compression: 'auto' | 'always' | 'never'
  readonly compat: 'anvil' | 'hardhat'
  readonly allowedHosts: readonly string[]
  /** Wei. */
  readonly blockBaseFeePerGas: bigint
  readonly gasLimit: bigint
  /** Wei. */
  readonly gasPrice: bigint
  /** Bytes. */
  readonly codeSizeLimit: number
  readonly disableCodeSizeLimit: boolean
  readonly disableBlockGasLimit: boolean
  readonly disableMinPriorityFee: boolean
  readonly enableTxGasLimit: boolean
  readonly autoImpersonate: boolean
  readonly disableConsoleLog: boolean
  readonly disableDefaultCreate2Deployer: boolean
  readonly disablePoolBalanceChecks: boolean
  readonly coinbase: Address
  readonly dataDir: string
  readonly state: string
  readonly loadState: string
  readonly dumpState: string
  /** Milliseconds. */
  readonly stateInterval: number
  readonly preserveHistoricalStates: boolean
  /** Blocks. */
  readonly history: number
  /** MiB. */
  readonly cache: number
  readonly engine: EngineName
  readonly executor: ExecutorName
  readonly workers: number
  readonly forceParallel: boolean
  /** Blocks. */
  readonly record: number
  readonly artefacts: readonly string[]
  readonly quiet: boolean
  readonly json: boolean
  readonly color: 'auto' | 'always' | 'never'
  readonly verbosity: number
  readonly printTraces: boolean
  readonly gasReport: boolean
}

import type { ExecutorName } from '../executor/names.ts'
import type { EngineName } from '../evm/load.ts'
import type { ForkName, NetworkName } from '../model/fork.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { ForkConfig } from './fork/fork-config.ts'
import type { ConsensusOptions } from './pipeline/presets.ts'

/** How blocks come about. `interval` also mines when transactions arrive if `mixed`. */
export type MiningConfig =
  | { readonly kind: 'auto' }
  | ({ readonly kind: 'interval' } & MiningInterval)
  | ({ readonly kind: 'mixed' } & MiningInterval)
  | { readonly kind: 'manual' }

interface MiningInterval {
  readonly intervalMs: number
  /** Each is drawn between `intervalMs` and this. */
  readonly mostMs?: number | undefined
}

export type AccountsConfig = {
  readonly mnemonic: string
  /** Without the last index: `m/44'/60'/0'/0/`. */
  readonly derivationPath: string
  readonly count: number
  readonly balanceWei: bigint
}

/** A node's whole configuration, every value decided. Wei and gas are bigint, times as named. */
export interface NodeConfig {
  readonly chainId: bigint
  readonly hardfork: ForkName
  /** Whose rules change those of the hardfork; Ethereum's own when there is none. */
  readonly network: NetworkName | undefined
  /** Draft forks run on the reference engine whatever this says. */
  readonly engine: EngineName
  readonly accounts: AccountsConfig
  /** Further accounts that have ether at the start, in wei. */
  readonly fundedAccounts: ReadonlyMap<Address, bigint>
  readonly mining: MiningConfig
  /** Which chain's timing blocks have, and its validators. */
  readonly consensus: ConsensusOptions
  /** Which transaction goes first in a block. */
  readonly order: 'fees' | 'fifo'
  readonly gasLimit: bigint
  /** Blocks take any amount of gas. */
  readonly disableBlockGasLimit: boolean
  readonly baseFeeWei: bigint
  /** What eth_gasPrice answers before London. */
  readonly gasPriceWei: bigint
  /** Transactions with no tip are taken. */
  readonly minPriorityFee: boolean
  /** Enforce EIP-7825's cap of 16,777,216 gas a transaction. */
  readonly enforceTxGasCap: boolean
  readonly coinbase: Address
  /** A remote chain to start on. It decides chain id, hardfork, gas limit and time where they are not set. */
  readonly fork: ForkConfig | undefined
  readonly genesisTimestamp: bigint | undefined
  readonly genesisNumber: bigint
  readonly codeSizeLimit: number | undefined
  readonly create2Deployer: boolean
  readonly autoImpersonate: boolean
  readonly poolBalanceChecks: boolean
  readonly slotsInAnEpoch: number
  readonly executor: ExecutorName
  /** Threads that run transactions of a parallel executor, and recover senders. */
  readonly workers: number
  /** No block is sent to serial because it would not gain. */
  readonly forceParallel: boolean
  /** Of how many blocks, the newest, it is kept how they were executed; 0 records nothing. */
  readonly recordedBlocks: number
  /** Of a bundle or a window, how many transactions `parallel_*` look at together. */
  readonly maxBundle: number
  /** Of how many blocks, from its first to its last, a window is. */
  readonly maxRange: number
  /** The folder the chain is kept in; undefined keeps it in memory. */
  readonly dataDir: string | undefined
  /** Of how many blocks, the newest, states are kept: Infinity for all. Headers, bodies and receipts stay. */
  readonly keptStates: number
  /** Memory for the state's nodes when the chain is on disk, in MiB. */
  readonly cacheMib: number
  /** A dump of a chain, Anvil's or ours, to start on. */
  readonly loadState: string | undefined
  /** Where the chain is dumped at the end, and at intervals. */
  readonly dumpState: string | undefined
  /** Both, though the first only if it is there. */
  readonly stateFile: string | undefined
  readonly stateIntervalMs: number
  /** Dumps hold the state after each block too. */
  readonly historicalStates: boolean
  /** A geth genesis file instead of the dev chain's own, and a chain of RLP blocks to import on it. */
  readonly genesisFile: string | undefined
  readonly importFile: string | undefined
  /** Where contract artefacts (ABI, layouts) are looked for. */
  readonly artefactDirs: readonly string[]
  readonly maxPoolTransactions: number
  /** That one block takes of the pool; Infinity for all that fit. */
  readonly maxBlockTransactions: number
  /** Whose answers names have that Anvil and Hardhat share. */
  readonly compat: 'anvil' | 'hardhat'
  /** Of which transactions and calls listeners are told the calls, as trees. */
  readonly printTraces: 'none' | 'failures' | 'all'
}

export interface ServerConfig {
  readonly host: string
  readonly port: number
  readonly allowOrigin: string
  readonly cors: boolean
  /** Host header names that pass besides loopback and IP literals. */
  readonly allowedHosts: readonly string[]
  readonly maxBodyBytes: number
  readonly maxBatch: number
  /** Answers as gzip: to other machines alone, to all who take it, or to nobody. */
  readonly compression: 'auto' | 'always' | 'never'
  readonly ipcPath: string | undefined
  /** Browsers get the page. */
  readonly ui: boolean
}

/** An account whose key the node holds. */
export interface DevAccount {
  readonly address: Address
  readonly privateKey: Hash
}

import type { ExecutorName } from '../executor/names.ts'
import type { PresetName } from './pipeline/presets.ts'
import type { PipelineOverrides } from './pipeline/presets.ts'
import type { EngineName } from '../evm/load.ts'

/** A number, or its decimal or 0x-hex text. */
type Quantity = number | bigint | string

/**
 * What `heddle.config.ts`, `.js`, `.mjs` or `.json` may hold: every flag of the command under its name in camelCase. Flags and
 * `HEDDLE_*` variables win over it. Relative paths start at the file's folder.
 */
export interface HeddleConfig {
  /** Number of dev accounts (10). */
  readonly accounts?: number
  /** Ether of each dev account (10000); fractions as text. */
  readonly balance?: Quantity
  /** Further addresses with ether at the start: `0x…`, or `0x…:10` for 10 ether. */
  readonly fundAccounts?: readonly string[] | string
  readonly mnemonic?: string
  /** A new mnemonic of so many words at each start; `true` for 12. */
  readonly mnemonicRandom?: boolean | 12 | 15 | 18 | 21 | 24
  /** The mnemonic that Anvil derives from this number. */
  readonly mnemonicSeedUnsafe?: Quantity
  /** Without the last index: `m/44'/60'/0'/0/`. */
  readonly derivationPath?: string
  /** 0 for any free one (8545). */
  readonly port?: number
  readonly host?: string
  /** Seconds between blocks; fractions work. Without it a transaction is mined as it arrives. */
  readonly blockTime?: number
  /** Mine only on demand (evm_mine). */
  readonly noMining?: boolean
  /** With `blockTime`: also mine as transactions arrive. */
  readonly mixedMining?: boolean
  /** Whose timing blocks have (instant), such as `monad` or `megaeth`. */
  readonly consensus?: PresetName
  /** In place of what that says: `{ validators: 7, seed: 3, clock: 'virtual' }`. */
  readonly consensusSet?: PipelineOverrides | string
  /** A file of faults by their times. */
  readonly consensusScenario?: string
  readonly order?: 'fees' | 'fifo'
  /** Most transactions in a block. */
  readonly maxTransactions?: number
  readonly hardfork?: string
  /** Whose rules change those of the hardfork: ethereum, or monad or megaeth, with a revision as in `monad:ten`. */
  readonly network?: string
  readonly chainId?: Quantity
  /** A remote chain to start on: where it answers JSON-RPC. With several the next one is asked when one fails. */
  readonly forkUrl?: readonly string[] | string
  /** The block to start on; below zero counted from the newest. */
  readonly forkBlockNumber?: Quantity
  /** Start on the state right after this transaction. */
  readonly forkTransactionHash?: string
  /** The remote chain's id: with a block that was forked before, nothing is asked at the start. */
  readonly forkChainId?: Quantity
  /** HTTP headers for the remote chain: an object, or lines such as `Authorization: Bearer …`. */
  readonly forkHeader?: Readonly<Record<string, string>> | readonly string[] | string
  /** Milliseconds before the first retry (1000). */
  readonly forkRetryBackoff?: number
  /** How often the remote chain is asked again (5). */
  readonly retries?: number
  /** Milliseconds that the remote chain may take to answer (45000). */
  readonly timeout?: number
  /** The pace once the remote chain has complained of too many requests (330). */
  readonly computeUnitsPerSecond?: number
  readonly noRateLimit?: boolean
  /** Keep nothing of what was fetched in files. */
  readonly noStorageCaching?: boolean
  /** The folder of these files (~/.cache/heddle/rpc). */
  readonly cachePath?: string
  /** Of the genesis block. */
  readonly number?: Quantity
  /** Of the genesis block, in seconds since 1970. */
  readonly timestamp?: Quantity
  /** A geth genesis file. */
  readonly init?: string
  /** A file of RLP blocks to start on. */
  readonly import?: string
  /** Where to write accounts, keys and settings as JSON. */
  readonly configOut?: string
  readonly slotsInAnEpoch?: number
  /** Path of the IPC endpoint; `true` for /tmp/anvil.ipc. */
  readonly ipc?: boolean | string
  readonly allowOrigin?: string
  readonly noCors?: boolean
  /** Give browsers no page. */
  readonly noUi?: boolean
  readonly noRequestSizeLimit?: boolean
  /** MiB of a request's body (2). */
  readonly maxBody?: number
  /** Requests in one batch (1000). */
  readonly maxBatch?: number
  /** Transactions of a bundle or a window that `parallel_*` look at (5000). */
  readonly maxBundle?: number
  /** Blocks of such a window (100000). */
  readonly maxRange?: number
  /** Answers as gzip: to other machines alone (auto), to all who take it, or to nobody. */
  readonly compression?: 'auto' | 'always' | 'never'
  /** Whose answers names have that Anvil and Hardhat share (anvil). */
  readonly compat?: 'anvil' | 'hardhat'
  /** Host names, besides loopback and IP addresses, by which the node may be called. */
  readonly allowedHosts?: readonly string[] | string
  /** Wei. */
  readonly blockBaseFeePerGas?: Quantity
  readonly gasLimit?: Quantity
  /** Wei. */
  readonly gasPrice?: Quantity
  /** Bytes. */
  readonly codeSizeLimit?: number
  readonly disableCodeSizeLimit?: boolean
  readonly disableBlockGasLimit?: boolean
  readonly disableMinPriorityFee?: boolean
  readonly enableTxGasLimit?: boolean
  readonly autoImpersonate?: boolean
  readonly disableConsoleLog?: boolean
  readonly disableDefaultCreate2Deployer?: boolean
  readonly disablePoolBalanceChecks?: boolean
  /** Who gets the fees. */
  readonly coinbase?: string
  /** The folder that keeps the chain. Without it the chain is in memory. */
  readonly dataDir?: string
  /** Loads the dump in this file if it is there, and dumps to it at the end. */
  readonly state?: string
  /** A dump to start on, Anvil's or ours. */
  readonly loadState?: string
  /** Where to dump the chain at the end. */
  readonly dumpState?: string
  /** Seconds between dumps (60). */
  readonly stateInterval?: number
  /** Dumps hold the state after each block too. */
  readonly preserveHistoricalStates?: boolean
  /** Keep the states of so many blocks; `true` for 256. Without it all are kept. */
  readonly history?: boolean | number
  /** MiB of memory for the state's nodes, with a data folder. */
  readonly cache?: number
  readonly engine?: EngineName
  readonly executor?: ExecutorName
  /** Threads that run transactions and recover senders; 0 or `auto` for one a processor. */
  readonly workers?: number | 'auto'
  /** No block is left to serial execution because it would not gain. */
  readonly forceParallel?: boolean
  /** How the newest so many blocks were executed is kept for `parallel_*` (256); 0 for nothing. */
  readonly record?: number
  /** Folders with contract artefacts (out, artifacts). */
  readonly artefacts?: readonly string[] | string
  readonly quiet?: boolean
  readonly json?: boolean
  readonly color?: 'auto' | 'always' | 'never'
  /** Print the calls of every transaction and call as a tree. */
  readonly printTraces?: boolean
  /** Print what each function cost, at the end. */
  readonly gasReport?: boolean
  /** 0 to 5. */
  readonly verbosity?: number
}

/** Gives an editor the types: `export default defineConfig({ port: 9545 })`. */
export function defineConfig(config: HeddleConfig): HeddleConfig {
  return config
}

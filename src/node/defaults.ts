import { DEFAULT_EXECUTOR } from '../executor/names.ts'
import { availableParallelism } from 'node:os'

import { DEFAULT_ENGINE } from '../evm/load.ts'
import { ZERO_ADDRESS } from '../primitives/hex.ts'
import type { NodeConfig, ServerConfig } from './config.ts'

/** The mnemonic that Anvil and Hardhat share. Its keys are known to everybody. */
export const DEV_MNEMONIC = 'test test test test test test test test test test test junk'

const ETHER_WEI = 10n ** 18n
const MAX_DEFAULT_WORKERS = 8
export const DEFAULT_CACHE_MIB = 256

/** Anvil's defaults where it has the setting, except the newest hardfork that is not experimental. */
export const DEFAULT_NODE_CONFIG: NodeConfig = {
  chainId: 31_337n,
  hardfork: 'osaka',
  network: undefined,
  engine: DEFAULT_ENGINE,
  accounts: {
    mnemonic: DEV_MNEMONIC,
    derivationPath: "m/44'/60'/0'/0/",
    count: 10,
    balanceWei: 10_000n * ETHER_WEI,
  },
  fundedAccounts: new Map(),
  mining: { kind: 'auto' },
  consensus: { preset: 'instant' },
  order: 'fees',
  gasLimit: 30_000_000n,
  disableBlockGasLimit: false,
  baseFeeWei: 1_000_000_000n,
  gasPriceWei: 1_875_000_000n,
  minPriorityFee: true,
  enforceTxGasCap: false,
  coinbase: ZERO_ADDRESS,
  fork: undefined,
  genesisTimestamp: undefined,
  genesisNumber: 0n,
  codeSizeLimit: undefined,
  create2Deployer: true,
  autoImpersonate: false,
  poolBalanceChecks: true,
  slotsInAnEpoch: 32,
  executor: DEFAULT_EXECUTOR,
  forceParallel: false,
  recordedBlocks: 256,
  maxBundle: 5_000,
  maxRange: 100_000,
  workers: Math.min(availableParallelism(), MAX_DEFAULT_WORKERS),
  dataDir: undefined,
  keptStates: Number.POSITIVE_INFINITY,
  cacheMib: DEFAULT_CACHE_MIB,
  loadState: undefined,
  dumpState: undefined,
  stateFile: undefined,
  stateIntervalMs: 60_000,
  historicalStates: false,
  genesisFile: undefined,
  importFile: undefined,
  artefactDirs: ['out', 'artifacts'],
  maxPoolTransactions: 50_000,
  maxBlockTransactions: Number.POSITIVE_INFINITY,
  compat: 'anvil',
  printTraces: 'none',
}

/** Where Anvil puts its IPC endpoint when `--ipc` names none. */
export const DEFAULT_IPC_PATH = '/tmp/anvil.ipc'

export const DEFAULT_SERVER_CONFIG: ServerConfig = {
  host: '127.0.0.1',
  port: 8545,
  allowOrigin: '*',
  cors: true,
  allowedHosts: [],
  maxBodyBytes: 2 * 1024 * 1024,
  maxBatch: 1_000,
  compression: 'auto',
  ipcPath: undefined,
  ui: true,
}

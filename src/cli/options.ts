// Over 400 lines because it is one table with an entry for each flag.
import { describeFork } from '../model/fork.ts'
import {
  DEFAULT_IPC_PATH,
  DEFAULT_NODE_CONFIG,
  DEFAULT_SERVER_CONFIG,
  DEFAULT_CACHE_MIB,
} from '../node/defaults.ts'
import {
  address,
  blockNumber,
  codeSizeLimit,
  derivationPath,
  engine,
  executor,
  folder,
  hardfork,
  hash,
  headers,
  hostName,
  mnemonicLength,
  path,
  urls,
  words,
  workers,
} from './option-readers.ts'
import {
  type Reader,
  choice,
  ether,
  integer,
  list,
  optional,
  quantity,
  seconds,
  text,
  yesNo,
} from './readers.ts'
import type { Key, Settings } from './settings.ts'

type Group =
  | 'Accounts:'
  | 'Blocks:'
  | 'Chain:'
  | 'Fork:'
  | 'Fees and limits:'
  | 'Server:'
  | 'Execution:'
  | 'Output:'

export interface OptionSpec<T> {
  readonly group: Group
  /** As commander has it: `-p, --port <number>`. */
  readonly flags: string
  /** Other long names, which help does not show. */
  readonly aliases?: readonly string[]
  readonly help: string
  /** It may be given several times: the values come as lines. */
  readonly repeats?: true
  /** A file or folder: in a configuration file it is relative to that file. */
  readonly isPath?: true
  readonly read: Reader<T>
}

const U64_MAX = 2n ** 64n - 1n
const U128_MAX = 2n ** 128n - 1n
const MAX_ACCOUNTS = 100_000
const MAX_RECORDED = 100_000
/** What BLOCKHASH reaches too. */
const HISTORY = 256

const node = DEFAULT_NODE_CONFIG
const server = DEFAULT_SERVER_CONFIG

/** Every setting of the node: Anvil's names and defaults where Anvil has it. */
export const OPTIONS: { readonly [K in Key]-?: OptionSpec<Settings[K]> } = {
  accounts: {
    group: 'Accounts:',
    flags: '-a, --accounts <number>',
    help: `dev accounts to make (default ${node.accounts.count})`,
    read: integer(0, MAX_ACCOUNTS),
  },
  balance: {
    group: 'Accounts:',
    flags: '--balance <ether>',
    help: 'ether of each dev account (default 10000)',
    read: ether,
  },
  mnemonic: {
    group: 'Accounts:',
    flags: '-m, --mnemonic <words>',
    help: 'BIP-39 mnemonic of the dev accounts (default "test test … junk")',
    read: words,
  },
  mnemonicRandom: {
    group: 'Accounts:',
    flags: '--mnemonic-random [words]',
    help: 'a new mnemonic at each start, of 12 words unless said otherwise',
    read: optional(mnemonicLength, 12),
  },
  mnemonicSeedUnsafe: {
    group: 'Accounts:',
    flags: '--mnemonic-seed-unsafe <number>',
    help: 'the mnemonic that this number leads to; for tests only',
    read: quantity(0n, U64_MAX),
  },
  derivationPath: {
    group: 'Accounts:',
    flags: '--derivation-path <path>',
    help: `path of the accounts' keys (default ${node.accounts.derivationPath})`,
    read: derivationPath,
  },
  autoImpersonate: {
    group: 'Accounts:',
    flags: '--auto-impersonate',
    aliases: ['auto-unlock'],
    help: 'send transactions from any address, without its key',
    read: yesNo,
  },
  blockTime: {
    group: 'Blocks:',
    flags: '-b, --block-time <seconds>',
    aliases: ['blockTime'],
    help: 'a block every so many seconds, 0.5 works too (default: one for each transaction)',
    read: seconds,
  },
  noMining: {
    group: 'Blocks:',
    flags: '--no-mining',
    aliases: ['no-mine'],
    help: 'mine only when asked to (evm_mine)',
    read: yesNo,
  },
  mixedMining: {
    group: 'Blocks:',
    flags: '--mixed-mining',
    help: 'with --block-time: also mine when a transaction arrives',
    read: yesNo,
  },
  order: {
    group: 'Blocks:',
    flags: '--order <order>',
    help: `which transaction goes first in a block: fees or fifo (default ${node.order})`,
    read: choice(['fees', 'fifo']),
  },
  slotsInAnEpoch: {
    group: 'Blocks:',
    flags: '--slots-in-an-epoch <number>',
    help: `how far "safe" and "finalized" lag behind (default ${node.slotsInAnEpoch})`,
    read: integer(1, 2 ** 31 - 1),
  },
  coinbase: {
    group: 'Blocks:',
    flags: '--coinbase <address>',
    help: 'who gets the fees (default the zero address)',
    read: address,
  },
  chainId: {
    group: 'Chain:',
    flags: '--chain-id <id>',
    help: `chain id (default ${node.chainId})`,
    read: quantity(1n, U64_MAX),
  },
  hardfork: {
    group: 'Chain:',
    flags: '--hardfork <name>',
    help: `rules to run by, frontier to ${describeFork('amsterdam')} (default ${node.hardfork})`,
    read: hardfork,
  },
  number: {
    group: 'Chain:',
    flags: '--number <number>',
    help: 'number of the genesis block (default 0)',
    read: quantity(0n, U64_MAX),
  },
  timestamp: {
    group: 'Chain:',
    flags: '--timestamp <seconds>',
    help: 'timestamp of the genesis block (default now)',
    read: quantity(0n, U64_MAX),
  },
  init: {
    group: 'Chain:',
    flags: '--init <file>',
    aliases: ['genesis'],
    help: 'start from a geth genesis file (also --genesis)',
    isPath: true,
    read: path,
  },
  import: {
    group: 'Chain:',
    flags: '--import <file>',
    help: 'start on a chain of RLP blocks',
    isPath: true,
    read: path,
  },
  dataDir: {
    group: 'Chain:',
    flags: '--data-dir <folder>',
    help: 'keep the chain in this folder (default: in memory)',
    isPath: true,
    read: folder,
  },
  history: {
    group: 'Chain:',
    flags: '--history [blocks]',
    aliases: ['prune-history'],
    help: `keep the states of so many blocks, ${HISTORY} unless said otherwise (default all; also --prune-history)`,
    read: optional(integer(1, 2 ** 31 - 1), HISTORY),
  },
  cache: {
    group: 'Chain:',
    flags: '--cache <MiB>',
    help: `memory for the state's nodes with --data-dir (default ${DEFAULT_CACHE_MIB})`,
    read: integer(1, 1024),
  },
  state: {
    group: 'Chain:',
    flags: '--state <file>',
    help: 'start on the state in this file, if it is there, and dump to it at the end',
    isPath: true,
    read: path,
  },
  loadState: {
    group: 'Chain:',
    flags: '--load-state <file>',
    help: "start on a dump, Anvil's or ours",
    isPath: true,
    read: path,
  },
  dumpState: {
    group: 'Chain:',
    flags: '--dump-state <file>',
    help: "dump the chain to this file at the end, in Anvil's format",
    isPath: true,
    read: path,
  },
  stateInterval: {
    group: 'Chain:',
    flags: '-s, --state-interval <seconds>',
    help: 'with --state or --dump-state: also dump every so many seconds (default 60)',
    read: seconds,
  },
  preserveHistoricalStates: {
    group: 'Chain:',
    flags: '--preserve-historical-states',
    help: 'dump the state after each block too',
    read: yesNo,
  },
  disableDefaultCreate2Deployer: {
    group: 'Chain:',
    flags: '--disable-default-create2-deployer',
    aliases: ['no-create2'],
    help: 'leave out the CREATE2 deployer at 0x4e59…956c',
    read: yesNo,
  },
  blockBaseFeePerGas: {
    group: 'Fees and limits:',
    flags: '--block-base-fee-per-gas <wei>',
    aliases: ['base-fee'],
    help: 'base fee of the genesis block, of which the first mined one has 7/8; on a fork, of the first mined one (default 1000000000; also --base-fee)',
    read: quantity(0n, U64_MAX),
  },
  gasPrice: {
    group: 'Fees and limits:',
    flags: '--gas-price <wei>',
    help: `what eth_gasPrice answers before London (default ${node.gasPriceWei})`,
    read: quantity(0n, U128_MAX),
  },
  gasLimit: {
    group: 'Fees and limits:',
    flags: '--gas-limit <gas>',
    help: `gas limit of a block (default ${node.gasLimit})`,
    read: quantity(1n, U64_MAX),
  },
  disableBlockGasLimit: {
    group: 'Fees and limits:',
    flags: '--disable-block-gas-limit',
    help: 'blocks take any amount of gas',
    read: yesNo,
  },
  enableTxGasLimit: {
    group: 'Fees and limits:',
    flags: '--enable-tx-gas-limit',
    aliases: ['tx-gas-limit'],
    help: "hold transactions to EIP-7825's 16777216 gas (Osaka)",
    read: yesNo,
  },
  disableMinPriorityFee: {
    group: 'Fees and limits:',
    flags: '--disable-min-priority-fee',
    aliases: ['no-priority-fee'],
    help: 'suggest no least tip',
    read: yesNo,
  },
  codeSizeLimit: {
    group: 'Fees and limits:',
    flags: '--code-size-limit <bytes>',
    help: "most bytes of a contract's code, EIP-170: only 24576",
    read: codeSizeLimit,
  },
  disableCodeSizeLimit: {
    group: 'Fees and limits:',
    flags: '--disable-code-size-limit',
    help: 'contracts may be of any size',
    read: yesNo,
  },
  disablePoolBalanceChecks: {
    group: 'Fees and limits:',
    flags: '--disable-pool-balance-checks',
    help: 'take transactions that the sender cannot pay',
    read: yesNo,
  },
  port: {
    group: 'Server:',
    flags: '-p, --port <number>',
    help: `HTTP and WebSocket port, 0 for any free one (default ${server.port})`,
    read: integer(0, 65_535),
  },
  host: {
    group: 'Server:',
    flags: '--host <address>',
    help: `address to listen on (default ${server.host})`,
    read: hostName,
  },
  allowOrigin: {
    group: 'Server:',
    flags: '--allow-origin <origin>',
    help: 'web pages that may call (default *)',
    read: text('an origin such as http://localhost:3000, or *', /^\S+$/),
  },
  noCors: {
    group: 'Server:',
    flags: '--no-cors',
    help: 'send no CORS headers',
    read: yesNo,
  },
  allowedHosts: {
    group: 'Server:',
    flags: '--allowed-hosts <names>',
    help: 'host names, with commas, by which the node may be called besides localhost and IPs',
    read: list('host names such as devnet.local', /^[^\s,/]+$/),
  },
  noRequestSizeLimit: {
    group: 'Server:',
    flags: '--no-request-size-limit',
    help: 'take request bodies of any size (else 2 MiB)',
    read: yesNo,
  },
  maxBody: {
    group: 'Server:',
    flags: '--max-body <MiB>',
    help: 'most that a request may be long (default 2)',
    read: integer(1, 512),
  },
  maxBatch: {
    group: 'Server:',
    flags: '--max-batch <requests>',
    help: `most requests in one batch (default ${server.maxBatch})`,
    read: integer(1, 1_000_000),
  },
  compression: {
    group: 'Server:',
    flags: '--compression <when>',
    help: 'answers as gzip to who takes it: auto (other machines), always or never (default auto)',
    read: choice(['auto', 'always', 'never']),
  },
  compat: {
    group: 'Server:',
    flags: '--compat <name>',
    help: 'anvil or hardhat: whose answers shared names such as evm_mine have (default anvil)',
    read: choice(['anvil', 'hardhat']),
  },
  ipc: {
    group: 'Server:',
    flags: '--ipc [path]',
    aliases: ['ipcpath'],
    help: `also listen on a local socket (${DEFAULT_IPC_PATH} unless said otherwise)`,
    isPath: true,
    read: optional(path, DEFAULT_IPC_PATH),
  },
  forkUrl: {
    group: 'Fork:',
    flags: '-f, --fork-url <url>',
    aliases: ['rpc-url'],
    help: 'start on a remote chain; given again: where to ask when the first fails',
    repeats: true,
    read: urls,
  },
  forkBlockNumber: {
    group: 'Fork:',
    flags: '--fork-block-number <number>',
    help: 'the block to start on, -5 for five before its newest (default its newest)',
    read: blockNumber,
  },
  forkTransactionHash: {
    group: 'Fork:',
    flags: '--fork-transaction-hash <hash>',
    help: 'start on the state right after this transaction',
    read: hash,
  },
  forkChainId: {
    group: 'Fork:',
    flags: '--fork-chain-id <id>',
    help: "the remote chain's id: a block that was forked before then starts without asking",
    read: quantity(1n, U64_MAX),
  },
  forkHeader: {
    group: 'Fork:',
    flags: '--fork-header <header>',
    help: 'an HTTP header for the remote, such as "User-Agent: me"; may be given again',
    repeats: true,
    read: headers,
  },
  timeout: {
    group: 'Fork:',
    flags: '--timeout <ms>',
    help: 'how long the remote may take to answer (default 45000)',
    read: integer(1, 2 ** 31 - 1),
  },
  retries: {
    group: 'Fork:',
    flags: '--retries <number>',
    help: 'how often the remote is asked again (default 5)',
    read: integer(0, 1_000),
  },
  forkRetryBackoff: {
    group: 'Fork:',
    flags: '--fork-retry-backoff <ms>',
    help: 'how long to wait before the first retry (default 1000)',
    read: integer(0, 2 ** 31 - 1),
  },
  computeUnitsPerSecond: {
    group: 'Fork:',
    flags: '--compute-units-per-second <number>',
    aliases: ['cups'],
    help: 'pace once the remote complains of too many requests (default 330)',
    read: integer(1, 2 ** 31 - 1),
  },
  noRateLimit: {
    group: 'Fork:',
    flags: '--no-rate-limit',
    aliases: ['no-rpc-rate-limit'],
    help: 'no such pace',
    read: yesNo,
  },
  noStorageCaching: {
    group: 'Fork:',
    flags: '--no-storage-caching',
    help: 'keep nothing of what was fetched in files',
    read: yesNo,
  },
  cachePath: {
    group: 'Fork:',
    flags: '--cache-path <folder>',
    help: 'where what was fetched is kept (default ~/.cache/heddle/rpc, for remotes elsewhere)',
    isPath: true,
    read: folder,
  },
  engine: {
    group: 'Execution:',
    flags: '--engine <name>',
    help: 'what executes a transaction: wasm, or the reference ethereumjs (default wasm)',
    read: engine,
  },
  executor: {
    group: 'Execution:',
    flags: '--executor <name>',
    help: 'how a block is executed: in parallel by optimistic, block-stm, dag or bal, or serial (default optimistic, where it gains)',
    read: executor,
  },
  workers: {
    group: 'Execution:',
    flags: '-j, --workers <number>',
    aliases: ['threads', 'jobs'],
    help: 'threads that run transactions and recover senders, auto for one a processor',
    read: workers,
  },
  forceParallel: {
    group: 'Execution:',
    flags: '--force-parallel',
    help: 'leave no block to serial execution because it would not gain',
    read: yesNo,
  },
  record: {
    group: 'Execution:',
    flags: '--record <blocks>',
    help: `keep how so many blocks ran, for parallel_* (default ${node.recordedBlocks})`,
    read: integer(0, MAX_RECORDED),
  },
  maxBundle: {
    group: 'Execution:',
    flags: '--max-bundle <transactions>',
    help: `most transactions parallel_* analyse together (default ${node.maxBundle})`,
    read: integer(1, 1_000_000),
  },
  maxRange: {
    group: 'Execution:',
    flags: '--max-range <blocks>',
    help: `most blocks parallel_* analyse together (default ${node.maxRange})`,
    read: integer(1, 1_000_000_000),
  },
  artefacts: {
    group: 'Execution:',
    flags: '--artefacts <folders>',
    aliases: ['artifacts'],
    help: 'where compiled contracts lie, with commas (default out,artifacts)',
    isPath: true,
    read: list('folders of compiled contracts'),
  },
  disableConsoleLog: {
    group: 'Output:',
    flags: '--disable-console-log',
    aliases: ['no-console-log'],
    help: "leave contracts' console.log lines out",
    read: yesNo,
  },
  configOut: {
    group: 'Output:',
    flags: '--config-out <file>',
    help: 'write accounts, keys and settings to a JSON file',
    isPath: true,
    read: path,
  },
  quiet: {
    group: 'Output:',
    flags: '-q, --quiet',
    aliases: ['silent'],
    help: 'print nothing but errors (also --silent)',
    read: yesNo,
  },
  json: {
    group: 'Output:',
    flags: '--json',
    help: 'print one JSON object a line',
    read: yesNo,
  },
  color: {
    group: 'Output:',
    flags: '--color <when>',
    help: 'auto, always or never (default auto; NO_COLOR works too)',
    read: choice(['auto', 'always', 'never']),
  },
  printTraces: {
    group: 'Output:',
    flags: '--print-traces',
    aliases: ['enable-trace-printing'],
    help: 'print the calls of each transaction and eth_call as a tree',
    read: yesNo,
  },
  gasReport: {
    group: 'Output:',
    flags: '--gas-report',
    help: 'print at the end what the calls of each function cost',
    read: yesNo,
  },
  verbosity: {
    group: 'Output:',
    flags: '-v, --verbosity',
    help: 'print every transaction of big blocks; -vvv: call trees of failures, -vvvv: of all',
    read: integer(0, 5),
  },
}

export const KEYS: readonly Key[] = Object.keys(OPTIONS) as Key[]

/** The name of the long flag, without dashes. */
export function longName(key: Key): string {
  return /--([\w-]+)/.exec(OPTIONS[key].flags)![1]!
}

/** Each long name, aliases too, and whose it is. */
export const LONG_NAMES: ReadonlyMap<string, Key> = new Map(
  KEYS.flatMap((key) =>
    [longName(key), ...(OPTIONS[key].aliases ?? [])].map((name) => [name, key] as const),
  ),
)

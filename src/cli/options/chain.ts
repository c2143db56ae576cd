import { FORKS, describeFork } from '../../model/fork.ts'
import { DEFAULT_NODE_CONFIG, DEFAULT_CACHE_MIB } from '../../node/defaults.ts'
import { PRESET_NAMES } from '../../node/pipeline/presets.ts'
import {
  address,
  derivationPath,
  folder,
  fundings,
  NETWORK_CHOICES,
  hardfork,
  mnemonicLength,
  network,
  path,
  words,
} from '../option-readers.ts'
import { entries, ether, integer, oneOf, optional, quantity, seconds, yesNo } from '../readers.ts'
import type { ChainSettings } from '../settings.ts'
import type { OptionSpecs } from './spec.ts'

const U64_MAX = 2n ** 64n - 1n
const MAX_ACCOUNTS = 100_000
/** What BLOCKHASH reaches too. */
const HISTORY = 256
const node = DEFAULT_NODE_CONFIG

/** Accounts, how blocks are made, and what the chain starts from and is kept in. */
export const CHAIN_OPTIONS: OptionSpecs<ChainSettings> = {
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
  fundAccounts: {
    group: 'Accounts:',
    flags: '--fund-accounts <accounts...>',
    help: 'further addresses with ether at the start: 0x…, or 0x…:10 for 10 ether',
    repeats: true,
    read: fundings,
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
    aliases: ['blockTime', 'dev.period'],
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
  consensus: {
    group: 'Blocks:',
    flags: '--consensus <preset>',
    help: `whose timing blocks have: ${PRESET_NAMES.join(', ')} (default instant)`,
    ...oneOf(PRESET_NAMES),
  },
  consensusSet: {
    group: 'Blocks:',
    flags: '--consensus-set <entries>',
    help: 'in place of what the preset says, such as validators=7,seed=3,delayMs=10-40,clock=virtual',
    repeats: true,
    read: entries('entries such as validators=7,seed=3'),
  },
  consensusScenario: {
    group: 'Blocks:',
    flags: '--consensus-scenario <file>',
    help: 'faults by their times, as JSON',
    isPath: true,
    read: path,
  },
  order: {
    group: 'Blocks:',
    flags: '--order <order>',
    help: `which transaction goes first in a block: fees or fifo (default ${node.order})`,
    ...oneOf(['fees', 'fifo']),
  },
  maxTransactions: {
    group: 'Blocks:',
    flags: '--max-transactions <number>',
    help: 'most transactions in a block (default: all that fit)',
    read: integer(1, 2 ** 31 - 1),
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
    choices: FORKS,
    read: hardfork,
  },
  network: {
    group: 'Chain:',
    flags: '-n, --network <name>',
    help: `whose rules change the hardfork's: ${NETWORK_CHOICES.join(', ')} (default ethereum)`,
    choices: NETWORK_CHOICES,
    read: network,
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
    aliases: ['datadir'],
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
}

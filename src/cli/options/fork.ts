import { blockNumber, folder, hash, headers, urls } from '../option-readers.ts'
import { integer, quantity, yesNo } from '../readers.ts'
import type { ForkSettings } from '../settings.ts'
import type { OptionSpecs } from './spec.ts'

const U64_MAX = 2n ** 64n - 1n

/** The remote chain that a fork starts on, and how it is asked. */
export const FORK_OPTIONS: OptionSpecs<ForkSettings> = {
  forkUrl: {
    group: 'Fork:',
    flags: '-f, --fork-url <url>',
    aliases: ['rpc-url', 'fork'],
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
}

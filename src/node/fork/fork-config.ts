import { homedir } from 'node:os'
import { join } from 'node:path'

import type { Hex } from '../../primitives/hex.ts'
import type { RemoteOptions } from './remote.ts'

/** A remote chain to start on. */
export interface ForkConfig {
  /** Where it answers JSON-RPC: over HTTP, a WebSocket, or an IPC socket by its path; of several the next is asked when one fails. `URL@NUMBER` names the block too. */
  readonly url: string | readonly string[]
  /** The block to start on; below zero counted from its newest, which is where it starts unless told otherwise. */
  readonly blockNumber?: bigint | number | undefined
  /** Starts on the state right after this transaction. */
  readonly transactionHash?: Hex | undefined
  /** The remote's, where it is known: with a block that was forked before, nothing is asked at the start. */
  readonly chainId?: bigint | undefined
  /** HTTP headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Of one request. */
  readonly timeoutMs?: number | undefined
  /** How often all of it is tried again. */
  readonly retries?: number | undefined
  /** Before the first retry. */
  readonly retryBackoffMs?: number | undefined
  /** The pace once the remote has complained of too many requests; Infinity for none. */
  readonly computeUnitsPerSecond?: number | undefined
  /** What was fetched is kept in files. Unless told otherwise: not for a remote on this machine, whose blocks a cheat may change. */
  readonly caching?: boolean | undefined
  /** The folder of these files. */
  readonly cachePath?: string | undefined
}

/** Anvil's. */
const DEFAULTS = { timeoutMs: 45_000, retries: 5, backoffMs: 1_000, computeUnitsPerSecond: 330 }

const PROTOCOLS = ['http:', 'https:', 'ws:', 'wss:', 'ipc:']
const LOCAL = /^(?:|localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])$/

/** A fork's settings, every value decided. */
export interface ForkSettings {
  readonly remote: RemoteOptions
  readonly blockNumber: bigint | undefined
  readonly transactionHash: Hex | undefined
  readonly chainId: bigint | undefined
  /** undefined keeps what was fetched in memory only. */
  readonly cacheFolder: string | undefined
}

/** The settings cannot make a fork: one line for the user. */
export class ForkConfigError extends Error {
  override readonly name = 'ForkConfigError'
}

/** @throws {ForkConfigError} */
export function forkSettings(config: ForkConfig): ForkSettings {
  const named = (typeof config.url === 'string' ? [config.url] : config.url).map(readUrl)
  if (named.length === 0) throw new ForkConfigError('fork: expected a URL')
  const blockNumber = config.blockNumber ?? named.find((each) => each.number !== undefined)?.number
  const { cachePath } = config
  const isLocal = named.some(({ url }) => LOCAL.test(new URL(url).hostname))
  const isCaching = config.caching ?? (cachePath !== undefined || !isLocal)
  return {
    remote: {
      urls: named.map(({ url }) => url),
      headers: config.headers ?? {},
      timeoutMs: config.timeoutMs ?? DEFAULTS.timeoutMs,
      retries: config.retries ?? DEFAULTS.retries,
      backoffMs: config.retryBackoffMs ?? DEFAULTS.backoffMs,
      computeUnitsPerSecond: config.computeUnitsPerSecond ?? DEFAULTS.computeUnitsPerSecond,
    },
    blockNumber: blockNumber === undefined ? undefined : BigInt(blockNumber),
    transactionHash: config.transactionHash,
    chainId: config.chainId,
    cacheFolder: isCaching ? (cachePath ?? defaultCachePath()) : undefined,
  }
}

/** `http://localhost:8545@1400000` names a block as well. */
function readUrl(text: string): { readonly url: string; readonly number: bigint | undefined } {
  const found = /^(.*)@(\d+)$/.exec(text)
  const named = found?.[1] ?? text
  const url = named.startsWith('/') ? `ipc://${named}` : named
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new ForkConfigError(
      `fork: "${url.slice(0, 30)}" is no URL: expected one such as https://host/path`,
    )
  }
  if (!PROTOCOLS.includes(parsed.protocol)) {
    throw new ForkConfigError(
      `fork: ${parsed.protocol}// is not supported: expected http://, https://, ws://, wss:// or the path of an IPC socket`,
    )
  }
  return { url, number: found?.[2] === undefined ? undefined : BigInt(found[2]) }
}

function defaultCachePath(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(base, 'heddle', 'rpc')
}

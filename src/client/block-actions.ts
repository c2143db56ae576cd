import type { Client } from 'viem'

import type { ParallelConfig, ParallelEventName, ReplayOptions } from '../rpc/parallel-port.ts'
import type {
  AccessListCheck,
  BlockAccessList,
  BlockExecution,
  BlockReport,
  Certificate,
  ChromeTrace,
  Dependencies,
  DependencyFormat,
  ExecutionDifference,
  ParallelFeeds,
  ParallelSettings,
  Replay,
  TransactionReport,
} from './block-answers.ts'
import { type BlockId, blockOf } from './subject.ts'

/** How a block is run once more: see `parallel_replayBlock`. */
type RunOptions = Omit<ReplayOptions, 'blockAccessList'> & {
  readonly blockAccessList?: BlockAccessList | undefined
}

/** How blocks are executed. Only `setParallelConfig` changes anything. */
export type BlockActions = {
  getBlockReport(block: BlockId): Promise<BlockReport>
  /** What `getBlockReport` says of how the block ran when it was mined, at once: nothing is run for it. */
  getExecution(block: BlockId): Promise<BlockExecution>
  getTransactionReport(hash: string): Promise<TransactionReport>
  /** Who waits for whom, also in the `pending` block; `dag` unless another format is named. */
  getDependencies<F extends DependencyFormat = 'dag'>(
    block: BlockId,
    options?: { readonly format?: F },
  ): Promise<Dependencies<F>>
  /** Runs a block once more by an executor, the node's own unless one is named. */
  replayBlock(block: BlockId, options?: RunOptions): Promise<Replay>
  /** The first thing in which an executor's run is not the serial one's. */
  diffExecution(block: BlockId, options?: RunOptions): Promise<ExecutionDifference>
  /** For Perfetto: a measured run, or a modelled schedule when a policy is named. */
  exportTrace(
    block: BlockId,
    options?: RunOptions & { readonly policy?: string; readonly cores?: number },
  ): Promise<ChromeTrace>
  /** What `heddle verify` checks. */
  getCertificate(block: BlockId, options?: { readonly proofs?: boolean }): Promise<Certificate>
  checkBlockAccessList(block: BlockId, list: BlockAccessList): Promise<AccessListCheck>
  getParallelConfig(): Promise<ParallelSettings>
  /** How blocks are executed from the next one on; what is left out stays. */
  setParallelConfig(config: ParallelConfig): Promise<ParallelSettings>
  /**
   * Follows what happens: over `webSocket()` or `ipc()`.
   * @returns what ends it
   * @throws {Error} when the client's transport cannot be pushed to
   */
  subscribeParallel<F extends keyof ParallelFeeds>(
    feed: F,
    hear: Hear<F>,
  ): Promise<() => Promise<void>>
}

interface Hear<F extends keyof ParallelFeeds> {
  readonly onData: (data: ParallelFeeds[F]) => void
  /** The connection is gone, or broken. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Only these, of `parallelEvents`. */
  readonly events?: F extends 'parallelEvents' ? readonly ParallelEventName[] : undefined
}

/** Asks a method with these parameters. */
export type Ask = <T>(method: string, ...params: readonly unknown[]) => Promise<T>

export function blockActions(client: Client, ask: Ask): BlockActions {
  return {
    getBlockReport: (block) => ask('parallel_getBlockReport', blockOf(block)),
    getExecution: (block) => ask('parallel_getExecution', blockOf(block)),
    getTransactionReport: (hash) => ask('parallel_getTransactionReport', hash),
    getDependencies: (block, options = {}) =>
      ask('parallel_getDependencies', blockOf(block), options),
    replayBlock: (block, options = {}) => ask('parallel_replayBlock', blockOf(block), options),
    diffExecution: (block, options = {}) => ask('parallel_diffExecution', blockOf(block), options),
    exportTrace: (block, options = {}) => ask('parallel_exportTrace', blockOf(block), options),
    getCertificate: (block, options = {}) =>
      ask('parallel_getCertificate', blockOf(block), options),
    checkBlockAccessList: (block, list) =>
      ask('parallel_checkBlockAccessList', blockOf(block), list),
    getParallelConfig: () => ask('parallel_getConfig'),
    setParallelConfig: (config) => ask('parallel_setConfig', config),
    subscribeParallel: (feed, hear) => subscribe(client, feed, hear),
  }
}

/** As viem's transports have it that are pushed to. */
interface Pushed {
  readonly subscribe?: (args: {
    readonly params: readonly unknown[]
    readonly onData: (data: { readonly result: unknown }) => void
    readonly onError: (error: unknown) => void
  }) => Promise<{ readonly unsubscribe: () => Promise<unknown> }>
}

async function subscribe<F extends keyof ParallelFeeds>(
  client: Client,
  feed: F,
  { onData, onError = () => undefined, events }: Hear<F>,
): Promise<() => Promise<void>> {
  const transport = client.transport as Pushed
  if (transport.subscribe === undefined) {
    throw new Error(
      `subscribeParallel: the transport ${client.transport.type} is not pushed to: expected webSocket() or ipc()`,
    )
  }
  const { unsubscribe } = await transport.subscribe({
    params: events === undefined ? [feed] : [feed, { events }],
    onData: ({ result }) => onData(result as ParallelFeeds[F]),
    onError,
  })
  return async () => void (await unsubscribe())
}

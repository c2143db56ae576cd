import type { BlockRecord } from '../../chain/block-record.ts'
import { criticalPath } from '../../analysis/critical-path.ts'
import { speedupBound } from '../../analysis/bounds.ts'
import { dependencyGraph } from '../../analysis/graph.ts'
import { gasCosts } from '../../analysis/report.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { Foresight } from '../../chain/foresight.ts'
import { recordingOf } from '../../chain/record-block.ts'
import type { Engine } from '../../evm/engine.ts'
import type { SwitchableExecutor } from '../../executor/switchable.ts'
import type { Json } from '../../rpc/backend.ts'
import type { ParallelFeed } from '../../rpc/parallel-port.ts'
import { executionEvents, placeEvent } from './execution-events.ts'
import { type ToldBlock, toldOf } from './told-blocks.ts'

type Listener = (result: Json) => void
/** Those about blocks and transactions. */
type Feed = Exclude<ParallelFeed, 'parallelConsensus'>

/** What subscriptions to parallel execution hear. Nothing is made that nobody hears, and all who hear get the same. */
export class ParallelFeeds {
  readonly #listeners: Readonly<Record<Feed, Set<Listener>>> = {
    parallelBlocks: new Set(),
    parallelEvents: new Set(),
    parallelPending: new Set(),
  }

  constructor(dev: DevChain) {
    dev.listen((event) => {
      if (!this.isHeard('parallelBlocks') && !this.isHeard('parallelEvents')) return
      const told = toldOf(event, ({ block }) => dev.chain.recordings.find(block.hash))
      if (told.length === 0) return
      // After the block: whoever made it does not wait for what is told of it.
      setImmediate(() => {
        for (const it of told) {
          this.tell('parallelEvents', () => eventsOf(it))
          this.tell('parallelBlocks', () => [blockSummary(it)])
        }
      })
    })
  }

  isHeard(feed: Feed): boolean {
    return this.#listeners[feed].size > 0
  }

  /** @returns what ends it */
  follow(feed: Feed, listener: Listener): () => void {
    const heard: Listener = (result) => listener(result)
    this.#listeners[feed].add(heard)
    return () => this.#listeners[feed].delete(heard)
  }

  tell(feed: Feed, make: () => readonly Json[]): void {
    if (!this.isHeard(feed)) return
    for (const result of make()) for (const listener of this.#listeners[feed]) listener(result)
  }
}

/** The feeds, and what tries pooled transactions ahead of their block, for `dag` and for whoever follows it. */
export function openFeeds(
  dev: DevChain,
  engine: Engine,
  executor: SwitchableExecutor,
): { readonly feeds: ParallelFeeds; readonly foresight: Foresight } {
  const feeds = new ParallelFeeds(dev)
  const foresight = new Foresight({
    dev,
    engine,
    isWanted: () => executor.settings.executor === 'dag' || feeds.isHeard('parallelPending'),
    onForeseen: ({ transactionHash, waitsFor }) =>
      feeds.tell('parallelPending', () => [
        {
          basis: 'modelled',
          transactionHash,
          waitsFor: waitsFor.map((it) => ({ ...it, location: { ...it.location } })),
        },
      ]),
  })
  dev.chain.hintOf = (tx) => foresight.hintOf(tx)
  return { feeds, foresight }
}

/** How a block was executed, if it is told for the first time, and where it is now. */
function eventsOf(told: ToldBlock): Json[] {
  const { record, executed, place } = told
  const events = executed === undefined ? [] : executionEvents({ record, executed })
  return executed !== undefined && place === 'head' ? events : [...events, placeEvent(told)]
}

/** Where a block is, how it was executed and what its dependencies allow, as far as that is known. */
function blockSummary({ record, place, run }: ToldBlock): Json {
  const { header, hash, transactions } = record.block
  return {
    blockNumber: Number(header.number),
    blockHash: hash,
    place,
    transactions: transactions.length,
    gasUsed: Number(header.gasUsed),
    ...(run === undefined ? { measured: null, modelled: null } : findings(record, run)),
  }
}

function findings(
  record: BlockRecord,
  { accesses, report }: NonNullable<ToldBlock['run']>,
): { readonly measured: Json; readonly modelled: Json } {
  const recording = recordingOf(record, { accesses, runs: [] })
  const graph = dependencyGraph(recording)
  const gas = gasCosts(recording)
  return {
    measured: {
      basis: 'measured',
      executor: report.executor,
      engine: report.engine,
      workers: report.workers,
      incarnations: report.incarnations,
      aborts: report.aborts,
      ms: report.ms,
      inOrder: report.inOrder ?? null,
      failure: report.failure ?? null,
    },
    modelled: {
      basis: 'modelled',
      bound: speedupBound(graph, gas),
      criticalPath: criticalPath(graph, gas).map(({ tx }) => tx),
    },
  }
}

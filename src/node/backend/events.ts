import type { DevChain } from '../../chain/dev-chain.ts'
import type { DevEvent } from '../../chain/dev-event.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import { ANY_LOG, logsOf } from '../../chain/log-filter.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { followTimeline } from '../pipeline/timeline-changes.ts'
import { receiptsOf } from './chain.ts'
import { followPipeline } from './consensus.ts'
import type { ParallelFeeds } from './feeds.ts'
import type { ChainEvent, EventPort, Json, StateChange } from '../../rpc/backend.ts'
import { differencesBetween } from '../../state/differences.ts'

/** What happens on the chain, as filters and subscriptions hear it. */
export function eventPort(
  dev: DevChain,
  feeds: ParallelFeeds,
  pipeline: Pipeline | undefined,
): EventPort {
  return {
    follow(feed, listener) {
      if (feed !== 'parallelConsensus') return feeds.follow(feed, listener)
      if (pipeline === undefined) return () => undefined
      return followTimeline(pipeline, (change) => listener(change as unknown as Json))
    },
    listen(listener) {
      const stops = [
        dev.listen((event) => {
          for (const told of chainEventsOf(dev, event)) listener(told)
        }),
      ]
      if (pipeline !== undefined) stops.push(followPipeline(pipeline, dev, listener))
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

function chainEventsOf(dev: DevChain, event: DevEvent): readonly ChainEvent[] {
  switch (event.kind) {
    case 'pooled':
      return [{ kind: 'pooled', transaction: event.tx }]
    case 'mined':
      return [blockEvent(dev, event.built.record)]
    case 'imported':
      // A block beside the chain is no head; one that brings others into it comes after them, with their logs.
      return event.adopted.map((record) => blockEvent(dev, record))
    case 'removed':
      return [
        { kind: 'removed', logs: event.records.flatMap((record) => logsOf(record, ANY_LOG, true)) },
      ]
    case 'dropped':
    case 'changed':
    case 'configured':
      return []
  }
}

function blockEvent(dev: DevChain, record: BlockRecord): ChainEvent {
  const { block } = record
  return {
    kind: 'block',
    block,
    logs: logsOf(record, ANY_LOG),
    receipts: () => receiptsOf(record),
    changes: () => changesIn(dev, record),
  }
}

function changesIn({ chain }: DevChain, { block, version }: BlockRecord): readonly StateChange[] {
  const before = chain.history.byHash(block.header.parentHash)?.version
  if (before === undefined || version === undefined) return []
  return Array.from(differencesBetween(before, version), ([address, { after, slots }]) => ({
    address,
    account: after,
    slots: new Map(Array.from(slots, ([slot, word]) => [slot, word.after])),
  }))
}

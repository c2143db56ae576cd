import type { DevChain } from '../../chain/dev-chain.ts'
import type { DevEvent } from '../../chain/dev-event.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import { ANY_LOG, logsOf } from '../../chain/log-filter.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { followTimeline } from '../pipeline/timeline-changes.ts'
import { followPipeline } from './consensus.ts'
import type { ParallelFeeds } from './feeds.ts'
import type { ChainEvent, EventPort, Json } from '../../rpc/backend.ts'

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
          const told = chainEventOf(event)
          if (told !== undefined) listener(told)
        }),
      ]
      if (pipeline !== undefined) stops.push(followPipeline(pipeline, dev, listener))
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

function chainEventOf(event: DevEvent): ChainEvent | undefined {
  switch (event.kind) {
    case 'pooled':
      return { kind: 'pooled', transaction: event.tx }
    case 'mined':
      return blockEvent(event.built.record)
    case 'imported':
      return blockEvent(event.record)
    case 'removed':
      return {
        kind: 'removed',
        logs: event.records.flatMap((record) => logsOf(record, ANY_LOG, true)),
      }
    case 'dropped':
    case 'changed':
    case 'configured':
      return undefined
  }
}

function blockEvent(record: BlockRecord): ChainEvent {
  return { kind: 'block', block: record.block, logs: logsOf(record, ANY_LOG) }
}

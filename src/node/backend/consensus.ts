import type { DevChain } from '../../chain/dev-chain.ts'
import { ANY_LOG, logsOf } from '../../chain/log-filter.ts'
import type { ChainEvent, MiniBlockEvent } from '../../rpc/backend.ts'
import type { ConsensusPort, PipelineStatus } from '../../rpc/consensus-port.ts'
import type { Shown } from '../../rpc/parallel-port.ts'
import type { NodeConfig } from '../config.ts'
import { describeFault, describeStatus, describeTimeline } from '../pipeline/describe.ts'
import { readFault } from '../pipeline/faults.ts'
import type { MiniBlock } from '../pipeline/mini-blocks.ts'
import type { CommitEvent } from '../pipeline/commit-states.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { presetOf } from '../pipeline/presets.ts'
import { receiptsOf } from './chain.ts'

/** Consensus as RPC shows it. Without a pipeline it says how blocks come about, and that there is nothing to break. */
export function consensusPort(
  dev: DevChain,
  { consensus }: Pick<NodeConfig, 'consensus'>,
  rules: string,
  pipeline: Pipeline | undefined,
): ConsensusPort {
  const { preset } = consensus
  if (pipeline === undefined) {
    const refused: Shown = {
      kind: 'refused',
      reason: `blocks of --consensus ${preset} have no validators: start with --consensus monad, megaeth or twin-turbo`,
    }
    return {
      status: () => ({ preset, kind: 'miner', timing: presetOf(preset).source }),
      timeline: () => ({ preset, nowMs: 0, epoch: 0, blocks: [], rounds: [], faults: [] }),
      injectFault: () => refused,
      advance: () => Promise.resolve(refused),
    }
  }
  const status = (): PipelineStatus => describeStatus(pipeline, { pooled: dev.pool.size, rules })
  return {
    status,
    timeline: (last) => describeTimeline(pipeline, last),
    injectFault(fault) {
      try {
        const request = readFault(fault, pipeline.start.settings.validators, 'fault')
        const placed = pipeline.inject(request)
        return {
          kind: 'shown',
          value: { nowMs: pipeline.time.now, active: placed.map(describeFault) },
        }
      } catch (error) {
        if (error instanceof RangeError) return { kind: 'refused', reason: error.message }
        throw error
      }
    },
    async advance(ms) {
      await pipeline.time.advance(ms)
      return { kind: 'shown', value: status() }
    },
  }
}

/** Tells of states that blocks come to, and of parts of a block that is not sealed. */
export function followPipeline(
  pipeline: Pipeline,
  dev: DevChain,
  listener: (event: ChainEvent) => void,
): () => void {
  const stops = [
    pipeline.commitStates.listen((event) => {
      const told = commitStateOf(event, dev)
      if (told !== undefined) listener(told)
    }),
  ]
  const stopMini = pipeline.miniBlocks?.listen((mini) => listener(miniBlockOf(mini)))
  if (stopMini !== undefined) stops.push(stopMini)
  return () => {
    for (const stop of stops) stop()
  }
}

function commitStateOf({ state, entry }: CommitEvent, { chain }: DevChain): ChainEvent | undefined {
  const record = entry.hash === undefined ? undefined : chain.history.byHash(entry.hash)
  if (record === undefined) return undefined
  const logs = logsOf(record, ANY_LOG)
  return { kind: 'commitState', state, blockId: entry.block.id, block: record.block, logs }
}

function miniBlockOf({ built, first, index, number, timestampMicros }: MiniBlock): MiniBlockEvent {
  const { record } = built
  const { header } = record.block
  const receipts = receiptsOf(record).slice(first)
  return {
    kind: 'miniBlock',
    blockNumber: header.number,
    blockTimestamp: header.timestamp,
    index,
    number,
    timestampMicros,
    gasUsed: receipts.reduce((sum, { receipt }) => sum + receipt.gasUsed, 0n),
    receipts,
  }
}

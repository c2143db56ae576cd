import type { DevChain } from '../../chain/dev-chain.ts'
import type { WriteBehind } from '../../chain/write-behind.ts'
import { networkRules } from '../../model/network.ts'
import type { NodeConfig } from '../config.ts'
import { gasRules } from '../network.ts'
import { type Decided, dropUndecided, keepDecided } from './decided.ts'
import { Pipeline, type PipelineParts } from './pipeline.ts'
import type { PipelineStart } from './settings.ts'

interface OpenParts extends Pick<PipelineParts, 'notice'> {
  readonly network: NodeConfig['network']
  readonly dev: DevChain
  /** Undefined in memory. */
  readonly disk: WriteBehind | undefined
}

/**
 * A pipeline whose clock is the chain's too: as it goes, so do the timestamps of blocks. It begins on what was final when the chain was
 * last on disk.
 */
export async function openPipeline(
  start: PipelineStart,
  { dev, disk, notice, network }: OpenParts,
): Promise<Pipeline> {
  const dropped = disk && (await dropUndecided(dev, disk))
  if (dropped !== undefined) notice(dropped, 'info')
  const flush = async (): Promise<void> => disk?.flush()
  // A network with a reserve lets an account spend less than it has while its blocks are in flight, and what it keeps covers fees.
  const reserve = network && networkRules(network).reserve
  const rule = reserve && { ...reserve, isValueDue: false }
  const decided = disk && ((block: Decided) => keepDecided(disk, block))
  const pipeline = new Pipeline({ dev, start, notice, flush, decided, rule })
  const { clock, chain } = dev
  // A clock that stands still begins where the chain is, so that the same run gives the same blocks.
  const beganSeconds =
    start.settings.clock === 'virtual'
      ? chain.head.block.header.timestamp - clock.state.offset
      : BigInt(Math.floor(Date.now() / 1_000))
  clock.follow(() => beganSeconds + BigInt(Math.floor(pipeline.time.now / 1_000)))
  return pipeline
}

/** Whose timing blocks have, and by whose rules their gas is counted; undefined when they come as transactions do. */
export function describeTiming(
  { consensus, network }: Pick<NodeConfig, 'consensus' | 'network'>,
  pipeline: Pipeline | undefined,
): string | undefined {
  if (pipeline === undefined) return undefined
  const { validators, blockMs, protocol, miniBlockMs, clock } = pipeline.start.settings
  const by = validators === 1 ? 'one sequencer' : `${validators} validators, ${protocol}`
  const parts = miniBlockMs === 0 ? '' : `, shown every ${miniBlockMs} ms`
  const still = clock === 'virtual' ? '; the clock stands until parallel_advance moves it' : ''
  return `timing: ${consensus.preset} (a block each ${blockMs} ms${parts}; ${by}); gas rules: ${gasRules(network)}${still}`
}

import type {
  ActiveFault,
  ConsensusTimeline,
  PipelineStatus,
  TimelineBlock,
} from '../../rpc/consensus-port.ts'
import type { PlacedFault } from './faults.ts'
import type { OrderedBlock, StageTimes } from './ledger.ts'
import type { Pipeline } from './pipeline.ts'

/** A pipeline as JSON. Times are milliseconds of its clock, block numbers are JSON numbers. */

export function describeStatus(
  pipeline: Pipeline,
  chain: { readonly pooled: number; readonly rules: string },
): PipelineStatus {
  const { start, ledger, swarm, faults, time, told } = pipeline
  const { preset, settings } = start
  const nowMs = time.now
  const heights = ledger.heights()
  const { base } = ledger
  const numberOf = (height: number): number => Number(base) + height
  const round = ledger.rounds.at(-1)
  const lag = heights.proposed - heights.executed
  return {
    preset,
    kind: 'pipeline',
    timing: start.source,
    rules: chain.rules,
    settings: { ...settings },
    nowMs,
    epoch: pipeline.epoch,
    baseBlock: Number(base),
    round: round?.round ?? 0,
    leader: round?.leader ?? null,
    validators: swarm.states.map((state, id) => ({
      id,
      stake: faults.config.stakes[id]!,
      round: state.round,
      votedRound: state.votedRound,
      certifiedRound: state.certificate.round,
      finalizedBlock: numberOf(state.finalized.height),
      faults: faults
        .activeAt(nowMs)
        .filter(({ validators }) => validators.includes(id))
        .map(({ kind }) => kind),
    })),
    blocks: {
      proposed: numberOf(heights.proposed),
      executed: numberOf(heights.executed),
      voted: numberOf(heights.voted),
      finalized: numberOf(heights.finalized),
      verified: numberOf(heights.verified),
    },
    execution: {
      lag,
      mostLag: settings.rootLag,
      isBehind: lag >= settings.rootLag,
    },
    pooled: chain.pooled,
    withdrawnBlocks: ledger.withdrawals,
    leftOutTransactions: pipeline.leftOut,
    refusedProposals: told.refused,
    lastRefusal: told.lastRefusal ?? null,
    equivocations: ledger.rivals,
    messages: { ...swarm.messages },
    standsStill: pipeline.stillness ?? null,
    faults: faults.activeAt(nowMs).map(describeFault),
  }
}

/** The newest `last` blocks and the rounds since, oldest first. */
export function describeTimeline(pipeline: Pipeline, last: number): ConsensusTimeline {
  const { ledger, faults, time } = pipeline
  const blocks = [...ledger.blocks].slice(-last)
  const since = blocks[0]?.block.round ?? 0
  return {
    preset: pipeline.start.preset,
    nowMs: time.now,
    epoch: pipeline.epoch,
    blocks: blocks.map(describeBlock),
    rounds: ledger.rounds
      .filter(({ round }) => round >= since)
      .map(({ round, leader, beganMs, endedMs, end, proposals }) => ({
        round,
        leader,
        beganMs,
        endedMs: endedMs ?? null,
        end: end ?? null,
        proposals,
      })),
    faults: faults.placed.map(describeFault),
  }
}

const STAGES = [
  'proposed',
  'voted',
  'finalized',
  'executionStarted',
  'executed',
  'committed',
  'verified',
  'withdrawn',
] as const satisfies readonly (keyof StageTimes)[]

function describeBlock(entry: OrderedBlock): TimelineBlock {
  const { block, number, payload, times, hash, root, gasUsed } = entry
  return {
    id: block.id,
    number: Number(number),
    round: block.round,
    leader: block.author,
    parentId: block.parent.block,
    parentRound: block.parent.round,
    state: stateOf(entry),
    canonical: entry.isCanonical,
    hash: hash ?? null,
    stateRoot: root ?? null,
    delayedRoot: block.delayedRoot
      ? {
          number: Number(number) - block.height + block.delayedRoot.height,
          root: block.delayedRoot.root,
        }
      : null,
    timestamp: Number(payload.timestamp),
    transactions: payload.transactions.length,
    gasUsed: gasUsed === undefined ? null : Number(gasUsed),
    times: timesOf(times),
  }
}

/** What has not come yet is null. */
function timesOf(times: StageTimes): TimelineBlock['times'] {
  const entries = STAGES.map((stage) => [stage, times[stage] ?? null])
  return Object.fromEntries(entries) as TimelineBlock['times']
}

function stateOf({ times, isCanonical }: OrderedBlock): TimelineBlock['state'] {
  if (!isCanonical) return times.withdrawn === undefined ? 'rival' : 'withdrawn'
  if (times.verified !== undefined) return 'verified'
  if (times.finalized !== undefined) return 'finalized'
  return times.voted === undefined ? 'proposed' : 'voted'
}

export function describeFault(fault: PlacedFault): ActiveFault {
  const { id, kind, validators, groups, byMs, fromMs, toMs } = fault
  return {
    id,
    kind,
    validators,
    groups: groups ?? null,
    byMs: byMs ?? null,
    fromMs,
    toMs: Number.isFinite(toMs) ? toMs : null,
  }
}

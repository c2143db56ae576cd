import type { TimelineBlock } from '../../rpc/consensus-port.ts'

/** A part of a block's way: from one moment to another, or a moment. */
export interface Part {
  readonly what: 'ordered' | 'voted' | 'executing' | 'committing' | 'verified' | 'withdrawn'
  readonly fromMs: number
  readonly toMs: number
}

/**
 * A block's way through the pipeline in the order of time: ordering and execution go on beside each other, so they are two rows of
 * parts. What has not ended yet lasts until now.
 */
export function partsOf(
  { times }: TimelineBlock,
  nowMs: number,
): { readonly consensus: readonly Part[]; readonly execution: readonly Part[] } {
  const { proposed, voted, finalized, withdrawn } = times
  const end = withdrawn ?? nowMs
  const consensus: Part[] = []
  const execution: Part[] = []
  if (proposed !== null) {
    consensus.push({ what: 'ordered', fromMs: proposed, toMs: voted ?? end })
  }
  if (voted !== null) consensus.push({ what: 'voted', fromMs: voted, toMs: finalized ?? end })
  const { executionStarted, executed, committed, verified } = times
  if (executionStarted !== null) {
    execution.push({ what: 'executing', fromMs: executionStarted, toMs: executed ?? end })
  }
  if (executed !== null && committed !== null) {
    execution.push({ what: 'committing', fromMs: executed, toMs: committed })
  }
  if (verified !== null) execution.push({ what: 'verified', fromMs: verified, toMs: verified })
  if (withdrawn !== null) {
    consensus.push({ what: 'withdrawn', fromMs: withdrawn, toMs: withdrawn })
  }
  return { consensus, execution }
}

/** The time that a drawing spans: from the first of its moments to the last, never nothing. */
export function spanOf(
  blocks: readonly TimelineBlock[],
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const moments = blocks.flatMap(({ times }) =>
    Object.values(times).filter((time) => time !== null),
  )
  const fromMs = Math.min(nowMs, ...moments)
  return { fromMs, toMs: Math.max(fromMs + 1, ...moments) }
}

import type { Replay } from '../../client/block-answers.ts'

/** What an executor took with so many lanes: the median of its runs. */
export interface Measurement {
  readonly executor: string
  readonly workers: number
  readonly runs: number
  readonly ms: number
  /** The block in order: the median of all its runs, so that all are compared to the same. */
  readonly serialMs: number
  /** Of the median run. */
  readonly aborts: number
  readonly inOrder: string | null
  /** Of all runs: whether what came out is what comes out in order, and else in what it is not. */
  readonly equal: boolean
  readonly difference: string | undefined
}

/** Runs of one block, put together by executor and lanes, in the order in which they first ran. */
export function measurementsOf(replays: readonly Replay[]): readonly Measurement[] {
  const groups = new Map<string, Replay[]>()
  for (const each of replays) {
    const key = `${each.executor} ${each.workers}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [each])
    else group.push(each)
  }
  const serialMs = middle(replays.map((each) => each.serialMs)) ?? 0
  return [...groups.values()].map((group) => {
    const sorted = group.toSorted((a, b) => a.ms - b.ms)
    const median = sorted[sorted.length >> 1]!
    const { executor, workers, ms, aborts, inOrder } = median
    const other = group.find(({ equivalence }) => !equivalence.equal)
    return {
      executor,
      workers,
      runs: group.length,
      ms: executor === 'serial' ? serialMs : ms,
      serialMs,
      aborts,
      inOrder,
      equal: other === undefined,
      difference: other?.equivalence.difference?.what,
    }
  })
}

export function fasterBy({ ms, serialMs }: Pick<Replay, 'ms' | 'serialMs'>): number {
  return ms === 0 ? 1 : serialMs / ms
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

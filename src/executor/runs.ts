import type { MergeReport, RunReport } from './executor.ts'
import type { Abort, Attempt, LeftOut, Merge } from './lane/attempts.ts'

/** How transactions of a block were run. Times are milliseconds since the epoch. */
interface Ran {
  readonly attempts: readonly Attempt[]
  readonly aborts: readonly Abort[]
  readonly leftOut: ReadonlyMap<number, LeftOut>
}

/**
 * All runs, each with what came of it.
 * @param places of the transactions in the block @param started when the block's execution began, in milliseconds since the epoch
 */
export function runReports(ran: Ran, places: readonly number[], started: number): RunReport[] {
  // They may be made anew each time they are asked for.
  const { attempts } = ran
  const last: (Attempt | undefined)[] = []
  for (const it of attempts) {
    if (it.isBrokenOff) continue
    const before = last[it.tx]
    if (before === undefined || isLater(it, before)) last[it.tx] = it
  }
  return attempts.map((it) => {
    const run = {
      index: places[it.tx]!,
      incarnation: it.incarnation,
      lane: it.lane,
      start: it.start - started,
      end: it.end - started,
    }
    if (it.isBrokenOff) return { ...run, outcome: 'broken off' }
    if (last[it.tx] === it) {
      return { ...run, outcome: ran.leftOut.has(it.tx) ? 'left out' : 'merged' }
    }
    const abort = ran.aborts.find(
      ({ tx, incarnation }) => tx === it.tx && incarnation === it.incarnation,
    )
    return { ...run, outcome: 'taken back', ...(abort !== undefined && { cause: abort.cause }) }
  })
}

/** @param places, @param started as of `runReports` */
export function mergeReports(
  merges: readonly Merge[],
  places: readonly number[],
  started: number,
): MergeReport[] {
  return merges.map(({ tx, lane, start, end }) => ({
    index: places[tx]!,
    lane,
    start: start - started,
    end: end - started,
  }))
}

/** Each lane lists its own: they are not in order together. */
function isLater(one: Attempt, other: Attempt): boolean {
  if (one.incarnation !== other.incarnation) return one.incarnation > other.incarnation
  return one.end > other.end
}

/** The runs of a block that ran in order, if all of it is in the block. @param ticks see `ExecutionReport` */
export function runsInOrder(ticks: Float64Array): RunReport[] {
  return Array.from({ length: ticks.length - 1 }, (_, index) => ({
    index,
    incarnation: 0,
    lane: 0,
    start: ticks[index]!,
    end: ticks[index + 1]!,
    outcome: 'merged',
  }))
}

import type { MergeReport, RunLog, RunReport } from './executor.ts'
import { type Abort, type Attempt, attemptsIn, mergesIn } from './lane/attempts.ts'
import type { LaneAccount } from './lane/protocol.ts'

/** As the lanes noted it: few ask, and an object for each run costs as much as many a transaction. */
export class LaneLog implements RunLog {
  readonly #lanes: readonly LaneAccount[]
  readonly #places: readonly number[]
  readonly #started: number

  /** @param places of the transactions in the block @param started when the block's execution began, in milliseconds since the epoch */
  constructor(lanes: readonly LaneAccount[], places: readonly number[], started: number) {
    this.#lanes = lanes
    this.#places = places
    this.#started = started
  }

  get byteLength(): number {
    return this.#lanes.reduce((sum, { attempts }) => sum + attempts.byteLength, 0)
  }

  get runs(): readonly RunReport[] {
    const ran = {
      attempts: this.#lanes.flatMap(({ attempts, lane }) => attemptsIn(attempts, lane)),
      aborts: this.#lanes.flatMap(({ aborts }) => aborts),
      leftOut: new Set(this.#lanes.flatMap(({ leftOut }) => leftOut.map(({ tx }) => tx))),
    }
    return runReports(ran, this.#places, this.#started)
  }

  get merges(): readonly MergeReport[] {
    return this.#lanes.flatMap(({ attempts, lane }) =>
      mergesIn(attempts, lane).map(({ tx, start, end }) => ({
        index: this.#places[tx]!,
        lane,
        start: start - this.#started,
        end: end - this.#started,
      })),
    )
  }
}

/** How transactions of a block were run. Times are milliseconds since the epoch. */
interface Ran {
  readonly attempts: readonly Attempt[]
  readonly aborts: readonly Abort[]
  readonly leftOut: ReadonlySet<number>
}

/** All runs, each with what came of it. */
function runReports(ran: Ran, places: readonly number[], started: number): RunReport[] {
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

import type { Engine } from '../evm/engine.ts'
import type { StateView } from '../state/view.ts'
import type { BlockInput, BlockOutcome, ExecutionReport, Executor, StepReport } from './executor.ts'
import type { ChaosPlan } from './lane/chaos.ts'
import { Expected } from './expected.ts'
import { nowMs } from './lane/attempts.ts'
import { LaneHost } from './lane/host.ts'
import type { LanePool } from './lane/pool.ts'
import type { Schedule } from './lane/schedules.ts'
import type { Worked } from './lane/stage.ts'
import { NO_EXPERIENCE, afterLanes, afterOrder, whyInOrder } from './pays.ts'
import { executeOnState } from './on-state.ts'
import { type Plan, planOf } from './plan.ts'
import { createInlineExecutor } from './inline.ts'
import { LaneLog } from './runs.ts'

export interface ParallelOptions {
  readonly schedule: Schedule
  /** Threads that run transactions. */
  readonly lanes: number
  /** For what lanes do not run: the protocol's own steps, and blocks that are better off in order. Lanes have one of the same name. */
  readonly engine: Engine
  readonly pool: LanePool
  /** `always` sends no block to serial because it would not gain; what cannot run in lanes still goes there. */
  readonly use: 'always' | 'when it pays'
  readonly chaos?: ChaosPlan | undefined
}

/** Runs a block's transactions in lanes, and in order what lanes would not make faster. */
export function createParallelExecutor(options: ParallelOptions): Executor {
  const { schedule, engine, pool, lanes, use } = options
  const host = new LaneHost(pool, lanes)
  const expected = new Expected()
  let experience = NO_EXPERIENCE
  const onRun = (transactions: number, ms: number, rest: number): void => {
    experience = afterOrder(experience, transactions, ms, rest)
  }
  const serial = createInlineExecutor(engine, { main: host, expected, onRun })
  const lossOf = (transactions: number): string | undefined => {
    const loss = whyInOrder(experience, transactions, lanes)
    if (loss !== undefined || pool.isReady) return loss
    return pool.isBroken ? 'its threads cannot start' : 'its threads are starting or busy'
  }
  const inOrder = async (
    block: BlockInput,
    base: StateView,
    why: string,
    failure?: string,
  ): Promise<BlockOutcome> => {
    const outcome = await serial.execute(block, base)
    if (outcome.kind !== 'executed') return outcome
    const report = { ...outcome.report, executor: schedule, inOrder: why }
    return Object.assign(outcome, {
      report: failure === undefined ? report : { ...report, failure },
    })
  }
  return {
    name: schedule,
    async execute(block, base) {
      const started = nowMs()
      await host.ended()
      let ran = 0
      const loss = use === 'always' ? undefined : lossOf(block.transactions.length)
      if (loss !== undefined) return inOrder(block, base, loss)
      const plan = planOf(block, { ...options, expected })
      if (typeof plan === 'string') return inOrder(block, base, plan)
      const { executed, worked } = await executeOnState(
        engine,
        block,
        base,
        plan,
        async (onState, view) => {
          const done = await host.run(onState, view)
          ran = nowMs() - started
          return done
        },
      )
      if (executed === undefined) {
        const { failure, unfit = 'it did not fit in the lanes' } = worked
        return inOrder(block, base, failure === undefined ? unfit : 'a lane failed', failure)
      }
      if (executed.kind !== 'executed') return executed
      const report = reportOf(options, plan, worked, { started, ran })
      const takenBack = report.aborts / Math.max(1, plan.places.length)
      experience = afterLanes(experience, plan.places.length, {
        ms: report.ms,
        alone: worked.aloneMs,
        takenBack,
      })
      return Object.assign(executed, { report })
    },
    expect: (tx, where) => serial.expect?.(tx, where),
  }
}

function reportOf(
  { schedule, engine, lanes, chaos }: ParallelOptions,
  { places, block }: Plan,
  worked: Worked,
  { started, ran }: { readonly started: number; readonly ran: number },
): ExecutionReport {
  const ms = nowMs() - started
  return {
    executor: schedule,
    engine: engine.name,
    workers: lanes,
    incarnations: worked.incarnations,
    aborts: worked.aborts.length,
    ms,
    log: new LaneLog(worked.accounts, places, started),
    ...(block.isRecorded && { steps: stepsOf(worked.ms, ran, ms) }),
    ...(chaos === undefined
      ? {}
      : { trace: worked.traces.reduce((a, b) => Math.imul(a, 31) + b, 7) | 0 }),
  }
}

/** @param lanesMs that lanes took @param ran when they had ended @param ms when all had; milliseconds from the start */
function stepsOf(lanesMs: number, ran: number, ms: number): readonly StepReport[] {
  const began = Math.max(0, ran - lanesMs)
  return [
    { name: 'setup', start: 0, end: began },
    { name: 'lanes', start: began, end: ran },
    { name: 'receipts', start: ran, end: ms },
  ]
}

import type { Engine } from '../evm/engine.ts'
import type { Executor } from './executor.ts'
import { Expected } from './expected.ts'
import { MainLane } from './lane/main-lane.ts'
import { openSession } from './lane/session.ts'
import { executeOnState } from './on-state.ts'
import { obstacleIn, planOf } from './plan.ts'
import { createSerialExecutor } from './serial.ts'

const FEWEST = 16

export interface InlineOptions {
  /** Transactions of a block that is worth it: setting one up costs some 30 us. */
  readonly fewest?: number
  /** Lanes' own memory, if there are any. */
  readonly main?: MainSource
  /** What was encoded ahead. */
  readonly expected?: Expected
  /** Hears how long a block's transactions ran, and what else it took, in milliseconds. */
  readonly onRun?: (transactions: number, ms: number, rest: number) => void
}

/**
 * One transaction after another, on the thread that asks, with the state in the memory that lanes have it in: the engine finds it without
 * JavaScript, and what it finds stays from block to block. What does not fit goes the plain way, and so do small blocks.
 */
export function createInlineExecutor(
  engine: Engine,
  {
    fewest = FEWEST,
    main = memoryOfItsOwn(),
    expected = new Expected(),
    onRun,
  }: InlineOptions = {},
): Executor {
  const plain = createSerialExecutor(engine)
  return {
    name: 'serial',
    async execute(block, base) {
      const started = performance.now()
      if (engine.name !== 'wasm' || block.transactions.length < fewest) {
        return plain.execute(block, base)
      }
      const plan = planOf(block, { engine, schedule: 'optimistic', expected })
      if (typeof plan === 'string') return plain.execute(block, base)
      const lane = await main.open()
      const ticks =
        block.recorded === true ? new Float64Array(block.transactions.length + 1) : undefined
      const ended =
        ticks && ((tx: number) => void (ticks[plan.places[tx]! + 1] = performance.now() - started))
      const { executed, worked } = await executeOnState(
        engine,
        block,
        base,
        plan,
        (onState, view) => {
          if (ticks !== undefined) ticks[0] = performance.now() - started
          return lane.runInOrder(onState, view, ended)
        },
      )
      if (executed === undefined) return plain.execute(block, base)
      if (executed.kind !== 'executed') return executed
      if (ticks !== undefined) fillForward(ticks)
      const ms = performance.now() - started
      onRun?.(plan.places.length, worked.ms, ms - worked.ms)
      const report = {
        executor: 'serial',
        engine: engine.name,
        workers: 1,
        incarnations: executed.transactions.length,
        aborts: 0,
        ms,
        ticks,
      }
      return Object.assign(executed, { report })
    },
    expect(tx, where) {
      if (engine.name !== 'wasm' || obstacleIn(where.env.rules) !== undefined) return
      expected.add(tx, where, main.opened?.stage.expect(tx, where))
    },
  }
}

/** The main thread at a shared memory, which is opened for the first block. */
export interface MainSource {
  readonly opened: MainLane | undefined
  open(): Promise<MainLane>
}

function memoryOfItsOwn(): MainSource {
  let opened: MainLane | undefined
  let opening: Promise<MainLane> | undefined
  return {
    get opened() {
      return opened
    },
    open: () => (opening ??= openSession(0).then((session) => (opened = new MainLane(session)))),
  }
}

/** Where nothing ran, nothing took time. */
function fillForward(ticks: Float64Array): void {
  for (let at = 1; at < ticks.length; at++) ticks[at] = Math.max(ticks[at]!, ticks[at - 1]!)
}

import type { Engine } from '../evm/engine.ts'
import { Machine } from '../evm/wasm/machine.ts'
import type { StateView } from '../state/view.ts'
import type { Executor } from './executor.ts'
import { MachineRunner } from './lane/machine-runner.ts'
import type { Need } from './lane/mailbox.ts'
import { type LaneRun, runInOrder } from './lane/merge.ts'
import { type Session, openSession } from './lane/session.ts'
import { type LaneBlock, Stage, type Worked } from './lane/stage.ts'
import { executeOnState } from './on-state.ts'
import { planOf } from './plan.ts'
import { createSerialExecutor } from './serial.ts'

const FEWEST = 16

/**
 * One transaction after another, on the thread that asks, with the state in the memory that lanes have it in: the engine finds it without
 * JavaScript, and what it finds stays from block to block. What does not fit goes the plain way, and so do small blocks: setting one up
 * costs some 30 us.
 * @param fewest transactions of a block that is worth it
 */
export function createInlineExecutor(engine: Engine, fewest: number = FEWEST): Executor {
  const plain = createSerialExecutor(engine)
  let opening: Promise<Inline> | undefined
  return {
    name: 'serial',
    async execute(block, base) {
      const started = performance.now()
      if (engine.name !== 'wasm' || block.transactions.length < fewest) {
        return plain.execute(block, base)
      }
      const plan = planOf(block, { engine, schedule: 'optimistic' })
      if (typeof plan === 'string') return plain.execute(block, base)
      const inline = await (opening ??= openSession(0).then((session) => new Inline(session)))
      const { executed } = await executeOnState(engine, block, base, plan, (onState, view) =>
        inline.run(onState, view),
      )
      if (executed === undefined) return plain.execute(block, base)
      if (executed.kind !== 'executed') return executed
      const report = {
        executor: 'serial',
        engine: engine.name,
        workers: 1,
        incarnations: executed.transactions.length,
        aborts: 0,
        ms: performance.now() - started,
      }
      return Object.assign(executed, { report })
    },
  }
}

/** The memory, and a machine that finds state in it. */
class Inline {
  readonly #stage: Stage
  readonly #machine: Machine

  constructor(session: Session) {
    this.#stage = new Stage(session)
    this.#machine = new Machine(session.engineModule, { state: this.#stage.shared.seam })
  }

  async run(block: LaneBlock, view: StateView): Promise<Worked> {
    const stage = this.#stage
    const { shared, words, txs } = stage
    if (!stage.begin(block, view)) words.end('abandoned')
    const bring = (need: Need): void => void stage.answer(need, block.env, view)
    const run: LaneRun = {
      lane: 0,
      shared,
      words,
      txs,
      runner: new MachineRunner(this.#machine, block.env, shared, words, txs, bring),
      limits: block.limits,
      bring,
      chaos: undefined,
      attempts: [],
      aborts: [],
      leftOut: [],
    }
    await runInOrder(run)
    return stage.outcome([{ attempts: [], aborts: [], leftOut: run.leftOut, trace: 0 }], undefined)
  }
}

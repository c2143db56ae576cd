import { Machine } from '../../evm/wasm/machine.ts'
import { whenHere } from '../../state/absent.ts'
import type { StateView } from '../../state/view.ts'
import { accountOf } from './account.ts'
import { AttemptLog } from './attempts.ts'
import { Chaos } from './chaos.ts'
import { MachineRunner } from './machine-runner.ts'
import type { Need } from './mailbox.ts'
import { type LaneRun, runInOrder } from './merge.ts'
import type { Session } from './session.ts'
import { type LaneBlock, Stage, type Worked } from './stage.ts'

/** Jumps of the main thread between two looks at what other lanes need: some 50 us. */
const FUEL = 4_000

/** The main thread at a session's shared memory: it sets blocks up, and is a lane itself, which brings what it needs without asking. */
export class MainLane {
  readonly stage: Stage
  readonly #machine: Machine
  #ended: ((tx: number) => void) | undefined

  constructor(session: Session) {
    this.stage = new Stage(session)
    const { shared, words } = this.stage
    this.#machine = new Machine(session.engineModule, {
      state: shared.seam,
      block: shared.block(() => this.#ended?.(words.merged - 1)),
    })
  }

  /** All of the block, one transaction after another. @param ended is told of each when it has run */
  async runInOrder(
    block: LaneBlock,
    view: StateView,
    ended?: (tx: number) => void,
  ): Promise<Worked> {
    const { stage } = this
    const begin = (): boolean => stage.begin(block, view) && stage.present(block, view)
    if (!(await whenHere(begin))) stage.words.end('abandoned')
    const run = this.part(block, view, 0)
    this.#ended = ended
    await runInOrder(run, ended !== undefined)
    return stage.outcome([accountOf(run)], undefined)
  }

  /** The main thread's part in a block that was begun. @param attend answers what other lanes need */
  part(
    block: LaneBlock,
    view: StateView,
    lane: number,
    attend?: () => void,
  ): LaneRun<MachineRunner> {
    const { stage } = this
    const { shared, words, txs } = stage
    const bring = (need: Need): void | Promise<void> =>
      whenHere(() => void stage.answer(need, block.env, view))
    const beat = attend && { fuel: FUEL, attend }
    return {
      lane,
      shared,
      words,
      txs,
      runner: new MachineRunner(this.#machine, block.env, shared, words, txs, bring, beat),
      limits: block.limits,
      bring,
      attend,
      chaos: block.chaos && new Chaos(block.chaos, lane),
      isRecorded: block.isRecorded,
      attempts: new AttemptLog(),
      aborts: [],
      leftOut: [],
    }
  }
}

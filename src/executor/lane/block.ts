import { type Engine } from '../../evm/engine.ts'
import { loadEthereumjsEngine } from '../../evm/load.ts'
import { Machine } from '../../evm/wasm/machine.ts'
import { Chaos } from './chaos.ts'
import { EngineRunner } from './engine-runner.ts'
import { MachineRunner } from './machine-runner.ts'
import { LaneBox, type Need } from './mailbox.ts'
import type { LaneRun } from './merge.ts'
import type { BlockAnswer, BlockTask } from './protocol.ts'
import type { Runner } from './runner.ts'
import { workOn } from './schedules.ts'
import type { Session } from './session.ts'
import { answerOf } from './answer.ts'
import { AttemptLog } from './attempts.ts'
import { BlockWords, TransactionWords } from './shared.ts'
import { SharedState } from './shared-state.ts'

/** What a thread keeps from block to block. It may be one lane in this block and another in the next. */
interface Place {
  readonly shared: SharedState
  readonly box: LaneBox
  machine: Machine | undefined
}

/** A thread's part in blocks of one session. */
export class LaneThread {
  readonly #session: Session
  readonly #words: BlockWords
  readonly #txs: TransactionWords
  readonly #places = new Map<number, Place>()
  #reference: Promise<Engine> | undefined

  constructor(session: Session) {
    this.#session = session
    this.#words = new BlockWords(session.memory)
    this.#txs = new TransactionWords(session.memory)
  }

  /** Works on the block until there is nothing left to do in it for this lane. */
  async work(task: BlockTask): Promise<BlockAnswer> {
    const place = this.#placeOf(task.lane)
    place.shared.enter()
    const words = this.#words
    const ask = (need: Need): ReturnType<LaneBox['ask']> =>
      place.box.ask(need, () => words.stop !== undefined)
    const bring = (need: Need): void => void ask(need)
    const runner = await this.#runnerFor(task, place, bring, (number) =>
      ask({ kind: 'blockHash', number }),
    )
    const run: LaneRun = {
      lane: task.lane,
      shared: place.shared,
      words,
      txs: this.#txs,
      runner,
      limits: task.limits,
      bring,
      chaos: task.chaos && new Chaos(task.chaos, task.lane),
      isRecorded: task.isRecorded,
      attempts: new AttemptLog(),
      aborts: [],
      leftOut: [],
    }
    await workOn(run, task.schedule, task.lanes)
    return answerOf(run)
  }

  async #runnerFor(
    task: BlockTask,
    place: Place,
    bring: (need: Need) => void,
    blockHash: (number: bigint) => ReturnType<LaneBox['ask']>,
  ): Promise<Runner> {
    const env = { ...task.env, blockHash }
    const { shared } = place
    const { reference } = task
    if (reference !== undefined) {
      const engine = await (this.#reference ??= loadEthereumjsEngine())
      const { transactions, options } = reference
      const block = { transactions, optionsOf: (index: number) => options[index] }
      return new EngineRunner(engine, env, block, shared, this.#words, bring)
    }
    place.machine ??= new Machine(this.#session.engineModule, {
      state: shared.seam,
      block: shared.block(),
    })
    return new MachineRunner(place.machine, env, shared, this.#words, this.#txs, bring)
  }

  #placeOf(lane: number): Place {
    let place = this.#places.get(lane)
    if (place === undefined) {
      const { stateModule, memory, sizes } = this.#session
      const shared = new SharedState(stateModule, memory, sizes, lane)
      place = { shared, box: new LaneBox(memory, lane), machine: undefined }
      this.#places.set(lane, place)
    }
    return place
  }
}

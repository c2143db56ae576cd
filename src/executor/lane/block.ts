import { type Engine } from '../../evm/engine.ts'
import { loadEthereumjsEngine } from '../../evm/load.ts'
import { Machine } from '../../evm/wasm/machine.ts'
import { Chaos } from './chaos.ts'
import { EngineRunner } from './engine-runner.ts'
import { MachineRunner } from './machine-runner.ts'
import { LaneBox, type Need } from './mailbox.ts'
import { NOT_MERGED } from './layout.ts'
import type { LaneRun } from './merge.ts'
import type { BlockTask } from './protocol.ts'
import { ReceiptBox } from './receipt-box.ts'
import { ReceiptParts } from './receipt-parts.ts'
import type { Runner } from './runner.ts'
import { workOn } from './schedules.ts'
import type { Session } from './session.ts'
import { packAccount } from './account.ts'
import { AttemptLog } from './attempts.ts'
import { BlockWords } from './shared.ts'
import { TransactionWords } from './transaction-words.ts'
import { SharedState } from './shared-state.ts'

/** Milliseconds that a lane sleeps at most before it looks whether all is merged. */
const NAP_MS = 20

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
  readonly #receipts: ReceiptBox
  readonly #receiptParts: ReceiptParts
  readonly #places = new Map<number, Place>()
  #reference: Promise<Engine> | undefined

  constructor(session: Session) {
    this.#session = session
    this.#words = new BlockWords(session.memory)
    this.#txs = new TransactionWords(session.memory)
    this.#receipts = new ReceiptBox(session.memory)
    this.#receiptParts = new ReceiptParts(session.memory)
  }

  /** Works on the block until there is nothing left to do in it for this lane. */
  async work(task: BlockTask): Promise<void> {
    const place = this.#placeOf(task.lane)
    const words = this.#words
    const ask = (need: Need): ReturnType<LaneBox['ask']> =>
      place.box.ask(need, () => words.stop !== undefined)
    const bring = (need: Need): void => void ask(need)
    const runner = await this.#runnerFor(task, place, bring, (number) =>
      ask({ kind: 'blockHash', number }),
    )
    words.awaitOpen(task.number)
    place.shared.enter()
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
    leave(run, place)
    if (task.types !== undefined) this.#makeReceipts(place.shared, task.types)
  }

  /** When all is merged: their root and bloom, if the main thread has not begun with them. */
  #makeReceipts(shared: SharedState, types: Uint8Array): void {
    const words = this.#words
    while (words.stop === undefined && words.merged < words.count) {
      words.await(words.merged, NAP_MS)
    }
    if (words.stop !== undefined || !this.#receipts.begin()) return
    const records = shared.recordsHere(words.count)
    if (records === undefined) return this.#receipts.giveUp()
    const isMerged = (_: number, tx: number): boolean => records.starts[tx] !== NOT_MERGED
    const starts = records.starts.filter((at) => at !== NOT_MERGED)
    this.#receipts.put(this.#receiptParts.make({ ...records, starts }, types.filter(isMerged)))
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

/** From now on the lane changes nothing of the block. */
function leave(run: LaneRun, { shared, box }: Place): void {
  const account = packAccount(run)
  const at = shared.keep(account)
  if (at === 0) run.words.end('abandoned')
  box.leave(at, at === 0 ? 0 : account.length)
}

import type { StateView } from '../../state/view.ts'
import type { LanePool } from './pool.ts'
import type { BlockAnswer } from './protocol.ts'
import type { BlockWords } from './shared.ts'
import { type LaneBlock, Stage, type Worked } from './stage.ts'

/** Milliseconds without a sign of life after which lanes are given up. A sign comes every 100,000 jumps. */
const HANG_MS = 5_000
const WATCH_MS = 250
/** The main thread's side of a block in lanes: it sets the block up, answers what lanes need, and takes over when one fails. */
export class LaneHost {
  readonly #pool: LanePool
  readonly #lanes: number
  #stage: Stage | undefined

  constructor(pool: LanePool, lanes: number) {
    this.#pool = pool
    this.#lanes = lanes
  }

  /** Runs the block on `view`. One block at a time. */
  async run(block: LaneBlock, view: StateView): Promise<Worked> {
    const session = await this.#pool.session()
    if (this.#stage?.session !== session) this.#stage = new Stage(session)
    const stage = this.#stage
    if (!stage.begin(block, view)) stage.words.end('abandoned')
    const { answers, failure } = await this.#work(stage, block, view)
    if (failure !== undefined) {
      // What a lane left behind when it died is nobody's to repair.
      this.#stage = undefined
      await this.#pool.replace()
    }
    return stage.outcome(answers, failure)
  }

  /** Starts the lanes, answers them, and ends the block if one dies or none shows life any more. */
  async #work(
    stage: Stage,
    block: LaneBlock,
    view: StateView,
  ): Promise<{ answers: readonly BlockAnswer[]; failure: string | undefined }> {
    const { words, boxes } = stage
    let failure: string | undefined
    const fail = (error: unknown): void => {
      failure ??= error instanceof Error ? error.message : String(error)
      words.end('abandoned')
      boxes.wake()
    }
    const { header, rules, chainId, blobBaseFeeWei } = block.env
    const tasks = Array.from({ length: this.#lanes }, (_, lane) =>
      this.#pool.run({
        kind: 'block',
        lane,
        lanes: this.#lanes,
        schedule: block.schedule,
        env: { header, rules, chainId, blobBaseFeeWei },
        limits: block.limits,
        reference: block.reference,
        chaos: block.chaos,
      }),
    )
    for (const task of tasks) task.catch(fail)
    let isOver = false
    const all = Promise.allSettled(tasks).then((settled) => {
      isOver = true
      boxes.wake()
      return settled
    })
    const watch = this.#watch(words, fail)
    while (!isOver) {
      const { rung } = boxes
      try {
        boxes.serve((need) => stage.answer(need, block.env, view))
      } catch (error) {
        fail(error)
      }
      await boxes.ringing(rung)
    }
    clearInterval(watch)
    const settled = await all
    const answers = settled.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []))
    return { answers, failure }
  }

  #watch(words: BlockWords, fail: (error: unknown) => void): NodeJS.Timeout {
    let seen = -1
    let since = performance.now()
    return setInterval(() => {
      const beats = words.beats + words.merged
      if (beats !== seen) {
        seen = beats
        since = performance.now()
      } else if (performance.now() - since > HANG_MS) {
        fail(new Error(`no lane showed life for ${HANG_MS / 1000} s`))
        void this.#pool.replace()
      }
    }, WATCH_MS)
  }
}

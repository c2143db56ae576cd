import type { Hash } from '../../primitives/hex.ts'
import { Absent, whenHere } from '../../state/absent.ts'
import type { StateView } from '../../state/view.ts'
import { MainLane } from './main-lane.ts'
import { answerOf } from './answer.ts'
import type { Need } from './mailbox.ts'
import type { LanePool } from './pool.ts'
import type { BlockAnswer } from './protocol.ts'
import { workOn } from './schedules.ts'
import type { BlockWords } from './shared.ts'
import type { LaneBlock, Worked } from './stage.ts'

/** Milliseconds without a sign of life after which lanes are given up. A sign comes every 100,000 jumps. */
const HANG_MS = 5_000
const WATCH_MS = 250
/** Whatever rings, rings before. */
const LONG_MS = 60_000

/**
 * The main thread's side of a block in lanes: it sets the block up, is the last of the lanes, answers what the others need, and takes over
 * when one fails.
 */
export class LaneHost {
  readonly #pool: LanePool
  readonly #lanes: number
  #main: MainLane | undefined

  /** @param lanes with the main thread */
  constructor(pool: LanePool, lanes: number) {
    this.#pool = pool
    this.#lanes = lanes
  }

  /** The main thread's hold on what the lanes share, if it was there before. */
  get opened(): MainLane | undefined {
    return this.#main
  }

  /** The main thread's hold on what the lanes share. */
  async open(): Promise<MainLane> {
    const session = await this.#pool.session()
    if (this.#main?.stage.session !== session) this.#main = new MainLane(session)
    return this.#main
  }

  /** Runs the block on `view`. One block at a time. */
  async run(block: LaneBlock, view: StateView): Promise<Worked> {
    const main = await this.open()
    const { stage } = main
    if (!(await whenHere(() => stage.begin(block, view)))) stage.words.end('abandoned')
    const { answers, failure } = await this.#work(main, block, view)
    if (failure !== undefined) {
      // What a lane left behind when it died is nobody's to repair.
      this.#main = undefined
      await this.#pool.replace()
    }
    return stage.outcome(answers, failure)
  }

  /** Starts the lanes, works and answers them, and ends the block if one dies or none shows life any more. */
  async #work(
    main: MainLane,
    block: LaneBlock,
    view: StateView,
  ): Promise<{ answers: readonly BlockAnswer[]; failure: string | undefined }> {
    const { stage } = main
    const { words, boxes } = stage
    const { bell } = words
    let failure: string | undefined
    const fail = (error: unknown): void => {
      failure ??= error instanceof Error ? error.message : String(error)
      words.end('abandoned')
    }
    let fetching = 0
    const answer = (need: Need): Hash | undefined | 'later' => {
      try {
        return stage.answer(need, block.env, view)
      } catch (error) {
        if (!(error instanceof Absent)) throw error
        fetching++
        void error
          .fetch()
          .catch(fail)
          .finally(() => {
            fetching--
            bell.ring()
          })
        return 'later'
      }
    }
    const serve = (): void => {
      try {
        boxes.serve(answer)
      } catch (error) {
        fail(error)
      }
    }
    // The reference engine waits for promises, a lane that is told to fail must not be this thread, nor one that waits for what is fetched.
    const { reference, chaos } = block
    const isLane =
      reference === undefined &&
      view.isPartial !== true &&
      chaos?.failure === undefined &&
      chaos?.isApart !== true
    const others = isLane ? this.#lanes - 1 : this.#lanes
    const tasks = this.#start(block, others)
    for (const task of tasks) task.catch(fail)
    let isOver = false
    const all = Promise.allSettled(tasks).then((settled) => {
      isOver = true
      bell.ring()
      return settled
    })
    const watch = this.#watch(words, fail, () => fetching > 0)
    const own: BlockAnswer[] = []
    if (isLane) {
      const run = main.part(block, view, others, serve)
      try {
        await workOn(run, block.schedule, this.#lanes)
        own.push(answerOf(run))
      } catch (error) {
        fail(error)
      }
    }
    while (!isOver) {
      const { rung } = bell
      serve()
      if (!isOver) await bell.ringing(rung, LONG_MS)
    }
    clearInterval(watch)
    const settled = await all
    const answers = settled.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []))
    return { answers: [...answers, ...own], failure }
  }

  #start(block: LaneBlock, lanes: number): Promise<BlockAnswer>[] {
    const { header, rules, chainId, blobBaseFeeWei } = block.env
    return Array.from({ length: lanes }, (_, lane) =>
      this.#pool.run({
        kind: 'block',
        lane,
        lanes: this.#lanes,
        schedule: block.schedule,
        env: { header, rules, chainId, blobBaseFeeWei },
        limits: block.limits,
        reference: block.reference,
        chaos: block.chaos,
        isRecorded: block.isRecorded,
      }),
    )
  }

  #watch(
    words: BlockWords,
    fail: (error: unknown) => void,
    isFetching: () => boolean,
  ): NodeJS.Timeout {
    let seen = -1
    let since = performance.now()
    return setInterval(() => {
      const beats = words.beats + words.merged
      if (beats !== seen || isFetching()) {
        seen = beats
        since = performance.now()
      } else if (performance.now() - since > HANG_MS) {
        fail(new Error(`no lane showed life for ${HANG_MS / 1000} s`))
        void this.#pool.replace()
      }
    }, WATCH_MS)
  }
}

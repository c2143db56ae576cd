import type { Hash } from '../../primitives/hex.ts'
import { Absent, whenHere } from '../../state/absent.ts'
import type { StateView } from '../../state/view.ts'
import { accountOf, unpackAccount } from './account.ts'
import { MainLane } from './main-lane.ts'
import type { Need } from './mailbox.ts'
import type { LanePool } from './pool.ts'
import type { LaneAccount } from './protocol.ts'
import { workOn } from './schedules.ts'
import type { BlockWords } from './shared.ts'
import type { LaneBlock, Stage, Worked } from './stage.ts'

/** Milliseconds without a sign of life after which lanes are given up. A sign comes every 100,000 jumps. */
const HANG_MS = 5_000
/** How often one looks for a sign. Looks are counted, not time: while the whole machine stands still there is none. */
const WATCH_MS = 250
/** Whatever rings, rings before. */
const LONG_MS = 60_000
/** How often the main thread looks whether the others are done before it sleeps, some 50 us: to wake up takes longer. */
const SPINS = 2_000
const SPINS_BETWEEN = 64

interface Answers {
  readonly accounts: readonly LaneAccount[]
  readonly failure: string | undefined
}

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

  /** The main thread's hold on what the lanes share, when no lane uses it. */
  async open(): Promise<MainLane> {
    await this.ended()
    const session = await this.#pool.session()
    if (this.#main?.stage.session !== session) this.#main = new MainLane(session)
    return this.#main
  }

  /** Resolves when no lane is at the last block any more: after they have left it one may be at its receipts. */
  async ended(): Promise<void> {
    if (!(await this.#pool.partsEnded(HANG_MS))) await this.#replace()
  }

  /** Runs the block on `view`. One block at a time. */
  async run(block: LaneBlock, view: StateView): Promise<Worked> {
    const main = await this.open()
    const { stage } = main
    const number = stage.words.opened + 1
    const isMain = isMainLane(block, view)
    const others = isMain ? this.#lanes - 1 : this.#lanes
    const start = (): Promise<unknown>[] => this.#start(block, others, number)
    // They wake up while the block is set up, unless that waits itself.
    const early = view.isPartial === true ? undefined : start()
    try {
      // A lane that waits for what is fetched is best set up with all that it takes.
      const beginning = whenHere(
        () => stage.begin(block, view) && (isMain || stage.present(block, view)),
      )
      const fits = typeof beginning === 'object' ? await beginning : beginning
      if (!fits) stage.words.end('abandoned')
    } catch (error) {
      stage.words.end('abandoned')
      throw error
    } finally {
      stage.words.open(number)
    }
    const { accounts, failure } = await this.#work(main, block, view, early ?? start())
    if (failure !== undefined) await this.#replace()
    return stage.outcome(accounts, failure)
  }

  /** What a lane left behind when it died is nobody's to repair. */
  async #replace(): Promise<void> {
    this.#main = undefined
    await this.#pool.replace()
  }

  /** Works and answers the lanes at `tasks`, and ends the block if one dies or none shows life any more. */
  async #work(
    main: MainLane,
    block: LaneBlock,
    view: StateView,
    tasks: readonly Promise<unknown>[],
  ): Promise<Answers> {
    const { stage } = main
    const { words, boxes } = stage
    const { bell } = words
    let failure: string | undefined
    let isOver = false
    const fail = (error: unknown): void => {
      // A lane that fails when it has left is told of by its task.
      if (isOver) return
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
    for (const task of tasks) task.catch(fail)
    let isEnded = false
    void Promise.allSettled(tasks).then(() => {
      isEnded = true
      bell.ring()
    })
    const watch = this.#watch(words, fail, () => fetching > 0)
    const own: LaneAccount[] = []
    if (isMainLane(block, view)) {
      const run = main.part(block, view, tasks.length, serve)
      const presented = (tx: number): void => {
        run.chaos?.step('presented', tx)
        serve()
      }
      try {
        if (!stage.present(block, view, presented)) words.end('abandoned')
        await workOn(run, block.schedule, this.#lanes)
        own.push(accountOf(run))
      } catch (error) {
        fail(error)
      }
    }
    const isDone = (): boolean => isEnded || (failure === undefined && boxes.haveLeft(tasks.length))
    for (let i = 0; i < SPINS && !isDone(); i++) if (i % SPINS_BETWEEN === 0) serve()
    while (!isDone()) {
      const { rung } = bell
      serve()
      if (!isDone()) await bell.ringing(rung, LONG_MS)
    }
    isOver = true
    clearInterval(watch)
    return { accounts: [...accountsOf(stage, tasks.length), ...own], failure }
  }

  #start(block: LaneBlock, lanes: number, number: number): Promise<unknown>[] {
    const { header, rules, chainId, blobBaseFeeWei } = block.env
    return Array.from({ length: lanes }, (_, lane) =>
      this.#pool.run({
        kind: 'block',
        lane,
        lanes: this.#lanes,
        number,
        types: lane === 0 ? Uint8Array.from(block.items, ({ tx }) => tx.type) : undefined,
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
    let silent = 0
    return setInterval(() => {
      const beats = words.beats + words.merged
      if (beats !== seen || isFetching()) {
        seen = beats
        silent = 0
      } else if (++silent * WATCH_MS >= HANG_MS) {
        fail(new Error(`no lane showed life for ${HANG_MS / 1000} s`))
        void this.#pool.replace()
      }
    }, WATCH_MS)
  }
}

/** The reference engine waits for promises, a lane that is told to fail must not be this thread, nor one that waits for what is fetched. */
function isMainLane({ reference, chaos }: LaneBlock, view: StateView): boolean {
  return (
    reference === undefined &&
    view.isPartial !== true &&
    chaos?.failure === undefined &&
    chaos?.isApart !== true
  )
}

/** Of the lanes that have left; of one that failed there is none. */
function accountsOf({ boxes }: Stage, lanes: number): LaneAccount[] {
  const accounts: LaneAccount[] = []
  for (let lane = 0; lane < lanes; lane++) {
    const bytes = boxes.accountOf(lane)
    if (bytes.length > 0) accounts.push(unpackAccount(bytes))
  }
  return accounts
}

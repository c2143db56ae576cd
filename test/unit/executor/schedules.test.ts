import { beforeEach, describe, expect, it } from 'vitest'

import { attemptsIn } from '../../../src/executor/lane/attempts.ts'
import { Chaos, type Step } from '../../../src/executor/lane/chaos.ts'
import { type LaneRun, mergeReady } from '../../../src/executor/lane/merge.ts'
import { type Schedule, workOn } from '../../../src/executor/lane/schedules.ts'
import { whileAsleep } from '../../support/turns.ts'
import { recordOf } from './records.ts'
import { slotAt, twoLanes } from './two-lanes.ts'

/** What lane two does in the steps of lane one. */
class Turns extends Chaos {
  readonly #turns: Map<string, () => void>

  constructor(turns: Readonly<Record<string, () => void>>) {
    super({ seed: 1, delays: 0, delayUs: 0, aborts: 0 }, 0)
    this.#turns = new Map(Object.entries(turns))
  }

  /** Each turn comes once. */
  override step(step: Step, tx: number): void {
    const name = `${step} ${tx}`
    const turn = this.#turns.get(name)
    this.#turns.delete(name)
    turn?.()
  }
}

let one: LaneRun
let two: LaneRun

/** Lane one works on the block, while lane two has its turns: in steps by name, and when lane one sleeps. */
async function work(
  schedule: Schedule,
  turns: Readonly<Record<string, () => void>>,
  asleep: () => void,
): Promise<void> {
  const run: LaneRun = { ...one, chaos: new Turns(turns) }
  await whileAsleep(asleep, () => workOn(run, schedule, 1))
}

/** Lane two has taken it, and is at it. */
function holds(tx: number): void {
  expect(two.words.takeExecution()).toBe(tx)
  expect(two.txs.move(tx, 'ready', 'executing')).toBe(true)
}

/** Lane two ends what it holds, as in Block-STM. */
function ends(tx: number, record = two.runner.run(tx, 'published') as number): void {
  const earlier = two.txs.record(tx)
  two.shared.fn.publish(record, tx)
  if (earlier !== 0) two.shared.fn.forgetEstimates(earlier, tx)
  two.txs.keep(tx, record)
  two.txs.move(tx, 'executing', 'executed')
  two.words.lowerValidation(tx)
}

/** What reads and writes nothing. */
const idle = (): number => two.shared.keep(recordOf([]))

/** Lane two takes it back. */
function takesBack(tx: number): void {
  expect(two.txs.move(tx, 'executed', 'aborting')).toBe(true)
  two.shared.fn.markEstimates(two.txs.record(tx), tx)
  two.txs.renew(tx)
}

const runsOf = ({ attempts, lane }: LaneRun): unknown[] =>
  attemptsIn(attempts.packed(), lane).map(({ tx, incarnation, isBrokenOff }) =>
    isBrokenOff ? [tx, incarnation, 'broken off'] : [tx, incarnation],
  )
const abortsOf = ({ aborts }: LaneRun): unknown[] =>
  aborts.map(({ tx, incarnation, cause }) => [tx, incarnation, cause.kind])

describe('Block-STM', () => {
  beforeEach(() => {
    ;[one, two] = twoLanes(4)
    // The first is at the ticket, so that nothing is merged before lane two has ended it.
    holds(0)
  })

  it('checks those again that ran before an earlier one had', async () => {
    let found: unknown
    await work(
      'block-stm',
      {
        'claimed 1': () => {
          for (const tx of [2, 3]) {
            holds(tx)
            ends(tx)
          }
          // And has checked them.
          while (two.words.takeValidation() < 3);
        },
      },
      () => {
        found ??= [abortsOf(one), [2, 3].map((tx) => two.txs.incarnation(tx))]
        if (two.txs.status(0) === 'executing') ends(0, idle())
      },
    )
    expect(found).toEqual([
      [
        [2, 0, 'slot'],
        [3, 0, 'slot'],
      ],
      [1, 1],
    ])
    expect([one.words.merged, slotAt(one, 4, true)]).toEqual([4, 103n])
    // Nothing was left for the merges to find.
    expect(one.aborts).toHaveLength(2)
  })

  it('has later ones wait while one runs again, and shows what it wrote then', async () => {
    const seen: unknown[] = []
    await work(
      'block-stm',
      {
        'executed 2': () => {
          holds(3)
          ends(3)
          takesBack(2)
          two.txs.move(2, 'ready', 'executing')
          seen.push(slotAt(two, 3, false))
          ends(2, idle())
          seen.push(slotAt(two, 3, false))
        },
      },
      () => two.txs.status(0) === 'executing' && ends(0, idle()),
    )
    expect(seen).toEqual(['wait', 101n])
    expect(slotAt(one, 4, true)).toBe(102n)
  })

  it('marks what it takes back, so that nobody runs on it meanwhile', async () => {
    const seen: unknown[] = []
    const run = one.runner.run.bind(one.runner)
    one.runner.run = (tx, sight) => {
      // It was run by lane two: this is the second time.
      if (tx === 2) seen.push(slotAt(two, 3, false))
      return run(tx, sight)
    }
    await work(
      'block-stm',
      {
        'claimed 1': () => {
          holds(2)
          ends(2)
        },
      },
      () => two.txs.status(0) === 'executing' && ends(0, idle()),
    )
    expect(seen).toEqual(['wait'])
  })

  it('forgets what an earlier run published and the next one did not write', async () => {
    const run = one.runner.run.bind(one.runner)
    one.runner.run = (tx, sight) => (tx === 2 ? one.shared.keep(recordOf([])) : run(tx, sight))
    await work(
      'block-stm',
      {
        'claimed 1': () => {
          holds(2)
          ends(2)
        },
      },
      () => two.txs.status(0) === 'executing' && ends(0, idle()),
    )
    expect(abortsOf(one)).toEqual([[2, 0, 'slot']])
    expect([one.words.merged, slotAt(one, 4, true)]).toEqual([4, 102n])
  })

  it('runs again what had to wait', async () => {
    await work(
      'block-stm',
      {
        'executed 1': () => {
          takesBack(1)
          two.txs.move(1, 'ready', 'executing')
        },
      },
      () => {
        if (two.txs.status(1) === 'executing') ends(1)
        else if (two.txs.status(0) === 'executing') ends(0, idle())
      },
    )
    expect(runsOf(one)).toContainEqual([2, 0, 'broken off'])
    expect([one.words.merged, slotAt(one, 4, true)]).toEqual([4, 103n])
  })

  it('does not run what another lane is at', async () => {
    two.words.lowerExecution(0)
    await work('block-stm', {}, () => two.txs.status(0) === 'executing' && ends(0, idle()))
    expect(runsOf(one)).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ])
  })

  it('leaves a run to the lane that took it back first', async () => {
    let found: unknown
    await work(
      'block-stm',
      {
        'claimed 1': () => {
          holds(2)
          ends(2)
        },
        'validated 2': () => {
          expect(two.txs.move(2, 'executed', 'aborting')).toBe(true)
        },
      },
      () => {
        if (two.txs.status(2) === 'aborting') {
          found = [abortsOf(one), two.txs.incarnation(2)]
          two.shared.fn.markEstimates(two.txs.record(2), 2)
          two.txs.renew(2)
          two.txs.move(2, 'ready', 'executing')
          ends(2)
        } else if (two.txs.status(0) === 'executing') ends(0, idle())
      },
    )
    expect(found).toEqual([[], 0])
    expect([one.words.merged, slotAt(one, 4, true)]).toEqual([4, 103n])
  })

  it('does not take back a later run than the one that it checked', async () => {
    let found: unknown
    await work(
      'block-stm',
      {
        'claimed 1': () => {
          holds(2)
          ends(2)
        },
        'validated 2': () => {
          takesBack(2)
          two.txs.move(2, 'ready', 'executing')
          ends(2)
        },
      },
      () => {
        found ??= [abortsOf(one), two.txs.incarnation(2)]
        if (two.txs.status(0) === 'executing') ends(0, idle())
      },
    )
    expect(found).toEqual([[], 1])
    expect(slotAt(one, 4, true)).toBe(103n)
  })

  it('has put down the record when another lane sees that the transaction has run', async () => {
    ends(0, idle())
    const move = one.txs.move.bind(one.txs)
    const merges: unknown[] = []
    one.txs.move = (tx, from, to) => {
      const isMoved = move(tx, from, to)
      // Lane two looks now.
      if (to === 'executed') merges.push(mergeReady(two))
      return isMoved
    }
    await work('block-stm', {}, () => undefined)
    await Promise.all(merges)
    expect([two.words.merged, two.words.stop]).toEqual([4, undefined])
    expect(slotAt(one, 4, true)).toBe(103n)
  })
})

describe('a schedule that takes long transactions first', () => {
  const long = 1
  /** All lanes know which one is long. */
  beforeEach(() => {
    ;[one, two] = twoLanes(3)
    one.words.setLong([21_000, 600_000, 21_000])
  })

  it('runs each once, and none again when its turn comes', async () => {
    await workOn(one, 'optimistic', 2)
    expect(runsOf(one)).toEqual([
      [long, 0],
      [0, 0],
      // What it read before the first was merged is no more.
      [long, 1],
      [2, 0],
    ])
    expect(one.words.merged).toBe(3)
    expect(slotAt(one, 3, true)).toBe(103n)
  })

  it('leaves a long one to the lane that takes it in its turn, between the claim and the move', async () => {
    const move = one.txs.move.bind(one.txs)
    let isTurn = true
    let working: Promise<void> | undefined
    one.txs.move = (tx, from, to) => {
      if (isTurn && tx === long && to === 'executing') {
        isTurn = false
        working = workOn(two, 'optimistic', 2)
      }
      return move(tx, from, to)
    }
    await workOn(one, 'optimistic', 2)
    await working
    expect(runsOf(one)).toEqual([])
    expect(one.words.merged).toBe(3)
    expect(slotAt(one, 3, true)).toBe(103n)
  })
})

describe('a schedule by hints', () => {
  beforeEach(() => {
    ;[one, two] = twoLanes(3)
    one.txs.set(1, 0, 21_000, 0, 1)
    two.txs.move(0, 'ready', 'executing')
  })

  it('leaves what waits for another, and takes it when that is merged', async () => {
    await work('dag', {}, () => {
      two.txs.keep(0, two.runner.run(0, 'published') as number)
      two.txs.move(0, 'executing', 'executed')
    })
    expect(runsOf(one).slice(0, 2)).toEqual([
      [2, 0],
      [1, 0],
    ])
    expect(one.words.merged).toBe(3)
  })

  it('takes nothing that another lane took since it looked', async () => {
    const move = one.txs.move.bind(one.txs)
    one.txs.move = (tx, from, to) => {
      // Lane two was at the same transaction.
      if (tx === 2 && to === 'executing' && from === 'ready') two.txs.move(2, 'ready', 'executing')
      return move(tx, from, to)
    }
    await work('dag', {}, () => {
      for (const tx of [0, 2]) {
        if (two.txs.status(tx) !== 'executing') continue
        two.txs.keep(tx, two.runner.run(tx, 'published') as number)
        two.txs.move(tx, 'executing', 'executed')
      }
    })
    expect(runsOf(one)[0]).toEqual([1, 0])
    expect(one.words.merged).toBe(3)
  })
})

it('a lane runs so far ahead of what is merged and no further', async () => {
  ;[one, two] = twoLanes(80)
  expect(two.words.claim()).toBe(0)
  two.txs.move(0, 'ready', 'executing')
  let next: number | undefined
  await work('optimistic', {}, () => {
    next ??= two.words.next
    if (two.txs.status(0) !== 'executing') return
    two.txs.keep(0, two.runner.run(0, 'published') as number)
    two.txs.move(0, 'executing', 'executed')
  })
  expect(next).toBe(32)
  expect([one.words.merged, slotAt(one, 80, true)]).toEqual([80, 180n])
})

describe('the long ones of a block', () => {
  const LONG = 500_000
  const inOrder = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const gasLimits = (long: Readonly<Record<number, number>>): number[] =>
    inOrder.map((tx) => long[tx] ?? 21_000)

  /** In which order lane one takes them, with so many lanes. */
  async function taken(lanes: number): Promise<number[]> {
    await workOn(one, 'optimistic', lanes)
    expect([one.words.merged, slotAt(one, 10, true)]).toEqual([10, 110n])
    const first = new Set(attemptsIn(one.attempts.packed(), 0).map(({ tx }) => tx))
    return [...first]
  }

  beforeEach(() => {
    ;[one, two] = twoLanes(10)
  })

  it('run before all others, the longest first', async () => {
    one.words.setLong(gasLimits({ 3: LONG, 7: 2 * LONG, 8: LONG - 1 }))
    expect(await taken(2)).toEqual([7, 3, 0, 1, 2, 4, 5, 6, 8, 9])
  })

  it('are eight at most, of equals the first', async () => {
    one.words.setLong(inOrder.map(() => LONG))
    expect(inOrder.map(() => one.words.claimLong())).toEqual([
      ...inOrder.slice(0, 8),
      undefined,
      undefined,
    ])
  })

  it('are the highest, wherever they are in the block', () => {
    one.words.setLong(inOrder.map((tx) => LONG + (tx % 5)))
    const wanted = [4, 9, 3, 8, 2, 7, 1, 6, undefined]
    expect(wanted.map(() => one.words.claimLong())).toEqual(wanted)
  })

  it('run in their turn where there is one lane', async () => {
    one.words.setLong(gasLimits({ 7: LONG }))
    expect(await taken(1)).toEqual(inOrder)
  })

  it('are those of this block', () => {
    one.words.setLong(gasLimits({ 7: LONG }))
    expect(one.words.claimLong()).toBe(7)
    one.words.begin(10)
    expect(one.words.claimLong()).toBeUndefined()
  })

  it('are each run by one lane', async () => {
    one.words.setLong(gasLimits({ 5: LONG }))
    two.txs.move(5, 'ready', 'executing')
    await work('optimistic', {}, () => {
      expect(two.txs.status(5)).toBe('executing')
      two.txs.keep(5, two.runner.run(5, 'published') as number)
      two.txs.move(5, 'executing', 'executed')
    })
    await mergeReady(one)
    expect(runsOf(one)[0]).toEqual([0, 0])
  })
})

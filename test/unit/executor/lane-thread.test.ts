import { beforeEach, describe, expect, it } from 'vitest'

import { loadEngine } from '../../../src/evm/load.ts'
import { Expected } from '../../../src/executor/expected.ts'
import { LaneThread } from '../../../src/executor/lane/block.ts'
import { NOT_MERGED } from '../../../src/executor/lane/layout.ts'
import { MainLane } from '../../../src/executor/lane/main-lane.ts'
import { mergeReady } from '../../../src/executor/lane/merge.ts'
import type { BlockTask } from '../../../src/executor/lane/protocol.ts'
import { type Session, openSession } from '../../../src/executor/lane/session.ts'
import type { LaneBlock } from '../../../src/executor/lane/stage.ts'
import { planOf } from '../../../src/executor/plan.ts'
import { encodeReceipts } from '../../../src/executor/record-receipts.ts'
import { openCase } from '../../contract/law-case.ts'
import { SCENARIOS } from '../../contract/law-scenarios.ts'
import { whileAsleep } from '../../support/turns.ts'

const NUMBER = 1
const engine = await loadEngine('wasm')
const { block, view } = openCase(SCENARIOS['independent transactions']!)
const types = Uint8Array.from(block.transactions, ({ type }) => type)

/** A lane's thread and the main one, which are one here: either has its turn while the other sleeps. */
let session: Session
let lane: LaneThread
let main: MainLane
let inLanes: LaneBlock
let task: BlockTask

beforeEach(async () => {
  session = await openSession(1, 1024 * 1024)
  lane = new LaneThread(session)
  main = new MainLane(session)
  const plan = planOf(block, { engine, schedule: 'optimistic', expected: new Expected() })
  if (typeof plan === 'string') throw new Error(plan)
  inLanes = { ...plan.block, prior: { accounts: new Map(), codes: new Map() } }
  const { env, schedule, limits } = inLanes
  const { header, rules, chainId } = env
  task = {
    kind: 'block',
    lane: 0,
    lanes: 2,
    number: NUMBER,
    types,
    schedule,
    env: { header, rules, chainId },
    limits,
    reference: undefined,
    chaos: undefined,
    isRecorded: false,
  }
})

function setUp(): void {
  expect(main.stage.begin(inLanes, view) && main.stage.present(inLanes, view)).toBe(true)
  main.stage.words.open(NUMBER)
}

function serve(): void {
  main.stage.boxes.serve((need) => main.stage.answer(need, inLanes.env, view))
}

describe("a lane's thread", () => {
  it('that is awake before its block is set up has its part in that block', async () => {
    const { stage } = main
    const turns = await whileAsleep(
      () => (stage.words.opened < NUMBER ? setUp() : serve()),
      () => lane.work(task),
    )
    // One that has not waited has come to a block that was not there.
    if (turns === 0) setUp()
    expect(stage.boxes.haveLeft(1)).toBe(true)
    expect(stage.words.merged).toBe(types.length)
  })

  it('that takes a transaction before it is there runs it once it is', async () => {
    const { stage } = main
    expect(stage.begin(inLanes, view)).toBe(true)
    stage.words.open(NUMBER)
    let isThere = false
    const slept = await whileAsleep(
      () => {
        if (!isThere) isThere = stage.present(inLanes, view)
        serve()
      },
      () => lane.work(task),
    )
    expect(slept).toBeGreaterThan(0)
    expect(isThere).toBe(true)
    expect(stage.words.merged).toBe(types.length)
  })

  it('does not sleep when a transaction came after it looked last', () => {
    const { words } = main.stage
    words.begin(1)
    let isThere = false
    const find = (): number => {
      const at = isThere ? 64 : 0
      words.tellPresent()
      return at
    }
    const { wait } = Atomics
    const waits: string[] = []
    Atomics.wait = ((array: Int32Array, index: number, value: number) => {
      const how = wait(array, index, value, 0)
      waits.push(how)
      isThere = true
      return how
    }) as typeof wait
    try {
      expect(words.whenPresent(find)).toBe(64)
    } finally {
      Atomics.wait = wait
    }
    expect(waits).toEqual(['not-equal'])
  })

  it('is told of transactions that are there', () => {
    const { stage } = main
    expect(stage.begin(inLanes, view)).toBe(true)
    const there: number[] = []
    const tell = stage.words.tellPresent.bind(stage.words)
    stage.words.tellPresent = () => {
      there.push([...inLanes.items.keys()].filter((tx) => stage.txs.encoded(tx) !== 0).length)
      tell()
    }
    expect(stage.present(inLanes, view)).toBe(true)
    expect(there).toEqual([...inLanes.items.keys()].map((tx) => tx + 1))
  })

  it('leaves a block that ends before its transaction is there', async () => {
    const { stage } = main
    expect(stage.begin(inLanes, view)).toBe(true)
    stage.words.open(NUMBER)
    const slept = await whileAsleep(
      () => stage.words.end('abandoned'),
      () => lane.work(task),
    )
    expect(slept).toBe(1)
    expect(stage.boxes.haveLeft(1)).toBe(true)
    expect(stage.words.merged).toBe(0)
  })

  it('has the long transactions first, before the others are there', () => {
    const { stage } = main
    const long = 2
    const items = inLanes.items.map((item, i) =>
      i === long ? { ...item, tx: { ...item.tx, gasLimit: 600_000n } } : item,
    )
    const block = { ...inLanes, items }
    expect(stage.begin(block, view)).toBe(true)
    const there: number[][] = []
    stage.present(block, view, () =>
      there.push([...items.keys()].filter((tx) => stage.txs.encoded(tx) !== 0)),
    )
    expect(there[0]).toEqual([0, long])
    expect(there.at(-1)).toEqual([...items.keys()])
  })

  it('that is to stop at a rejection gives up a block with a transaction that no state could take', () => {
    const { stage } = main
    const items = inLanes.items.map((item, i) =>
      i === 1 ? { ...item, encoded: undefined, tx: { ...item.tx, gasLimit: 1n } } : item,
    )
    const wrong = { ...inLanes, items }
    expect(stage.begin(wrong, view) && stage.present(wrong, view)).toBe(false)
    expect(stage.outcome([], undefined).unfit).toBe('a transaction in it is invalid by itself')
    expect(stage.begin(inLanes, view) && stage.present(inLanes, view)).toBe(true)
    expect(stage.outcome([], undefined).unfit).toBeUndefined()
  })

  it('that has nothing left to do waits for the last merge of another before it makes the receipts', async () => {
    const { stage } = main
    setUp()
    const other = main.part(inLanes, view, 1)
    const first = stage.words.claim()
    stage.txs.move(first, 'ready', 'executing')
    const runFirst = (): void => {
      stage.txs.keep(first, other.runner.run(first, 'published') as number)
      stage.txs.move(first, 'executing', 'executed')
      void mergeReady(other)
    }
    let hasLeft = false
    const slept = await whileAsleep(
      () => {
        serve()
        hasLeft = stage.boxes.haveLeft(1)
        if (hasLeft) runFirst()
      },
      () => lane.work(task),
    )
    expect(slept).toBeGreaterThan(0)
    expect(hasLeft).toBe(true)
    expect(stage.words.merged).toBe(types.length)
    const records = stage.outcome([], undefined).records()!
    expect(stage.receipts.take()).toEqual(encodeReceipts(records, types))
  })

  it('makes receipts of those alone that are in the block', async () => {
    const { stage } = main
    setUp()
    // Room for the first, and after what it used for no other.
    await whileAsleep(serve, () => lane.work({ ...task, limits: { ...task.limits, gas: 210_000 } }))
    const records = stage.outcome([], undefined).records()!
    const first = { ...records, starts: records.starts.slice(0, 1) }
    expect(records.starts.slice(1).every((at) => at === NOT_MERGED)).toBe(true)
    expect(stage.receipts.take()).toEqual(encodeReceipts(first, types.slice(0, 1)))
  })

  it('gives the block up when there is no room to say what it did in it', async () => {
    for (let arena = 24 * 1024; ; arena -= 128) {
      const sizes = { ...session.sizes, arena }
      lane = new LaneThread({ ...session, sizes })
      const { stage } = main
      setUp()
      await whileAsleep(serve, () => lane.work(task))
      if (stage.words.stop === undefined && arena > 0) continue
      // The first thing for which there is no room is the last one that it leaves.
      expect(stage.words.stop).toBe('abandoned')
      expect(stage.words.merged).toBe(types.length)
      expect(stage.boxes.haveLeft(1)).toBe(true)
      expect(stage.boxes.accountOf(0)).toHaveLength(0)
      return
    }
  })

  it('makes no receipts of a block that was given up', async () => {
    const { stage } = main
    setUp()
    stage.words.end('abandoned')
    await lane.work(task)
    expect(stage.receipts.take()).toBeUndefined()
  })
})

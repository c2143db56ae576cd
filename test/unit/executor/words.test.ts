import { beforeEach, describe, expect, it } from 'vitest'

import { Bell } from '../../../src/executor/lane/bell.ts'
import { MainBoxes, LaneBox, type Need } from '../../../src/executor/lane/mailbox.ts'
import { ReceiptBox } from '../../../src/executor/lane/receipt-box.ts'
import { BlockWords } from '../../../src/executor/lane/shared.ts'
import { TransactionWords } from '../../../src/executor/lane/transaction-words.ts'
import { createSharedMemory } from '../../../src/executor/lane/shared-state.ts'
import { type Address, type Hash, slotOf } from '../../../src/primitives/hex.ts'
import { atStep, whileAsleep } from '../../support/turns.ts'

const SIZES = { lanes: 2, arena: 65_536, base: 65_536 }

/** Two threads' holds on the same words. */
let one: BlockWords
let two: BlockWords
let txs: TransactionWords
let memory: WebAssembly.Memory

beforeEach(() => {
  memory = createSharedMemory(SIZES)
  one = new BlockWords(memory)
  two = new BlockWords(memory)
  txs = new TransactionWords(memory)
  one.begin(4)
})

describe('the words of a block', () => {
  it('give every transaction to one lane', () => {
    expect([one.claim(), two.claim(), one.claim(), two.claim()]).toEqual([0, 1, 2, 3])
  })

  it('let one lane hold the ticket, until it is given back', () => {
    expect([one.take(), two.take()]).toEqual([true, false])
    one.giveBack()
    expect(two.take()).toBe(true)
  })

  it('pass over a transaction once, whoever passes', () => {
    one.pass(0)
    two.pass(0)
    expect(one.next).toBe(1)
  })

  it('keep the first reason for which the block ended', () => {
    one.end('rejected')
    two.end('abandoned')
    expect(one.stop).toBe('rejected')
  })

  it('send validation back, never forward', () => {
    for (let i = 0; i < 3; i++) one.takeValidation()
    two.lowerValidation(1)
    one.lowerValidation(2)
    expect(two.validation).toBe(1)
  })

  it('do not keep a lane asleep that looks at a ticket which moved on meanwhile', () => {
    one.advance()
    // Were the comparison left out, this would sleep for a minute.
    two.await(0, 60_000)
    expect(two.merged).toBe(1)
  })

  it('do not keep a lane asleep when the ticket moves, or the block ends, right before it sleeps', async () => {
    const { wait } = Atomics
    const results: string[] = []
    const brief = (array: Int32Array, index: number, value: number): string => {
      const result = wait(array, index, value, 10)
      results.push(result)
      return result
    }
    Object.assign(Atomics, { wait: brief })
    try {
      atStep(
        'before',
        'add',
        () => two.advance(),
        () => one.await(0, 60_000),
      )
      expect(results).toEqual(['not-equal'])
      atStep(
        'before',
        'add',
        () => two.end('rejected'),
        () => one.await(1, 60_000),
      )
      expect(results).toEqual(['not-equal'])
    } finally {
      Object.assign(Atomics, { wait })
    }
  })

  it('wake up who sleeps until the ticket moves', async () => {
    const { notify } = Atomics
    let woken = 0
    await whileAsleep(
      () => {
        Object.assign(Atomics, { notify: () => ++woken })
        try {
          two.advance()
        } finally {
          Object.assign(Atomics, { notify })
        }
      },
      () => one.await(0, 60_000),
    )
    expect(woken).toBe(1)
  })

  it('do not have the main thread sleep when the ticket moved before it said that it watches', async () => {
    const { waitAsync } = Atomics
    let sleeps = 0
    Object.assign(Atomics, { waitAsync: () => (sleeps++, { async: false, value: 'timed-out' }) })
    try {
      await atStep(
        'before',
        'store',
        () => two.advance(),
        () => one.watch(0, 60_000, () => undefined),
      )
    } finally {
      Object.assign(Atomics, { waitAsync })
    }
    expect(sleeps).toBe(0)
  })

  it('send validation back though another lane takes one meanwhile', () => {
    for (let i = 0; i < 3; i++) one.takeValidation()
    atStep(
      'after',
      'load',
      () => two.takeValidation(),
      () => one.lowerValidation(1),
    )
    expect(one.validation).toBe(1)
  })

  it('do not keep a lane waiting for a block that was set up before it looked, or is over', () => {
    one.open(7)
    // Were it not looked at first, both would wait for ever.
    two.awaitOpen(7)
    two.awaitOpen(6)
    one.begin(2)
    two.awaitOpen(7)
    expect(two.count).toBe(2)
  })

  it('wake who waits for a transaction when it is there, and when the block ends', async () => {
    const { notify } = Atomics
    let woken: number[] = []
    let waited: number | undefined
    const { wait } = Atomics
    const steps = [() => one.tellPresent(), () => one.end('rejected')]
    const seen: boolean[] = []
    Atomics.notify = ((array: Int32Array, index: number, count?: number) => {
      woken.push(index)
      return notify(array, index, count)
    }) as typeof notify
    Atomics.wait = ((_: Int32Array, index: number) => {
      waited = index
      woken = []
      steps.shift()!()
      seen.push(woken.includes(waited))
      return 'ok'
    }) as unknown as typeof wait
    try {
      expect(two.whenPresent(() => 0)).toBe(0)
    } finally {
      Object.assign(Atomics, { wait, notify })
    }
    expect(seen).toEqual([true, true])
  })

  it('add up gas for the lane that merges next', () => {
    one.spend(21_000, 0)
    two.spend(2 ** 40, 131_072)
    expect([one.gas, one.blobGas]).toEqual([21_000 + 2 ** 40, 131_072])
  })
})

describe('the words of a transaction', () => {
  it('are moved on by one of those who try', () => {
    expect(txs.move(2, 'ready', 'executing')).toBe(true)
    expect(txs.move(2, 'ready', 'executing')).toBe(false)
    expect(txs.status(2)).toBe('executing')
  })

  it('are moved on by one, when the other is between its look and its move', () => {
    const isMoved = atStep(
      'after',
      'load',
      () => expect(txs.move(2, 'ready', 'executing')).toBe(true),
      () => txs.move(2, 'ready', 'executing'),
    )
    expect(isMoved).toBe(false)
  })

  it('are merged or taken back, not both', () => {
    txs.move(1, 'ready', 'executing')
    txs.move(1, 'executing', 'executed')
    expect(txs.move(1, 'executed', 'merging')).toBe(true)
    expect(txs.move(1, 'executed', 'aborting')).toBe(false)
  })

  it('count how often it was taken back, through all its states', () => {
    txs.move(0, 'ready', 'aborting')
    txs.renew(0)
    txs.again(0)
    expect([txs.status(0), txs.incarnation(0)]).toEqual(['ready', 2])
    txs.move(0, 'ready', 'executing')
    expect(txs.incarnation(0)).toBe(2)
  })

  it('hold a gas limit beyond 32 bits beside the rest', () => {
    txs.set(3, 64, 2 ** 50, 131_072, 2)
    txs.foretell(3, 128)
    txs.keep(3, 256)
    expect([txs.encoded(3), txs.gasLimit(3), txs.blobGas(3)]).toEqual([64, 2 ** 50, 131_072])
    expect([txs.after(3), txs.foretold(3), txs.record(3)]).toEqual([2, 128, 256])
  })
})

describe('a box', () => {
  const address = '0x00000000000000000000000000000000000a11ce' as Address
  const hash = `0x${'5a'.repeat(32)}` as Hash
  const needs: Need[] = [
    { kind: 'account', address },
    { kind: 'slot', address, key: slotOf(2n ** 200n + 1n) },
    { kind: 'code', hash },
    { kind: 'blockHash', number: 2n ** 63n },
  ]

  it.each(needs)('brings a question to the main thread: $kind', async (need) => {
    const boxes = new MainBoxes(memory, 2)
    const seen: Need[] = []
    const bell = new Bell(memory)
    const { rung } = bell
    // Nobody answers: the lane gives up when the block is over, and the question stays in its box.
    expect(new LaneBox(memory, 1).ask(need, () => true)).toBeUndefined()
    await bell.ringing(rung, 60_000)
    boxes.serve((asked) => {
      seen.push(asked)
      return undefined
    })
    boxes.serve((asked) => {
      seen.push(asked)
      return undefined
    })
    expect(seen).toEqual([need])
  })

  /** Whether the hash lies in what the threads share. */
  const isThere = (): boolean =>
    Buffer.from(new Uint8Array(memory.buffer)).includes(Buffer.from(hash.slice(2), 'hex'))

  it('has the answer in it when it says that it has', () => {
    const boxes = new MainBoxes(memory, 2)
    new LaneBox(memory, 1).ask(needs[3]!, () => true)
    let seen: boolean | undefined
    atStep(
      'after',
      'store',
      () => (seen = isThere()),
      () => boxes.serve(() => hash),
    )
    expect(seen).toBe(true)
  })

  it('has the question in it when it says that there is one', () => {
    let seen: boolean | undefined
    atStep(
      'after',
      'store',
      () => (seen = isThere()),
      () => new LaneBox(memory, 0).ask(needs[2]!, () => true),
    )
    expect(seen).toBe(true)
  })

  it('keeps a question that is answered later', () => {
    const boxes = new MainBoxes(memory, 2)
    new LaneBox(memory, 1).ask(needs[3]!, () => true)
    let times = 0
    for (const answer of ['later', 'later', hash] as const) boxes.serve(() => (times++, answer))
    boxes.serve(() => (times++, undefined))
    expect(times).toBe(3)
  })

  it('is waited for until the answer is in it, or the block is over', async () => {
    const boxes = new MainBoxes(memory, 2)
    let answered: unknown
    const ask = (isOver: () => boolean) => () => {
      answered = new LaneBox(memory, 1).ask(needs[3]!, isOver)
    }
    expect(
      await whileAsleep(
        () => boxes.serve(() => hash),
        ask(() => false),
      ),
    ).toBe(1)
    expect(answered).toBe(hash)
    let isOver = false
    expect(
      await whileAsleep(
        () => (isOver = true),
        ask(() => isOver),
      ),
    ).toBe(1)
  })

  it('tells that a lane has left, and what it left, when all before it have too', () => {
    const boxes = new MainBoxes(memory, 2)
    const [first, second] = [new LaneBox(memory, 0), new LaneBox(memory, 1)]
    const bytes = new Uint8Array(memory.buffer)
    bytes.set([1, 2, 3], 70_000)
    second.leave(70_000, 3)
    expect(boxes.haveLeft(2)).toBe(false)
    // An open question is none of a lane that left.
    first.ask(needs[0]!, () => true)
    expect(boxes.haveLeft(1)).toBe(false)
    boxes.serve(() => undefined)
    first.leave(70_001, 2)
    expect(boxes.haveLeft(2)).toBe(true)
    expect([...boxes.accountOf(0), ...boxes.accountOf(1)]).toEqual([2, 3, 1, 2, 3])
    boxes.clear()
    expect(boxes.haveLeft(1)).toBe(false)
    // Nor has the last one when the others have.
    first.leave(70_001, 2)
    expect([boxes.haveLeft(1), boxes.haveLeft(2)]).toEqual([true, false])
  })

  it('keeps what a lane left when it is asked for after the place was written again', () => {
    const boxes = new MainBoxes(memory, 1)
    const bytes = new Uint8Array(memory.buffer)
    bytes.set([1, 2, 3], 70_000)
    new LaneBox(memory, 0).leave(70_000, 3)
    const account = boxes.accountOf(0)
    bytes.fill(9, 70_000, 70_003)
    expect([...account]).toEqual([1, 2, 3])
  })
})

describe('the receipts of a block', () => {
  const receipts = {
    receiptsRoot: `0x${'5a'.repeat(32)}` as Hash,
    logsBloom: new Uint8Array(256).fill(3),
  }
  let lane: ReceiptBox
  let main: ReceiptBox

  beforeEach(() => {
    lane = new ReceiptBox(memory)
    main = new ReceiptBox(memory)
    main.clear()
  })

  it('are those that the lane made, as often as they are asked for', () => {
    expect(lane.begin()).toBe(true)
    lane.put(receipts)
    expect([main.take(), main.take()]).toEqual([receipts, receipts])
  })

  it('are made by nobody else once the main thread makes them', () => {
    expect(main.take()).toBeUndefined()
    expect(lane.begin()).toBe(false)
    expect(main.take()).toBeUndefined()
  })

  it('are not taken when the lane cannot make them, or ends too late', () => {
    lane.begin()
    lane.giveUp()
    expect(main.take()).toBeUndefined()
    lane.put(receipts)
    expect(main.take()).toBeUndefined()
  })

  it('are there when the lane says so', () => {
    lane.begin()
    const bytes = new Uint8Array(memory.buffer)
    const root = Buffer.from(receipts.receiptsRoot.slice(2), 'hex')
    const { compareExchange } = Atomics
    let seen: boolean | undefined
    Atomics.compareExchange = ((...args: Parameters<typeof compareExchange>) => {
      seen ??= Buffer.from(bytes).includes(root)
      return compareExchange(...args)
    }) as typeof compareExchange
    try {
      lane.put(receipts)
    } finally {
      Atomics.compareExchange = compareExchange
    }
    expect(seen).toBe(true)
  })

  it('are waited for when a lane is at them', async () => {
    lane.begin()
    let made: unknown
    const turns = await whileAsleep(
      () => lane.put(receipts),
      () => void (made = main.take()),
    )
    expect([turns, made]).toEqual([1, receipts])
  })

  it('are not taken when they come after the main thread has waited long enough', async () => {
    lane.begin()
    const turns = await whileAsleep(
      () => undefined,
      () => expect(main.take()).toBeUndefined(),
    )
    lane.put(receipts)
    expect([turns, main.take()]).toEqual([1, undefined])
  })

  it('have the main thread help a lane that is at them, and no other', () => {
    const helped: string[] = []
    const help = (when: string) => () => {
      helped.push(when)
      lane.put(receipts)
    }
    lane.begin()
    expect(main.take(help('at them'))).toEqual(receipts)
    expect(main.take(help('there'))).toEqual(receipts)
    main.clear()
    expect(main.take(help('none'))).toBeUndefined()
    expect(helped).toEqual(['at them'])
  })

  it('of the block before are gone', () => {
    lane.begin()
    lane.put(receipts)
    main.clear()
    expect(main.take()).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'

import { loadEthereumjsEngine, loadWasmEngine, warmUpEngine } from '../../../src/evm/load.ts'
import { createWasmEngine } from '../../../src/evm/wasm/engine.ts'
import type { ForkName } from '../../../src/model/fork.ts'
import { type Address, hexToBytes } from '../../../src/primitives/hex.ts'
import {
  type Alloc,
  RETURN_TOP,
  SENDER,
  TestWorld,
  account,
  asm,
  slot,
  word,
} from '../../contract/engine-world.ts'
import { outcomeText } from './differential/outcome-text.ts'

const A = account(0xa)
const B = account(0xb)
const FOREVER = asm('JUMPDEST 0x00 JUMP')
const engine = await loadWasmEngine()
const GAS = 2n ** 50n
const CALL = { skipBalance: true, skipFees: true, skipGasCap: true }
const endless = { to: A, gasLimit: GAS, maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n }

/** What `work` comes to when a millisecond passes from one look at the clock to the next, whatever this machine has to do. */
async function byLooks<T>(work: () => Promise<T>): Promise<T> {
  const now = performance.now.bind(performance)
  let time = 0
  performance.now = () => time++
  try {
    return await work()
  } finally {
    performance.now = now
  }
}

describe('an endless loop with a limit of time', () => {
  it('ends with its reason, and leaves the engine as it was', async () => {
    const world = new TestWorld(engine, { [A]: { code: FOREVER } })
    const patience = { yieldMs: 5, limitMs: 50 }
    const outcome = await world.run(endless, { switches: CALL, patience })
    expect(outcome).toMatchObject({
      kind: 'halt',
      reason: 'execution aborted (timeout = 0.05s)',
      gasUsed: GAS,
    })
    expect(await world.run({ valueWei: 1n })).toMatchObject({ kind: 'success', gasUsed: 21_000n })
  })

  /** Without end, as far as time goes. */
  const callSelf = `0x00 0x00 0x00 0x00 0x00 ${A} GAS CALL POP`
  const LONG: readonly (readonly [string, Uint8Array])[] = [
    ['calls, and no jump', asm(`${callSelf} ${callSelf} ${callSelf}`)],
    [
      'accounts that the host has to bring',
      asm('0x00 JUMPDEST 0x01 ADD DUP1 BALANCE POP 0x02 JUMP'),
    ],
    ['slots that the host has to bring', asm('0x00 JUMPDEST 0x01 ADD DUP1 SLOAD POP 0x02 JUMP')],
    ['precompiles', asm('JUMPDEST 0x00 0x00 0x00 0x00 0x00 0x04 GAS CALL POP 0x00 JUMP')],
    ['creations', asm('JUMPDEST 0x00 0x00 0x00 CREATE POP 0x00 JUMP')],
    ['hashes of a MiB, one after another', asm('0x100000 0x00 KECCAK256 POP '.repeat(2_000))],
    ['copies of a MiB', asm('0x100000 0x00 0x20 MCOPY '.repeat(2_000))],
  ]
  it.each(LONG)('ends %s, and lets other work have turns', async (_, code) => {
    const world = new TestWorld(engine, { [A]: { code } })
    let turns = 0
    let next = setImmediate(function turn() {
      turns++
      next = setImmediate(turn)
    })
    try {
      const patience = { yieldMs: 5, limitMs: 100 }
      const outcome = await byLooks(() => world.run(endless, { switches: CALL, patience }))
      if (outcome.kind !== 'halt') throw new Error(outcome.kind)
      expect(outcome.reason).toBe('execution aborted (timeout = 0.1s)')
      // Not what was only read: there may be millions of it.
      expect([...outcome.access.touched!.keys()]).toEqual([SENDER])
      expect([...outcome.access.writes.accounts.keys()]).toEqual([SENDER])
    } finally {
      clearImmediate(next)
    }
    expect(turns).toBeGreaterThan(5)
    expect(await world.run({ valueWei: 1n })).toMatchObject({ kind: 'success', gasUsed: 21_000n })
  })

  it('says of an account that calls itself what was written, not what was read', async () => {
    const code = asm('0x00 JUMPDEST 0x01 ADD DUP1 SLOAD POP 0x02 JUMP')
    const world = new TestWorld(engine, { [A]: { code } })
    const switches = { ...CALL, skipSenderCode: true }
    const patience = { yieldMs: 5, limitMs: 20 }
    const outcome = await world.run({ ...endless, sender: A }, { switches, patience })
    if (outcome.kind !== 'halt') throw new Error(outcome.kind)
    expect(outcome.access.reads.get(A)?.slots).toBeUndefined()
    expect(outcome.access.writes.accounts).toEqual(new Map([[A, { nonce: 1n }]]))
    // The next one has all again.
    const whole = await world.run({ to: A, gasLimit: 50_000n })
    if (whole.kind !== 'halt') throw new Error(whole.kind)
    expect(whole.access.reads.get(A)?.slots?.size).toBeGreaterThan(10)
  })

  it('lets other work have a turn, also on the engine', async () => {
    const world = new TestWorld(engine, { [A]: { code: FOREVER } })
    let hasEnded = false
    const outcome = await byLooks(async () => {
      const long = world
        .run(endless, { switches: CALL, patience: { yieldMs: 2, limitMs: 2_000 } })
        .finally(() => (hasEnded = true))
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setImmediate(resolve))
        expect((await world.run({ valueWei: 1n })).kind).toBe('success')
      }
      expect(hasEnded).toBe(false)
      return long
    })
    expect(outcome.kind).toBe('halt')
  })

  it('does not change what ends in time', async () => {
    const code = asm('0x01 0x00 SSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const patience = { yieldMs: 1_000, limitMs: 10_000 }
    const timed = await world.run({ to: A }, { patience })
    expect(outcomeText(timed)).toBe(outcomeText(await world.run({ to: A })))
  })
})

describe('gas beyond 64 bits with a sign', () => {
  const gasLimit = 2n ** 64n - 1n

  it('is given back', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm('STOP') } })
    const outcome = await world.run({ ...endless, gasLimit }, { switches: CALL })
    expect(outcome).toMatchObject({ kind: 'success', gasUsed: 21_000n })
  })

  it('does not buy memory that there is not', async () => {
    const code = asm('0x01 0xffffffffff MSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const outcome = await world.run({ ...endless, gasLimit }, { switches: CALL })
    expect(outcome).toMatchObject({ kind: 'halt', reason: 'out of gas', gasUsed: gasLimit })
  })
})

describe('memory', () => {
  it('ends in out of gas where it cannot grow any more', async () => {
    const code = asm('0x01 0x01ffffffff MSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const outcome = await world.run({ ...endless, gasLimit: 2n ** 62n }, { switches: CALL })
    expect(outcome).toMatchObject({ kind: 'halt', reason: 'out of gas' })
    expect((await world.run({ valueWei: 1n })).kind).toBe('success')
  })

  it('of 3 GiB ends in out of gas too, though there is gas for it', async () => {
    const code = asm('0x01 0xc0000000 MSTORE')
    const world = new TestWorld(engine, { [A]: { code } })
    const outcome = await world.run({ ...endless, gasLimit: 2n ** 62n }, { switches: CALL })
    const reason = 'out of gas: the engine has no more than 1 GiB of memory'
    expect(outcome).toMatchObject({ kind: 'halt', reason })
    expect((await world.run({ valueWei: 1n })).kind).toBe('success')
  })
})

/** Each wants memory that its gas pays for and the engine does not have. */
const GREEDY: readonly { name: string; source: string; fork?: ForkName }[] = [
  { name: 'MSTORE', source: '0x01 0xc0000000 MSTORE' },
  { name: 'MSTORE8', source: '0x01 0xc0000000 MSTORE8' },
  { name: 'MLOAD', source: '0xc0000000 MLOAD' },
  { name: 'KECCAK256', source: '0xc0000000 0x00 KECCAK256' },
  { name: 'CALLDATACOPY', source: '0xc0000000 0x00 0x00 CALLDATACOPY' },
  { name: 'MCOPY', source: '0x01 0x00 0xc0000000 MCOPY' },
  { name: 'EXTCODECOPY', source: `0xc0000000 0x00 0x00 ${A} EXTCODECOPY` },
  { name: 'LOG0', source: '0x01 0xc0000000 LOG0' },
  { name: 'RETURN', source: '0x01 0xc0000000 RETURN' },
  { name: 'CALL, its arguments', source: `0x00 0x00 0x01 0xc0000000 0x00 ${A} GAS CALL` },
  { name: 'CALL, its answer', source: `0x01 0xc0000000 0x00 0x00 0x00 ${A} GAS CALL` },
  { name: 'CREATE', source: '0x01 0xc0000000 0x00 CREATE' },
  { name: 'CREATE, whose value is not there', source: '0x01 0xc0000000 0xff CREATE' },
  { name: 'CREATE of endless code', source: '0xc0000000 0x00 0x00 CREATE', fork: 'paris' },
]

describe('memory that there is not', () => {
  it.each(GREEDY)(
    'ends the frame that wanted it, not its caller: $name',
    async ({ source, fork }) => {
      const code = asm(`0x00 0x00 0x00 0x00 0x00 ${B} GAS CALL ISZERO 0x00 SSTORE`)
      const alloc = { [A]: { code }, [B]: { code: asm(source) } }
      const world = new TestWorld(engine, alloc, fork)
      const outcome = await world.run({ ...endless, gasLimit: 2n ** 62n }, { switches: CALL })
      if (outcome.kind !== 'success') throw new Error(outcome.kind)
      expect(outcome.access.writes.accounts.get(A)?.slots).toEqual(new Map([[slot(0), 1n]]))
    },
  )
  it('of almost 4 GiB is wanted without harm', async () => {
    const spent = 'out of gas: the engine has no more than 1 GiB of memory'
    for (const [at, reason] of [
      ['0xfffeffe0', spent],
      ['0xfffeffe1', 'out of gas'],
      ['0xffffffc0', 'out of gas'],
      ['0xffffffe0', 'out of gas'],
    ]) {
      const world = new TestWorld(engine, { [A]: { code: asm(`0x01 ${at} MSTORE`) } })
      const outcome = await world.run({ ...endless, gasLimit: 2n ** 60n }, { switches: CALL })
      expect(outcome).toMatchObject({ kind: 'halt', reason })
    }
  })
  it('is not paid for, so that nothing else is looked at', async () => {
    const sources = [
      [`0x0100000000 0x00 0xff00000000 ${B} EXTCODECOPY`, false],
      [`0x0100000000 0xff00000000 0x00 0x00 0x00 ${B} GAS CALL`, false],
      // One byte less than 4 GiB has a price.
      [`0xffffffff 0x00 0x00 ${B} EXTCODECOPY`, true],
    ] as const
    for (const [source, isPaid] of sources) {
      const world = new TestWorld(engine, { [A]: { code: asm(source) } })
      const outcome = await world.run({ ...endless, gasLimit: 2n ** 50n }, { switches: CALL })
      if (outcome.kind !== 'halt') throw new Error(outcome.kind)
      expect(outcome.access.touched?.has(B)).toBe(isPaid)
    }
  })
})

describe('more code than the engine keeps', () => {
  it('runs, and so does what comes after', async () => {
    // 4 MiB of codes, all different, whose bytes are no zeros.
    const big = (index: number): Uint8Array => {
      const code = new Uint8Array(24_576).fill(0xff)
      code.set([0x00, index])
      return code
    }
    const alloc: Record<Address, Alloc[Address]> = {}
    const many = Array.from({ length: 180 }, (_, index) => account(0x2000 + index))
    for (const [index, address] of many.entries()) alloc[address] = { code: big(index) }
    const sizes = many.map((address) => `${address} EXTCODESIZE ADD`).join(' ')
    alloc[A] = { code: asm(`0x00 ${sizes} ${RETURN_TOP}`) }
    // Jumps to the end of 16 bytes: at once, by a comparison, and by an instruction alone.
    const ends = ['0x6010565b', '0x61001056', '0x600060001461001057', '0x600161001057']
    for (const [index, jump] of ends.entries()) {
      const code = new Uint8Array(16).fill(0x5b)
      code.set(hexToBytes(jump))
      alloc[account(0x3000 + index)] = { code }
    }
    // One that has no codes yet.
    const world = new TestWorld(await createWasmEngine(loadEthereumjsEngine), alloc)
    // Lies where the others come to lie once all are forgotten: what is behind their ends is no zeros then.
    expect((await world.run({ to: many[0]! })).kind).toBe('success')
    for (const index of ends.keys()) {
      const outcome = await world.run({ to: A, gasLimit: 2_000_000n })
      expect(outcome).toMatchObject({ kind: 'success', output: word(180 * 24_576) })
      const jump = await world.run({ to: account(0x3000 + index) })
      expect(jump).toMatchObject({ kind: 'halt', reason: 'invalid jump destination' })
      expect((await world.run({ to: many[index]! })).kind).toBe('success')
    }
  })
})

describe('the warm-up', () => {
  it('runs to its end, whatever the engine does besides', async () => {
    const world = new TestWorld(engine, {})
    const warm = warmUpEngine(engine)
    expect((await world.run({ valueWei: 1n })).kind).toBe('success')
    await warm
  })
})

import { expect, it } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import type {
  FrameEnd,
  FrameStart,
  HashedInput,
  ObservedLog,
  Observer,
  Step,
  VolatileStep,
} from '../../src/evm/observer.ts'
import { createAddress } from '../../src/model/create-address.ts'
import { signAuthorization } from '../../src/model/signer.ts'
import { EMPTY_BYTES, concatBytes } from '../../src/primitives/bytes.ts'
import { type Address, bytesToHash, hexToBytes } from '../../src/primitives/hex.ts'
import { keccakHash } from '../../src/primitives/keccak.ts'
import { privateKeyToAddress } from '../../src/primitives/secp256k1.ts'
import {
  CHAIN_ID,
  OTHER,
  RETURN_TOP,
  SENDER,
  TestWorld,
  account,
  asm,
  callOf,
  word,
} from './engine-world.ts'

const A = account(0xa)
const B = account(0xb)

type Event =
  | ({ readonly on: 'start' } & FrameStart)
  | ({ readonly on: 'end' } & FrameEnd)
  | ({ readonly on: 'log' } & ObservedLog)

function recorder(): { events: Event[]; steps: Step[]; observer: Observer } {
  const events: Event[] = []
  const steps: Step[] = []
  const observer: Observer = {
    frameStart: (frame) => events.push({ on: 'start', ...frame }),
    frameEnd: (frame) => events.push({ on: 'end', ...frame }),
    log: (log) => events.push({ on: 'log', ...log }),
    step: (step) => steps.push({ ...step, stack: [...step.stack], memory: step.memory.slice() }),
  }
  return { events, steps, observer }
}

export function observerCases(engine: Engine): void {
  it('hears of a plain transfer as one frame', async () => {
    const world = new TestWorld(engine, {})
    const { events, steps, observer } = recorder()
    await world.send({ valueWei: 3n, gasLimit: 30_000n }, { observer })
    expect(events).toEqual([
      {
        on: 'start',
        kind: 'CALL',
        depth: 0,
        from: SENDER,
        to: OTHER,
        codeAddress: OTHER,
        valueWei: 3n,
        gas: 9_000n,
        input: EMPTY_BYTES,
      },
      { on: 'end', depth: 0, gasUsed: 0n, output: EMPTY_BYTES, error: undefined },
    ])
    expect(steps).toEqual([])
  })

  it('hears of nested frames, their logs and their errors in order', async () => {
    const inner = asm('0x00 0x00 LOG0 0xbad0 0x00 MSTORE 0x20 0x00 REVERT')
    const outer = asm(
      `0x11 0x00 0x00 LOG1 ${callOf(B, '0x02')} 0x00 0x00 0x00 0x00 ${OTHER} GAS STATICCALL 0x22 0x00 0x00 LOG1`,
    )
    const world = new TestWorld(engine, {
      [A]: { code: outer, balanceWei: 5n },
      [B]: { code: inner },
      [OTHER]: { code: asm('INVALID') },
    })
    const { events, observer } = recorder()
    const outcome = await world.send({ to: A }, { observer })
    const brief = events.map((event) => {
      if (event.on === 'start') return `${event.depth} ${event.kind} ${event.to} ${event.valueWei}`
      if (event.on === 'log') return `${event.depth} log ${event.index} ${event.topics.length}`
      const error = event.error?.kind === 'halt' ? event.error.reason : event.error?.kind
      return `${event.depth} end ${error}`
    })
    expect(brief).toEqual([
      `0 CALL ${A} 0`,
      '0 log 0 1',
      `1 CALL ${B} 2`,
      '1 log 1 0',
      '1 end revert',
      `1 STATICCALL ${OTHER} 0`,
      '1 end invalid opcode: INVALID',
      '0 log 1 1',
      '0 end undefined',
    ])
    expect(events[4]).toMatchObject({ output: word(0xbad0) })
    expect(events[7]).toMatchObject({ address: A, topics: [bytesToHash(word(0x22))] })
    expect(outcome).toMatchObject({ logs: [{ address: A }, { address: A }] })
  })

  it('tells whose code runs: DELEGATECALL, CALLCODE, precompiles and delegations', async () => {
    const key = hexToBytes(`0x${'08'.repeat(32)}`)
    const authority = privateKeyToAddress(key)
    const identity = '0x0000000000000000000000000000000000000004' as Address
    const code = asm(
      `0x00 0x00 0x00 0x00 ${B} GAS DELEGATECALL 0x00 0x00 0x00 0x00 0x00 ${B} GAS CALLCODE ${callOf(identity)} ${callOf(authority)}`,
    )
    const world = new TestWorld(engine, { [A]: { code }, [B]: { code: asm('STOP') } })
    const delegation = signAuthorization({ chainId: CHAIN_ID, address: B, nonce: 0n }, key)
    const { events, observer } = recorder()
    await world.send({ to: A, authorizationList: [delegation] }, { observer })
    const frames = events.flatMap((event) =>
      event.on === 'start' && event.depth > 0 ? [event] : [],
    )
    expect(frames.map(({ kind, from, to, codeAddress }) => [kind, from, to, codeAddress])).toEqual([
      ['DELEGATECALL', A, A, B],
      ['CALLCODE', A, A, B],
      ['CALL', A, identity, identity],
      ['CALL', A, authority, B],
    ])
  })

  it('shows creations with their address, and self-destructs as frames', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm(`${B} SELFDESTRUCT`), balanceWei: 6n } })
    const first = recorder()
    const init = asm('0x01 0x00 RETURN')
    await world.send({ to: null, data: init, valueWei: 1n }, first)
    expect(first.events[0]).toMatchObject({
      kind: 'CREATE',
      from: SENDER,
      to: createAddress(SENDER, 0n),
      valueWei: 1n,
      input: init,
    })
    expect(first.events[1]).toMatchObject({ output: new Uint8Array(1), error: undefined })
    const second = recorder()
    await world.send({ to: A }, second)
    expect(second.events).toMatchObject([
      { on: 'start', kind: 'CALL', depth: 0 },
      { on: 'start', kind: 'SELFDESTRUCT', depth: 1, from: A, to: B, valueWei: 6n },
      { on: 'end', depth: 1 },
      { on: 'end', depth: 0 },
    ])
  })

  it('shows calls that cannot begin as frames that failed', async () => {
    const create = asm('0x00 0x00 0x09 CREATE')
    const world = new TestWorld(engine, {
      [A]: { code: asm(callOf(B, '0x09')) },
      [B]: { code: create },
    })
    const call = recorder()
    await world.send({ to: A }, call)
    const error = { kind: 'halt', reason: 'insufficient balance for transfer' }
    expect(call.events.slice(1, 3)).toMatchObject([
      { on: 'start', kind: 'CALL', depth: 1, from: A, to: B, valueWei: 9n },
      { on: 'end', depth: 1, gasUsed: 0n, error },
    ])
    const creation = recorder()
    await world.send({ to: B }, creation)
    expect(creation.events.slice(1, 3)).toMatchObject([
      { on: 'start', kind: 'CREATE', depth: 1, from: B, to: createAddress(B, 0n), valueWei: 9n },
      { on: 'end', depth: 1, error },
    ])
    // What it would have had: all but a 64th of what three PUSH1 and CREATE left (EIP-150).
    const [outer, inner] = creation.events as readonly { gas: bigint }[]
    const left = outer!.gas - 3n * 3n - 32_000n
    expect(inner!.gas).toBe(left - left / 64n)
  })

  it('shows each instruction before it runs', async () => {
    const inner = asm(`0x2a ${RETURN_TOP}`)
    const outer = asm(`0x01 0x00 SSTORE 0x20 0x00 0x00 0x00 0x00 ${B} 0x1000 CALL 0x00 MLOAD POP`)
    const world = new TestWorld(engine, { [A]: { code: outer }, [B]: { code: inner } })
    const { steps, observer } = recorder()
    const outcome = await world.send({ to: A }, { observer })
    const names = steps.map(({ depth, name }) => `${depth} ${name}`)
    expect(names).toEqual([
      ...['PUSH1', 'PUSH1', 'SSTORE'].map((name) => `0 ${name}`),
      ...Array.from({ length: 5 }, () => '0 PUSH1'),
      ...['PUSH20', 'PUSH2', 'CALL'].map((name) => `0 ${name}`),
      ...['PUSH1', 'PUSH1', 'MSTORE', 'PUSH1', 'PUSH1', 'RETURN'].map((name) => `1 ${name}`),
      ...['PUSH1', 'MLOAD', 'POP', 'STOP'].map((name) => `0 ${name}`),
    ])
    expect(steps[2]).toMatchObject({
      pc: 4,
      opcode: 0x55,
      stack: [1n, 0n],
      gasCost: 22_100n,
      address: A,
      codeAddress: A,
      gas: 1_000_000n - 21_000n - 6n,
    })
    const call = steps[10]!
    // A cold account, one word of memory, and the gas that is handed on.
    expect(call.gasCost).toBe(2_600n + 3n + 0x1000n)
    // The last is implied: the code has ended.
    const last = steps.at(-1)!
    expect(last).toMatchObject({ pc: outer.length, stack: [1n], returnData: word(42) })
    expect(last.memory).toEqual(word(42))
    expect(1_000_000n - (last.gas - last.gasCost)).toBe(outcome.gasUsed)
  })

  it('shows an opcode that is not defined by its number', async () => {
    const world = new TestWorld(engine, { [A]: { code: Uint8Array.of(0x5b, 0x2f) } })
    const { steps, observer } = recorder()
    await world.send({ to: A }, { observer })
    expect(steps.at(-1)).toMatchObject({ pc: 1, opcode: 0x2f, name: 'opcode 0x2f not defined' })
  })

  it('hears what was hashed, by which code and where', async () => {
    const inner = asm(
      '0x11 0x00 MSTORE 0x07 0x20 MSTORE 0x40 0x00 KECCAK256 POP 0x00 0xff KECCAK256',
    )
    const outer = asm(`0x03 0x00 KECCAK256 POP 0x60 0x10 KECCAK256 POP ${callOf(B)}`)
    const world = new TestWorld(engine, { [A]: { code: outer }, [B]: { code: inner } })
    const heard: HashedInput[] = []
    const observer: Observer = {
      hashed: (hashed) => heard.push({ ...hashed, input: hashed.input.slice() }),
    }
    await world.send({ to: A }, { observer })
    const pair = concatBytes(word(0x11), word(7))
    const inputs = [new Uint8Array(3), new Uint8Array(0x60), pair, EMPTY_BYTES]
    expect(heard).toEqual(
      inputs.map((input, index) => ({
        depth: index < 2 ? 0 : 1,
        pc: [4, 10, 14, 20][index],
        codeAddress: index < 2 ? A : B,
        input,
        hash: keccakHash(input),
      })),
    )
  })

  it('does not hear of a hash that is not paid for', async () => {
    const code = asm('0x20 0x0fffff KECCAK256')
    const heard: HashedInput[] = []
    const world = new TestWorld(engine, { [A]: { code } })
    const outcome = await world.send(
      { to: A, gasLimit: 30_000n },
      { observer: { hashed: (hashed) => heard.push(hashed) } },
    )
    expect(outcome.kind).toBe('halt')
    expect(heard).toEqual([])
  })

  it('hears where values of the block are read, once each', async () => {
    const inner = asm('COINBASE 0x00 BLOCKHASH 0x01 BLOCKHASH')
    const outer = asm(`TIMESTAMP NUMBER POP ${callOf(B)}`)
    const world = new TestWorld(engine, { [A]: { code: outer }, [B]: { code: inner } })
    const heard: VolatileStep[] = []
    await world.send({ to: A }, { observer: { volatileRead: (read) => heard.push(read) } })
    expect(heard).toEqual([
      { depth: 0, pc: 0, codeAddress: A, read: 'TIMESTAMP' },
      { depth: 0, pc: 1, codeAddress: A, read: 'NUMBER' },
      { depth: 1, pc: 0, codeAddress: B, read: 'COINBASE' },
      { depth: 1, pc: 3, codeAddress: B, read: 'BLOCKHASH' },
      { depth: 1, pc: 6, codeAddress: B, read: 'BLOCKHASH' },
    ])
  })

  it('changes nothing by listening', async () => {
    const code = asm(`0x01 0x00 SSTORE ${callOf(B)} 0x00 0x00 LOG0`)
    const alloc = { [A]: { code }, [B]: { code: asm('0x00 0x00 REVERT') } }
    const world = new TestWorld(engine, alloc)
    const silent = await world.run({ to: A })
    const heard = await world.run({ to: A }, { observer: recorder().observer })
    expect(heard).toEqual(silent)
    expect(await world.run({ to: A })).toEqual(silent)
  })
}

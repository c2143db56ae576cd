import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { HeddleNode } from '../../src/node/node.ts'
import { type Address, bytesToHex, parseAddress, slotOf } from '../../src/primitives/hex.ts'
import { create2Address, createAddress } from '../../src/model/create-address.ts'
import { asm } from '../contract/engine-world.ts'
import { nodeInProcess } from '../support/node.ts'

const address = (byte: string): Address => parseAddress(`0x${byte.repeat(20)}`)
const word = (value: number): string => slotOf(BigInt(value))

/** Writes its input's first word to slot 0, and gives back what was there. */
const KEEPER = address('c0')
const KEEPER_CODE = '0x00 SLOAD 0x00 MSTORE 0x00 CALLDATALOAD 0x00 SSTORE 0x20 0x00 RETURN'
/** Pays 3 wei to PAYEE, calls BREAKER with 2, makes a contract of one byte with 1, and stops. */
const ROOT = address('c1')
const PAYEE = address('c2')
/** Writes slot 5 and reverts. */
const BREAKER = address('c3')
const ROOT_CODE = [
  `0x00 0x00 0x00 0x00 0x03 ${PAYEE} 0xffff CALL POP`,
  `0x00 0x00 0x00 0x00 0x02 ${BREAKER} 0xffff CALL POP`,
  // Init code `PUSH1 1 PUSH1 0 RETURN`, whose contract is a zero byte.
  '0x60016000f3 0x00 MSTORE 0x05 0x1b 0x01 CREATE POP',
  '0x07 0x01 SSTORE STOP',
].join(' ')
const BREAKER_CODE = '0x09 0x05 SSTORE 0x00 0x00 REVERT'
const HALTER = address('c4')

let node: HeddleNode
let sender: string
beforeAll(async () => {
  node = await nodeInProcess({ workers: 1 })
  sender = node.accounts[0]!.address
  const codes = { [KEEPER]: KEEPER_CODE, [ROOT]: ROOT_CODE, [BREAKER]: BREAKER_CODE }
  for (const [at, code] of Object.entries({ ...codes, [HALTER]: '0x01 0x02 ADD INVALID' })) {
    await ask('anvil_setCode', at, bytesToHex(asm(code)))
  }
})
afterAll(() => node.close())

const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
  node.request({ method, params }) as Promise<T>
const send = (fields: object): Promise<string> =>
  ask('eth_sendTransaction', { from: sender, gas: '0x7a120', ...fields })
const trace = <T = unknown>(hash: string, tracer: string, more: object = {}): Promise<T> =>
  ask('debug_traceTransaction', hash, { tracer, ...more })
const refusal = async (asked: Promise<unknown>): Promise<string> => {
  const [settled] = await Promise.allSettled([asked])
  return settled.status === 'rejected' ? (settled.reason as Error).message : 'no error'
}

/** An object literal of the members given, with the two that a tracer must have. */
const tracerOf = (members: string, result = 'return this.seen'): string =>
  `{ seen: [], ${members}${members === '' ? '' : ','} fault: function() {}, result: function(ctx, db) { ${result} } }`

describe('a tracer in JavaScript', () => {
  it('sees every instruction with its numbers, stack and memory', async () => {
    const hash = await send({ to: KEEPER, data: word(5) })
    const tracer = tracerOf(`step: function(log) {
      this.seen.push([log.getPC(), log.op.toString(), log.op.toNumber(), log.op.isPush(), log.getDepth(),
        log.stack.length(), log.memory.length(), log.getGas() - log.getCost()])
    }`)
    const seen = await trace<[number, string, number, boolean, ...number[]][]>(hash, tracer)
    const { structLogs } = await ask<{
      structLogs: {
        pc: number
        op: string
        gas: number
        gasCost: number
        depth: number
        stack: []
      }[]
    }>('debug_traceTransaction', hash, {})
    expect(seen.map(([pc, op]) => [pc, op])).toEqual(structLogs.map(({ pc, op }) => [pc, op]))
    expect(seen.map((step) => step[7])).toEqual(structLogs.map(({ gas, gasCost }) => gas - gasCost))
    expect(seen.map((step) => step[5])).toEqual(structLogs.map(({ stack }) => stack.length))
    expect(seen[0]!.slice(2, 7)).toEqual([0x60, true, 1, 0, 0])
    expect(seen.at(-1)!.slice(2, 7)).toEqual([0xf3, false, 1, 2, 32])
  })

  it('reads words of the stack and the memory as big integers, and slices as bytes', async () => {
    await ask('anvil_setStorageAt', KEEPER, word(0), word(0x1234))
    const hash = await send({ to: KEEPER, data: word(0) })
    const tracer = tracerOf(`step: function(log) {
      if (log.op.toString() !== 'RETURN') return
      this.seen = [log.stack.peek(1).toString(16), log.stack.peek(0).add(1).valueOf() == 1, log.memory.getUint(0),
        toHex(log.memory.slice(30, 34)), toHex(log.contract.getInput()), toHex(log.contract.getCaller()),
        toHex(log.contract.getAddress()), log.contract.getValue()]
    }`)
    const caller = sender.toLowerCase()
    expect(await trace(hash, tracer)).toEqual([
      '20',
      true,
      '4660',
      '0x12340000',
      word(0),
      caller,
      KEEPER,
      '0',
    ])
  })

  it('finds in `db` what was there before the instruction, and after the transaction in `result`', async () => {
    await ask('anvil_setStorageAt', KEEPER, word(0), word(1))
    const hash = await send({ to: KEEPER, data: word(2), value: '0x64' })
    const tracer = tracerOf(
      `step: function(log, db) {
        if (log.op.toString() !== 'SSTORE') return
        var self = log.contract.getAddress()
        this.seen = [db.getState(self, toWord('0x00'))[31], db.getNonce(ctxFrom), db.exists(self), db.getCode(self).length]
      }`,
      `return this.seen.concat(db.getState(ctx.to, toWord('0x00'))[31], db.exists(toAddress('0xdead')))`,
    ).replace('ctxFrom', `toAddress('${sender}')`)
    const nonce = Number(await ask('eth_getTransactionCount', sender, 'latest'))
    expect(await trace(hash, tracer)).toEqual([1, nonce, true, asm(KEEPER_CODE).length, 2, false])
  })

  it('is told of calls as they begin and end, and of faults', async () => {
    const hash = await send({ to: ROOT, value: '0x10' })
    const tracer = `{
      lines: [],
      enter: function(frame) {
        this.lines.push(['enter', frame.getType(), toHex(frame.getFrom()), toHex(frame.getTo()), frame.getValue(), frame.getInput().length])
      },
      exit: function(left) { this.lines.push(['exit', left.getOutput().length, left.getError() || null]) },
      fault: function(log) { this.lines.push(['fault', log.op.toString(), log.getDepth(), log.getError()]) },
      result: function() { return this.lines },
    }`
    const nonce = BigInt(await ask<string>('eth_getTransactionCount', ROOT, 'latest')) - 1n
    expect(await trace(hash, tracer)).toEqual([
      ['enter', 'CALL', ROOT, PAYEE, '3', 0],
      ['exit', 0, null],
      ['enter', 'CALL', ROOT, BREAKER, '2', 0],
      ['fault', 'REVERT', 2, 'execution reverted'],
      ['exit', 0, 'execution reverted'],
      ['enter', 'CREATE', ROOT, createAddress(ROOT, nonce), '1', 5],
      ['exit', 1, null],
    ])
    const halted = await send({ to: HALTER })
    expect(await trace(halted, tracer)).toEqual([
      ['fault', 'INVALID', 1, 'invalid opcode: INVALID'],
    ])
  })

  it.each(['osaka', 'amsterdam'] as const)(
    'keeps `db` right through values, reverts and creations on %s',
    async (hardfork) => {
      await using other = await nodeInProcess({ workers: 1, hardfork })
      const request = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
        other.request({ method, params }) as Promise<T>
      await request('anvil_setCode', ROOT, bytesToHex(asm(ROOT_CODE)))
      await request('anvil_setCode', BREAKER, bytesToHex(asm(BREAKER_CODE)))
      const from = other.accounts[0]!.address
      const transaction = { from, to: ROOT, value: '0x10', gas: '0x989680' }
      const hash = await request('eth_sendTransaction', transaction)
      const created = createAddress(ROOT, 0n)
      const tracer = tracerOf(
        `look: function(db) {
          return [${[ROOT, PAYEE, BREAKER, created].map((at) => `'${at}'`).join()}].map(function(at) {
            at = toAddress(at)
            return [db.getBalance(at), db.getNonce(at), toHex(db.getCode(at)), toHex(db.getState(at, toWord('5')))]
          })
        },
        step: function(log, db) { if (log.getDepth() === 1 && log.op.toString() === 'STOP') this.seen = this.look(db) }`,
        `return { last: this.seen, after: this.look(db) }`,
      )
      const { last, after } = await request<{ last: unknown[][]; after: unknown }>(
        ...(['debug_traceTransaction', hash, { tracer }] as const),
      )
      expect(last).toEqual(after)
      expect(last.map(([balance, nonce]) => [balance, nonce])).toEqual([
        ['12', 1],
        ['3', 0],
        ['0', 0],
        ['1', 1],
      ])
      expect(last.map(([, , , slot]) => slot)).toEqual(Array(4).fill(word(0)))
      expect(last[3]![2]).toBe('0x00')
    },
  )

  it('gets its configuration as text, and the transaction in `result`', async () => {
    const hash = await send({ to: KEEPER, data: word(1), value: '0x7' })
    const tracer = tracerOf(
      `setup: function(text) { this.config = JSON.parse(text) }`,
      `return [this.config, ctx.type, toHex(ctx.from), toHex(ctx.to), toHex(ctx.input), ctx.value, ctx.gas,
        ctx.gasUsed, ctx.block, toHex(ctx.txHash), toHex(ctx.blockHash), ctx.txIndex, ctx.output.length, ctx.gasPrice.gt(0)]`,
    )
    const receipt = await ask<Record<string, string>>('eth_getTransactionReceipt', hash)
    expect(await trace(hash, tracer, { tracerConfig: { depth: 2 } })).toEqual([
      { depth: 2 },
      'CALL',
      sender.toLowerCase(),
      KEEPER,
      word(1),
      '7',
      500_000,
      Number(receipt['gasUsed']),
      Number(receipt['blockNumber']),
      hash,
      receipt['blockHash'],
      0,
      32,
      true,
    ])
  })

  it("has Geth's functions", async () => {
    const hash = await send({ to: PAYEE })
    const result = `return [
      toHex([1, 2, 255]), toHex(toWord('0xabc')), toHex(toAddress('0x' + '11'.repeat(32))), toHex(slice([1, 2, 3], 1, 3)),
      isPrecompiled(toAddress('0x01')), isPrecompiled(toAddress('0x1234')), isPrecompiled(toAddress('0x0100')),
      toHex(toContract('${PAYEE}', 258)), toHex(toContract2('${PAYEE}', '0x2a', '0x6000')), bigInt('1000000000000').times(3).toString(16),
    ]`
    const salt = new Uint8Array(32).fill(0x2a, 31)
    expect(await trace(hash, tracerOf('', result))).toEqual([
      '0x0102ff',
      word(0xabc),
      address('11'),
      '0x0203',
      true,
      false,
      true,
      createAddress(PAYEE, 258n),
      create2Address(PAYEE, salt, Uint8Array.of(0x60, 0)),
      (3n * 10n ** 12n).toString(16),
    ])
  })

  it('traces calls, blocks, and calls one after another', async () => {
    const count = tracerOf('n: 0, step: function() { this.n++ }', 'return [this.n, ctx.output[31]]')
    const call = { from: sender, to: KEEPER, data: word(9) }
    const overrides = { [KEEPER]: { stateDiff: { [word(0)]: word(4) } } }
    const options = { tracer: count, stateOverrides: overrides }
    expect(await ask('debug_traceCall', call, 'latest', options)).toEqual([11, 4])

    const bundles = [{ transactions: [call, { ...call, data: word(8) }] }]
    const [[, second]] = await ask<[[unknown, unknown]]>(
      ...(['debug_traceCallMany', bundles, {}, { tracer: count }] as const),
    )
    expect(second).toEqual([11, 9])

    await ask('evm_setAutomine', false)
    const hashes = [await send({ to: KEEPER, data: word(1) }), await send({ to: HALTER })]
    await ask('evm_mine')
    await ask('evm_setAutomine', true)
    const picky = tracerOf(
      `step: function(log) { if (log.op.toString() === 'INVALID') throw new Error('no') }`,
    )
    expect(await ask('debug_traceBlockByNumber', 'latest', { tracer: picky })).toEqual([
      { txHash: hashes[0], result: [] },
      { txHash: hashes[1], error: "Error: no (line 1) in server-side tracer function 'step'" },
    ])
  })
})

describe('what a tracer cannot do', () => {
  let hash: string
  beforeAll(async () => {
    hash = await send({ to: KEEPER, data: word(1) })
  })

  it.each([
    ['run without end', tracerOf('step: function() { while (true) {} }'), /^execution timeout$/],
    [
      'hold on in a regular expression',
      tracerOf('', `/(a+)+$/.test('a'.repeat(50) + 'b')`),
      /^execution timeout$/,
    ],
    ['call itself without end', tracerOf('', 'return this.result()'), /stack overflow/],
    [
      'nest its result without end',
      tracerOf('', 'var o = []; for (var i = 0; i < 2e4; i++) o = [o]; return o'),
      /stack overflow|timeout/,
    ],
    [
      'take all memory',
      tracerOf('', `var s = ['x']; for (;;) s.push('y'.repeat(1 << 24) + s.length)`),
      /out of memory|timeout/,
    ],
    ['reach the node', tracerOf('', 'return process.env'), /'process' is not defined/],
    ['load a module', tracerOf('', `return require('fs')`), /'require' is not defined/],
    [
      'throw unseen',
      tracerOf('step: function() { throw new Error("mine") }'),
      /^Error: mine \(line 1\) in server-side tracer function 'step'$/,
    ],
    [
      'read beyond the stack',
      tracerOf('step: function(log) { log.stack.peek(99) }'),
      /out of bound stack: size 0, index 99/,
    ],
    [
      'read far beyond the memory',
      tracerOf('step: function(log) { log.memory.slice(0, 1e8) }'),
      /limit for padding memory slice/,
    ],
    [
      'leave out what it must have',
      '{ result: function() {} }',
      /must expose a function fault\(\)/,
    ],
    [
      'have `enter` alone',
      tracerOf('enter: function() {}'),
      /both or none of enter\(\) and exit\(\)/,
    ],
    ['be no JavaScript', '{ step: function( }', /^SyntaxError/],
  ])('%s', async (_, tracer, expected) => {
    // Only what runs without end may be cut off by a short time: a slow machine needs more for all else.
    const timeout = expected.source.includes('timeout') ? '300ms' : '5m'
    expect(await refusal(trace(hash, tracer, { timeout }))).toMatch(expected)
    expect(await trace(hash, tracerOf('', 'return 1'))).toBe(1)
  })

  it('have another name than the tracers that there are', async () => {
    expect(await refusal(trace(hash, 'fooTracer'))).toMatch(
      /not known here; there are .*callTracer/,
    )
  })

  it('take a time that is none', async () => {
    const late = trace(hash, tracerOf(''), { timeout: '5 hours' })
    expect(await refusal(late)).toContain('`options.timeout`: expected a time from "1ms" to "5m"')
  })
})

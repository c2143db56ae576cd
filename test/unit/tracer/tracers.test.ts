import { describe, expect, it } from 'vitest'

import { combineObservers } from '../../../src/evm/tracer/combine.ts'
import { isPrecompile } from '../../../src/evm/tracer/precompiles.ts'
import { TRACER_NAMES, createTracer } from '../../../src/evm/tracer/tracers.ts'
import { hexToBytes, parseAddress, parseHash, slotOf } from '../../../src/primitives/hex.ts'
import { SENDER, addressOf, createRig, tracerOf } from './rig.ts'

const A = addressOf('aa')
const B = addressOf('bb')
const SHA256 = parseAddress(slotOf(2n).replace(/^0x0{24}/, '0x'))

describe('createTracer', () => {
  const rig = createRig()
  const context = { ...rig, transaction: rig.complete({ to: A }) }

  it('knows its tracers and says which when asked for another', () => {
    expect(TRACER_NAMES).toEqual([
      '4byteTracer',
      'callTracer',
      'erc7562Tracer',
      'flatCallTracer',
      'muxTracer',
      'noopTracer',
      'opcodeGasTracer',
      'parityTracer',
      'prestateTracer',
    ])
    for (const tracer of TRACER_NAMES) {
      expect(createTracer({ tracer }, context).kind).toBe('tracer')
    }
    for (const tracer of ['{step: function() {}}', 'toString', 'erc4337Tracer']) {
      const made = createTracer({ tracer }, context)
      expect(made).toEqual({ kind: 'unknownTracer', known: TRACER_NAMES })
    }
  })

  it('refuses options that are not of their type', () => {
    const refused = (tracer: string, tracerConfig: Record<string, unknown>): unknown =>
      createTracer({ tracer, tracerConfig }, context)
    expect(refused('callTracer', { withLog: 'yes' })).toEqual({
      kind: 'invalidConfig',
      detail: 'tracerConfig: withLog must be a boolean',
    })
    expect(refused('prestateTracer', { diffMode: true, includeEmpty: true })).toMatchObject({
      detail: 'tracerConfig: diffMode cannot be used with includeEmpty',
    })
    expect(refused('muxTracer', { callTracer: 1 })).toMatchObject({ kind: 'invalidConfig' })
    expect(refused('muxTracer', { other: {} })).toMatchObject({ kind: 'unknownTracer' })
    expect(refused('muxTracer', { muxTracer: { callTracer: { withLog: 1 } } })).toMatchObject({
      kind: 'invalidConfig',
    })
  })
})

describe('muxTracer and noopTracer', () => {
  it('run several tracers over one execution', async () => {
    const rig = createRig({ [A]: { code: '0x5f545000' } })
    const tracerConfig = {
      callTracer: { onlyTopCall: true },
      noopTracer: null,
      prestateTracer: { disableCode: true },
    }
    expect(await rig.trace({ to: A }, { tracer: 'muxTracer', tracerConfig })).toMatchObject({
      callTracer: { to: A },
      noopTracer: {},
      prestateTracer: { [A]: { storage: { [slotOf(0n)]: slotOf(0n) } } },
    })
  })
})

describe('4byteTracer', () => {
  it('counts selectors with the size of their arguments, but not creations and precompiles', async () => {
    // A calls B twice with its own call data, then sha256 with it
    const copy = '365f5f37'
    const call = (to: string): string => `5f5f365f5f73${to.slice(2)}5af150`
    const rig = createRig({ [A]: { code: `0x${copy}${call(B)}${call(B)}${call(SHA256)}00` } })
    const tracer = '4byteTracer'
    const data = hexToBytes(`0xa9059cbb${'00'.repeat(64)}`)
    expect(await rig.trace({ to: A, data }, { tracer })).toEqual({ '0xa9059cbb-64': 3 })
    expect(await rig.trace({ data: hexToBytes('0x5f5f5f5f00') }, { tracer })).toEqual({})
  })
})

describe('flatCallTracer', () => {
  const tracer = 'flatCallTracer'

  it('lists frames with their place, without precompiles', async () => {
    const call = (to: string): string => `5f5f5f5f5f73${to.slice(2)}5af150`
    const rig = createRig({
      [A]: { code: `0x${call(SHA256)}${call(B)}00`, balanceWei: 7n },
      [B]: { code: `0x73${A.slice(2)}ff`, balanceWei: 3n },
    })
    const place = { blockHash: null, blockNumber: 1, transactionHash: null, transactionPosition: 0 }
    const trace = await rig.trace<Record<string, unknown>[]>({ to: A }, { tracer })
    expect(trace).toEqual([
      {
        ...place,
        action: {
          callType: 'call',
          from: SENDER,
          gas: '0x4c4b40',
          input: '0x',
          to: A,
          value: '0x0',
        },
        result: { gasUsed: expect.any(String), output: '0x' },
        subtraces: 1,
        traceAddress: [],
        type: 'call',
      },
      {
        ...place,
        action: expect.objectContaining({ callType: 'call', from: A, to: B, value: '0x0' }),
        result: { gasUsed: expect.any(String), output: '0x' },
        subtraces: 1,
        traceAddress: [0],
        type: 'call',
      },
      {
        ...place,
        action: { address: B, balance: '0x3', refundAddress: A },
        subtraces: 0,
        traceAddress: [0, 0],
        type: 'suicide',
      },
    ])
    const tracerConfig = { includePrecompiles: true }
    expect(await rig.trace({ to: A }, { tracer, tracerConfig })).toHaveLength(4)
  })

  it('lists creations, and failures in Parity words when asked', async () => {
    const rig = createRig({ [A]: { code: '0xfe' } })
    const [created] = await rig.trace<unknown[]>({ data: hexToBytes('0x60015ff3') }, { tracer })
    expect(created).toMatchObject({
      action: { init: '0x60015ff3', value: '0x0' },
      result: { address: expect.any(String), code: '0x00' },
      type: 'create',
    })
    const [halt] = await rig.trace<unknown[]>({ to: A }, { tracer })
    expect(halt).toMatchObject({ error: 'invalid opcode: INVALID' })
    expect(halt).not.toHaveProperty('result')
    const tracerConfig = { convertParityErrors: true }
    const [parity] = await rig.trace<unknown[]>({ to: A }, { tracer, tracerConfig })
    expect(parity).toMatchObject({ error: 'Bad instruction' })
    const data = hexToBytes('0x5f5ffd')
    const [reverted] = await rig.trace<unknown[]>({ data }, { tracer, tracerConfig })
    expect(reverted).toMatchObject({ error: 'Reverted', result: { code: '0x' } })
    expect(reverted).not.toHaveProperty('result.address')
  })

  it('says which transaction of which block it is', async () => {
    const rig = createRig()
    const hash = parseHash(`0x${'12'.repeat(32)}`)
    const place = { blockHash: hash, transactionHash: hash, index: 3, firstLogIndex: 9 }
    const made = tracerOf({ tracer }, { ...rig, transaction: rig.complete({ to: A }), place })
    const outcome = await rig.transact({ to: A }, made.observer)
    expect(made.result(outcome)).toMatchObject([
      { blockHash: hash, transactionHash: hash, transactionPosition: 3 },
    ])
  })
})

describe('combineObservers', () => {
  it('listens to what one of them listens to', () => {
    expect(combineObservers([{}, {}])).toEqual({})
    const heard: string[] = []
    const combined = combineObservers([
      { frameEnd: () => heard.push('first') },
      { frameEnd: () => heard.push('second'), log: () => heard.push('log') },
    ])
    expect(Object.keys(combined).toSorted()).toEqual(['frameEnd', 'log'])
    combined.frameEnd?.({ depth: 0, gasUsed: 0n, output: new Uint8Array(0) })
    expect(heard).toEqual(['first', 'second'])
  })
})

describe('isPrecompile', () => {
  it('follows the fork', () => {
    const at = (number: number): ReturnType<typeof parseAddress> =>
      parseAddress(`0x${number.toString(16).padStart(40, '0')}`)
    const known = (fork: Parameters<typeof createRig>[1]): number[] => {
      const { rules } = createRig({}, fork).env
      return Array.from({ length: 0x110 }, (_, number) => number).filter((number) =>
        isPrecompile(at(number), rules),
      )
    }
    expect(known('frontier')).toEqual([1, 2, 3, 4])
    expect(known('cancun')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(known('osaka')).toEqual([...Array.from({ length: 17 }, (_, n) => n + 1), 0x100])
    expect(isPrecompile(A, createRig().env.rules)).toBe(false)
  })
})

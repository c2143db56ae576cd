import { describe, expect, it } from 'vitest'

import { LATEST, blockNumberOrTag, blockRef } from '../../../src/rpc/codec/block-ref.ts'
import { callFields } from '../../../src/rpc/codec/call-fields.ts'
import type { Decoder } from '../../../src/rpc/codec/decoder.ts'
import { logFilter } from '../../../src/rpc/codec/log-filter.ts'
import { blockOverrides, stateOverrides } from '../../../src/rpc/codec/overrides.ts'
import {
  address,
  bytes,
  count,
  hash,
  secondsAsMs,
  slot,
  uint256,
  uint64,
} from '../../../src/rpc/codec/scalar.ts'
import { traceCallOptions, traceOptions } from '../../../src/rpc/codec/trace-options.ts'
import { RpcError } from '../../../src/rpc/error.ts'

const A = `0x${'aB'.repeat(20)}`
const a = A.toLowerCase()
const H = `0x${'Cd'.repeat(32)}`
const h = H.toLowerCase()

function complaint(decoder: Decoder<unknown>, value: unknown): string {
  try {
    decoder.decode(value, 'it')
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    expect(error.code).toBe(-32602)
    return error.message
  }
  throw new Error(`was taken: ${JSON.stringify(value)}`)
}

describe('numbers', () => {
  it.each([
    ['0x10', 16n],
    ['0x', 0n],
    ['0x0010', 16n],
    ['0XFF', undefined],
    ['16', 16n],
    [16, 16n],
    [0, 0n],
    [`0x${'f'.repeat(64)}`, 2n ** 256n - 1n],
    [(2n ** 256n - 1n).toString(), 2n ** 256n - 1n],
  ])('reads %j', (value, expected) => {
    if (expected === undefined) expect(complaint(uint256, value)).toContain('expected a number')
    else expect(uint256.decode(value, 'it')).toBe(expected)
  })

  it.each([
    ['0xzz', 'invalid params: `it`: expected a number (0x hex, decimal text or JSON), got "0xzz"'],
    ['', 'invalid params: `it`: expected a number (0x hex, decimal text or JSON), got ""'],
    [-1, 'invalid params: `it`: expected a number (0x hex, decimal text or JSON), got -1'],
    [1.5, 'invalid params: `it`: expected a number (0x hex, decimal text or JSON), got 1.5'],
    [null, 'invalid params: `it`: expected a number (0x hex, decimal text or JSON), got null'],
    [
      [1],
      'invalid params: `it`: expected a number (0x hex, decimal text or JSON), got a list of 1',
    ],
    [`0x1${'0'.repeat(64)}`, /expected a number below 2\^256/],
    [1e21, 'invalid params: `it`: a JSON number above 2^53 is not exact, send it as a string'],
  ])('refuses %j', (value, message) => {
    expect(complaint(uint256, value)).toMatch(message)
  })

  it('keeps to the size asked for', () => {
    expect(uint64.decode('0xffffffffffffffff', 'it')).toBe(2n ** 64n - 1n)
    expect(complaint(uint64, '0x10000000000000000')).toContain('a number below 2^64')
    expect(count(5).decode('0x5', 'it')).toBe(5)
    expect(complaint(count(5), 6)).toContain('a number up to 5')
  })

  it('takes fractions of a second', () => {
    expect(secondsAsMs.decode(0.3, 'it')).toBe(300)
    expect(secondsAsMs.decode('0x2', 'it')).toBe(2000)
    expect(complaint(secondsAsMs, -1)).toContain('seconds')
    expect(complaint(secondsAsMs, 1e9)).toContain('seconds')
  })
})

describe('hex', () => {
  it('folds case', () => {
    expect(address.decode(A, 'it')).toBe(a)
    expect(hash.decode(H, 'it')).toBe(h)
  })

  it.each(['0x12', `${A}00`, A.slice(2), 12, null, {}, [A]])('is no address: %j', (value) => {
    expect(complaint(address, value)).toContain('`it`: expected a 20-byte address, got')
  })

  it('shows a short piece of a long mistake', () => {
    expect(complaint(address, 'z'.repeat(10_000)).length).toBeLessThan(160)
  })

  it('wants whole bytes', () => {
    expect(bytes.decode('0x00ff', 'it')).toEqual(Uint8Array.of(0, 255))
    expect(complaint(bytes, '0x0')).toContain('two hex digits a byte')
    expect(complaint(bytes, 'ff')).toContain('0x-prefixed bytes')
  })

  it('takes a storage key as a number or as 32 bytes', () => {
    const one = `0x${'1'.padStart(64, '0')}`
    for (const value of [1, '1', '0x1', '0x01', one]) expect(slot.decode(value, 'it')).toBe(one)
  })
})

describe('blocks', () => {
  it.each([
    ['latest', LATEST],
    ['0x10', { kind: 'number', number: 16n }],
    [16, { kind: 'number', number: 16n }],
    [h, { kind: 'hash', hash: h, requireCanonical: false }],
    [{ blockNumber: '0x1' }, { kind: 'number', number: 1n }],
    [{ blockHash: H }, { kind: 'hash', hash: h, requireCanonical: false }],
    [
      { blockHash: H, requireCanonical: true },
      { kind: 'hash', hash: h, requireCanonical: true },
    ],
  ])('reads %j', (value, expected) => {
    expect(blockRef.decode(value, 'it')).toEqual(expected)
  })

  it('asks for 0x before decimal text', () => {
    expect(complaint(blockRef, '10')).toBe(
      'invalid params: `it`: expected a block number as 0x hex (0xa), got "10"',
    )
  })

  it.each([
    'LATEST',
    'last',
    '0x',
    '',
    '0x10000000000000000',
    {},
    { blockHash: h, blockNumber: 1 },
    [],
  ])('refuses %j', (value) => {
    expect(complaint(blockRef, value)).toContain('`it`')
  })

  it('takes no hash where a number is due', () => {
    expect(complaint(blockNumberOrTag, h)).toContain('a block number (0x hex) or one of latest')
  })
})

describe('transaction objects', () => {
  it('reads every field', () => {
    const read = callFields.decode(
      {
        type: '0x2',
        from: A,
        to: A,
        nonce: 1,
        gas: '0x5208',
        value: '1',
        input: '0x00',
        maxFeePerGas: '0x2',
        maxPriorityFeePerGas: '0x1',
        accessList: [{ address: A, storageKeys: [H] }],
        chainId: 31337,
        unknown: true,
      },
      'transaction',
    )
    expect(read).toMatchObject({
      type: 2,
      from: a,
      to: a,
      nonce: 1n,
      gas: 21_000n,
      valueWei: 1n,
      data: Uint8Array.of(0),
      maxFeePerGasWei: 2n,
      maxPriorityFeePerGasWei: 1n,
      accessList: [{ address: a, storageKeys: [h] }],
      chainId: 31337n,
    })
  })

  it('takes null as absent, and gasLimit for gas', () => {
    const read = callFields.decode({ to: null, gasPrice: null, gasLimit: '0x1', data: '0x' }, 'it')
    expect(read).toMatchObject({ gas: 1n, gasPriceWei: undefined, to: undefined })
  })

  it('takes data and input together when they agree', () => {
    expect(callFields.decode({ data: '0x12', input: '0x12' }, 'it').data).toEqual(
      Uint8Array.of(0x12),
    )
    expect(complaint(callFields, { data: '0x12', input: '0x13' })).toContain(
      'both "data" and "input" are set and not equal',
    )
  })

  it('reads authorisations by yParity or v', () => {
    const base = { chainId: 1, address: A, nonce: 0, r: '0x1', s: '0x2' }
    const read = callFields.decode(
      {
        authorizationList: [
          { ...base, yParity: '0x1' },
          { ...base, v: 28 },
        ],
      },
      'it',
    )
    expect(read.authorizationList?.map((one) => one.yParity)).toEqual([1n, 1n])
  })

  it.each([
    [{ type: '0x80' }, '`it.type`: expected a transaction type from 0x0 to 0x7f'],
    [{ to: '0x12' }, '`it.to`: expected a 20-byte address'],
    [{ gasPrice: 1, maxFeePerGas: 1 }, 'both gasPrice and (maxFeePerGas or maxPriorityFeePerGas)'],
    [{ accessList: {} }, '`it.accessList`: expected a list'],
    [{ accessList: [{ address: A, storageKeys: ['x'] }] }, '`it.accessList[0].storageKeys[0]`'],
    [{ accessList: [{}] }, '`it.accessList[0].address`: missing'],
    [{ authorizationList: [{ address: A }] }, '`it.authorizationList[0].chainId`: missing'],
    [{ blobs: ['0x00'] }, '`it.blobs[0]`: expected a blob of 131072 bytes, got 1'],
    ['0x', '`it`: expected an object, got "0x"'],
    [null, '`it`: expected an object, got null'],
    [[], '`it`: expected an object, got []'],
  ])('refuses %j', (value, message) => {
    expect(complaint(callFields, value)).toContain(message)
  })
})

describe('log filters', () => {
  it('takes one address or many, and alternatives of topics', () => {
    const read = logFilter.decode(
      { address: A, topics: [null, H, [H, H], []], fromBlock: null, toBlock: '0x2' },
      'it',
    )
    expect(read).toEqual({
      criteria: { addresses: [a], topics: [null, [h], [h, h], null] },
      where: { kind: 'range', from: undefined, to: { kind: 'number', number: 2n } },
    })
  })

  it.each([
    [{ blockHash: h, fromBlock: '0x1' }, 'cannot specify both blockHash and fromBlock/toBlock'],
    [{ topics: ['0x12'] }, '`it.topics[0]`: expected a 32-byte hash'],
    [{ topics: [[5]] }, '`it.topics[0][0]`: expected a 32-byte hash'],
    [{ topics: [null, null, null, null, null] }, 'at most 4 items, got 5'],
    [{ address: ['0x1'] }, '`it.address[0]`'],
  ])('refuses %j', (value, message) => {
    expect(complaint(logFilter, value)).toContain(message)
  })
})

describe('overrides and options', () => {
  it('reads state overrides by address', () => {
    const read = stateOverrides.decode(
      { [A]: { balance: '0x1', nonce: 2, code: '0x00', stateDiff: { [H]: '0x5' } } },
      'it',
    )
    const entry = [...read.values()][0]
    expect([...read.keys()]).toEqual([a])
    expect(entry).toMatchObject({ balanceWei: 1n, nonce: 2n, code: Uint8Array.of(0) })
    expect(entry?.storage).toEqual({ kind: 'diff', slots: new Map([[h, 5n]]) })
  })

  it('refuses a state and a difference to it', () => {
    expect(complaint(stateOverrides, { [A]: { state: {}, stateDiff: {} } })).toContain(
      'has both "state" and "stateDiff"',
    )
    expect(complaint(stateOverrides, { '0x1': {} })).toContain(
      '`it key`: expected a 20-byte address',
    )
  })

  it('reads block overrides by the names of Geth and of Anvil', () => {
    expect(blockOverrides.decode({ time: '0x5', feeRecipient: A, random: H }, 'it')).toMatchObject({
      timestamp: 5n,
      beneficiary: a,
      prevRandao: h,
    })
    expect(blockOverrides.decode({ timestamp: 5, coinbase: A, prevRandao: H }, 'it')).toMatchObject(
      {
        timestamp: 5n,
        beneficiary: a,
        prevRandao: h,
      },
    )
  })

  it('reads trace options, and the overrides among them', () => {
    expect(
      traceOptions.decode({ tracer: 'callTracer', tracerConfig: { withLog: true } }, 'it'),
    ).toEqual({ tracer: 'callTracer', tracerConfig: { withLog: true } })
    const read = traceCallOptions.decode({ tracer: 'x', blockOverrides: { number: 7 } }, 'it')
    expect(read.options).toEqual({ tracer: 'x' })
    expect(read.overrides.blockOverrides?.number).toBe(7n)
    expect(complaint(traceOptions, { tracer: 5 })).toContain(
      '`it.tracer`: expected a string, got 5',
    )
  })
})

import { describe, expect, it } from 'vitest'

import { exactDifference, shapeDifference } from '../../scripts/conformance/json-diff.mjs'

describe('the exact comparison', () => {
  it('does not mind the order of keys nor the words of an error', () => {
    expect(
      exactDifference({ id: 1, result: { a: 1, b: [2] } }, { result: { b: [2], a: 1 }, id: 1 }),
    ).toBeUndefined()
    const error = { code: -32000, message: 'header not found' }
    expect(exactDifference({ error }, { error: { ...error, message: 'no block' } })).toBeUndefined()
  })

  it.each([
    [{ result: '0x1' }, { result: '0x01' }, 'result: expected "0x1", got "0x01"'],
    [{ result: null }, { result: {} }, 'result: expected null, got {}'],
    [{ result: { a: 1 } }, { result: {} }, 'result.a: missing, expected 1'],
    [{ result: {} }, { result: { a: null } }, 'result.a: not expected, got null'],
    [{ result: [1] }, { result: [1, 2] }, 'result: expected 1 items, got 2'],
    [{ result: [{ a: 1 }] }, { result: [{ a: 2 }] }, 'result[0].a: expected 1, got 2'],
    [{ error: { code: 3 } }, { error: { code: 4 } }, 'error.code: expected 3, got 4'],
    [
      { error: { code: 3 } },
      { error: { code: 3, data: '0x' } },
      'error.data: not expected, got "0x"',
    ],
    [{ id: 1 }, { id: '1' }, 'id: expected 1, got "1"'],
  ])('%j and %j differ', (expected, got, difference) => {
    expect(exactDifference(expected, got)).toBe(difference)
  })

  it('says how much more there is', () => {
    const many = (offset: number): Record<string, number> =>
      Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`k${at}`, at + offset]))
    expect(exactDifference({ result: many(0) }, { result: many(1) })).toMatch(/; 5 more$/)
  })
})

describe('the comparison of shapes', () => {
  it('takes other values of the same types, and other accounts', () => {
    const pending = { '0x0c2c51a0990aee1d73c1228de158688341557508': { 0: { nonce: '0x0' } } }
    expect(shapeDifference({ result: { pending } }, { result: { pending: {} } })).toBeUndefined()
    expect(shapeDifference({ result: '0x1' }, { result: '0x22' })).toBeUndefined()
    expect(shapeDifference({ result: { a: [1] } }, { result: { a: [], b: 2 } })).toBeUndefined()
  })

  it.each([
    [{ result: '0x1' }, { error: { code: 1 } }, 'result: missing'],
    [{ error: { code: 1 } }, { result: '0x1' }, 'result: not expected'],
    [{ result: '0x1' }, { result: 1 }, 'result: expected hex text, got a number'],
    [{ result: { gas: '0x1' } }, { result: {} }, 'result.gas: missing'],
    [
      { result: [{ a: '0x' }] },
      { result: [{ a: null }] },
      'result[0].a: expected hex text, got null',
    ],
  ])('%j and %j differ', (expected, got, difference) => {
    expect(shapeDifference(expected, got)).toContain(difference)
  })
})

import { describe, expect, it } from 'vitest'

import { fieldText } from '../../../src/analysis/names/slot-value.ts'

const field = (type: string, bytes: number, offset = 0) =>
  ({ path: 'x', variable: 'x', type, bytes, offset, role: 'value' }) as const

describe('the value of a field', () => {
  it.each([
    [field('uint128', 16, 16), 5n << 128n, '5'],
    [field('int8', 1), 0xffn, '-1'],
    [field('bool', 1, 2), 1n << 16n, 'true'],
    [field('bool', 1), 0n, 'false'],
    [field('address', 20), 0xabn, `0x${'ab'.padStart(40, '0')}`],
    [field('contract Pair', 20), 1n, `0x${'1'.padStart(40, '0')}`],
    [field('bytes4', 4), 0xdeadbeefn, '0xdeadbeef'],
    [field('enum Club.Role', 1), 2n, '2'],
    [field('t_function', 24), 1n, `0x${'1'.padStart(48, '0')}`],
  ])('%j of %s is %s', (one, word, text) => {
    expect(fieldText(one, word)).toBe(text)
  })

  it('of a byte string is its text or its bytes when short, its length when long', () => {
    const short = (BigInt(`0x${Buffer.from('a"b').toString('hex')}`) << 232n) | 6n
    expect(fieldText({ ...field('string', 32), role: 'bytes' }, short)).toBe('"a\\"b"')
    expect(fieldText({ ...field('bytes', 32), role: 'bytes' }, short)).toBe('0x612262')
    expect(fieldText({ ...field('string', 32), role: 'bytes' }, 81n)).toMatch(/^40 bytes/)
  })

  it('of a list is its length', () => {
    expect(fieldText({ ...field('uint256', 32), role: 'arrayLength' }, 3n)).toBe('3')
  })
})

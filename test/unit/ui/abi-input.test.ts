import { describe, expect, it } from 'vitest'

import { parseArgument } from '../../../src/ui/net/abi-input.ts'

const ADDRESS = `0x${'Ab'.repeat(20)}`
const point = {
  name: 'point',
  type: 'tuple',
  components: [
    { name: 'x', type: 'uint128' },
    { name: 'by', type: 'address' },
  ],
} as const

describe('an argument that was typed', () => {
  it.each([
    [{ name: 'a', type: 'uint256' }, '1,000', 1_000n],
    [{ name: 'a', type: 'uint8' }, ' 0xff ', 255n],
    [{ name: 'a', type: 'int8' }, '-7', -7n],
    [{ name: 'a', type: 'bool' }, 'false', false],
    [{ name: 'a', type: 'string' }, ' "as it is" ', ' "as it is" '],
    [{ name: 'a', type: 'address' }, ADDRESS, ADDRESS.toLowerCase()],
    [{ name: 'a', type: 'bytes' }, '0x', '0x'],
    [{ name: 'a', type: 'bytes2' }, '0xabcd', '0xabcd'],
    [{ name: 'a', type: 'uint256[]' }, '[1, "2", "0x3"]', [1n, 2n, 3n]],
    [
      { name: 'a', type: 'uint8[2][]' },
      '[[1, 2], [3, 4]]',
      [
        [1n, 2n],
        [3n, 4n],
      ],
    ],
    [point, `{"x": 5, "by": "${ADDRESS}"}`, { x: 5n, by: ADDRESS.toLowerCase() }],
    [point, `[5, "${ADDRESS}"]`, { x: 5n, by: ADDRESS.toLowerCase() }],
    [{ type: 'tuple', components: [{ type: 'bool' }] }, '[true]', [true]],
  ])('%j from %s', (parameter, text, value) => {
    expect(parseArgument(parameter, text)).toEqual(value)
  })

  it.each([
    [{ name: 'a', type: 'uint256' }, '-1', 'a: expected a uint256, got -1'],
    [{ name: 'a', type: 'uint256' }, '', 'a: expected a uint256, got nothing'],
    [{ name: '', type: 'bool' }, 'yes', 'bool: expected true or false, got yes'],
    [{ name: 'a', type: 'address' }, '0x12', 'a: expected an address'],
    [{ name: 'a', type: 'bytes4' }, '0xabcd', 'a: expected bytes4 as hex, got 0xabcd'],
    [{ name: 'a', type: 'bytes' }, '0xabc', 'a: expected bytes as hex'],
    [{ name: 'a', type: 'uint256[]' }, '1, 2', 'a: expected JSON such as'],
    [{ name: 'a', type: 'uint256[]' }, '{}', 'a: expected a list'],
    [{ name: 'a', type: 'uint256[2]' }, '[1]', 'a: expected 2 items, got 1'],
    [{ name: 'a', type: 'uint256[]' }, '[1, "x"]', 'a[1]: expected a uint256, got x'],
    [point, '{"x": 5}', 'point.by: missing'],
    [point, '7', 'point: expected an object or a list, got 7'],
  ])('%j refuses %j: %s', (parameter, text, message) => {
    expect(() => parseArgument(parameter, text)).toThrow(message)
  })
})

import { encodeAbiParameters, parseAbiParameters, toFunctionSelector } from 'viem'
import { describe, expect, it } from 'vitest'

import {
  type AbiParameter,
  canonicalType,
  decodeAbi,
  parseSignature,
  selectorOf,
  signatureOf,
} from '../../../src/primitives/abi.ts'
import { checksumAddress } from '../../../src/primitives/checksum.ts'
import { hexToBytes, parseAddress } from '../../../src/primitives/hex.ts'

const ADDRESS = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'

function roundTrip(types: string, values: readonly unknown[]): unknown {
  const parameters = parseAbiParameters(types) as readonly AbiParameter[]
  const data = hexToBytes(encodeAbiParameters(parameters as never, values as never))
  return decodeAbi(parameters, data)
}

describe('decodeAbi', () => {
  it('reads what viem writes', () => {
    expect(roundTrip('uint256, int8, bool, address', [2n ** 256n - 1n, -3, true, ADDRESS])).toEqual(
      [2n ** 256n - 1n, -3n, true, ADDRESS],
    )
    expect(
      roundTrip('string, bytes, bytes4, uint256', ['håndtag', '0xc0ffee', '0x12345678', 9n]),
    ).toEqual(['håndtag', '0xc0ffee', '0x12345678', 9n])
    expect(
      roundTrip('uint256[], string[2], bytes[][]', [
        [1n, 2n],
        ['a', 'b'],
        [['0x01'], []],
      ]),
    ).toEqual([
      [1n, 2n],
      ['a', 'b'],
      [['0x01'], []],
    ])
    expect(
      roundTrip('(uint256 x, string s)[], (bool, (int256, address))', [
        [
          { x: 1n, s: 'one' },
          { x: 2n, s: 'two' },
        ],
        [true, [-1n, ADDRESS]],
      ]),
    ).toEqual([
      [
        [1n, 'one'],
        [2n, 'two'],
      ],
      [true, [-1n, ADDRESS]],
    ])
    expect(
      roundTrip('uint8[3][2]', [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ]),
    ).toEqual([
      [
        [1n, 2n, 3n],
        [4n, 5n, 6n],
      ],
    ])
    expect(decodeAbi([], new Uint8Array(0))).toEqual([])
  })

  it('refuses data that is no encoding of the types', () => {
    const refused = (type: string, words: string): void => {
      expect(decodeAbi([{ type }], hexToBytes(`0x${words}`)), `${type} ${words}`).toBeUndefined()
    }
    const zeros = '00'.repeat(31)
    refused('uint256', zeros)
    refused('uint8', `${'00'.repeat(30)}0100`)
    refused('int8', `${zeros}80`)
    refused('bool', `${zeros}02`)
    refused('address', 'ff'.repeat(32))
    refused('bytes4', `${zeros}01`)
    refused('string', `${zeros}20`)
    refused('string', `${zeros}20${zeros}21${'61'.repeat(32)}`)
    refused('string', 'ff'.repeat(32))
    refused('uint256[]', `${zeros}20${zeros}05${zeros}01`)
    refused('unknown', `${zeros}01`)
    refused('bytes33', `${zeros}01`)
  })

  it('does not follow an array of nothing to its end', () => {
    const huge = `${'00'.repeat(31)}20${'00'.repeat(28)}ffffffff`
    const empty = [{ type: 'tuple[]', components: [] }]
    expect(decodeAbi(empty, hexToBytes(`0x${huge}`))).toBeUndefined()
    expect(decodeAbi([{ type: 'uint256[0][4000000000]' }], hexToBytes('0x'))).toBeUndefined()
  })
})

describe('signatures', () => {
  it('are canonical', () => {
    const inputs = [
      { type: 'uint' },
      { type: 'tuple[2][]', components: [{ type: 'address' }, { type: 'int[]' }] },
    ]
    expect(signatureOf('f', inputs)).toBe('f(uint256,(address,int256[])[2][])')
    expect(inputs.map(canonicalType)).toEqual(['uint256', '(address,int256[])[2][]'])
  })

  it('are read and hashed', () => {
    const signature = 'aggregate3((address,bool,bytes)[],uint256)'
    const { name, inputs } = parseSignature(signature)
    expect(signatureOf(name, inputs)).toBe(signature)
    expect(selectorOf(signature)).toBe(toFunctionSelector(signature))
    expect(parseSignature('name()').inputs).toEqual([])
    expect(() => parseSignature('no parentheses')).toThrow(
      'expected name(types), got no parentheses',
    )
  })
})

describe('checksumAddress', () => {
  it('capitalises as EIP-55 says', () => {
    for (const address of [
      '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
      '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
      '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
      '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
    ]) {
      expect(checksumAddress(parseAddress(address))).toBe(address)
    }
  })
})

import { encodeRlp as ethersEncode } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { concatBytes } from '../../../src/primitives/bytes.ts'
import { bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import {
  type RlpItem,
  RlpError,
  decodeRlp,
  decodeRlpStream,
  encodeRlp,
  joinRlpList,
  rlpLength,
  rlpListLength,
} from '../../../src/primitives/rlp.ts'

const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 4 },
    fc.uint8Array({ maxLength: 70 }),
    fc.array(tie('item'), { maxLength: 5 }),
  ),
}))
type HexItem = string | HexItem[]
const toHex = (value: RlpItem): HexItem =>
  value instanceof Uint8Array ? bytesToHex(value) : value.map(toHex)

describe('RLP', () => {
  it("is ethers', and is read back", () => {
    fc.assert(
      fc.property(item, (value) => {
        const encoded = encodeRlp(value)
        expect(bytesToHex(encoded)).toBe(ethersEncode(toHex(value)))
        expect(decodeRlp(encoded)).toEqual(value)
        expect(rlpLength(value)).toBe(encoded.length)
      }),
    )
  })

  it.each([55, 56, 255, 256, 65_535, 65_536, 20_000_000])('holds %i bytes', (length) => {
    const bytes = new Uint8Array(length).fill(7)
    const encoded = encodeRlp(bytes)
    expect(Buffer.compare(decodeRlp(encoded) as Uint8Array, bytes)).toBe(0)
    expect(rlpLength(bytes)).toBe(encoded.length)
    expect(rlpListLength(length)).toBe(encoded.length)
  })

  it('joins encoded items as it would encode the list', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 4 }),
        fc.uint8Array({ maxLength: 2 }),
        (all, type) => {
          const joined = joinRlpList(all.map(encodeRlp), type)
          expect(joined).toEqual(concatBytes(type, encodeRlp(all)))
          expect(joined.length - type.length).toBe(rlpLength(all))
        },
      ),
    )
  })

  it('accepts nothing but its own encoding', () => {
    fc.assert(
      fc.property(item, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = encodeRlp(value)
        bytes[at % bytes.length] = byte
        let decoded: RlpItem
        try {
          decoded = decodeRlp(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RlpError)
          return
        }
        expect(encodeRlp(decoded)).toEqual(bytes)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['0x', 'the input ends inside an item'],
    ['0x8100', 'a small byte has a length prefix'],
    ['0xb801ff', 'a short item has a long length'],
    ['0xb90001', 'a length has leading zeros'],
    ['0xb9ff', 'the input ends inside a length'],
    ['0x83aabb', 'an item of 3 bytes runs past the end'],
    ['0xc2c1', 'an item of 2 bytes runs past the end'],
    ['0xc1c1', 'an item of 1 bytes runs past the end'],
    ['0xbfffffffffffffffff', 'runs past the end'],
    ['0x8080', '1 bytes after the item'],
    [`0x${'c1'.repeat(70)}c0`, 'an item of 1 bytes runs past the end'],
  ])('refuses %s', (hex, error) => {
    expect(() => decodeRlp(hexToBytes(hex))).toThrow(error)
  })

  it('refuses lists that nest too deep', () => {
    let deep: RlpItem = []
    for (let i = 0; i < 64; i++) deep = [deep]
    expect(() => decodeRlp(encodeRlp(deep))).toThrow('lists nest deeper than 64')
    expect(decodeRlp(encodeRlp((deep as RlpItem[])[0]!))).toEqual((deep as RlpItem[])[0])
  })

  it('reads items one after another', () => {
    const all = concatBytes(encodeRlp([]), encodeRlp(Uint8Array.of(7)), encodeRlp([[]]))
    expect([...decodeRlpStream(all)]).toEqual([[], Uint8Array.of(7), [[]]])
    expect([...decodeRlpStream(new Uint8Array(0))]).toEqual([])
    expect(() => [...decodeRlpStream(all.subarray(0, -1))]).toThrow(RlpError)
  })
})

import { keccak256 as ethersKeccak } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  bigIntToBytes,
  bigIntToFixedBytes,
  bytesToBigInt,
  concatBytes,
  equalBytes,
  padLeft,
  stripZeros,
} from '../../../src/primitives/bytes.ts'
import {
  bytesToAddress,
  bytesToHash,
  bytesToHex,
  bytesToSlot,
  hexToBytes,
  isHex,
  parseAddress,
  parseHash,
  slotOf,
  toQuantity,
} from '../../../src/primitives/hex.ts'
import { invariant } from '../../../src/primitives/invariant.ts'
import {
  EMPTY_CODE_HASH,
  EMPTY_LIST_HASH,
  EMPTY_ROOT,
  keccak256,
  keccakHash,
} from '../../../src/primitives/keccak.ts'

const bytes = fc.uint8Array({ maxLength: 64 })
const number = fc.bigInt(0n, 2n ** 256n - 1n)

describe('numbers as bytes', () => {
  it('come back', () => {
    fc.assert(
      fc.property(number, (value) => {
        const shortest = bigIntToBytes(value)
        expect(bytesToBigInt(shortest)).toBe(value)
        expect(shortest[0]).not.toBe(0)
        expect(bigIntToFixedBytes(value, 32)).toEqual(padLeft(shortest, 32))
        expect(bytesToBigInt(bigIntToFixedBytes(value, 32))).toBe(value)
        expect(stripZeros(bigIntToFixedBytes(value, 40))).toEqual(shortest)
      }),
    )
    expect(bigIntToBytes(0n)).toHaveLength(0)
    expect(bytesToBigInt(new Uint8Array(0))).toBe(0n)
  })

  it('of every length are read where they stand in a buffer', () => {
    fc.assert(
      fc.property(bytes, fc.nat(9), (value, offset) => {
        const larger = concatBytes(new Uint8Array(offset).fill(9), value, Uint8Array.of(9))
        const view = larger.subarray(offset, offset + value.length)
        expect(bytesToBigInt(view)).toBe(value.length === 0 ? 0n : BigInt(bytesToHex(value)))
      }),
    )
  })

  it('must fit', () => {
    expect(() => bigIntToFixedBytes(256n, 1)).toThrow('256 does not fit in 1 bytes')
    expect(padLeft(Uint8Array.of(1, 2, 3), 2)).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('byte strings', () => {
  it('are joined and compared', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const joined = concatBytes(a, b)
        expect([...joined]).toEqual([...a, ...b])
        expect(equalBytes(joined, concatBytes(a, b))).toBe(true)
        expect(equalBytes(a, b)).toBe(bytesToHex(a) === bytesToHex(b))
      }),
    )
    expect(concatBytes()).toHaveLength(0)
  })

  it('are hex and back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const hex = bytesToHex(value)
        expect(hex).toMatch(/^0x([0-9a-f]{2})*$/)
        expect(isHex(hex)).toBe(true)
        expect(hexToBytes(hex)).toEqual(value)
        expect(hexToBytes(`0x${hex.slice(2).toUpperCase()}`)).toEqual(value)
      }),
    )
  })

  it.each([0, 1, 20, 32, 63, 64, 65, 200])('of %i are the hex of each of them', (size) => {
    const all = Uint8Array.from({ length: size + 3 }, (_, index) => (index * 37) & 255)
    for (const value of [all.slice(3), all.subarray(3)]) {
      const digits = [...value].map((byte) => byte.toString(16).padStart(2, '0'))
      expect(bytesToHex(value)).toBe(`0x${digits.join('')}`)
    }
  })

  it.each(['', '0', 'ab', '0x1', '0xzz', '0x123', ' 0x12', '0x12\n'])('are not %j', (text) => {
    expect(() => hexToBytes(text)).toThrow('expected 0x-prefixed bytes')
  })
})

describe('names in hex', () => {
  it('are parsed in lower case', () => {
    expect(parseAddress(`0x${'Ab'.repeat(20)}`)).toBe(`0x${'ab'.repeat(20)}`)
    expect(parseHash(`0x${'Ab'.repeat(32)}`)).toBe(`0x${'ab'.repeat(32)}`)
    expect(() => parseAddress('0x12')).toThrow('expected a 20-byte address, got 0x12')
    expect(() => parseHash('0x12')).toThrow('expected a 32-byte hash, got 0x12')
    expect(isHex('0xg')).toBe(false)
    expect(isHex(5)).toBe(false)
  })

  it('have their length', () => {
    expect(() => bytesToAddress(new Uint8Array(19))).toThrow('expected 20 bytes, got 19')
    expect(() => bytesToHash(new Uint8Array(33))).toThrow('expected 32 bytes, got 33')
    expect(() => bytesToSlot(new Uint8Array(33))).toThrow('expected at most 32 bytes, got 33')
    expect(bytesToSlot(Uint8Array.of(1))).toBe(slotOf(1n))
    fc.assert(
      fc.property(number, (key) => {
        expect(slotOf(key)).toBe(bytesToHex(bigIntToFixedBytes(key, 32)))
        expect(BigInt(toQuantity(key))).toBe(key)
      }),
    )
    expect(toQuantity(0)).toBe('0x0')
  })
})

describe('keccak-256', () => {
  it("is ethers'", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
        expect(keccakHash(value)).toBe(ethersKeccak(value))
      }),
    )
    const long = new Uint8Array(200_000).fill(3)
    expect(bytesToHex(keccak256(long))).toBe(ethersKeccak(long))
  })

  it('has the known hashes of nothing', () => {
    expect(EMPTY_CODE_HASH).toBe(ethersKeccak('0x'))
    expect(EMPTY_ROOT).toBe(ethersKeccak('0x80'))
    expect(EMPTY_LIST_HASH).toBe(ethersKeccak('0xc0'))
  })
})

describe('an invariant', () => {
  it('throws only when it is false', () => {
    expect(() => invariant(true, 'fine')).not.toThrow()
    expect(() => invariant(false, 'one is two')).toThrow('bug: one is two')
  })
})

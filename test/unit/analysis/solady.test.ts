import { describe, expect, it } from 'vitest'

import { nameBook } from '../../../src/analysis/names/name-book.ts'
import { bytesToBigInt } from '../../../src/primitives/bytes.ts'
import { type Address, hexToBytes, slotOf } from '../../../src/primitives/hex.ts'
import { keccak256 } from '../../../src/primitives/keccak.ts'

const TOKEN = `0x${'70'.repeat(20)}` as Address
const OWNER = 'ab'.repeat(20)
const SPENDER = 'cd'.repeat(20)

/** What a slot is called that is found by hashing `input`, so many slots behind the hash. */
function nameOf(input: string, distance = 0n): string {
  const bytes = hexToBytes(`0x${input}`)
  const book = nameBook({ contracts: [], sites: [], hashed: [bytes], sources: new Map() })
  const slot = bytesToBigInt(keccak256(bytes)) + distance
  return book.nameOf({ kind: 'slot', address: TOKEN, key: slotOf(slot) }).name
}

const seed = (hex: string, bytes: number): string => hex.padStart(bytes * 2, '0')

describe('places that Solady computes by hand', () => {
  it.each([
    ['an ERC-20 balance', OWNER + seed('87a211a2', 12), `balanceOf[0x${OWNER}]`],
    ['a nonce', OWNER + seed('38377508', 12), `nonces[0x${OWNER}]`],
    ['roles', OWNER + seed('8b78c6d8', 12), `rolesOf[0x${OWNER}]`],
    ['an allowance', OWNER + seed('7f5e9f20', 12) + SPENDER, `allowance[0x${OWNER}][0x${SPENDER}]`],
    ['an ERC-721 balance', `${OWNER}0a5a2e7a00000000`, `balanceOf[0x${OWNER}]`],
    [
      'an ERC-721 operator',
      `${OWNER}0a5a2e7a00000000${SPENDER}`,
      `isApprovedForAll[0x${OWNER}][0x${SPENDER}]`,
    ],
    [
      'an ERC-1155 balance',
      seed('7', 32) + OWNER + seed('9a31110384e0b0c9', 12),
      `balanceOf[0x${OWNER}][7]`,
    ],
    [
      'an ERC-1155 operator',
      SPENDER + OWNER + seed('9a31110384e0b0c9', 12),
      `isApprovedForAll[0x${OWNER}][0x${SPENDER}]`,
    ],
  ])('%s', (_what, input, name) => {
    expect(nameOf(input)).toBe(`${TOKEN}.${name}`)
    expect(nameOf(input, 1n)).not.toContain(name)
  })

  it("a token's owner and who may take it", () => {
    const input = seed('7d882553', 32)
    expect(nameOf(input, 10n)).toBe(`${TOKEN}.ownerOf[5]`)
    expect(nameOf(input, 11n)).toBe(`${TOKEN}.getApproved[5]`)
  })

  it('and nothing else', () => {
    expect(nameOf(OWNER + seed('87a211a3', 12))).not.toContain('balanceOf')
    const book = nameBook({ contracts: [], sites: [], hashed: [], sources: new Map() })
    const at = (key: bigint) => book.nameOf({ kind: 'slot', address: TOKEN, key: slotOf(key) })
    expect(at(0x05345cdf77eb68f44cn)).toMatchObject({
      name: `${TOKEN}.totalSupply`,
      by: 'standard',
    })
    expect(at(3n).by).toBe('shape')
  })
})

import { describe, expect, it } from 'vitest'

import { type Says, wordSaying } from '../../../src/rpc/token-word.ts'

const WORD = 1n << 256n
const MAX_128 = (1n << 128n) - 1n
const plain: Says = async (word) => word
const low128: Says = async (word) => word & MAX_128
const above96: Says = async (word) => word >> 96n
const checked =
  (view: (word: bigint) => bigint): Says =>
  async (word) => {
    const said = view(word)
    return said < WORD ? said : undefined
  }
/** Aave's and Lido's: shares times what a share is worth. */
const shares = checked((word) => (word * 3007n) / 1000n)
const packedShares = checked((word) => ((word & MAX_128) * 1_073_741_824n) / 1_000_000_000n)

async function solve(says: Says, before: bigint, wanted: bigint): Promise<bigint | undefined> {
  return wordSaying(wanted, before, await says(before), says)
}

describe('the word that makes a view say a number', () => {
  it.each([0n, 1n, 1_000n, WORD - 1n])(
    'is the number where the word is the balance: %s',
    async (n) => {
      expect(await solve(plain, 7n, n)).toBe(n)
    },
  )

  it('leaves alone what is packed above and below', async () => {
    const flags = 0xabcn << 128n
    expect(await solve(low128, flags | 1_000n, 5n)).toBe(flags | 5n)
    expect(await solve(above96, (1_000n << 96n) | 5n, 12n)).toBe((12n << 96n) | 5n)
    const noTopBit: Says = async (word) => word & ((1n << 255n) - 1n)
    expect(await solve(noTopBit, (1n << 255n) | 4n, 9n)).toBe((1n << 255n) | 9n)
  })

  it('is not found for more than fits', async () => {
    expect(await solve(low128, 0n, MAX_128)).toBe(MAX_128)
    expect(await solve(low128, 0n, MAX_128 + 1n)).toBeUndefined()
    expect(await solve(low128, 1n << 128n, MAX_128 + 9n)).toBeUndefined()
  })

  it.each([
    ['shares', shares, 0n],
    ['shares', shares, 5_000n],
    ['shares beside flags', packedShares, (9n << 128n) | 77n],
  ])('is found among %s, to within what the token rounds', async (_, says, before) => {
    for (const wanted of [0n, 10n ** 18n, 123_456_789n]) {
      const word = (await solve(says, before, wanted))!
      const said = (await says(word))!
      expect(said <= wanted && wanted - said <= 3n).toBe(true)
      if (says === packedShares) expect(word >> 128n).toBe(9n)
    }
  })

  it.each<[string, Says]>([
    ['a constant', async () => 5n],
    ['a switch between two numbers', async (word) => (word === 0n ? 1_000n : 2_000n)],
    ['no number at all', async () => undefined],
  ])('is not found where the view says %s', async (_, says) => {
    expect(await solve(says, 0n, 1_500n)).toBeUndefined()
  })
})

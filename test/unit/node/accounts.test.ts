import { describe, expect, it } from 'vitest'

import { deriveAccounts, parseDerivationPath } from '../../../src/node/accounts.ts'
import { DEFAULT_NODE_CONFIG } from '../../../src/node/defaults.ts'
import { mnemonicOddity, randomMnemonic, seededMnemonic } from '../../../src/node/mnemonic.ts'

const { accounts } = DEFAULT_NODE_CONFIG

describe('deriveAccounts', () => {
  it('derives the accounts that Anvil and Hardhat print', () => {
    const derived = deriveAccounts(accounts)
    expect(derived).toHaveLength(10)
    expect(derived[0]).toEqual({
      address: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
      privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
    })
    expect(derived[9]).toEqual({
      address: '0xa0ee7a142d267c1f36714e4a8f75612f20a79720',
      privateKey: '0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6',
    })
  })

  it('follows the derivation path', () => {
    const derived = deriveAccounts({ ...accounts, derivationPath: "m/44'/60'/1'/0/", count: 1 })
    expect(derived[0]?.privateKey).toBe(
      '0x7797c0f3db8b946604ec2039dfd9763e4ffdc53174342a2ed9b14fa3eda666a5',
    )
  })

  it('agrees with viem on other mnemonics', async () => {
    const { mnemonicToAccount } = await import('viem/accounts')
    for (const length of [12, 24] as const) {
      const mnemonic = await randomMnemonic(length)
      const derived = deriveAccounts({ ...accounts, mnemonic, count: 3 })
      const wanted = [0, 1, 2].map((addressIndex) =>
        mnemonicToAccount(mnemonic, { addressIndex }).address.toLowerCase(),
      )
      expect(derived.map(({ address }) => address)).toEqual(wanted)
    }
  })

  it('makes no account of a count of 0', () => {
    expect(deriveAccounts({ ...accounts, count: 0 })).toEqual([])
  })

  it('refuses what is no path', () => {
    expect(() => deriveAccounts({ ...accounts, derivationPath: '44/60' })).toThrow(
      "expected a derivation path such as m/44'/60'/0'/0/, got 44/60",
    )
  })
})

describe('parseDerivationPath', () => {
  it.each([
    ["m/44'/60'/0'/0/", [0x8000002c, 0x8000003c, 0x80000000, 0]],
    ['m/', []],
    ['m/2147483647/', [2147483647]],
    ['m/2147483648/', undefined],
    ["m/44'/60'/0'/0", undefined],
    ['m//', undefined],
    ['n/1/', undefined],
    ['m/-1/', undefined],
  ])('%s', (path, indexes) => {
    expect(parseDerivationPath(path)).toEqual(indexes)
  })
})

describe('mnemonics', () => {
  it.each([
    [0n, 'leisure need topic clown code attend earn lounge baby omit vault crunch'],
    [1n, 'gesture car maximum regret pudding merry fatal electric sea grab crack social'],
    [42n, 'pen brief eager pepper brass detect problem vital physical tent assume damp'],
  ])('makes of seed %s the words that Anvil makes', async (seed, words) => {
    expect(await seededMnemonic(seed)).toBe(words)
  })

  it('makes random ones that are valid, never the same', async () => {
    const made = await Promise.all(([12, 15, 18, 21, 24, 12] as const).map(randomMnemonic))
    expect(made.map((words) => words.split(' ').length)).toEqual([12, 15, 18, 21, 24, 12])
    expect(new Set(made).size).toBe(6)
    for (const words of made) expect(await mnemonicOddity(words)).toBeUndefined()
  })

  it.each([
    [accounts.mnemonic, undefined],
    ['test', 'a mnemonic has 12, 15, 18, 21 or 24 words, this one has 1'],
    [accounts.mnemonic.replace('junk', 'jnuk'), '"jnuk" is not in BIP-39\'s English word list'],
    [
      accounts.mnemonic.replace('junk', 'test'),
      'the last word does not match the others (its checksum is wrong)',
    ],
  ])('%s', async (mnemonic, oddity) => {
    expect(await mnemonicOddity(mnemonic)).toBe(oddity)
  })
})

import { describe, expect, it } from 'vitest'

import {
  formatAge,
  formatShare,
  formatTime,
  formatUnits,
  formatWei,
  shorten,
} from '../../../src/ui/parts/format.ts'
import { readAddress, readEther, readWhole } from '../../../src/ui/parts/read-form.ts'

describe('formats', () => {
  it.each([
    [0n, '0 ETH'],
    [1_500_000_000_000_000_000n, '1.5 ETH'],
    [100_000_000_000_000n, '0.0001 ETH'],
    [99_000_000_000_000n, '99,000 gwei'],
    [7n, '7 wei'],
    [-3_000_000_000n, '-3 gwei'],
  ])('%i wei as %s', (wei, text) => {
    expect(formatWei(wei)).toBe(text)
  })

  it('say that something was cut off', () => {
    expect(formatUnits(1_234_567n, 6, 2)).toBe('1.23…')
    expect(formatUnits(1_230_000n, 6, 2)).toBe('1.23')
    expect(formatUnits(-5n, 3)).toBe('-0.005')
  })

  it('of times, also of those that no date can hold', () => {
    expect(formatTime(0n)).toBe('1970-01-01 00:00:00 UTC')
    expect(formatTime(2n ** 63n)).toBe('9223372036854775808 s after 1970')
    expect(formatAge(100n, 101)).toBe('now')
    expect(formatAge(100n, 160)).toBe('1 min ago')
    expect(formatAge(7_300n, 100)).toBe('2 h ahead')
  })

  it('of shares and hashes', () => {
    expect([0, 0.0004, 0.0006, 0.004, 0.5, 1].map(formatShare)).toEqual([
      '0 %',
      '< 0.1 %',
      '0.1 %',
      '0.4 %',
      '50 %',
      '100 %',
    ])
    expect(shorten(`0x${'ab'.repeat(20)}`)).toBe('0xabab…abab')
    expect(shorten('0x1234')).toBe('0x1234')
  })
})

describe('what was typed into a form', () => {
  const form = (value: string): FormData => {
    const made = new FormData()
    made.set('field', value)
    return made
  }

  it('is read, with the separators that people write', () => {
    expect(readWhole(form(' 30,000_000 '), 'field', 'Gas')).toBe(30_000_000n)
    expect(readWhole(form('0x10'), 'field', 'Gas')).toBe(16n)
    expect(readEther(form('1.5'), 'field', 'Ether')).toBe(1_500_000_000_000_000_000n)
    expect(readEther(form('.000000000000000001'), 'field', 'Ether')).toBe(1n)
  })

  it('or refused by the name of the field', () => {
    expect(() => readWhole(form('-1'), 'field', 'Gas')).toThrow('Gas: expected a whole number')
    expect(() => readEther(form('.'), 'field', 'Ether')).toThrow('Ether: expected ether such as')
    expect(() => readEther(form('1.0000000000000000001'), 'field', 'Ether')).toThrow('Ether:')
    expect(() => readAddress(form('0x1'), 'field', 'To')).toThrow('To: expected 0x and 40')
    expect(() => readWhole(form(''), 'field', 'Gas')).toThrow('Gas: expected a value')
  })
})

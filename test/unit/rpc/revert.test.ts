import { describe, expect, it } from 'vitest'

import { hexToBytes } from '../../../src/primitives/hex.ts'
import { revertMessage } from '../../../src/rpc/revert.ts'

const word = (value: number): string => value.toString(16).padStart(64, '0')
const text = Buffer.from('boom').toString('hex').padEnd(64, '0')

describe('what a revert says', () => {
  it.each([
    ['nothing', '0x', 'execution reverted'],
    ['less than a selector', '0x112233', 'execution reverted'],
    ['Error(string)', `0x08c379a0${word(32)}${word(4)}${text}`, 'execution reverted: boom'],
    [
      'a panic',
      `0x4e487b71${word(0x11)}`,
      'execution reverted: panic: arithmetic underflow or overflow (0x11)',
    ],
    [
      'a panic of no name',
      `0x4e487b71${word(0x99)}`,
      'execution reverted: panic: unknown panic code (0x99)',
    ],
    ['a custom error', '0xdeadbeef', 'execution reverted: custom error 0xdeadbeef'],
    [
      'a custom error with arguments',
      `0xdeadbeef${word(1)}`,
      'execution reverted: custom error 0xdeadbeef',
    ],
    [
      'Error(string) that is cut short',
      `0x08c379a0${word(32)}`,
      'execution reverted: custom error 0x08c379a0',
    ],
    [
      'Error(string) that claims a huge length',
      `0x08c379a0${word(32)}${'f'.repeat(64)}`,
      'execution reverted: custom error 0x08c379a0',
    ],
    [
      'plain text',
      `0x${Buffer.from('wrong-calldatasize').toString('hex')}`,
      'execution reverted: wrong-calldatasize',
    ],
  ])('%s', (_, output, message) => {
    expect(revertMessage(hexToBytes(output))).toBe(message)
  })
})

import { encodeAbiParameters, encodeFunctionData, toFunctionSelector } from 'viem'
import { describe, expect, it } from 'vitest'

import { formatConsole } from '../../../src/evm/tracer/console-format.ts'
import {
  CONSOLE_ADDRESS,
  createConsoleCollector,
  readConsoleCall,
} from '../../../src/evm/tracer/console-log.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import { loadContract } from '../../support/contracts.ts'
import { SENDER, createRig } from './rig.ts'

function consoleCall(types: string, values: readonly unknown[]): Uint8Array {
  const parameters = types === '' ? [] : types.split(',').map((type) => ({ type }))
  const selector = toFunctionSelector(`log(${types})`)
  return hexToBytes(`${selector}${encodeAbiParameters(parameters, values).slice(2)}`)
}

describe('readConsoleCall', () => {
  it('reads every list of up to four basic types', () => {
    const samples: Record<string, readonly [unknown, string]> = {
      uint256: [7n, '7'],
      string: ['text', 'text'],
      bool: [true, 'true'],
      address: [
        '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
        '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      ],
    }
    let lists: string[][] = [[]]
    let count = 0
    for (let length = 1; length <= 4; length++) {
      lists = lists.flatMap((list) => Object.keys(samples).map((type) => [...list, type]))
      for (const types of lists) {
        const call = consoleCall(
          types.join(','),
          types.map((type) => samples[type]![0]),
        )
        expect(readConsoleCall(call)).toBe(types.map((type) => samples[type]![1]).join(' '))
        count++
      }
    }
    expect(count).toBe(340)
  })

  it('reads single values of the other types', () => {
    expect(readConsoleCall(consoleCall('', []))).toBe('')
    expect(readConsoleCall(consoleCall('int256', [-5n]))).toBe('-5')
    expect(readConsoleCall(consoleCall('bytes', ['0xc0ffee']))).toBe('0xc0ffee')
    expect(readConsoleCall(consoleCall('string,int256', ['low', -1n]))).toBe('low -1')
    for (let size = 1; size <= 32; size++) {
      const value = `0x${'ab'.repeat(size)}`
      expect(readConsoleCall(consoleCall(`bytes${size}`, [value]))).toBe(value)
    }
  })

  it('reads the selectors of old versions, which hashed uint and int', () => {
    // selectors of hardhat/console.sol before 2.19: log(uint) and log(string,uint)
    expect(readConsoleCall(hexToBytes(`0xf5b1bba9${'0'.repeat(63)}9`))).toBe('9')
    const call = consoleCall('string,uint256', ['n', 3n])
    call.set(hexToBytes('0x9710a9d0'), 0)
    expect(readConsoleCall(call)).toBe('n 3')
    const signed = consoleCall('int256', [-3n])
    signed.set(hexToBytes('0x4e0c1d1d'), 0)
    expect(readConsoleCall(signed)).toBe('-3')
  })

  it('passes over what is no console call', () => {
    expect(readConsoleCall(new Uint8Array(0))).toBeUndefined()
    expect(readConsoleCall(hexToBytes('0xdeadbeef'))).toBeUndefined()
    expect(readConsoleCall(consoleCall('string', ['cut']).subarray(0, 40))).toBeUndefined()
  })
})

describe('formatConsole', () => {
  const text = (value: string) => ({ type: 'string', value })
  const uint = (value: bigint) => ({ type: 'uint256', value })

  it('fills in the first text and appends the rest', () => {
    expect(formatConsole([text('%s has %d of %s'), text('a'), uint(1000n), text('x')])).toBe(
      'a has 1000 of x',
    )
    expect(formatConsole([text('a %s'), text('b'), uint(2n)])).toBe('a b 2')
    expect(formatConsole([uint(1n), text('%s'), uint(2n)])).toBe('1 %s 2')
    expect(formatConsole([text('%s and %s'), text('one')])).toBe('one and %s')
    expect(formatConsole([text('100%% of %s'), uint(1n)])).toBe('100% of 1')
    expect(formatConsole([text('100%% alone %d')])).toBe('100%% alone %d')
  })

  it('keeps big integers exact and knows hex and exponents', () => {
    const big = 2n ** 256n - 1n
    expect(formatConsole([text('%d'), uint(big)])).toBe(big.toString())
    expect(formatConsole([text('%x'), uint(255n)])).toBe('0xff')
    expect(formatConsole([text('%e'), uint(1_500_000n)])).toBe('1.5e6')
    expect(formatConsole([text('%d'), text('no number')])).toBe('NaN')
    expect(formatConsole([text('%d'), { type: 'bool', value: true }])).toBe('1')
  })

  it('keeps colours and shows other control characters', () => {
    expect(formatConsole([text('\u001b[91mred\u001b[0m\ttab')])).toBe('\u001b[91mred\u001b[0m\ttab')
    expect(formatConsole([text('\u001b[2J\u0007\r')])).toBe('\\x1b[2J\\x07\\x0d')
  })
})

describe('createConsoleCollector', () => {
  const { abi, bytecode } = loadContract('Diagnostics')

  it('hears a contract, also one that reverts', async () => {
    const rig = createRig()
    const to = await rig.deploy(bytecode)
    const collector = createConsoleCollector()
    const data = hexToBytes(encodeFunctionData({ abi, functionName: 'logAll' }))
    await rig.transact({ to, data }, collector.observer)
    const lines = collector.lines()
    expect(lines.slice(0, 4)).toEqual(['a line of text', '42', '-42', 'true'])
    expect(lines[4]!.toLowerCase()).toBe(to)
    expect(lines.slice(6, 11)).toEqual([
      '0xc0ffee',
      'text and text: more',
      'text and a number: 7',
      'text and a negative number: -7',
      'text and a truth: false',
    ])
    expect(lines[12]!.toLowerCase()).toBe(`${SENDER} has 1000 of tokens`)
    expect(lines.at(-1)).toBe('three numbers: 1 2 3')

    const reverting = createConsoleCollector()
    const call = encodeFunctionData({ abi, functionName: 'logThenRevert', args: ['oh'] })
    const outcome = await rig.transact({ to, data: hexToBytes(call) }, reverting.observer)
    expect(outcome.kind).toBe('revert')
    expect(reverting.lines()).toEqual(['about to revert: oh'])
  })

  it('stops keeping lines at ten thousand and counts the rest', () => {
    const collector = createConsoleCollector()
    const to = CONSOLE_ADDRESS
    const input = consoleCall('uint256', [1n])
    for (let count = 0; count < 10_003; count++) {
      collector.observer.frameStart?.({
        kind: 'STATICCALL',
        depth: 1,
        from: SENDER,
        to,
        codeAddress: to,
        valueWei: 0n,
        gas: 1n,
        input,
      })
    }
    expect(collector.lines()).toHaveLength(10_001)
    expect(collector.lines().at(-1)).toBe('(3 more lines left out)')
  })
})

import { type Abi, encodeErrorResult, encodeFunctionData } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'

import { Artefacts } from '../../../src/node/artefacts.ts'
import { decodeFailure, formatEther, labelCall } from '../../../src/node/labels.ts'
import { hexToBytes, parseAddress } from '../../../src/primitives/hex.ts'
import { checkout } from '../../support/checkout.ts'
import { buildContracts, loadContract } from '../../support/contracts.ts'

const none = new Artefacts([], checkout)
let ours: Artefacts
beforeAll(async () => {
  buildContracts()
  ours = new Artefacts(['out'], checkout)
  await ours.load()
  return () => ours[Symbol.dispose]()
})

const TO = parseAddress('0x5fbdb2315678afecb367f032d93f642f64180aa3')
const bytes = hexToBytes
const nothing = bytes('0x')
const transferData = bytes(`0xa9059cbb${'00'.repeat(64)}`)

function label(call: Partial<Parameters<typeof labelCall>[0]>, artefacts = ours): string {
  return labelCall({ to: TO, code: nothing, data: nothing, valueWei: 0n, ...call }, artefacts)
}

describe('labelCall', () => {
  it('names contract and function', () => {
    const { abi, bytecode, deployedBytecode } = loadContract('WETH')
    const code = bytes(deployedBytecode)
    const data = bytes(encodeFunctionData({ abi, functionName: 'transfer', args: [TO, 1n] }))
    expect(label({ code, data })).toBe('WETH.transfer')
    expect(label({ code })).toBe('WETH.receive')
    expect(label({ code, data: bytes('0x01') })).toBe('WETH.fallback')
    expect(label({ code, data: bytes('0xdeadbeef') })).toBe('WETH.0xdeadbeef')
    expect(label({ to: null, data: bytes(bytecode) })).toBe('WETH (new)')
    expect(label({ to: null, data: bytes('0x00') })).toBe('contract (new)')
  })

  it('names a function behind a proxy', () => {
    const { deployedBytecode } = loadContract('ERC1967Proxy')
    expect(label({ code: bytes(deployedBytecode), data: transferData })).toBe(
      'ERC1967Proxy.transfer',
    )
  })

  it('names standard functions of contracts without an artefact', () => {
    const code = bytes('0x6001')
    expect(label({ code, data: transferData }, none)).toBe('0x5FbD…0aa3.transfer')
    expect(label({ code, data: bytes('0xdeadbeef') }, none)).toBe('0xdeadbeef')
    expect(label({ code }, none)).toBe('0x5FbD…0aa3.receive')
  })

  it('names transfers, precompiles and calls into the void', () => {
    expect(label({ valueWei: 15n * 10n ** 17n })).toBe('transfer 1.5 ETH')
    expect(label({ data: transferData })).toBe('0x5FbD…0aa3.transfer (no code there)')
    expect(label({ to: parseAddress(`0x${'0'.repeat(39)}2`) })).toBe('sha256')
  })
})

describe('decodeFailure', () => {
  const { abi, deployedBytecode } = loadContract('Diagnostics')
  const code = bytes(deployedBytecode)
  const error = (errorName: string, args: readonly unknown[] = []): Uint8Array =>
    bytes(encodeErrorResult({ abi: abi as Abi, errorName, args }))

  it('names custom errors with their arguments', () => {
    const fail = (output: Uint8Array): string => decodeFailure(output, ours, code)
    expect(fail(error('Plain'))).toBe('execution reverted: Plain()')
    expect(fail(error('WithNumber', [7n]))).toBe('execution reverted: WithNumber(7)')
    expect(fail(error('WithArguments', [TO, 10n, 20n]))).toBe(
      'execution reverted: WithArguments(0x5FbDB2315678afecb367f032d93F642f64180aa3, 10, 20)',
    )
    expect(fail(error('WithText', ['it"s', '0xc0ffee']))).toBe(
      'execution reverted: WithText("it\\"s", 0xc0ffee)',
    )
    expect(decodeFailure(error('WithNumber', [7n]), ours)).toBe('execution reverted: WithNumber(7)')
    expect(decodeFailure(error('WithNumber', [7n]), none)).toMatch(
      /^execution reverted: custom error 0x[0-9a-f]{8}: 0{63}7$/,
    )
  })

  it('knows errors of standards', () => {
    const standard = [
      {
        type: 'error',
        name: 'ERC20InsufficientBalance',
        inputs: ['address', 'uint256', 'uint256'].map((type) => ({ type })),
      },
    ]
    const output = encodeErrorResult({ abi: standard as unknown as Abi, args: [TO, 1n, 2n] })
    expect(decodeFailure(bytes(output), none)).toBe(
      'execution reverted: ERC20InsufficientBalance(0x5FbDB2315678afecb367f032d93F642f64180aa3, 1, 2)',
    )
  })

  it('reads reasons and panics, and shows what it cannot read', () => {
    const word = (hex: string): string => hex.padStart(64, '0')
    const text = (value: string): Uint8Array =>
      bytes(
        encodeErrorResult({
          abi: [{ type: 'error', name: 'Error', inputs: [{ type: 'string', name: 'reason' }] }],
          args: [value],
        }),
      )
    expect(decodeFailure(text('boom'), none)).toBe('execution reverted: boom')
    expect(decodeFailure(text('\u001b[2J'), none)).toBe('execution reverted: \\x1b[2J')
    expect(decodeFailure(text('x'.repeat(5000)), none)).toHaveLength(1021)
    expect(decodeFailure(bytes(`0x4e487b71${word('11')}`), none)).toBe(
      'execution reverted: panic 0x11 (arithmetic underflow or overflow)',
    )
    expect(decodeFailure(bytes(`0x4e487b71${word('99')}`), none)).toBe(
      'execution reverted: panic 0x99 (unknown panic code: 0x99)',
    )
    expect(decodeFailure(nothing, none)).toBe('execution reverted')
    expect(decodeFailure(bytes('0x0102'), none)).toBe('execution reverted: 0x0102')
    expect(decodeFailure(bytes('0x08c379a0ff'), none)).toBe(
      'execution reverted: custom error 0x08c379a0: ff',
    )
  })
})

describe('formatEther', () => {
  it('shows no digits that say nothing', () => {
    expect(formatEther(0n)).toBe('0')
    expect(formatEther(1n)).toBe('0.000000000000000001')
    expect(formatEther(10n ** 19n)).toBe('10')
    expect(formatEther(1_050_000_000_000_000_000n)).toBe('1.05')
  })
})

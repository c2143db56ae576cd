import { type Abi, encodeFunctionData } from 'viem'
import { describe, expect, it } from 'vitest'

import { createAddress } from '../../../src/model/create-address.ts'
import { type Hex, hexToBytes, slotOf, toQuantity } from '../../../src/primitives/hex.ts'
import { loadContract } from '../../support/contracts.ts'
import { GAS_LIMIT, SENDER, addressOf, createRig } from './rig.ts'

interface Frame {
  readonly gasUsed: string
  readonly calls?: readonly Frame[]
  readonly [field: string]: unknown
}

const A = addressOf('aa')
const B = addressOf('bb')
const C = addressOf('cc')
const tracer = 'callTracer'
const withLog = { tracer, tracerConfig: { withLog: true } }
const target = (address: string): string => address.slice(2)

describe('callTracer', () => {
  it('shows a transfer', async () => {
    const rig = createRig()
    expect(await rig.trace({ to: A, valueWei: 5n }, { tracer })).toEqual({
      from: SENDER,
      gas: toQuantity(GAS_LIMIT),
      gasUsed: '0x5208',
      to: A,
      input: '0x',
      value: '0x5',
      type: 'CALL',
    })
  })

  it('shows calls of all kinds with from, to and value as Geth has them', async () => {
    // A: delegatecall B; callcode B with 1 wei; staticcall C. B: call C with 2 wei of A's.
    const rig = createRig({
      [A]: {
        balanceWei: 10n,
        code: `0x5f5f5f5f73${target(B)}5af45f5f5f5f600173${target(B)}5af25f5f5f5f73${target(C)}5afa00`,
      },
      [B]: { code: `0x5f5f5f5f600273${target(C)}5af100` },
      [C]: { code: '0x00' },
    })
    const trace = await rig.trace<Frame>({ to: A, valueWei: 3n }, { tracer })
    const inner = { from: A, to: C, value: '0x2', type: 'CALL' }
    expect(trace.calls).toMatchObject([
      { type: 'DELEGATECALL', from: A, to: B, value: '0x3', calls: [inner] },
      { type: 'CALLCODE', from: A, to: B, value: '0x1', calls: [inner] },
      { type: 'STATICCALL', from: A, to: C },
    ])
    expect(trace.calls?.[2]).not.toHaveProperty('value')
    expect(trace.calls?.[2]).not.toHaveProperty('output')
    const top = await rig.trace({ to: A }, { tracer, tracerConfig: { onlyTopCall: true } })
    expect(top).not.toHaveProperty('calls')
  })

  it('shows creations, and no address of one that failed', async () => {
    const rig = createRig()
    const created = createAddress(SENDER, 0n)
    // init code: returns one zero byte
    const made = await rig.trace({ data: hexToBytes('0x60015ff3') }, { tracer })
    expect(made).toMatchObject({ type: 'CREATE', to: created, input: '0x60015ff3', output: '0x00' })
    const failed = await rig.trace({ data: hexToBytes('0x5f5ffd') }, { tracer })
    expect(failed).toMatchObject({ type: 'CREATE', error: 'execution reverted' })
    expect(failed).not.toHaveProperty('to')
    expect(failed).not.toHaveProperty('output')
  })

  it('shows a selfdestruct as a call to the heir', async () => {
    const rig = createRig({ [A]: { balanceWei: 9n, code: `0x73${target(B)}ff` } })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    const fields = { from: A, gas: '0x0', gasUsed: '0x0', input: '0x', to: B }
    expect(trace.calls).toEqual([{ ...fields, type: 'SELFDESTRUCT', value: '0x9' }])
  })

  it('shows calls that never began', async () => {
    const rig = createRig({ [A]: { code: `0x5f5f5f5f600173${target(B)}5af100` } })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    expect(trace.calls).toMatchObject([
      { from: A, to: B, value: '0x1', error: 'insufficient balance for transfer' },
    ])
  })

  it('follows an EIP-7702 delegation at the account that was called', async () => {
    const rig = createRig({ [A]: { code: `0xef0100${target(B)}` }, [B]: { code: '0x00' } })
    const trace = await rig.trace({ to: A }, { tracer })
    expect(trace).toMatchObject({ from: SENDER, to: A, type: 'CALL' })
  })
})

describe('callTracer on a Solidity contract', () => {
  const { abi, bytecode } = loadContract('Diagnostics')
  const call = (functionName: string, args: readonly unknown[] = []): Uint8Array =>
    hexToBytes(encodeFunctionData({ abi: abi as Abi, functionName, args }))

  it('decodes Error and Panic, and leaves custom errors to readers with the ABI', async () => {
    const rig = createRig()
    const to = await rig.deploy(bytecode)
    const run = (data: Uint8Array): Promise<Frame> => rig.trace<Frame>({ to, data }, { tracer })
    expect(await run(call('requireText', [false]))).toMatchObject({
      error: 'execution reverted',
      revertReason: 'the condition does not hold',
    })
    expect(await run(call('panicDivisionByZero'))).toMatchObject({
      revertReason: 'division or modulo by zero',
    })
    const custom = await run(call('revertWithNumber', [1n]))
    expect(custom).toMatchObject({ error: 'execution reverted', output: expect.any(String) })
    expect(custom).not.toHaveProperty('revertReason')
    const halt = await run(call('invalidOpcode'))
    expect(halt).toMatchObject({ error: 'invalid opcode: INVALID', gasUsed: toQuantity(GAS_LIMIT) })
    expect(halt).not.toHaveProperty('output')
  })

  it('numbers the logs that stay and drops those of failed frames', async () => {
    const rig = createRig()
    const to = await rig.deploy(bytecode)
    const data = call('catchBelow', [7n])
    const trace = await rig.trace<Frame>({ to, data }, withLog)
    expect(trace['logs']).toMatchObject([{ address: to, position: '0x1', index: '0x0' }])
    expect(trace.calls).toHaveLength(1)
    expect(trace.calls?.[0]).not.toHaveProperty('logs')
    const top = await rig.trace<Frame>(
      { to, data },
      { tracer, tracerConfig: { withLog: true, onlyTopCall: true } },
    )
    expect(top['logs']).toMatchObject([{ position: '0x0', index: '0x0' }])
    expect(await rig.trace({ to, data }, { tracer })).not.toHaveProperty('logs')
  })

  it('numbers logs in the order of emission over all frames', async () => {
    // A: log0; call B (which logs); log0
    const log: Hex = '0x5f5fa0'
    const rig = createRig({
      [A]: { code: `${log}5f5f5f5f5f73${target(B)}5af15f5fa000` },
      [B]: { code: `${log}00` },
    })
    const trace = await rig.trace<Frame>({ to: A }, withLog)
    expect(trace['logs']).toEqual([
      { address: A, topics: [], data: '0x', position: '0x0', index: '0x0' },
      { address: A, topics: [], data: '0x', position: '0x1', index: '0x2' },
    ])
    expect(trace.calls?.[0]?.['logs']).toMatchObject([{ address: B, index: '0x1' }])
  })

  it('keeps topics and data', async () => {
    // LOG2 with the word 5 in memory
    const rig = createRig({ [A]: { code: '0x60055f526001600260205fa200' } })
    const trace = await rig.trace<Frame>({ to: A }, withLog)
    expect(trace['logs']).toMatchObject([{ topics: [slotOf(2n), slotOf(1n)], data: slotOf(5n) }])
  })
})

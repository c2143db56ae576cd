import { describe, expect, it } from 'vitest'

import { opcodeName } from '../../../src/evm/tracer/opcode-names.ts'
import { createStructLogger } from '../../../src/evm/tracer/struct-logger.ts'
import { type Hex, hexToBytes, slotOf } from '../../../src/primitives/hex.ts'
import { addressOf, createRig } from './rig.ts'

interface StructTrace {
  readonly gas: number
  readonly failed: boolean
  readonly returnValue: string
  readonly structLogs: readonly Record<string, unknown>[]
}

const A = addressOf('aa')
const B = addressOf('bb')
const word = (value: bigint): string => slotOf(value)

describe('the struct logger', () => {
  it('gives each instruction with the state before it', async () => {
    // PUSH1 2a PUSH0 MSTORE PUSH1 20 PUSH0 RETURN
    const rig = createRig({ [A]: { code: '0x602a5f5260205ff3' } })
    const trace = await rig.trace<StructTrace>({ to: A, gasLimit: 100_000n })
    expect(trace).toEqual({
      gas: 21_016,
      failed: false,
      returnValue: word(0x2an),
      structLogs: [
        { pc: 0, op: 'PUSH1', gas: 79_000, gasCost: 3, depth: 1, stack: [] },
        { pc: 2, op: 'PUSH0', gas: 78_997, gasCost: 2, depth: 1, stack: ['0x2a'] },
        { pc: 3, op: 'MSTORE', gas: 78_995, gasCost: 6, depth: 1, stack: ['0x2a', '0x0'] },
        { pc: 4, op: 'PUSH1', gas: 78_989, gasCost: 3, depth: 1, stack: [] },
        { pc: 6, op: 'PUSH0', gas: 78_986, gasCost: 2, depth: 1, stack: ['0x20'] },
        { pc: 7, op: 'RETURN', gas: 78_984, gasCost: 0, depth: 1, stack: ['0x20', '0x0'] },
      ],
    })
  })

  it('shows memory in padded words and return data when asked', async () => {
    // B returns the byte 0x2a at the end of a word; A calls it and stops.
    const rig = createRig({
      [A]: { code: `0x5f5f5f5f5f73${B.slice(2)}5af15000` },
      [B]: { code: '0x602a5f5260205ff3' },
    })
    const options = { enableMemory: true, enableReturnData: true, disableStack: true }
    const { structLogs } = await rig.trace<StructTrace>({ to: A }, options)
    expect(structLogs.every((log) => log['stack'] === undefined)).toBe(true)
    expect(structLogs.find((log) => log['op'] === 'RETURN')).toMatchObject({
      depth: 2,
      memory: [word(0x2an)],
    })
    expect(structLogs.find((log) => log['op'] === 'POP')).toMatchObject({
      depth: 1,
      returnData: word(0x2an),
    })
    expect(structLogs[0]).toEqual({
      pc: 0,
      op: 'PUSH0',
      gas: expect.any(Number),
      gasCost: 2,
      depth: 1,
    })
  })

  it('collects storage per contract at SLOAD and SSTORE', async () => {
    // slot 1 := 7; load slot 2; call B, which loads its slot 1 and reverts; load slot 1
    const rig = createRig({
      [A]: {
        code: `0x60076001556002545f5f5f5f5f73${B.slice(2)}5af160015400`,
        slots: { [slotOf(2n)]: 9n },
      },
      [B]: { code: '0x6001545f5ffd', slots: { [slotOf(1n)]: 5n } },
    })
    const { structLogs } = await rig.trace<StructTrace>({ to: A })
    const storages = structLogs.filter((log) => log['storage'] !== undefined)
    expect(storages.map(({ op, depth, storage }) => ({ op, depth, storage }))).toEqual([
      { op: 'SSTORE', depth: 1, storage: { [word(1n)]: word(7n) } },
      { op: 'SLOAD', depth: 1, storage: { [word(1n)]: word(7n), [word(2n)]: word(9n) } },
      { op: 'SLOAD', depth: 2, storage: { [word(1n)]: word(5n) } },
      { op: 'SLOAD', depth: 1, storage: { [word(1n)]: word(7n), [word(2n)]: word(9n) } },
    ])
    const without = await rig.trace<StructTrace>({ to: A }, { disableStorage: true })
    expect(without.structLogs.some((log) => log['storage'] !== undefined)).toBe(false)
  })

  it('shows the refund counter, which pricing an SSTORE already raises', async () => {
    // clears slot 0
    const rig = createRig({ [A]: { code: '0x5f5f5500', slots: { [slotOf(0n)]: 1n } } })
    const { structLogs } = await rig.trace<StructTrace>({ to: A })
    expect(structLogs.map((log) => log['refund'])).toEqual([undefined, undefined, 4800, 4800])
  })

  it('names the error at the instruction that could not begin', async () => {
    const rig = createRig({ [A]: { code: '0x60016000556000' }, [B]: { code: '0x01' } })
    const trace = await rig.trace<StructTrace>({ to: A, gasLimit: 21_010n })
    expect(trace).toMatchObject({ gas: 21_010, failed: true, returnValue: '0x' })
    expect(trace.structLogs.map((log) => log['error'])).toEqual([
      undefined,
      undefined,
      'out of gas',
    ])
    const short = await rig.trace<StructTrace>({ to: B, gasLimit: 30_000n })
    expect(short.failed).toBe(true)
  })

  it('gives revert data as the return value, and no data of a halt', async () => {
    const rig = createRig({ [A]: { code: '0x602a5f5260205ffd' }, [B]: { code: '0xfe' } })
    expect(await rig.trace({ to: A })).toMatchObject({ failed: true, returnValue: word(0x2an) })
    const halt = await rig.trace<StructTrace>({ to: B })
    expect(halt).toMatchObject({ failed: true, returnValue: '0x' })
    expect(halt.structLogs.map((log) => log['op'])).toEqual(['INVALID'])
  })

  it('lists no steps for a plain transfer', async () => {
    const rig = createRig()
    const trace = await rig.trace({ to: A, valueWei: 1n })
    expect(trace).toEqual({ gas: 21_000, failed: false, returnValue: '0x', structLogs: [] })
  })

  it('stops adding steps when their JSON is longer than the limit', async () => {
    const rig = createRig({ [A]: { code: `0x${'5f50'.repeat(500)}00` } })
    const all = await rig.trace<StructTrace>({ to: A })
    expect(all.structLogs).toHaveLength(1001)
    const cut = await rig.trace<StructTrace>({ to: A }, { limit: 1000 })
    const sizes = cut.structLogs.map((log) => JSON.stringify(log).length)
    expect(sizes.reduce((a, b) => a + b)).toBeGreaterThan(1000)
    expect(sizes.slice(0, -1).reduce((a, b) => a + b)).toBeLessThanOrEqual(1000)
    expect(cut.gas).toBe(all.gas)
  })

  it('refuses a trace that no answer could carry', async () => {
    const rig = createRig({ [A]: { code: `0x${'5f50'.repeat(500)}00` } })
    const config = {
      disableStack: false,
      disableStorage: false,
      enableMemory: false,
      enableReturnData: false,
      limit: 0,
    }
    const context = { ...rig, transaction: rig.complete({ to: A }) }
    const tracer = createStructLogger(config, context, 50_000)
    const outcome = await rig.transact({ to: A }, tracer.observer)
    expect(() => tracer.result(outcome)).toThrow(/the trace is larger than .*pass `limit`/)
  })
})

describe('opcodeName', () => {
  it('names as Geth does', () => {
    const names = (codes: Hex): string[] => [...hexToBytes(codes)].map(opcodeName)
    expect(names('0x000a0b101e20303f40444a5052535f607f808f909fa0a4f0f5fafdfeff')).toEqual(
      (
        'STOP EXP SIGNEXTEND LT CLZ KECCAK256 ADDRESS EXTCODEHASH BLOCKHASH DIFFICULTY BLOBBASEFEE ' +
        'POP MSTORE MSTORE8 PUSH0 PUSH1 PUSH32 DUP1 DUP16 SWAP1 SWAP16 LOG0 LOG4 CREATE CREATE2 ' +
        'STATICCALL REVERT INVALID SELFDESTRUCT'
      ).split(' '),
    )
    expect(opcodeName(0x0c)).toBe('opcode 0xc not defined')
  })
})

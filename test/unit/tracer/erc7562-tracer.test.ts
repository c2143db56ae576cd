import { describe, expect, it } from 'vitest'

import { createAddress } from '../../../src/model/create-address.ts'
import { hexToBytes, slotOf, toQuantity } from '../../../src/primitives/hex.ts'
import { asm } from '../../contract/engine-world.ts'
import { bytesToHex } from '../../../src/primitives/hex.ts'
import { GAS_LIMIT, SENDER, addressOf, createRig } from './rig.ts'

const A = addressOf('aa')
const B = addressOf('bb')
const tracer = 'erc7562Tracer'
const code = (source: string) => bytesToHex(asm(source))

interface Frame {
  readonly accessedSlots: object
  readonly usedOpcodes: Readonly<Record<string, number>>
  readonly contractSize: object
  readonly extCodeAccessInfo: readonly string[]
  readonly calls?: readonly Frame[]
  readonly [field: string]: unknown
}

describe('erc7562Tracer', () => {
  it('shows a transfer as callTracer does, with nothing used', async () => {
    const rig = createRig()
    expect(await rig.trace({ to: A, valueWei: 5n }, { tracer })).toEqual({
      from: SENDER,
      gas: toQuantity(GAS_LIMIT),
      gasUsed: '0x5208',
      to: A,
      input: '0x',
      value: '0x5',
      type: 'CALL',
      accessedSlots: { reads: {}, writes: {}, transientReads: {}, transientWrites: {} },
      extCodeAccessInfo: [],
      usedOpcodes: {},
      contractSize: {},
      outOfGas: false,
    })
  })

  it('has the value that a slot had when a frame first read it, and counts what was written', async () => {
    const rig = createRig({
      [A]: {
        code: code(
          '0x01 SLOAD 0x01 SLOAD 0x07 0x01 SSTORE 0x02 0x02 SSTORE 0x02 SLOAD 0x03 TLOAD 0x01 0x03 TSTORE',
        ),
        slots: { [slotOf(1n)]: 9n },
      },
    })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    expect(trace.accessedSlots).toEqual({
      reads: { [slotOf(1n)]: [slotOf(9n)] },
      writes: { [slotOf(1n)]: 1, [slotOf(2n)]: 1 },
      transientReads: { [slotOf(3n)]: 1 },
      transientWrites: { [slotOf(3n)]: 1 },
    })
  })

  it('reads what another frame wrote, under the account whose storage it is', async () => {
    const rig = createRig({
      [A]: { code: code(`0x05 0x01 SSTORE 0x00 0x00 0x00 0x00 ${B} GAS DELEGATECALL`) },
      [B]: { code: code('0x01 SLOAD') },
    })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    expect(trace.calls).toMatchObject([
      {
        type: 'DELEGATECALL',
        accessedSlots: { reads: { [slotOf(1n)]: [slotOf(5n)] }, writes: {} },
      },
    ])
  })

  it('counts opcodes but for the common ones, and GAS where no call takes it', async () => {
    const rig = createRig({
      [A]: {
        code: code(`0x01 0x02 ADD POP GAS POP NUMBER POP 0x00 0x00 0x00 0x00 ${B} GAS STATICCALL`),
      },
    })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    expect(trace.usedOpcodes).toEqual({ '0x5a': 1, '0x43': 1, '0xfa': 1, '0x0': 1 })
    const all = { tracer, tracerConfig: { ignoredOpcodes: ['0x43', 0x00] } }
    const { usedOpcodes } = await rig.trace<Frame>({ to: A }, all)
    expect(usedOpcodes).toMatchObject({ '0x1': 1, '0x50': 3 })
    expect(usedOpcodes).not.toHaveProperty('0x43')
  })

  it('names accounts whose code was looked at, but for the question whether there is any', async () => {
    const rig = createRig({
      [A]: { code: code(`${B} EXTCODESIZE ISZERO POP ${B} EXTCODEHASH POP ${A} EXTCODESIZE POP`) },
      [B]: { code: '0x6001' },
    })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    expect(trace.extCodeAccessInfo).toEqual([B, A])
    expect(trace.contractSize).toMatchObject({ [B]: { contractSize: 2, opcode: 0x3b } })
  })

  it('knows the size of what the transaction itself made', async () => {
    const rig = createRig({
      // Creates a contract of one byte, then calls it.
      [A]: {
        code: code(
          `0x60015ff3 0x00 MSTORE 0x04 0x1c 0x00 CREATE 0x00 0x00 0x00 0x00 0x00 ${createAddress(A, 0n)} GAS CALL`,
        ),
      },
    })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    expect(trace.calls?.map(({ type }) => type)).toEqual(['CREATE', 'CALL'])
    expect(trace.contractSize).toEqual({
      [createAddress(A, 0n)]: { contractSize: 1, opcode: 0xf1 },
    })
  })

  it('keeps what was hashed with the transaction, and marks calls that ran out of gas', async () => {
    const rig = createRig({
      [A]: {
        code: code(
          `0x07 0x00 MSTORE 0x20 0x00 KECCAK256 POP 0x00 0x00 0x00 0x00 0x00 ${B} 0x05 CALL`,
        ),
      },
      [B]: { code: code('0x01 SLOAD') },
    })
    const trace = await rig.trace<Frame>({ to: A }, { tracer })
    expect(trace).toMatchObject({ outOfGas: false, keccak: [slotOf(7n)] })
    expect(trace.calls).toMatchObject([{ outOfGas: true, error: 'out of gas' }])
    expect(trace.calls?.[0]).not.toHaveProperty('keccak')
  })

  it('has logs when asked for, and says what is wrong with its configuration', async () => {
    const rig = createRig({ [A]: { code: code('0x00 0x00 LOG0') } })
    expect(await rig.trace({ to: A }, { tracer })).not.toHaveProperty('logs')
    const withLog = { tracer, tracerConfig: { withLog: true } }
    expect(await rig.trace({ to: A }, withLog)).toMatchObject({
      logs: [{ address: A, index: '0x0' }],
    })
    for (const tracerConfig of [
      { withLog: 1 },
      { ignoredOpcodes: ['ADD'] },
      { stackTopItemsSize: '3' },
    ]) {
      await expect(
        rig.trace({ to: A, data: hexToBytes('0x') }, { tracer, tracerConfig }),
      ).rejects.toThrow(Object.keys(tracerConfig)[0])
    }
  })
})

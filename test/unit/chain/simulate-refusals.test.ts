import { describe, expect, it } from 'vitest'

import { loadEthereumjsEngine, loadWasmEngine } from '../../../src/evm/load.ts'
import type { AccountOverride, CallFields } from '../../../src/model/call.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { asm } from '../../contract/engine-world.ts'
import { CHAIN_ID, GWEI, devChain } from '../../support/dev-chain.ts'
import { A, ALICE, B, BOB, POOR, simulationOn } from '../../support/simulation.ts'

const SHA256 = '0x0000000000000000000000000000000000000002' as Address

const engines = [await loadEthereumjsEngine(), await loadWasmEngine()]

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  'simulations on %s',
  (_name, engine) => {
    const { simulate, faultOf } = simulationOn(engine)

    describe('are refused', () => {
      const free = { maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n }
      const priced = { maxFeePerGasWei: 10n * GWEI, maxPriorityFeePerGasWei: GWEI }
      const rejection = async (call: CallFields, validation: boolean) => {
        const fault = await faultOf([{ calls: [{ from: ALICE, to: BOB, ...call }] }], {
          validation,
        })
        return fault.kind === 'rejected' ? fault.rejection.kind : fault.kind
      }

      it.each<[string, CallFields]>([
        ['nonceTooHigh', { ...priced, nonce: 1n }],
        ['feeCapBelowBaseFee', free],
        ['feeCapBelowBaseFee', {}],
      ])('%s, with validation alone', async (kind, call) => {
        expect(await rejection(call, true)).toBe(kind)
        const [block] = await simulate([{ calls: [{ from: ALICE, to: BOB, ...call }] }])
        expect(block!.calls[0]!.outcome.kind).toBe('success')
      })

      it.each<[string, CallFields]>([
        ['intrinsicGasTooLow', { ...priced, gas: 20_999n }],
        ['insufficientFunds', { ...priced, from: POOR, valueWei: 1n }],
        ['gasLimitAboveBlock', { ...priced, gas: 30_000_001n }],
        ['initCodeTooLarge', { ...priced, to: null, data: new Uint8Array(49_153) }],
        ['tipAboveFeeCap', { maxFeePerGasWei: GWEI, maxPriorityFeePerGasWei: 2n * GWEI }],
        ['wrongChainId', { ...priced, chainId: CHAIN_ID + 1n }],
        ['blobCount', { ...priced, blobVersionedHashes: [], maxFeePerBlobGasWei: 1n }],
      ])('%s, with validation or without', async (kind, call) => {
        expect(await rejection(call, true)).toBe(kind)
        expect(await rejection(call, false)).toBe(kind)
      })

      it('out of order, or too many', async () => {
        const at = (number: bigint) => ({ blockOverrides: { number }, calls: [] })
        expect(await faultOf([at(3n), at(3n)])).toEqual({
          kind: 'numberOrder',
          number: 3n,
          previous: 3n,
        })
        const { timestamp } = devChain().chain.head.block.header
        expect(await faultOf([{ blockOverrides: { timestamp }, calls: [] }])).toEqual({
          kind: 'timestampOrder',
          timestamp,
          previous: timestamp,
        })
        expect(await simulate([at(256n)])).toHaveLength(256)
        expect(await faultOf([at(257n)])).toEqual({ kind: 'tooManyBlocks', limit: 256 })
        expect(await faultOf(Array(257).fill({ calls: [] }))).toMatchObject({ limit: 256 })
        expect(await faultOf([{ calls: Array(5_001).fill({}) }])).toMatchObject({ limit: 5_000 })
        expect(await faultOf(Array(3).fill({ calls: Array(4_000).fill({}) }))).toEqual({
          kind: 'tooManyCalls',
          count: 12_000,
          limit: 10_000,
        })
      })

      it('with more gas than all calls may use', async () => {
        const stateOverrides = new Map([[A, { code: asm('INVALID') }]])
        const block = { stateOverrides, calls: [{ to: A }] }
        const [first, second] = await simulate([block, block])
        expect(first!.calls[0]!.gasUsed).toBe(30_000_000n)
        expect(second!.calls[0]!.gasUsed).toBe(20_000_000n)
        expect(await faultOf([block, block, block])).toEqual({
          kind: 'gasSpent',
          limit: 50_000_000n,
        })
      })

      it('with moves of precompiles that cannot be', async () => {
        const fault = (address: Address, movePrecompileTo: Address, ...more: Address[]) =>
          faultOf([
            {
              stateOverrides: new Map<Address, AccountOverride>([
                ...more.map((one) => [one, { nonce: 1n }] as const),
                [address, { movePrecompileTo }],
              ]),
              calls: [],
            },
          ])
        expect(await fault(A, B)).toEqual({ kind: 'notPrecompile', address: A })
        expect(await fault(SHA256, SHA256)).toEqual({ kind: 'movedOntoItself', address: SHA256 })
        expect(await fault(SHA256, A, A)).toEqual({ kind: 'movedOntoOverride', address: A })
      })
    })
  },
)

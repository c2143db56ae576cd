import { describe, expect, it } from 'vitest'

import { simulateBlocks } from '../../../src/chain/simulate-blocks.ts'
import { loadEthereumjsEngine, loadWasmEngine } from '../../../src/evm/load.ts'
import type { Block } from '../../../src/model/block.ts'
import type { AccountOverride, CallFields } from '../../../src/model/call.ts'
import { FORKS, isActive } from '../../../src/model/fork.ts'
import { EMPTY_BYTES } from '../../../src/primitives/bytes.ts'
import { type Address, type Hash, hexToBytes, slotOf } from '../../../src/primitives/hex.ts'
import { RETURN_TOP, asm, callOf, deploying, word } from '../../contract/engine-world.ts'
import { ETHER, GWEI, devChain, send, signed } from '../../support/dev-chain.ts'
import {
  A,
  ALICE,
  B,
  BOB,
  CAROL,
  POOR,
  baseOf,
  simulationOn,
  slots,
} from '../../support/simulation.ts'

const SHA256 = '0x0000000000000000000000000000000000000002' as Address
const IDENTITY = '0x0000000000000000000000000000000000000004' as Address

const engines = [await loadEthereumjsEngine(), await loadWasmEngine()]

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  'simulated blocks on %s',
  (_name, engine) => {
    const { simulate, faultOf } = simulationOn(engine)

    /** What the code at `A` returns as each call of one block, given the overrides. */
    async function outputs(
      stateOverrides: Readonly<Record<Address, AccountOverride>>,
      ...calls: readonly CallFields[]
    ): Promise<readonly (Uint8Array | string)[]> {
      const overrides = new Map(Object.entries(stateOverrides)) as Map<Address, AccountOverride>
      const [block] = await simulate([{ stateOverrides: overrides, calls }])
      return block!.calls.map(({ outcome }) =>
        outcome.kind === 'success' ? outcome.output : outcome.kind,
      )
    }

    describe.each(FORKS)('under the rules of %s', (fork) => {
      it('come to the roots of a mined block with the same transactions', async () => {
        const dev = devChain({ fork })
        const rules = { fork, blob: undefined }
        const price = { gasPriceWei: 9n * GWEI, chainId: undefined, type: 0 } as const
        const data = deploying(asm(`0x01 0x00 SSTORE`))
        const calls = [
          { ...price, nonce: 0n, gasLimit: 21_000n, to: BOB, valueWei: 7n, data: EMPTY_BYTES },
          { ...price, nonce: 1n, gasLimit: 1_000_000n, to: null, valueWei: 3n, data },
          { ...price, nonce: 2n, gasLimit: 100_000n, to: IDENTITY, valueWei: 0n, data },
        ]
        send(dev, ...calls.map((fields) => signed(0, fields)))
        const base = baseOf(engine, dev)
        const mined = await dev.mine()
        const { header } = mined
        const result = await simulateBlocks(base, {
          blocks: [
            {
              blockOverrides: {
                timestamp: header.timestamp,
                prevRandao: header.mixHash,
                beneficiary: header.beneficiary,
                parentBeaconBlockRoot: header.parentBeaconBlockRoot,
              },
              calls: calls.map(({ gasLimit, ...fields }) => ({
                ...fields,
                from: ALICE,
                gas: gasLimit,
              })),
            },
          ],
          traceTransfers: false,
          validation: true,
        })
        if (result.kind === 'refused') throw new Error(result.fault.kind)
        const [simulated] = result.blocks
        expect(simulated!.calls.map((call) => call.outcome.kind)).toEqual(Array(3).fill('success'))
        expect(rootsOf(simulated!.block)).toEqual(rootsOf(mined))
        expect(simulated!.block.hash).not.toBe(mined.hash)
        expect(simulated!.block.header.requestsHash === undefined).toBe(!isActive(rules, 'prague'))
      })
    })

    it('follow one another: numbers, times, hashes, and the state', async () => {
      const dev = devChain()
      const head = dev.chain.head.block
      const blocks = await simulate(
        [
          { calls: [{ from: ALICE, to: BOB, valueWei: 1n }] },
          {
            blockOverrides: { number: head.header.number + 4n },
            calls: [{ from: ALICE, to: BOB }],
          },
        ],
        {},
        dev,
      )
      const steps = blocks.map(({ block: { header } }) => [
        header.number - head.header.number,
        header.timestamp - head.header.timestamp,
      ])
      expect(steps).toEqual([1n, 2n, 3n, 4n].map((n) => [n, 12n * n]))
      const hashes = [head, ...blocks.map(({ block }) => block)].map((block) => block.hash)
      expect(blocks.map(({ block }) => block.header.parentHash)).toEqual(hashes.slice(0, -1))
      expect(blocks.map(({ block }) => block.transactions.map((tx) => tx.nonce))).toEqual([
        [0n],
        [],
        [],
        [1n],
      ])
      expect(blocks[1]!.block.header.stateRoot).not.toBe(blocks[0]!.block.header.stateRoot)
      expect(dev.chain.head.block).toBe(head)
    })

    it('see the hashes of simulated and of real blocks, and no others', async () => {
      const dev = devChain()
      const real = [dev.chain.head.block, await dev.mine()]
      const stateOverrides = new Map([
        [A, { code: asm(`0x00 CALLDATALOAD BLOCKHASH ${RETURN_TOP}`) }],
      ])
      const ask = (number: number): CallFields => ({ to: A, data: word(number) })
      const blocks = await simulate(
        [{ stateOverrides, calls: [] }, { calls: [0, 1, 2, 3, 4].map(ask) }],
        {},
        dev,
      )
      const known = [...real.map((block) => block.hash), blocks[0]!.block.hash]
      const answers = [...known.map((hash: Hash) => hexToBytes(hash)), word(0), word(0)]
      expect(blocks[1]!.calls.map((call) => call.outcome)).toEqual(
        answers.map((output) => ({ kind: 'success', output })),
      )
    })

    it('have the header that is asked for, and show it to their calls', async () => {
      const code = asm(
        `NUMBER 0x00 MSTORE TIMESTAMP 0x20 MSTORE GASLIMIT 0x40 MSTORE COINBASE 0x60 MSTORE
        BASEFEE 0x80 MSTORE PREVRANDAO 0xa0 MSTORE BLOBBASEFEE 0xc0 MSTORE 0xe0 0x00 RETURN`,
      )
      const randao = slotOf(18n) as string as Hash
      const blockOverrides = {
        timestamp: 1_800_000_000n,
        gasLimit: 190_000n,
        beneficiary: CAROL,
        baseFeePerGasWei: 10n,
        prevRandao: randao,
        blobBaseFeeWei: 77n,
        parentBeaconBlockRoot: randao,
      }
      const stateOverrides = new Map([[A, { code }]])
      const [first, second] = await simulate([
        { blockOverrides, stateOverrides, calls: [{ to: A }] },
        { calls: [] },
      ])
      const values = [1n, 1_800_000_000n, 190_000n, CAROL, 10n, 18n, 77n].map((value) =>
        word(value),
      )
      expect(first!.calls[0]!.outcome).toEqual({
        kind: 'success',
        output: new Uint8Array(Buffer.concat(values)),
      })
      expect(first!.block.header).toMatchObject({
        gasLimit: 190_000n,
        beneficiary: CAROL,
        baseFeePerGasWei: 10n,
        mixHash: randao,
        parentBeaconBlockRoot: randao,
      })
      const { header } = second!.block
      expect(header).toMatchObject({ gasLimit: 190_000n, beneficiary: CAROL, baseFeePerGasWei: 0n })
      expect(BigInt(header.mixHash)).toBe(0n)
    })

    it('pay withdrawals', async () => {
      const withdrawals = [{ index: 0n, validatorIndex: 1n, address: POOR, amountGwei: 5n }]
      const [first, second] = await simulate([
        { blockOverrides: { withdrawals }, calls: [] },
        { calls: [{ from: POOR, to: BOB, valueWei: 5n * GWEI }] },
      ])
      expect(first!.block.withdrawals).toEqual(withdrawals)
      expect(second!.calls[0]!.outcome.kind).toBe('success')
    })

    it('say what came of each call', async () => {
      const stateOverrides = new Map([
        [A, { code: asm(`0x2a 0x00 MSTORE 0x20 0x00 REVERT`) }],
        [B, { code: asm(`INVALID`) }],
        // Clears a slot: some of its gas comes back.
        [POOR, { code: asm(`0x00 0x05 SSTORE`), storage: slots('diff', { 5: 1n }) }],
      ])
      const calls = [{ to: A }, { to: B, gas: 50_000n }, { to: POOR }]
      const [block] = await simulate([{ stateOverrides, calls }])
      const [revert, halt, refund] = block!.calls
      expect(revert!.outcome).toEqual({ kind: 'revert', output: word(0x2a) })
      expect(halt).toMatchObject({ outcome: { kind: 'halt' }, gasUsed: 50_000n, logs: [] })
      expect(refund!.maxUsedGas - refund!.gasUsed).toBe(4_800n)
      const used = block!.calls.reduce((sum, call) => sum + call.gasUsed, 0n)
      expect(block!.block.header.gasUsed).toBe(used)
    })

    describe('overrides of the state', () => {
      const read = asm(`0x00 CALLDATALOAD SLOAD ${RETURN_TOP}`)

      it('replace storage, or change it', async () => {
        const at = (key: number): CallFields => ({ to: A, data: word(key) })
        const blocks = await simulate([
          {
            stateOverrides: new Map([[A, { code: read, storage: slots('diff', { 1: 5n }) }]]),
            calls: [],
          },
          {
            stateOverrides: new Map([[A, { storage: slots('diff', { 2: 6n }) }]]),
            calls: [at(1), at(2)],
          },
          {
            stateOverrides: new Map([[A, { storage: slots('replace', { 2: 7n }) }]]),
            calls: [at(1), at(2)],
          },
        ])
        const seen = blocks.map(({ calls }) => calls.map(({ outcome }) => outcome))
        const success = (value: number) => ({ kind: 'success', output: word(value) })
        expect(seen).toEqual([[], [success(5), success(6)], [success(0), success(7)]])
      })

      it('bring to life whom they leave empty, until a block sweeps it away', async () => {
        const roots = async (override: AccountOverride, ...calls: readonly CallFields[]) => {
          const stateOverrides = new Map([[POOR, override]])
          // Later forks keep the hash of the parent in the state.
          const dev = devChain({ fork: 'cancun' })
          const blocks = await simulate([{ stateOverrides, calls: [] }, { calls }], {}, dev)
          return blocks.map(({ block }) => block.header.stateRoot)
        }
        const without = await roots({})
        const created = await roots({ code: EMPTY_BYTES })
        expect(created[0]).not.toBe(without[0])
        expect(created[1]).not.toBe(without[1])
        expect(await roots({ balanceWei: 0n })).toEqual(created)
        expect(await roots({ storage: slots('diff', { 1: 0n }) })).toEqual(created)
        expect(await roots({ storage: slots('diff', {}) })).toEqual(without)
        const touched = { from: CAROL, to: POOR }
        expect((await roots({ nonce: 0n }, touched))[1]).toBe((await roots({}, touched))[1])
      })

      it('leave whom they say nothing new of as it is', async () => {
        const before = await simulate([{ calls: [] }])
        const stateOverrides = new Map([[BOB, { code: EMPTY_BYTES, nonce: 0n }]])
        const after = await simulate([{ stateOverrides, calls: [] }])
        expect(after[0]!.block.hash).toBe(before[0]!.block.hash)
      })

      it('move a precompile, or put code in its place', async () => {
        const hash = hexToBytes(
          '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        )
        const both = [{ to: A }, { to: SHA256 }]
        expect(await outputs({ [SHA256]: { movePrecompileTo: A } }, ...both)).toEqual([
          hash,
          EMPTY_BYTES,
        ])
        const code = asm(`0x07 ${RETURN_TOP}`)
        expect(await outputs({ [SHA256]: { code } }, ...both)).toEqual([EMPTY_BYTES, word(7)])
        const [, later] = await simulate([
          { stateOverrides: new Map([[SHA256, { movePrecompileTo: A }]]), calls: [] },
          { calls: [{ to: SHA256 }] },
        ])
        expect(later!.calls[0]!.outcome).toEqual({ kind: 'success', output: hash })
      })
    })

    it('go on after the last nonce, which only a validated call may not have', async () => {
      const nonce = 2n ** 64n - 1n
      const stateOverrides = new Map([[POOR, { nonce }]])
      const call = { from: POOR, to: A }
      const [block] = await simulate([{ stateOverrides, calls: [call, call] }])
      expect(block!.block.transactions.map((tx) => tx.nonce)).toEqual([nonce, 0n])
      const blockOverrides = { baseFeePerGasWei: 0n }
      const validated = [{ stateOverrides, blockOverrides, calls: [call] }]
      expect(await faultOf(validated, { validation: true })).toEqual({
        kind: 'rejected',
        rejection: { kind: 'nonceMax', sender: POOR },
      })
    })

    describe('transfers of ether', () => {
      const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
      const ETHER_LOG = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
      const forward = asm(`0x00 0x00 LOG0 ${callOf(B, '0x02')} 0x00 0x00 LOG0`)
      const transfer = (from: Address, to: Address, wei: number) => ({
        address: ETHER_LOG,
        topics: [TRANSFER, topic(from), topic(to)],
        data: word(wei),
      })
      const log = { address: A, topics: [], data: EMPTY_BYTES }

      async function logsOf(code: Readonly<Record<Address, string>>, traceTransfers = true) {
        const stateOverrides = new Map([
          [A, { code: forward }],
          ...Object.entries(code).map(
            ([address, source]) => [address as Address, { code: asm(source) }] as const,
          ),
        ])
        const calls = [{ from: ALICE, to: A, valueWei: 3n }]
        const [block] = await simulate([{ stateOverrides, calls }], { traceTransfers })
        return { logs: block!.calls[0]!.logs, bloom: block!.block.header.logsBloom }
      }

      it('are logs in their place, and not in the bloom', async () => {
        const { logs, bloom } = await logsOf({})
        expect(logs).toEqual([transfer(ALICE, A, 3), log, transfer(A, B, 2), log])
        const plain = await logsOf({}, false)
        expect(plain.logs).toEqual([log, log])
        expect(bloom).toEqual(plain.bloom)
      })

      it('count when a contract ends itself, and not when a frame fails', async () => {
        const { logs } = await logsOf({ [B]: `${CAROL} SELFDESTRUCT` })
        expect(logs).toEqual([
          transfer(ALICE, A, 3),
          log,
          transfer(A, B, 2),
          transfer(B, CAROL, 2),
          log,
        ])
        expect((await logsOf({ [B]: 'INVALID' })).logs).toEqual([transfer(ALICE, A, 3), log, log])
        const failed = await logsOf({ [A]: 'INVALID' })
        expect(failed.logs).toEqual([])
      })
    })

    it('hold blob transactions and their gas', async () => {
      const versioned = `0x01${'0'.repeat(62)}` as Hash
      const call = { from: ALICE, to: BOB, blobVersionedHashes: [versioned, versioned] }
      const [block] = await simulate([{ calls: [call] }])
      expect(block!.block.header.blobGasUsed).toBe(262_144n)
      expect(block!.block.transactions[0]!.type).toBe(3)
      const many = Array.from({ length: 5 }, () => call)
      expect(await faultOf([{ calls: many }])).toMatchObject({
        rejection: { kind: 'blobGasAboveBlock' },
      })
      // A blob fee without blobs means nothing.
      const [bare] = await simulate([
        { calls: [{ from: ALICE, to: BOB, maxFeePerBlobGasWei: 0n }] },
      ])
      expect(bare!.block.transactions[0]!.type).toBe(2)
    })

    it('charge what a validated call pays', async () => {
      const fees = { maxFeePerGasWei: 20n, maxPriorityFeePerGasWei: 1n }
      const balance = asm(`0x00 CALLDATALOAD BALANCE ${RETURN_TOP}`)
      const [block] = await simulate(
        [
          {
            blockOverrides: { baseFeePerGasWei: 10n, beneficiary: B },
            stateOverrides: new Map<Address, AccountOverride>([
              [POOR, { balanceWei: ETHER }],
              [A, { code: balance }],
            ]),
            calls: [
              { from: POOR, to: BOB, gas: 21_000n, valueWei: 5n, ...fees },
              { from: ALICE, to: A, data: word(POOR), gas: 100_000n, ...fees },
              { from: ALICE, to: A, data: word(B), gas: 100_000n, ...fees },
            ],
          },
        ],
        { validation: true },
      )
      const read = block!.calls[1]!
      expect(read.outcome).toEqual({ kind: 'success', output: word(ETHER - 5n - 11n * 21_000n) })
      expect(block!.calls[2]!.outcome).toEqual({
        kind: 'success',
        output: word(21_000n + read.gasUsed),
      })
    })
  },
)

function rootsOf({ header }: Block): unknown {
  // The transactions differ in their signatures alone.
  const { transactionsRoot: _, ...rest } = header
  return rest
}

function topic(address: Address): string {
  return `0x${address.slice(2).padStart(64, '0')}`
}

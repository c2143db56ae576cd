import { custom, encodeFunctionData, parseAbi, parseEther, parseGwei, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeddleNode } from '../../src/node/node.ts'
import { nodeInProcess } from '../support/node.ts'
import {
  type Clients,
  type Deployed,
  STRANGER,
  SUPPLY,
  alice,
  bob,
  carol,
  clientsOver,
  deployToken,
} from './viem-clients.ts'

const etherAddress = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
const transferAbi = parseAbi(['function transfer(address to, uint256 amount) returns (bool)'])

let node: HeddleNode
let clients: Clients
let token: Deployed

beforeAll(async () => {
  node = await nodeInProcess()
  clients = clientsOver(custom(node))
  token = await deployToken(clients)
})
afterAll(() => node?.close())

const send = (to: `0x${string}`, amount: bigint) =>
  ({ to: token.address, abi: transferAbi, functionName: 'transfer', args: [to, amount] }) as const

describe('simulateBlocks', () => {
  it('runs blocks on the head that leave no trace', async () => {
    const { reader } = clients
    const head = await reader.getBlock()
    const [first, second] = await reader.simulateBlocks({
      blocks: [
        { calls: [{ account: alice.address, ...send(bob.address, 5n) }] },
        {
          calls: [
            { account: bob.address, ...send(carol.address, 5n) },
            { account: carol.address, ...send(STRANGER, 6n) },
          ],
        },
      ],
    })
    expect(first).toMatchObject({ number: head.number + 1n, parentHash: head.hash })
    expect(first?.calls[0]).toMatchObject({ status: 'success', result: true })
    expect(first?.calls[0]?.logs?.[0]).toMatchObject({ address: token.address, logIndex: 0 })
    expect(second?.parentHash).toBe(first?.hash)
    expect(second?.calls[0]).toMatchObject({ status: 'success', result: true })
    const failed = second?.calls[1]
    expect(failed).toMatchObject({ status: 'failure', error: expect.any(Error) })
    expect(await reader.getBlockNumber()).toBe(head.number)
  })

  it('takes overrides of the block and of the state', async () => {
    const { reader } = clients
    const { number, timestamp } = await reader.getBlock()
    const [block] = await reader.simulateBlocks({
      blocks: [
        {
          blockOverrides: {
            number: number + 1n,
            time: timestamp + 100n,
            feeRecipient: carol.address,
            baseFeePerGas: parseGwei('7'),
          },
          stateOverrides: [{ address: STRANGER, balance: parseEther('2') }],
          calls: [{ account: STRANGER, to: bob.address, value: parseEther('2') }],
        },
      ],
      returnFullTransactions: true,
    })
    expect(block).toMatchObject({
      number: number + 1n,
      timestamp: timestamp + 100n,
      baseFeePerGas: parseGwei('7'),
      miner: carol.address.toLowerCase(),
    })
    expect(block?.transactions[0]).toMatchObject({
      from: STRANGER,
      value: parseEther('2'),
      blockHash: block?.hash,
    })
  })

  it('shows a legacy call as a transaction that nobody signed', async () => {
    const [block] = await clients.reader.simulateBlocks({
      blocks: [{ calls: [{ account: alice.address, to: bob.address, gasPrice: parseGwei('3') }] }],
      returnFullTransactions: true,
    })
    expect(block?.transactions[0]).toMatchObject({
      type: 'legacy',
      v: 0n,
      gasPrice: parseGwei('3'),
    })
  })

  it('validates when asked, and says which rule was broken', async () => {
    const blocks = [{ calls: [{ account: STRANGER, to: bob.address }] }]
    const simulate = (validation: boolean) => clients.reader.simulateBlocks({ blocks, validation })
    expect(await simulate(false)).toHaveLength(1)
    await expect(simulate(true)).rejects.toThrow(/max fee per gas less than block base fee/)
  })

  it.each([
    [-38010, { nonce: '0x0', maxFeePerGas: '0x77359400' }],
    [-38011, { nonce: '0xff', maxFeePerGas: '0x77359400' }],
    [-38012, { maxFeePerGas: '0x1' }],
    [-38013, { gas: '0x5207', maxFeePerGas: '0x77359400' }],
    [-38014, { from: STRANGER, value: '0x1', maxFeePerGas: '0x77359400' }],
    [-38015, { gas: '0x2000000', maxFeePerGas: '0x77359400' }],
    [-38025, { to: null, input: `0x${'00'.repeat(49_153)}`, maxFeePerGas: '0x77359400' }],
    [-32602, { chainId: '0x1', maxFeePerGas: '0x77359400' }],
  ])('answers %i as the specification has it', async (code, fields) => {
    const call = { from: alice.address, to: bob.address, ...fields }
    const params = [{ blockStateCalls: [{ calls: [call] }], validation: true }, 'latest']
    await expect(node.request({ method: 'eth_simulateV1', params })).rejects.toMatchObject({ code })
  })

  it.each([
    [-38020, [{ blockOverrides: { number: '0x0' } }]],
    [-38021, [{ blockOverrides: { time: '0x1' } }]],
    [-38026, [{ blockOverrides: { number: '0xffff' } }]],
    [-32602, []],
    [-32000, [{ stateOverrides: { [STRANGER]: { movePrecompileToAddress: zeroAddress } } }]],
  ])('answers %i for blocks that cannot be', async (code, blockStateCalls) => {
    const request = node.request({ method: 'eth_simulateV1', params: [{ blockStateCalls }] })
    await expect(request).rejects.toMatchObject({ code })
  })
})

describe('simulateCalls', () => {
  it('answers with results and transfers of ether', async () => {
    const { results } = await clients.reader.simulateCalls({
      account: alice.address,
      calls: [
        { to: bob.address, value: 3n },
        { to: token.address, data: encodeFunctionData(send(bob.address, 5n)) },
      ],
      traceTransfers: true,
    })
    expect(results.map(({ status }) => status)).toEqual(['success', 'success'])
    expect(results.map(({ logs }) => logs?.[0]?.address)).toEqual([etherAddress, token.address])
    expect(results.map(({ logs }) => logs?.[0]?.logIndex)).toEqual([0, 1])
  })

  it('tells how assets change', async () => {
    const { assetChanges } = await clients.reader.simulateCalls({
      account: alice.address,
      calls: [{ to: bob.address, value: parseEther('1') }, send(bob.address, 40n)],
      traceAssetChanges: true,
    })
    const [ether, erc20] = assetChanges
    expect(ether?.value.diff).toBe(-parseEther('1'))
    expect(erc20?.token).toMatchObject({ address: token.address, symbol: 'HDL', decimals: 18 })
    expect(erc20?.value).toMatchObject({ pre: SUPPLY, post: SUPPLY - 40n, diff: -40n })
  })

  it('runs on the pending block', async () => {
    const { reader } = clients
    const { block } = await reader.simulateCalls({
      account: alice.address,
      calls: [{ to: bob.address, value: 1n }],
      blockTag: 'pending',
    })
    expect(block.number).toBe((await reader.getBlockNumber()) + 2n)
  })
})

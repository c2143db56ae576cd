import {
  BaseError,
  ContractFunctionRevertedError,
  ExecutionRevertedError,
  FeeCapTooLowError,
  type Hex,
  InsufficientFundsError,
  IntrinsicGasTooLowError,
  MethodNotFoundRpcError,
  NonceTooLowError,
  TipAboveFeeCapError,
  type Transport,
  custom,
  http,
  parseEther,
  parseGwei,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeddleNode } from '../../src/node/node.ts'
import { nodeInProcess, serveOnFreePort } from '../support/node.ts'
import {
  type Clients,
  type Deployed,
  STRANGER,
  alice,
  bob,
  clientsOver,
  deploy,
} from './viem-clients.ts'

let node: HeddleNode
let url: string

beforeAll(async () => {
  node = await nodeInProcess()
  ;({ url } = await serveOnFreePort(node))
})
afterAll(() => node?.close())

const to: Hex = '0x00000000000000000000000000000000000beef5'
const transports: readonly [string, () => Transport][] = [
  ['HTTP', () => http(url)],
  // viem takes code 3 of an EIP-1193 provider for an unknown error, which it asks for three times more.
  ['a node in process', () => custom(node, { retryCount: 0 })],
]

/** What went wrong, as the error of viem that says so. */
async function causeOf<T extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => T,
): Promise<T> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const found = error instanceof BaseError ? error.walk((one) => one instanceof kind) : undefined
  if (found instanceof kind) return found
  throw new Error(`expected ${kind.name}, got ${String(error)}`)
}

describe.each(transports)('errors as viem reads them over %s', (_name, transport) => {
  let clients: Clients
  let diagnostics: Deployed

  beforeAll(async () => {
    clients = clientsOver(transport())
    diagnostics = await deploy(clients, 'Diagnostics')
  })

  const simulate = (functionName: string, args: readonly unknown[] = []) => {
    const { address, abi } = diagnostics
    return clients.reader.simulateContract({
      account: alice,
      address,
      abi,
      functionName,
      args: [...args],
      // Little, for the engine is slow and some of these use all of it.
      gas: 300_000n,
    })
  }

  it('a custom error, by the ABI', async () => {
    const reverted = await causeOf(
      simulate('revertWithArguments', [1n, 2n]),
      ContractFunctionRevertedError,
    )
    expect(reverted.data).toMatchObject({
      errorName: 'WithArguments',
      args: [alice.address, 1n, 2n],
    })
    const below = await causeOf(simulate('bubble', [9n]), ContractFunctionRevertedError)
    expect(below.data).toMatchObject({ errorName: 'WithNumber', args: [9n] })
  })

  it('Error(string)', async () => {
    const reverted = await causeOf(simulate('requireText', [false]), ContractFunctionRevertedError)
    expect(reverted.reason).toBe('the condition does not hold')
    const long = 'a reason that is long '.repeat(40)
    const whole = await causeOf(simulate('requireGivenText', [long]), ContractFunctionRevertedError)
    expect(whole.reason).toBe(long)
  })

  it.each([
    ['panicAssert', 1n],
    ['panicOverflow', 17n],
    ['panicDivisionByZero', 18n],
    ['panicEnumConversion', 33n],
    ['panicEmptyPop', 49n],
    ['panicOutOfBounds', 50n],
    ['panicTooMuchMemory', 65n],
    ['panicUnsetFunction', 81n],
  ])('%s', async (name, code) => {
    const reverted = await causeOf(simulate(name), ContractFunctionRevertedError)
    expect(reverted.data).toMatchObject({ errorName: 'Panic', args: [code] })
  })

  it('a revert without a reason, and with bytes of no ABI', async () => {
    const empty = await causeOf(simulate('revertEmpty'), ContractFunctionRevertedError)
    expect(empty).toMatchObject({ data: undefined, raw: '0x' })
    const raw = await causeOf(simulate('revertRaw', ['0xdeadbeef']), ContractFunctionRevertedError)
    expect(raw).toMatchObject({ raw: '0xdeadbeef', signature: '0xdeadbeef' })
  })

  it('a halt is told at once, and by its name', async () => {
    await expect(simulate('invalidOpcode')).rejects.toThrow(/invalid opcode/)
    await expect(simulate('infiniteLoop')).rejects.toThrow(/out of gas/)
  })

  it('an estimate of what reverts', async () => {
    const { address, abi } = diagnostics
    const call = { account: alice, address, abi, functionName: 'revertPlain' } as const
    const reverted = await causeOf(
      clients.reader.estimateContractGas(call),
      ContractFunctionRevertedError,
    )
    expect(reverted.data?.errorName).toBe('Plain')
    const value = { account: alice, to: address, value: 1n } as const
    await causeOf(clients.reader.estimateGas(value), ExecutionRevertedError)
  })

  it('a transaction that reverts is mined, and its receipt says so', async () => {
    const { reader, wallet } = clients
    const { address, abi } = diagnostics
    const call = { address, abi, functionName: 'writeThenRevert', args: [1n], gas: 100_000n }
    const hash = await wallet.writeContract(call as never)
    const receipt = await reader.waitForTransactionReceipt({ hash })
    expect(receipt).toMatchObject({ status: 'reverted', logs: [] })
    expect(await reader.readContract({ address, abi, functionName: 'value' })).toBe(0n)
  })

  it('a nonce that was used', async () => {
    const before = await clients.reader.getBlockNumber()
    await causeOf(clients.wallet.sendTransaction({ to, nonce: 0 }), NonceTooLowError)
    expect(await clients.reader.getBlockNumber()).toBe(before)
  })

  it('more than the sender has', async () => {
    const value = parseEther('1000000')
    const gas = 21_000n
    await causeOf(clients.wallet.sendTransaction({ to, value, gas }), InsufficientFundsError)
    const fromNode = { account: bob.address, to, value, gas } as const
    await causeOf(clients.wallet.sendTransaction(fromNode), InsufficientFundsError)
    await causeOf(
      clients.reader.estimateGas({ account: STRANGER, to, value }),
      InsufficientFundsError,
    )
  })

  it('too little gas, and too low or upside down fees', async () => {
    const { wallet } = clients
    await causeOf(wallet.sendTransaction({ to, gas: 20_999n }), IntrinsicGasTooLowError)
    const low = { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }
    await causeOf(wallet.sendTransaction({ to, ...low, gas: 21_000n }), FeeCapTooLowError)
    const raw = await bob.signTransaction({
      to,
      type: 'eip1559',
      chainId: 31_337,
      gas: 21_000n,
      nonce: 0,
      maxFeePerGas: parseGwei('2'),
      maxPriorityFeePerGas: parseGwei('2'),
    })
    const upsideDown = { from: bob.address, to, maxFeePerGas: '0x1', maxPriorityFeePerGas: '0x2' }
    await expect(
      clients.reader.request({ method: 'eth_sendTransaction', params: [upsideDown] } as never),
    ).rejects.toThrow(/max priority fee per gas higher than max fee per gas/)
    const tip = { maxFeePerGas: parseGwei('2'), maxPriorityFeePerGas: parseGwei('3') }
    await causeOf(wallet.sendTransaction({ to, ...tip, gas: 21_000n }), TipAboveFeeCapError)
    expect(raw).toMatch(/^0x02/)
  })

  it('a replacement that pays too little, and one that pays enough', async () => {
    const { reader, wallet } = clients
    await node.request({ method: 'evm_setAutomine', params: [false] })
    try {
      const nonce = await reader.getTransactionCount({ address: alice.address })
      const price = (gwei: string) => ({
        to,
        nonce,
        gas: 21_000n,
        maxFeePerGas: parseGwei(gwei),
        maxPriorityFeePerGas: parseGwei(gwei),
      })
      const first = await wallet.sendTransaction(price('10'))
      await expect(wallet.sendTransaction(price('10.5'))).rejects.toThrow(
        /replacement transaction underpriced/,
      )
      const second = await wallet.sendTransaction(price('11'))
      await node.request({ method: 'evm_mine' })
      expect((await reader.getTransactionReceipt({ hash: second })).status).toBe('success')
      await expect(reader.getTransaction({ hash: first })).rejects.toThrow('could not be found')
    } finally {
      await node.request({ method: 'evm_setAutomine', params: [true] })
    }
  })

  it('what is not there: account, block, method', async () => {
    const { reader, wallet } = clients
    await expect(wallet.sendTransaction({ account: STRANGER, to })).rejects.toThrow(
      /unknown account|insufficient funds|exceeds the balance/,
    )
    await expect(reader.getBlock({ blockNumber: 999_999n })).rejects.toThrow('could not be found')
    const future = { address: alice.address, blockNumber: 999_999n }
    await expect(reader.getBalance(future)).rejects.toThrow('header not found')
    await causeOf(reader.request({ method: 'eth_getBalanse' } as never), MethodNotFoundRpcError)
    const hash: Hex = `0x${'12'.repeat(32)}`
    await expect(reader.getTransactionReceipt({ hash })).rejects.toThrow('could not be found')
  })
})

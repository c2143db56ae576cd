import {
  BrowserProvider,
  ContractFactory,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  Interface,
  type InterfaceAbi,
  JsonRpcApiProvider,
  JsonRpcProvider,
  Network,
  NonceManager,
  Wallet,
  WebSocketProvider,
  concat,
  getAddress,
  getCreateAddress,
  isCallException,
  isError,
  parseEther,
  parseUnits,
  verifyMessage,
  verifyTypedData,
} from 'ethers'
import cKzg from 'c-kzg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeddleNode } from '../../src/node/node.ts'
import { loadContract } from '../support/contracts.ts'
import { KEYS, nodeInProcess, serveOnFreePort } from '../support/node.ts'
import { until } from './viem-clients.ts'

const to = getAddress('0x00000000000000000000000000000000000beef6')
const pollMs = 20
/** ethers remembers answers for 250 ms unless told otherwise: nonces too, on a chain faster than that. */
const options = { cacheTimeout: -1, pollingInterval: pollMs }

let node: HeddleNode
let url: string
let wsUrl: string

beforeAll(async () => {
  node = await nodeInProcess()
  ;({ url, wsUrl } = await serveOnFreePort(node))
})
afterAll(() => node?.close())

const providers: readonly [string, () => JsonRpcApiProvider][] = [
  ['JsonRpcProvider', () => new JsonRpcProvider(url, undefined, options)],
  ['WebSocketProvider', () => new WebSocketProvider(wsUrl, undefined, options)],
  ['BrowserProvider over a node in process', () => overNode()],
]

/** A node in process is an EIP-1193 provider. */
function overNode(): BrowserProvider {
  const provider = new BrowserProvider(node, undefined, options)
  provider.pollingInterval = pollMs
  return provider
}

function factoryOf(name: string, signer: Wallet | NonceManager): ContractFactory {
  const { abi, bytecode } = loadContract(name)
  return new ContractFactory(new Interface(abi as unknown as InterfaceAbi), bytecode, signer)
}

async function deploy(name: string, signer: Wallet | NonceManager, args: unknown[] = []) {
  const contract = await factoryOf(name, signer).deploy(...args)
  return contract.waitForDeployment()
}

type Deployed = Awaited<ReturnType<typeof deploy>>

async function send(
  contract: Deployed,
  name: string,
  ...args: unknown[]
): Promise<ContractTransactionReceipt> {
  const response = (await contract.getFunction(name)(...args)) as ContractTransactionResponse
  const receipt = await response.wait()
  if (receipt === null) throw new Error(`${name} was not mined`)
  return receipt
}

/** The error that a promise ends in. */
async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe.each(providers)('ethers with %s', (_name, connect) => {
  let provider: JsonRpcApiProvider
  let wallet: Wallet
  let token: Deployed

  beforeAll(async () => {
    provider = connect()
    wallet = new Wallet(KEYS[1], provider)
    token = await deploy('ERC20', wallet, ['Heddle Token', 'HDL', 1_000n])
  })
  afterAll(() => provider?.destroy())

  it('knows the network', async () => {
    expect((await provider.getNetwork()).chainId).toBe(31_337n)
    const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = await provider.getFeeData()
    expect(maxFeePerGas).toBeGreaterThan(maxPriorityFeePerGas ?? 0n)
    expect(gasPrice).toBeGreaterThan(0n)
    const accounts = await provider.listAccounts()
    expect(accounts).toHaveLength(10)
    const block = await provider.getBlock('latest', true)
    expect(block?.prefetchedTransactions[0]).toMatchObject({ from: wallet.address })
    expect(await provider.getBlock(99_999)).toBeNull()
  })

  it('deploys by a factory and calls', async () => {
    const deployment = token.deploymentTransaction()
    expect(await token.getAddress()).toBe(
      getCreateAddress({ from: wallet.address, nonce: deployment?.nonce ?? -1 }),
    )
    expect(await token.getFunction('balanceOf')(wallet.address)).toBe(1_000n)
    expect(await token.getDeployedCode()).toMatch(/^0x60/)
    const receipt = await send(token, 'transfer', to, 10n)
    expect(receipt.logs[0]).toMatchObject({
      eventName: 'Transfer',
      args: [wallet.address, to, 10n],
    })
    expect(await token.getFunction('balanceOf')(to)).toBe(10n)
  })

  it('sends from an account of the node', async () => {
    const signer = await provider.getSigner(3)
    const before = await provider.getBalance(to)
    const response = await signer.sendTransaction({ to, value: parseEther('2') })
    expect(await response.wait()).toMatchObject({ status: 1, from: signer.address })
    expect(await provider.getBalance(to)).toBe(before + parseEther('2'))
    const message = 'weave'
    expect(verifyMessage(message, await signer.signMessage(message))).toBe(signer.address)
    const domain = { name: 'Heddle', chainId: 31_337n }
    const types = { Order: [{ name: 'amount', type: 'uint256' }] }
    const signature = await signer.signTypedData(domain, types, { amount: 5n })
    expect(verifyTypedData(domain, types, { amount: 5n }, signature)).toBe(signer.address)
  })

  it('hears blocks and events', async () => {
    const [blocks, values]: [number[], bigint[]] = [[], []]
    await provider.on('block', (number: number) => blocks.push(number))
    await token.on('Transfer', (_from: string, _to: string, value: bigint) => values.push(value))
    // Nothing says when it has begun to listen: it has once it hears something.
    while (values.length === 0 || blocks.length === 0) await send(token, 'transfer', to, 1n)
    const { blockNumber } = await send(token, 'transfer', to, 21n)
    await until(() => values.includes(21n) && blocks.includes(blockNumber))
    await token.removeAllListeners()
    await provider.removeAllListeners()
    expect(values.filter((value) => value !== 1n)).toEqual([21n])
    const found = await token.queryFilter('Transfer', blockNumber)
    expect(found).toMatchObject([{ args: [wallet.address, to, 21n], blockNumber }])
    const topics = await token.filters['Transfer']?.(null, to).getTopicFilter()
    const logs = await provider.getLogs({ fromBlock: 0, topics: topics ?? [] })
    expect(logs.length).toBeGreaterThanOrEqual(2)
  })

  it('reads reverts: custom error, reason, panic', async () => {
    const diagnostics = await deploy('Diagnostics', wallet)
    const failure = async (name: string, ...args: unknown[]) => {
      const error = await thrown(diagnostics.getFunction(name).staticCall(...args))
      if (!isCallException(error)) throw error
      return error
    }
    const custom = await failure('revertWithArguments', 1n, 2n)
    expect(custom.revert).toMatchObject({ name: 'WithArguments', args: [wallet.address, 1n, 2n] })
    expect((await failure('requireText', false)).reason).toBe('the condition does not hold')
    expect(await failure('panicOverflow')).toMatchObject({ revert: { name: 'Panic', args: [17] } })
    expect(await failure('revertEmpty')).toMatchObject({ data: '0x', revert: null })
    const sent = await thrown(diagnostics.getFunction('revertPlain').send())
    expect(isCallException(sent) && sent.action).toBe('estimateGas')
    expect(isCallException(sent) && sent.data?.length).toBe(10)
    const mined = diagnostics.getFunction('writeThenRevert')
    const response = await mined.send(5n, { gasLimit: 100_000n })
    const late = await thrown(response.wait())
    expect(isCallException(late) && late.receipt?.status).toBe(0)
  })

  it('gives its codes for what a pool refuses', async () => {
    const coded = async (promise: Promise<unknown>, code: Parameters<typeof isError>[1]) => {
      const error = await thrown(promise)
      expect(isError(error, code) ? code : error).toBe(code)
    }
    const gasLimit = 21_000n
    await coded(wallet.sendTransaction({ to, nonce: 0, gasLimit }), 'NONCE_EXPIRED')
    const value = parseEther('1000000')
    await coded(wallet.sendTransaction({ to, value, gasLimit }), 'INSUFFICIENT_FUNDS')
    await coded(wallet.estimateGas({ to, value }), 'INSUFFICIENT_FUNDS')
    const unknown = await thrown(provider.send('eth_nothing', []))
    expect(isError(unknown, 'UNSUPPORTED_OPERATION') || isError(unknown, 'UNKNOWN_ERROR')).toBe(
      true,
    )
    await node.request({ method: 'evm_setAutomine', params: [false] })
    try {
      const fees = (gwei: string) => ({
        maxFeePerGas: parseUnits(gwei, 'gwei'),
        maxPriorityFeePerGas: parseUnits(gwei, 'gwei'),
      })
      const nonce = await wallet.getNonce()
      await wallet.sendTransaction({ to, nonce, gasLimit, ...fees('10') })
      await coded(
        wallet.sendTransaction({ to, nonce, gasLimit, ...fees('10.1') }),
        'REPLACEMENT_UNDERPRICED',
      )
    } finally {
      await node.request({ method: 'evm_setAutomine', params: [true] })
    }
    expect(await wallet.getNonce('pending')).toBe(await wallet.getNonce('latest'))
  })

  it('NonceManager sends many at once, and a batch asks many at once', async () => {
    const manager = new NonceManager(wallet)
    const start = await manager.getNonce()
    const responses = await Promise.all(
      Array.from({ length: 12 }, async () => manager.sendTransaction({ to, value: 1n })),
    )
    const receipts = await Promise.all(responses.map((response) => response.wait()))
    expect(receipts.map((receipt) => receipt?.status)).toEqual(Array(12).fill(1))
    expect(new Set(responses.map(({ nonce }) => nonce)).size).toBe(12)
    expect(await wallet.getNonce()).toBe(start + 12)
    const counts = await Promise.all(
      Array.from({ length: 150 }, () => provider.getTransactionCount(wallet.address)),
    )
    expect(new Set(counts)).toEqual(new Set([start + 12]))
  })
})

it('ethers sends blobs with cell proofs (EIP-7594), and an authorisation (EIP-7702)', async () => {
  const provider = new JsonRpcProvider(url, Network.from(31_337), options)
  const wallet = new Wallet(KEYS[2], provider)
  try {
    cKzg.loadTrustedSetup(0)
  } catch (error) {
    // Once a process: the node may have done it.
    expect(String(error)).toContain('already loaded')
  }
  const data = new Uint8Array(131_072).fill(7, 32, 64)
  const [, proofs] = cKzg.computeCellsAndKzgProofs(data)
  // ethers takes the cell proofs of a blob as one string of bytes.
  const blob = { data, commitment: cKzg.blobToKzgCommitment(data), proof: concat(proofs) }
  const response = await wallet.sendTransaction({
    type: 3,
    to,
    blobs: [blob],
    blobWrapperVersion: 1,
    maxFeePerBlobGas: 1_000n,
  })
  expect(await response.wait()).toMatchObject({ status: 1, type: 3, blobGasUsed: 131_072n })
  const delegate = await deploy('BatchDelegate', wallet)
  const address = await delegate.getAddress()
  const authority = new Wallet(KEYS[3], provider)
  const authorization = await authority.authorize({ address })
  const tx = { type: 4, to, authorizationList: [authorization] }
  expect(await (await wallet.sendTransaction(tx)).wait()).toMatchObject({ status: 1, type: 4 })
  expect(await provider.getCode(authority.address)).toBe(
    `0xef0100${address.slice(2).toLowerCase()}`,
  )
  provider.destroy()
})

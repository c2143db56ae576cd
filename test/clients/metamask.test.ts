import { keccak256, parseEther, parseGwei, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadContract } from '../support/contracts.ts'
import { KEYS, type SpawnedNode, spawnNode } from '../support/node.ts'
import { ensurePeers, requirePeer } from '../support/peers.ts'
import { until } from './viem-clients.ts'

/** What this test uses of MetaMask's packages; the wallet itself uses them so. */
type Provider = {
  request<T>(args: { readonly method: string; readonly params?: readonly unknown[] }): Promise<T>
}
type BlockTracker = {
  getLatestBlock(options?: { readonly useCache?: boolean }): Promise<string>
  on(event: 'latest', listener: (block: string) => void): void
  removeAllListeners(): void
  destroy(): Promise<void>
}
type NetworkClient = { readonly provider: Provider; readonly blockTracker: BlockTracker }
type NetworkController = {
  readonly state: {
    readonly selectedNetworkClientId: string
    readonly networksMetadata: Readonly<Record<string, unknown>>
  }
  initializeProvider(options: { readonly lookupNetwork: boolean }): void
  addNetwork(fields: object): { readonly rpcEndpoints: readonly { networkClientId: string }[] }
  setActiveNetwork(networkClientId: string): Promise<void>
  lookupNetwork(): Promise<void>
  getEIP1559Compatibility(): Promise<boolean | undefined>
  getNetworkClientById(networkClientId: string): NetworkClient
  destroy(): Promise<void>
}
type Messenger = {
  delegate(args: object): void
  registerActionHandler(name: string, handler: (error: unknown) => void): void
}
type Packages = {
  readonly Messenger: new (args: object) => Messenger
  readonly NetworkController: new (args: object) => NetworkController
}

const account = privateKeyToAccount(KEYS[3])
const receiver = '0x00000000000000000000000000000000000beef8'
const diagnostics = loadContract('Diagnostics')

let node: SpawnedNode
let controller: NetworkController
let client: NetworkClient
let provider: Provider
let networkClientId: string
/** What the wallet would tell its makers. */
const reported: unknown[] = []

/** Lets the wallet reach nothing but this machine. */
const localFetch: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  if (url.hostname !== '127.0.0.1') throw new Error(`the wallet asked ${url.hostname}`)
  return fetch(input, init)
}

function createController(): NetworkController {
  const { Messenger } = requirePeer('@metamask/messenger') as Packages
  const { NetworkController } = requirePeer('@metamask/network-controller') as Packages
  const root = new Messenger({ namespace: 'Root' })
  const reporter = new Messenger({ namespace: 'ErrorReportingService', parent: root })
  const messenger = new Messenger({ namespace: 'NetworkController', parent: root })
  const report = 'ErrorReportingService:captureException'
  reporter.registerActionHandler(report, (error) => void reported.push(error))
  root.delegate({ messenger, actions: [report], events: [] })
  return new NetworkController({
    messenger,
    infuraProjectId: '0'.repeat(32),
    getRpcServiceOptions: () => ({ fetch: localFetch, btoa }),
    getBlockTrackerOptions: () => ({ pollingInterval: 50, keepEventLoopActive: false }),
  })
}

beforeAll(async () => {
  await ensurePeers()
  node = await spawnNode()
  controller = createController()
  controller.initializeProvider({ lookupNetwork: false })
}, 600_000)

afterAll(async () => {
  client?.blockTracker.removeAllListeners()
  await client?.blockTracker.destroy()
  await node?.[Symbol.asyncDispose]()
})

async function send(fields: object): Promise<string> {
  const params = [account.address, 'pending']
  const nonce = await provider.request<string>({ method: 'eth_getTransactionCount', params })
  const raw = await account.signTransaction({
    type: 'eip1559',
    chainId: 31_337,
    nonce: Number(nonce),
    gas: 3_000_000n,
    maxFeePerGas: parseGwei('4'),
    maxPriorityFeePerGas: parseGwei('1'),
    ...fields,
  })
  return provider.request<string>({ method: 'eth_sendRawTransaction', params: [raw] })
}

type Receipt = { readonly status: string; readonly contractAddress: string | null }

async function receiptOf(hash: string): Promise<Receipt> {
  let receipt: Receipt | null = null
  const request = { method: 'eth_getTransactionReceipt', params: [hash] }
  await until(async () => (receipt = await provider.request<Receipt | null>(request)) !== null)
  return receipt as unknown as Receipt
}

type NodeError = { readonly code: number; readonly message: string; readonly data?: unknown }

/** The node's own error: the wallet's JSON-RPC engine wraps it in an error of its own, as `data`. */
async function failure(method: string, params: readonly unknown[]): Promise<NodeError> {
  return provider.request({ method, params }).then(
    (result) => {
      throw new Error(`${method} gave ${JSON.stringify(result)}`)
    },
    (error: unknown) => (error as { readonly data: NodeError }).data,
  )
}

describe("MetaMask's network controller", () => {
  it('adds the network and makes it the active one', async () => {
    const { rpcEndpoints } = controller.addNetwork({
      chainId: '0x7a69',
      name: 'Heddle',
      nativeCurrency: 'ETH',
      blockExplorerUrls: [],
      defaultRpcEndpointIndex: 0,
      rpcEndpoints: [{ type: 'custom', url: node.url, name: 'Heddle' }],
    })
    networkClientId = rpcEndpoints[0]?.networkClientId ?? ''
    await controller.setActiveNetwork(networkClientId)
    expect(controller.state.selectedNetworkClientId).toBe(networkClientId)
    client = controller.getNetworkClientById(networkClientId)
    provider = client.provider
    expect(await provider.request({ method: 'eth_chainId' })).toBe('0x7a69')
  })

  it('finds the network there, with EIP-1559', async () => {
    await controller.lookupNetwork()
    expect(controller.state.networksMetadata[networkClientId]).toEqual({
      EIPS: { 1559: true },
      status: 'available',
    })
    expect(await controller.getEIP1559Compatibility()).toBe(true)
    expect(await provider.request({ method: 'net_version' })).toBe('31337')
  })

  it('reads what the wallet shows', async () => {
    const balance = { method: 'eth_getBalance', params: [account.address, 'latest'] }
    expect(await provider.request(balance)).toBe(toHex(parseEther('10000')))
    const code = { method: 'eth_getCode', params: [receiver, 'latest'] }
    expect(await provider.request(code)).toBe('0x')
    const history = await provider.request<{ baseFeePerGas: string[]; reward: string[][] }>({
      method: 'eth_feeHistory',
      params: ['0x5', 'latest', [10, 20, 30]],
    })
    expect(history.baseFeePerGas.length).toBe(history.reward.length + 1)
    const transfer = { from: account.address, to: receiver, value: '0x1' }
    const estimate = { method: 'eth_estimateGas', params: [transfer] }
    expect(await provider.request(estimate)).toBe('0x5208')
  })

  it('sends a transaction, and its block tracker sees the block', async () => {
    const seen: string[] = []
    client.blockTracker.on('latest', (block) => void seen.push(block))
    const before = await client.blockTracker.getLatestBlock()
    const hash = await send({ to: receiver, value: 5n, gas: 21_000n })
    const receipt = await receiptOf(hash)
    expect(receipt).toMatchObject({ status: '0x1', to: receiver, transactionHash: hash })
    const next = toHex(BigInt(before) + 1n)
    await until(() => seen.includes(next))
    expect(await client.blockTracker.getLatestBlock()).toBe(next)
    // The engine answers reads at "latest" with what it kept of the tracker's block: of the new one now.
    const balance = { method: 'eth_getBalance', params: [receiver, 'latest'] }
    expect(await provider.request(balance)).toBe('0x5')
    const byHash = { method: 'eth_getTransactionByHash', params: [hash] }
    expect(await provider.request(byHash)).toMatchObject({ hash, blockNumber: next })
  })

  it('gets the data of a revert back, by an estimate and by a call', async () => {
    const created = await receiptOf(await send({ data: diagnostics.bytecode }))
    expect(created.status).toBe('0x1')
    const selector = keccak256(toHex('requireText(bool)')).slice(0, 10)
    const call = {
      from: account.address,
      to: created.contractAddress,
      data: `${selector}${'0'.repeat(64)}`,
    }
    const estimated = await failure('eth_estimateGas', [call])
    expect(estimated).toMatchObject({
      code: 3,
      message: 'execution reverted: the condition does not hold',
    })
    expect(String(estimated.data)).toMatch(/^0x08c379a0/)
    const called = await failure('eth_call', [call, 'latest'])
    expect(called).toMatchObject({ code: 3, data: estimated.data })
  })

  it("hands on what the node refuses, in the node's words", async () => {
    const spent = await account.signTransaction({
      type: 'eip1559',
      chainId: 31_337,
      nonce: 0,
      gas: 21_000n,
      to: receiver,
      maxFeePerGas: parseGwei('4'),
    })
    const low = await failure('eth_sendRawTransaction', [spent])
    expect(low).toMatchObject({ code: -32000, message: expect.stringMatching(/^nonce too low/) })
    const poor = { from: receiver, to: account.address, value: toHex(parseEther('9')) }
    expect((await failure('eth_estimateGas', [poor])).message).toMatch(/^insufficient funds/)
    expect((await failure('eth_nothing', [])).code).toBe(-32601)
    expect(reported).toEqual([])
  })
})

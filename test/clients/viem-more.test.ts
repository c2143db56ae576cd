import {
  type Hex,
  createPublicClient,
  createWalletClient,
  custom,
  hashMessage,
  parseAbi,
  parseEther,
  webSocket,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { HeddleNode } from '../../src/node/node.ts'
import { nodeInProcess, serveOnFreePort } from '../support/node.ts'
import {
  type Clients,
  alice,
  bob,
  carol,
  chain,
  clientsOver,
  deployToken,
  until,
} from './viem-clients.ts'

// viem's actions that the other files do not use.

let node: HeddleNode
let clients: Clients
let token: Awaited<ReturnType<typeof deployToken>>
beforeAll(async () => {
  node = await nodeInProcess()
  clients = clientsOver(custom(node, { retryCount: 0 }))
  token = await deployToken(clients)
})
afterAll(() => node.close())

const transfer = (value: bigint) =>
  ({
    address: token.address,
    abi: token.abi,
    functionName: 'transfer',
    args: [bob.address, value],
  }) as const

interface Transferred {
  readonly args: { readonly value: bigint }
}

describe('public actions', () => {
  it('getRawTransaction, getBlockReceipts, getStorageValues', async () => {
    const { reader, wallet } = clients
    const hash = await wallet.writeContract(transfer(3n))
    const receipt = await reader.waitForTransactionReceipt({ hash })
    const raw = await reader.request({
      method: 'eth_getRawTransactionByHash',
      params: [hash],
    } as never)
    expect(raw).toMatch(/^0x02/)
    const { blockNumber } = receipt
    expect(await reader.getBlockReceipts({ blockNumber })).toEqual([receipt])
    const slots = { [token.address]: ['0x0', '0x2'] }
    const values = await reader.request({
      method: 'eth_getStorageValues',
      params: [slots, 'latest'],
    } as never)
    expect(Object.values(values as Record<string, readonly Hex[]>)[0]).toHaveLength(2)
  })

  it('getEip712Domain, and verifyHash of an account with and without code', async () => {
    const { reader } = clients
    const hash = hashMessage('weft')
    const signature = await carol.sign({ hash })
    const { address } = carol
    expect(await reader.verifyHash({ address, hash, signature })).toBe(true)
    expect(await reader.verifyHash({ address: bob.address, hash, signature })).toBe(false)
    expect(await reader.verifyHash({ address: token.address, hash, signature })).toBe(false)
    await expect(reader.getEip712Domain({ address: token.address })).rejects.toThrow('eip712Domain')
  })

  it('createEventFilter, and watchContractEvent over a socket', async () => {
    const { reader, wallet } = clients
    const { wsUrl } = await serveOnFreePort(node)
    const socket = createPublicClient({ chain, transport: webSocket(wsUrl) })
    const [event] = parseAbi([
      'event Transfer(address indexed from, address indexed to, uint256 value)',
    ])
    const filter = await reader.createEventFilter({ address: token.address, event })
    const seen: bigint[] = []
    const { address, abi } = token
    const stop = socket.watchContractEvent({
      address,
      abi,
      eventName: 'Transfer',
      onLogs: (logs) => {
        for (const log of logs) seen.push((log as unknown as Transferred).args.value)
      },
    })
    await socket.getBlockNumber()
    await until(async () => {
      await wallet.writeContractSync(transfer(5n))
      return seen.length > 0
    })
    expect(seen[0]).toBe(5n)
    const logs = await reader.getFilterChanges({ filter })
    expect(logs.map((log) => (log as { args?: { value?: bigint } }).args?.value)).toContain(5n)
    stop()
    const client = (await socket.transport.getRpcClient()) as { close(): void }
    client.close()
  })
})

describe('wallet actions', () => {
  it('sendTransactionSync and prepareAuthorization', async () => {
    const { wallet, reader } = clients
    const receipt = await wallet.sendTransactionSync({ to: bob.address, value: 1n })
    expect(receipt).toMatchObject({ status: 'success', to: bob.address.toLowerCase() })
    const nonce = await reader.getTransactionCount({ address: alice.address })
    expect(
      await wallet.prepareAuthorization({ contractAddress: token.address, executor: 'self' }),
    ).toEqual({ address: token.address, chainId: 31_337, nonce: nonce + 1 })
  })

  it('calls together one by one, where the wallet knows no bundles', async () => {
    const wallet = createWalletClient({
      account: bob.address,
      chain,
      transport: custom(node, { retryCount: 0 }),
      pollingInterval: 20,
    })
    const calls = [1n, 2n].map((value) => ({ to: carol.address, value: parseEther(`${value}`) }))
    const { id } = await wallet.sendCalls({ calls, experimental_fallback: true })
    const done = await wallet.waitForCallsStatus({ id, pollingInterval: 20 })
    expect(done.status).toBe('success')
    expect(done.receipts).toHaveLength(2)
  })

  it('what a dapp asks of a wallet', async () => {
    const transport = custom(node, { retryCount: 0 })
    const wallet = createWalletClient({ account: bob.address, chain, transport })
    const addresses = await wallet.requestAddresses()
    const nobody = createWalletClient({ chain, transport })
    expect(await nobody.getAddresses()).toEqual(addresses)
    expect(addresses).toHaveLength(10)
    await wallet.switchChain({ id: 31_337 })
    await wallet.addChain({ chain })
    await expect(wallet.switchChain({ id: 1 })).rejects.toMatchObject({ code: 4902 })
    const [permission] = await wallet.getPermissions()
    expect(permission).toMatchObject({ parentCapability: 'eth_accounts' })
    expect(await wallet.requestPermissions({ eth_accounts: {} })).toMatchObject([permission])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { loadContract } from '../support/contracts.ts'
import { KEYS, type SpawnedNode, spawnNode } from '../support/node.ts'
import { loadWeb3 } from '../support/peers.ts'

/** What is used of web3's own class: its types are not those of this project. */
interface Web3 {
  readonly eth: {
    readonly accounts: {
      signTransaction(fields: object, key: string): Promise<{ readonly rawTransaction: string }>
    }
    readonly Contract: new (abi: unknown, address?: string) => Contract
    getAccounts(): Promise<readonly string[]>
    getBlock(block: string | bigint): Promise<{ readonly number: bigint; readonly hash: string }>
    getChainId(): Promise<bigint>
    getBalance(address: string): Promise<bigint>
    getFeeHistory(count: number, block: string, rewards: readonly number[]): Promise<object>
    getProof(address: string, keys: readonly string[], block: string): Promise<object>
    sendSignedTransaction(raw: string): Promise<{ readonly status: bigint }>
    subscribe(kind: string, options?: object): Promise<Subscription>
  }
  readonly provider: {
    request(request: object): Promise<{ readonly result?: unknown; readonly error?: object }>
    disconnect?(): void
  }
}
interface Contract {
  readonly options: { readonly address: string }
  readonly methods: Readonly<Record<string, (...args: unknown[]) => Method>>
  deploy(options: object): { send(options: object): Promise<Contract> }
  getPastEvents(name: string, options: object): Promise<readonly { readonly event: string }[]>
}
interface Method {
  call(options?: object): Promise<unknown>
  send(options: object): Promise<{ readonly status: bigint; readonly transactionHash: string }>
  estimateGas(options?: object): Promise<bigint>
}
interface Subscription {
  on(event: string, hear: (data: { readonly number: bigint }) => void): void
  unsubscribe(): Promise<void>
}

let node: SpawnedNode
let web3: Web3
let overSocket: Web3
beforeAll(async () => {
  node = await spawnNode()
  const { Web3: Made } = (await loadWeb3()) as { Web3: new (url: string) => Web3 }
  web3 = new Made(node.url)
  overSocket = new Made(node.wsUrl)
})
afterAll(async () => {
  overSocket?.provider.disconnect?.()
  await node?.[Symbol.asyncDispose]()
})

const counter = loadContract('Counter')

describe('web3 4', () => {
  it('deploys a contract, sends to it, calls it and finds its past', async () => {
    const [from] = await web3.eth.getAccounts()
    const made = await new web3.eth.Contract(counter.abi)
      .deploy({ data: counter.bytecode })
      .send({ from, gas: '1000000' })
    const { increment, count } = made.methods
    expect(await increment!().estimateGas({ from })).toBeGreaterThan(21_000n)
    const { status, transactionHash } = await increment!().send({ from })
    expect(status).toBe(1n)
    expect(await count!().call()).toBe(1n)
    const trace = await web3.provider.request({
      jsonrpc: '2.0',
      id: 1,
      method: 'debug_traceTransaction',
      params: [
        transactionHash,
        {
          tracer:
            '{ n: 0, step: function() { this.n++ }, fault: function() {}, result: function() { return this.n } }',
        },
      ],
    })
    expect(trace.result).toBeGreaterThan(10)
  })

  it('sends what it signed itself', async () => {
    const to = `0x${'ab'.repeat(20)}`
    const [, , , from] = await web3.eth.getAccounts()
    const fields = {
      from,
      to,
      value: '7',
      gas: '21000',
      maxFeePerGas: '3000000000',
      maxPriorityFeePerGas: '1',
    }
    const { rawTransaction } = await web3.eth.accounts.signTransaction(fields, KEYS[3])
    expect((await web3.eth.sendSignedTransaction(rawTransaction)).status).toBe(1n)
    expect(await web3.eth.getBalance(to)).toBe(7n)
  })

  it('reads blocks, fees and proofs', async () => {
    expect(await web3.eth.getChainId()).toBe(31_337n)
    expect((await web3.eth.getBlock('latest')).number).toBeGreaterThan(0n)
    expect(await web3.eth.getFeeHistory(2, 'latest', [50])).toHaveProperty('baseFeePerGas')
    const proof = await web3.eth.getProof(
      `0x${'ab'.repeat(20)}`,
      [`0x${'00'.repeat(32)}`],
      'latest',
    )
    expect(proof).toMatchObject({ balance: 7n })
  })

  it('hears new heads over a WebSocket', async () => {
    const subscription = await overSocket.eth.subscribe('newBlockHeaders')
    const head = new Promise<bigint>((resolve) =>
      subscription.on('data', ({ number }) => resolve(number)),
    )
    await web3.provider.request({ jsonrpc: '2.0', id: 2, method: 'evm_mine', params: [] })
    expect(await head).toBe((await web3.eth.getBlock('latest')).number)
    await subscription.unsubscribe()
  })

  it('is told why a call reverts', async () => {
    const asked = web3.provider.request({
      jsonrpc: '2.0',
      id: 3,
      method: 'eth_call',
      params: [{ data: '0x60006000fd' }, 'latest'],
    })
    await expect(asked.then(({ error }) => Promise.reject(error))).rejects.toMatchObject({
      code: 3,
    })
  })
})

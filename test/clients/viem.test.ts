import {
  type Hex,
  type Transport,
  custom,
  encodeFunctionData,
  getContractAddress,
  http,
  parseAbiItem,
  parseEther,
  parseEventLogs,
  webSocket,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeddleNode } from '../../src/node/node.ts'
import { type SpawnedNode, nodeInProcess, spawnNode } from '../support/node.ts'
import {
  type Clients,
  type Deployed,
  SUPPLY,
  alice,
  bob,
  clientsOver,
  deploy,
  deployToken,
  until,
} from './viem-clients.ts'

let spawned: SpawnedNode
let local: HeddleNode

beforeAll(async () => {
  ;[spawned, local] = await Promise.all([spawnNode(), nodeInProcess()])
})
afterAll(async () => {
  await Promise.all([spawned?.[Symbol.asyncDispose](), local?.close()])
})

const transports: readonly [string, () => Transport][] = [
  ['HTTP', () => http(spawned.url)],
  ['HTTP in batches', () => http(spawned.url, { batch: true })],
  ['WebSocket', () => webSocket(spawned.wsUrl)],
  ['a node in process', () => custom(local)],
]

const transferEvent = parseAbiItem(
  'event Transfer(address indexed from, address indexed to, uint256 value)',
)

describe.each(transports)('viem over %s', (_name, transport) => {
  let clients: Clients
  let token: Deployed

  beforeAll(async () => {
    clients = clientsOver(transport())
    token = await deployToken(clients)
  })

  it('knows the network', async () => {
    const { reader, wallet } = clients
    expect(await reader.getChainId()).toBe(31_337)
    expect(await wallet.requestAddresses()).toHaveLength(10)
    expect(await reader.request({ method: 'net_version' } as never)).toBe('31337')
    const block = await reader.getBlock({ includeTransactions: true })
    expect(block).toMatchObject({ gasLimit: 30_000_000n, baseFeePerGas: expect.any(BigInt) })
    expect(block.transactions[0]).toMatchObject({ from: alice.address.toLowerCase(), to: null })
    expect(await reader.getBlockNumber()).toBe(block.number)
  })

  it('deploys and reads', async () => {
    const { reader } = clients
    const { address, abi } = token
    const nonce = (await reader.getTransactionCount({ address: alice.address })) - 1
    expect(getContractAddress({ from: alice.address, nonce: BigInt(nonce) }).toLowerCase()).toBe(
      address,
    )
    const read = (functionName: string, args: readonly unknown[] = []) =>
      reader.readContract({ address, abi, functionName, args: [...args] })
    expect(await read('name')).toBe('Heddle Token')
    expect(await read('decimals')).toBe(18)
    expect(await read('owner')).toBe(alice.address)
    expect(await read('balanceOf', [alice.address])).toBe(SUPPLY)
    const code = await reader.getCode({ address })
    expect(code).toHaveLength(token.contract.deployedBytecode.length)
  })

  it('writes, with a key of its own and with an account of the node', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const before = await balanceOf(clients, token, bob.address)
    const call = { address, abi, functionName: 'transfer', args: [bob.address, 5n] } as const
    const signed = await wallet.writeContract(call)
    const receipt = await reader.waitForTransactionReceipt({ hash: signed })
    expect(receipt).toMatchObject({ status: 'success', type: 'eip1559', to: address })
    const byNode = await wallet.writeContract({ ...call, account: alice.address })
    const { logs } = await reader.waitForTransactionReceipt({ hash: byNode })
    expect(parseEventLogs({ abi, logs })).toMatchObject([
      { eventName: 'Transfer', args: { from: alice.address, to: bob.address, value: 5n } },
    ])
    expect((await balanceOf(clients, token, bob.address)) - before).toBe(10n)
  })

  it('estimates what a call uses', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const call = { address, abi, functionName: 'approve', args: [bob.address, 7n] } as const
    const gas = await reader.estimateContractGas({ ...call, account: alice })
    const hash = await wallet.writeContract({ ...call, gas })
    const receipt = await reader.waitForTransactionReceipt({ hash })
    expect(receipt.status).toBe('success')
    expect(gas).toBeGreaterThanOrEqual(receipt.gasUsed)
    expect(gas).toBeLessThan((receipt.gasUsed * 11n) / 10n)
  })

  it('sends ether and counts the fee', async () => {
    const { reader, wallet } = clients
    const to: Hex = '0x00000000000000000000000000000000000beef1'
    const [had, held] = await Promise.all([
      reader.getBalance({ address: alice.address }),
      reader.getBalance({ address: to }),
    ])
    const value = parseEther('1.5')
    const hash = await wallet.sendTransaction({ to, value })
    const receipt = await reader.waitForTransactionReceipt({ hash })
    const feeWei = receipt.gasUsed * receipt.effectiveGasPrice
    expect(await reader.getBalance({ address: to })).toBe(held + value)
    expect(await reader.getBalance({ address: alice.address })).toBe(had - value - feeWei)
    const transaction = await reader.getTransaction({ hash })
    expect(transaction).toMatchObject({ value, typeHex: '0x2', chainId: 31_337 })
    expect(await reader.getTransactionConfirmations({ hash })).toBe(1n)
  })

  it('reads many at once: by a contract, and by code that is not deployed', async () => {
    const { reader } = clients
    const { address, abi } = token
    const { address: multicallAddress } = await deploy(clients, 'Multicall')
    const contracts = [
      { address, abi, functionName: 'symbol' },
      { address, abi, functionName: 'balanceOf', args: [bob.address] },
      { address, abi, functionName: 'transfer', args: [bob.address, SUPPLY * 2n] },
    ]
    const bobs = await balanceOf(clients, token, bob.address)
    const wanted = [{ result: 'HDL' }, { result: bobs }, { status: 'failure' }]
    expect(await reader.multicall({ contracts, multicallAddress })).toMatchObject(wanted)
    expect(await reader.multicall({ contracts, deployless: true })).toMatchObject(wanted)
  })

  it('watches blocks and events, and stops', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const [numbers, values, errors]: [bigint[], bigint[], unknown[]] = [[], [], []]
    const onError = (error: Error): void => void errors.push(error)
    const stop = [
      reader.watchBlocks({
        emitMissed: true,
        onBlock: ({ number }) => void numbers.push(number),
        onError,
      }),
      reader.watchEvent({
        address,
        event: transferEvent,
        onError,
        onLogs: (logs) => values.push(...logs.map(({ args }) => args.value ?? 0n)),
      }),
    ]
    const transfer = async (value: bigint): Promise<bigint> => {
      const args = [bob.address, value]
      const hash = await wallet.writeContract({ address, abi, functionName: 'transfer', args })
      return (await reader.waitForTransactionReceipt({ hash })).blockNumber
    }
    // Nothing says when a watcher has begun to listen: it has once it hears something.
    while (values.length === 0 || numbers.length === 0) await transfer(1n)
    const first = await transfer(31n)
    const second = await transfer(32n)
    await until(() => numbers.includes(second) && values.includes(32n))
    for (const end of stop) end()
    expect(values.filter((value) => value !== 1n)).toEqual([31n, 32n])
    expect(numbers.slice(-2)).toEqual([first, second])
    expect(errors).toEqual([])
  })

  it('finds logs by event, argument and range', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const hash = await wallet.writeContract({
      address,
      abi,
      functionName: 'transfer',
      args: ['0x00000000000000000000000000000000000beef2', 77n],
    })
    const { blockNumber } = await reader.waitForTransactionReceipt({ hash })
    const found = await reader.getLogs({
      address,
      event: transferEvent,
      args: { to: '0x00000000000000000000000000000000000beef2' },
      fromBlock: 0n,
    })
    expect(found).toMatchObject([{ args: { value: 77n }, blockNumber, transactionHash: hash }])
    const none = { event: transferEvent, fromBlock: blockNumber, toBlock: blockNumber } as const
    expect(await reader.getLogs({ ...none, address: alice.address })).toEqual([])
    const block = await reader.getBlock({ blockNumber })
    expect(await reader.getLogs({ blockHash: block.hash })).toHaveLength(1)
    expect(await reader.getContractEvents({ address, abi, fromBlock: blockNumber })).toMatchObject([
      { eventName: 'Transfer', args: { value: 77n } },
    ])
  })

  it('keeps filters', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const events = await reader.createContractEventFilter({ address, abi, eventName: 'Approval' })
    const blocks = await reader.createBlockFilter()
    const pending = await reader.createPendingTransactionFilter()
    const data = encodeFunctionData({ abi, functionName: 'approve', args: [bob.address, 3n] })
    const hash = await wallet.sendTransaction({ to: address, data })
    const { blockHash } = await reader.waitForTransactionReceipt({ hash })
    expect(await reader.getFilterChanges({ filter: events })).toMatchObject([
      { args: { owner: alice.address, spender: bob.address, value: 3n } },
    ])
    expect(await reader.getFilterChanges({ filter: events })).toEqual([])
    expect(await reader.getFilterLogs({ filter: events })).toHaveLength(1)
    expect(await reader.getFilterChanges({ filter: blocks })).toEqual([blockHash])
    expect(await reader.getFilterChanges({ filter: pending })).toEqual([hash])
    expect(await reader.uninstallFilter({ filter: events })).toBe(true)
    expect(await reader.uninstallFilter({ filter: events })).toBe(false)
    await expect(reader.getFilterChanges({ filter: events })).rejects.toThrow('filter not found')
  })
})

async function balanceOf({ reader }: Clients, token: Deployed, account: Hex): Promise<bigint> {
  const { address, abi } = token
  const functionName = 'balanceOf'
  return (await reader.readContract({ address, abi, functionName, args: [account] })) as bigint
}

import { type Hex, createTestClient, custom, parseEther, toHex, zeroAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HeddleNode } from '../../src/node/node.ts'
import { nodeInProcess } from '../support/node.ts'
import {
  type Clients,
  STRANGER,
  alice,
  bob,
  carol,
  chain,
  clientsOver,
  deployToken,
  until,
} from './viem-clients.ts'

const account: Hex = '0x00000000000000000000000000000000000c0ffe'

describe.each(['anvil', 'hardhat'] as const)("viem's test client, in %s's dialect", (mode) => {
  let node: HeddleNode
  let clients: Clients
  let clean: Hex
  const connect = () => createTestClient({ mode, chain, transport: custom(node) })
  let cheat: ReturnType<typeof connect>

  beforeAll(async () => {
    node = await nodeInProcess()
    clients = clientsOver(custom(node))
    cheat = connect()
  })
  beforeEach(async () => {
    if (clean !== undefined) await cheat.revert({ id: clean })
    clean = await cheat.snapshot()
  })
  afterAll(() => node?.close())

  const timestampOf = async (): Promise<bigint> => (await clients.reader.getBlock()).timestamp
  const send = (nonce?: number, extra: { gasPrice?: bigint } = {}): Promise<Hex> =>
    clients.wallet.sendTransaction({ to: account, value: 1n, gas: 21_000n, nonce, ...extra })

  it('setBalance, setNonce, setCode, setStorageAt', async () => {
    const { reader } = clients
    await cheat.setBalance({ address: account, value: parseEther('3') })
    await cheat.setNonce({ address: account, nonce: 42 })
    await cheat.setStorageAt({ address: account, index: 7, value: toHex(9n, { size: 32 }) })
    // SLOAD(7), returned as a word.
    const bytecode = '0x60075460005260206000f3'
    await cheat.setCode({ address: account, bytecode })
    expect(await reader.getBalance({ address: account })).toBe(parseEther('3'))
    expect(await reader.getTransactionCount({ address: account })).toBe(42)
    expect(await reader.getStorageAt({ address: account, slot: '0x7' })).toBe(
      toHex(9n, { size: 32 }),
    )
    expect(await reader.getCode({ address: account })).toBe(bytecode)
    expect((await reader.call({ to: account })).data).toBe(toHex(9n, { size: 32 }))
  })

  it('impersonateAccount, stopImpersonatingAccount', async () => {
    const { reader, wallet } = clients
    await cheat.setBalance({ address: STRANGER, value: parseEther('1') })
    const transfer = { account: STRANGER, to: account, value: 5n } as const
    await expect(wallet.sendTransaction(transfer)).rejects.toThrow('unknown account')
    await cheat.impersonateAccount({ address: STRANGER })
    const hash = await wallet.sendTransaction(transfer)
    const receipt = await reader.waitForTransactionReceipt({ hash })
    expect(receipt).toMatchObject({ status: 'success', from: STRANGER })
    expect(await reader.getBalance({ address: account })).toBe(5n)
    await cheat.stopImpersonatingAccount({ address: STRANGER })
    await expect(wallet.sendTransaction(transfer)).rejects.toThrow('unknown account')
  })

  it('sendUnsignedTransaction', async () => {
    const { reader } = clients
    const transfer = { from: STRANGER, to: account, value: 6n } as const
    await cheat.setBalance({ address: STRANGER, value: parseEther('1') })
    await cheat.impersonateAccount({ address: STRANGER })
    const hash = await cheat.sendUnsignedTransaction(transfer)
    expect(await reader.waitForTransactionReceipt({ hash })).toMatchObject({ from: STRANGER })
    expect(await reader.getBalance({ address: account })).toBe(6n)
  })

  it('mine, with blocks and an interval', async () => {
    const { reader } = clients
    const before = await reader.getBlock()
    await cheat.mine({ blocks: 3, interval: 60 })
    const after = await reader.getBlock()
    expect(after.number).toBe(before.number + 3n)
    const previous = await reader.getBlock({ blockNumber: after.number - 1n })
    expect(after.timestamp - previous.timestamp).toBe(60n)
    expect(after.parentHash).toBe(previous.hash)
  })

  it('setAutomine, getAutomine, the pool, dropTransaction', async () => {
    const { reader } = clients
    expect(await cheat.getAutomine()).toBe(true)
    await cheat.setAutomine(false)
    expect(await cheat.getAutomine()).toBe(false)
    const nonce = await reader.getTransactionCount({ address: alice.address })
    const first = await send(nonce)
    const gapped = await send(nonce + 2)
    expect(await cheat.getTxpoolStatus()).toEqual({ pending: 1, queued: 1 })
    const { pending, queued } = await cheat.getTxpoolContent()
    const [sender] = [alice.address]
    expect(pending[sender]?.[`${nonce}`]).toMatchObject({ hash: first })
    expect(queued[sender]?.[`${nonce + 2}`]).toMatchObject({ hash: gapped })
    const inspected = await cheat.inspectTxpool()
    expect(inspected.pending[sender]?.[`${nonce}`]).toMatch(/: 1 wei \+ 21000 gas × \d+ wei$/)
    const count = (blockTag: 'latest' | 'pending') =>
      reader.getTransactionCount({ address: alice.address, blockTag })
    expect(await count('pending')).toBe(nonce + 1)
    await cheat.dropTransaction({ hash: first })
    expect(await cheat.getTxpoolStatus()).toEqual({ pending: 0, queued: 1 })
    await cheat.mine({ blocks: 1 })
    expect(await count('latest')).toBe(nonce)
    await send(nonce)
    await send(nonce + 1)
    await cheat.mine({ blocks: 1 })
    expect(await count('latest')).toBe(nonce + 3)
    await cheat.setAutomine(true)
  })

  it('setIntervalMining', async () => {
    const { reader } = clients
    const from = await reader.getBlockNumber()
    await cheat.setAutomine(false)
    const hash = await send()
    await cheat.setIntervalMining({ interval: 1 })
    await until(async () => (await reader.getBlockNumber()) > from)
    expect((await reader.getTransactionReceipt({ hash })).status).toBe('success')
    await cheat.setIntervalMining({ interval: 0 })
    await cheat.setAutomine(true)
  })

  it('increaseTime, setNextBlockTimestamp, setBlockTimestampInterval', async () => {
    const start = await timestampOf()
    await cheat.increaseTime({ seconds: 1_000 })
    await cheat.mine({ blocks: 1 })
    expect(await timestampOf()).toBeGreaterThanOrEqual(start + 1_000n)
    await cheat.setNextBlockTimestamp({ timestamp: start + 5_000n })
    await cheat.mine({ blocks: 1 })
    expect(await timestampOf()).toBe(start + 5_000n)
    await expect(cheat.setNextBlockTimestamp({ timestamp: start })).rejects.toThrow(
      /lower than or equal to the previous block's timestamp/,
    )
    await cheat.setBlockTimestampInterval({ interval: 17 })
    await cheat.mine({ blocks: 2 })
    expect(await timestampOf()).toBe(start + 5_034n)
    await cheat.removeBlockTimestampInterval()
    await cheat.mine({ blocks: 1 })
    expect(await timestampOf()).not.toBe(start + 5_051n)
  })

  it('setBlockGasLimit, setCoinbase, setNextBlockBaseFeePerGas', async () => {
    const { reader, wallet } = clients
    await cheat.setBlockGasLimit({ gasLimit: 12_345_678n })
    await cheat.setCoinbase({ address: carol.address })
    await cheat.setNextBlockBaseFeePerGas({ baseFeePerGas: 7_000_000_000n })
    const rich = await reader.getBalance({ address: carol.address })
    const hash = await wallet.sendTransaction({
      to: account,
      maxFeePerGas: 9_000_000_000n,
      maxPriorityFeePerGas: 1_000_000_000n,
    })
    const receipt = await reader.waitForTransactionReceipt({ hash })
    const block = await reader.getBlock({ blockHash: receipt.blockHash })
    expect(block).toMatchObject({
      gasLimit: 12_345_678n,
      baseFeePerGas: 7_000_000_000n,
      miner: carol.address.toLowerCase(),
    })
    expect(receipt.effectiveGasPrice).toBe(8_000_000_000n)
    const tipWei = 21_000n * 1_000_000_000n
    expect(await reader.getBalance({ address: carol.address })).toBe(rich + tipWei)
    await cheat.setCoinbase({ address: zeroAddress })
    await cheat.setBlockGasLimit({ gasLimit: 30_000_000n })
  })

  it('snapshot, revert', async () => {
    const { reader } = clients
    const { address } = await deployToken(clients)
    const head = await reader.getBlock()
    const id = await cheat.snapshot()
    await cheat.setBalance({ address: account, value: 8n })
    const hash = await send()
    await cheat.mine({ blocks: 4 })
    await cheat.revert({ id })
    expect((await reader.getBlock()).hash).toBe(head.hash)
    expect(await reader.getBalance({ address: account })).toBe(0n)
    expect(await reader.getCode({ address })).toMatch(/^0x60/)
    await expect(reader.getTransaction({ hash })).rejects.toThrow('could not be found')
    const again = await node.request({ method: 'evm_revert', params: [id] })
    expect(again).toBe(false)
  })

  it('setLoggingEnabled', async () => {
    const seen: string[] = []
    const stop = node.listen((event) => void seen.push(event.kind))
    await cheat.setLoggingEnabled(false)
    await clients.reader.getBlockNumber()
    const quiet = seen.filter((kind) => kind === 'request').length
    await cheat.setLoggingEnabled(true)
    await clients.reader.getBlockNumber()
    await until(() => seen.filter((kind) => kind === 'request').length > quiet)
    stop()
    expect(quiet).toBe(0)
  })

  it('reset', async () => {
    const { reader } = clients
    await send()
    await cheat.reset()
    expect(await reader.getBlockNumber()).toBe(0n)
    expect(await reader.getBalance({ address: alice.address })).toBe(parseEther('10000'))
    expect(await reader.getTransactionCount({ address: alice.address })).toBe(0)
    clean = await cheat.snapshot()
  })

  it('dumpState and loadState', async () => {
    const { reader } = clients
    await send()
    const state = await cheat.dumpState()
    const head = await reader.getBlock()
    await send()
    await cheat.loadState({ state })
    expect(await reader.getBlock()).toEqual(head)
    await cheat.reset()
    clean = await cheat.snapshot()
  })

  it('refuses what it does not do, by name', async () => {
    const { reader } = clients
    const before = await reader.getBlock()
    await expect(cheat.loadState({ state: '0x' })).rejects.toThrow(
      'the state cannot be loaded: not JSON: it ends too early',
    )
    await expect(cheat.setRpcUrl('http://127.0.0.1:1')).rejects.toThrow('nothing is forked')
    await expect(cheat.reset({ jsonRpcUrl: 'ftp://127.0.0.1:1', blockNumber: 1n })).rejects.toThrow(
      'ftp:// is not supported: expected http://, https://',
    )
    await expect(cheat.setMinGasPrice({ gasPrice: 1n })).rejects.toThrow(
      'not supported when EIP-1559 is active',
    )
    expect(await reader.getBlock()).toEqual(before)
  })
})

it('setMinGasPrice holds before London', async () => {
  await using node = await nodeInProcess({ hardfork: 'berlin' })
  const { wallet, reader } = clientsOver(custom(node), bob)
  const cheat = createTestClient({ mode: 'anvil', chain, transport: custom(node) })
  await cheat.setMinGasPrice({ gasPrice: 5_000n })
  const transfer = { to: account, type: 'legacy' } as const
  await expect(wallet.sendTransaction({ ...transfer, gasPrice: 4_999n })).rejects.toThrow(
    'underpriced',
  )
  const hash = await wallet.sendTransaction({ ...transfer, gasPrice: 5_000n })
  expect(await reader.waitForTransactionReceipt({ hash })).toMatchObject({
    type: 'legacy',
    effectiveGasPrice: 5_000n,
  })
})

import { verifyMerkleProof } from '@ethereumjs/mpt'
import cKzg from 'c-kzg'
import {
  type Hex,
  type TransactionSerializable,
  custom,
  encodeFunctionData,
  fromRlp,
  hexToBytes,
  keccak256,
  parseEther,
  parseGwei,
  setupKzg,
  toBlobs,
  toHex,
  verifyMessage,
  verifyTypedData,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeddleNode } from '../../src/node/node.ts'
import { nodeInProcess } from '../support/node.ts'
import {
  type Clients,
  type Deployed,
  SUPPLY,
  alice,
  bob,
  carol,
  clientsOver,
  deploy,
  deployToken,
} from './viem-clients.ts'

const receiver: Hex = '0x00000000000000000000000000000000000beef3'

let node: HeddleNode
let clients: Clients
let token: Deployed

beforeAll(async () => {
  node = await nodeInProcess()
  clients = clientsOver(custom(node))
  token = await deployToken(clients)
})
afterAll(() => node?.close())

/** What `nodes` prove of `key` under `root`, by a verifier that is not ours; undefined for an absence. */
async function proved(root: Hex, key: Hex, nodes: readonly Hex[]) {
  const value = await verifyMerkleProof(
    keccak256(key, 'bytes'),
    nodes.map((one) => hexToBytes(one)),
    { root: hexToBytes(root) },
  )
  return value === null ? undefined : fromRlp(value, 'hex')
}

describe('transactions that viem signs', () => {
  it('legacy, with and without a chain id', async () => {
    const { reader, wallet } = clients
    const nonce = await reader.getTransactionCount({ address: alice.address })
    const fields = { to: receiver, value: 1n, gas: 21_000n, gasPrice: parseGwei('3') } as const
    const protectedHash = await wallet.sendTransaction({ ...fields, type: 'legacy' })
    const raw = await alice.signTransaction({ ...fields, type: 'legacy', nonce: nonce + 1 })
    const bareHash = await wallet.sendRawTransaction({ serializedTransaction: raw })
    const receipt = await reader.waitForTransactionReceipt({ hash: bareHash })
    expect(receipt).toMatchObject({ type: 'legacy', effectiveGasPrice: parseGwei('3') })
    const signed = await reader.getTransaction({ hash: protectedHash })
    expect([62_709n, 62_710n]).toContain(signed.v)
    expect([27n, 28n]).toContain((await reader.getTransaction({ hash: bareHash })).v)
  })

  it('EIP-2930, with the access list that the node made', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const data = encodeFunctionData({ abi, functionName: 'transfer', args: [receiver, 1n] })
    const { accessList, gasUsed } = await reader.createAccessList({
      account: alice,
      to: address,
      data,
    })
    expect(accessList).toMatchObject([{ address }])
    expect(accessList[0]?.storageKeys).toHaveLength(2)
    const hash = await wallet.sendTransaction({
      type: 'eip2930',
      to: address,
      data,
      accessList,
      gasPrice: parseGwei('3'),
    })
    const receipt = await reader.waitForTransactionReceipt({ hash })
    expect(receipt).toMatchObject({ status: 'success', type: 'eip2930', gasUsed })
    expect((await reader.getTransaction({ hash })).accessList).toEqual(accessList)
  })

  it('EIP-1559: what is paid is the base fee and the tip, and the base fee is burnt', async () => {
    const { reader, wallet } = clients
    const hash = await wallet.sendTransaction({
      to: receiver,
      maxFeePerGas: parseGwei('50'),
      maxPriorityFeePerGas: parseGwei('2'),
    })
    const { effectiveGasPrice, blockNumber } = await reader.waitForTransactionReceipt({ hash })
    const { baseFeePerGas } = await reader.getBlock({ blockNumber })
    expect(effectiveGasPrice).toBe((baseFeePerGas ?? 0n) + parseGwei('2'))
  })

  it('EIP-4844, with the blob proofs that viem makes by c-kzg', async () => {
    const { reader, wallet } = clients
    const kzg = setupKzg({ ...cKzg, loadTrustedSetup: () => cKzg.loadTrustedSetup(0) }, '')
    const blobs = toBlobs({ data: toHex('threads that are kept apart'.repeat(50)) })
    const maxFeePerBlobGas = parseGwei('30')
    const hash = await wallet.sendTransaction({ blobs, kzg, to: receiver, maxFeePerBlobGas })
    const receipt = await reader.waitForTransactionReceipt({ hash })
    expect(receipt).toMatchObject({ status: 'success', type: 'eip4844', blobGasUsed: 131_072n })
    const transaction = await reader.getTransaction({ hash })
    expect(transaction.blobVersionedHashes).toHaveLength(1)
    expect(transaction.maxFeePerBlobGas).toBe(maxFeePerBlobGas)
    const { blobGasUsed } = await reader.getBlock({ blockNumber: receipt.blockNumber })
    expect(blobGasUsed).toBe(131_072n)
    const method = 'anvil_getBlobsByTransactionHash'
    expect(await node.request({ method, params: [hash] })).toEqual(blobs)
    expect(await reader.getBlobBaseFee()).toBe(1n)
  })

  it('EIP-7702: an account gets code, runs a batch, and loses it again', async () => {
    const { reader, wallet } = clients
    const { address: delegate, abi } = await deploy(clients, 'BatchDelegate')
    const authorization = await wallet.signAuthorization({
      account: carol,
      contractAddress: delegate,
    })
    const first = await wallet.sendTransaction({
      authorizationList: [authorization],
      to: carol.address,
      value: 1n,
    })
    const receipt = await reader.waitForTransactionReceipt({ hash: first })
    expect(receipt).toMatchObject({ status: 'success', type: 'eip7702' })
    const code = await reader.getCode({ address: carol.address })
    expect(code).toBe(`0xef0100${delegate.slice(2)}`)
    expect(await reader.getDelegation({ address: carol.address })).toSatisfy(
      (found: string) => found.toLowerCase() === delegate,
    )
    const calls = [3n, 4n].map((value) => ({ to: receiver, value, data: '0x' as const }))
    const before = await reader.getBalance({ address: receiver })
    const hash = await wallet.writeContract({
      account: carol,
      address: carol.address,
      abi,
      functionName: 'execute',
      args: [calls],
    })
    const batch = await reader.waitForTransactionReceipt({ hash })
    expect(batch).toMatchObject({ status: 'success', logs: [{}] })
    expect(await reader.getBalance({ address: receiver })).toBe(before + 7n)
    const undo = await wallet.signAuthorization({
      account: carol,
      contractAddress: '0x0000000000000000000000000000000000000000',
    })
    const last = await wallet.sendTransaction({ authorizationList: [undo], to: receiver })
    await reader.waitForTransactionReceipt({ hash: last })
    expect(await reader.getCode({ address: carol.address })).toBeUndefined()
  })

  it('is answered with its receipt, where asked so', async () => {
    const { reader, wallet } = clients
    const request = await wallet.prepareTransactionRequest({ to: receiver, value: 2n })
    expect(request).toMatchObject({ type: 'eip1559', gas: 21_000n, chainId: 31_337 })
    const serializedTransaction = await alice.signTransaction(request as TransactionSerializable)
    const receipt = await wallet.sendRawTransactionSync({ serializedTransaction })
    expect(receipt).toMatchObject({ status: 'success', to: receiver })
    expect(receipt.transactionHash).toBe(keccak256(serializedTransaction))
    expect(await reader.getTransactionReceipt({ hash: receipt.transactionHash })).toEqual(receipt)
    await expect(wallet.sendRawTransactionSync({ serializedTransaction })).rejects.toThrow(
      /nonce too low|already known/,
    )
  })

  it('fills in what is left open', async () => {
    const { reader } = clients
    const nonce = await reader.getTransactionCount({ address: alice.address })
    const { transaction } = await reader.fillTransaction({ account: alice.address, to: receiver })
    expect(transaction).toMatchObject({ gas: 21_000n, nonce, type: 'eip1559' })
  })
})

describe('what an account of the node signs', () => {
  const address = bob.address
  const message = 'weave'
  const typedData = {
    domain: { name: 'Heddle', version: '1', chainId: 31_337, verifyingContract: receiver },
    types: {
      Person: [
        { name: 'name', type: 'string' },
        { name: 'wallets', type: 'address[]' },
      ],
      Mail: [
        { name: 'from', type: 'Person' },
        { name: 'contents', type: 'bytes' },
      ],
    },
    primaryType: 'Mail',
    message: { from: { name: 'Ada', wallets: [receiver, address] }, contents: '0xc0ffee' },
  } as const

  it('a message', async () => {
    const signature = await clients.wallet.signMessage({ account: address, message })
    expect(signature).toBe(await bob.signMessage({ message }))
    expect(await verifyMessage({ address, message, signature })).toBe(true)
  })

  it('typed data', async () => {
    const signature = await clients.wallet.signTypedData({ account: address, ...typedData })
    expect(signature).toBe(await bob.signTypedData(typedData))
    expect(await verifyTypedData({ address, ...typedData, signature })).toBe(true)
    expect(await clients.reader.verifyTypedData({ address, ...typedData, signature })).toBe(true)
  })

  it('a transaction', async () => {
    const { reader, wallet } = clients
    const nonce = await reader.getTransactionCount({ address })
    const fields = {
      to: receiver,
      value: 1n,
      gas: 21_000n,
      maxFeePerGas: parseGwei('5'),
      maxPriorityFeePerGas: parseGwei('1'),
      nonce,
    }
    const raw = await wallet.signTransaction({ account: address, ...fields })
    expect(raw).toBe(await bob.signTransaction({ ...fields, type: 'eip1559', chainId: 31_337 }))
  })
})

describe('reads', () => {
  it('fees: price, tip, history and what a wallet offers', async () => {
    const { reader, wallet } = clients
    await wallet.sendTransaction({ to: receiver, maxPriorityFeePerGas: parseGwei('3') })
    const { baseFeePerGas, number } = await reader.getBlock()
    const tip = await reader.estimateMaxPriorityFeePerGas()
    const fees = await reader.estimateFeesPerGas()
    expect(fees.maxFeePerGas).toBeGreaterThan(tip)
    expect(await reader.getGasPrice()).toBeGreaterThan(0n)
    const history = await reader.getFeeHistory({ blockCount: 2, rewardPercentiles: [10, 90] })
    expect(history.oldestBlock).toBe(number - 1n)
    expect(history.baseFeePerGas).toHaveLength(3)
    expect(history.baseFeePerGas[1]).toBe(baseFeePerGas)
    expect(history.reward?.[1]).toEqual([parseGwei('3'), parseGwei('3')])
    expect(history.gasUsedRatio[1]).toBeCloseTo(21_000 / 30_000_000)
  })

  it('a proof, which holds against the state root', async () => {
    const { reader } = clients
    const { address } = token
    const { stateRoot } = await reader.getBlock()
    const key = toHex(0n, { size: 32 })
    const proof = await reader.getProof({ address, storageKeys: [key] })
    expect(await proved(stateRoot, address, proof.accountProof)).toEqual([
      toHex(proof.nonce, { size: 1 }),
      proof.balance === 0n ? '0x' : toHex(proof.balance),
      proof.storageHash,
      proof.codeHash,
    ])
    const [slot] = proof.storageProof
    const stored = await reader.getStorageAt({ address, slot: key })
    expect(BigInt(stored ?? '0x')).toBe(slot?.value)
    expect(await proved(proof.storageHash, key, slot?.proof ?? [])).toBe(toHex(slot?.value ?? 0n))
  })

  it('proofs of several words, of what is not there, and at an earlier block', async () => {
    const { reader, wallet } = clients
    const { address } = token
    const earlier = await reader.getBlock()
    await wallet.sendTransaction({ to: bob.address, value: 5n })
    const latest = await reader.getBlock()
    const keys = [0n, 2n ** 255n, 1n, 12_345n].map((key) => toHex(key, { size: 32 }))
    for (const { number, stateRoot } of [earlier, latest]) {
      const at = { blockNumber: number }
      const proof = await reader.getProof({ address, storageKeys: keys, ...at })
      expect(await proved(stateRoot, address, proof.accountProof)).toContain(proof.storageHash)
      expect(proof.storageProof.map(({ value }) => value === 0n)).toContain(true)
      for (const [index, { value, proof: nodes }] of proof.storageProof.entries()) {
        const word = await proved(proof.storageHash, keys[index]!, nodes)
        expect(word === undefined ? 0n : BigInt(word as Hex)).toBe(value)
      }
      const { accountProof, balance } = await reader.getProof({
        address: bob.address,
        storageKeys: [],
        ...at,
      })
      expect(await reader.getBalance({ address: bob.address, ...at })).toBe(balance)
      const account = (await proved(stateRoot, bob.address, accountProof)) as readonly Hex[]
      expect(BigInt(account[1]!)).toBe(balance)
      const nobody: Hex = '0x00000000000000000000000000000000000beef5'
      const absence = await reader.getProof({ address: nobody, storageKeys: [], ...at })
      expect(await proved(stateRoot, nobody, absence.accountProof)).toBeUndefined()
    }
    expect(latest.stateRoot).not.toBe(earlier.stateRoot)
  })

  it('under overrides of state and block', async () => {
    const { reader } = clients
    const { address, abi } = token
    const stranger: Hex = '0x00000000000000000000000000000000000beef4'
    const read = (stateDiff?: { slot: Hex; value: Hex }[]) =>
      reader.readContract({
        address,
        abi,
        functionName: 'totalSupply',
        ...(stateDiff && { stateOverride: [{ address, stateDiff }] }),
      })
    const supplySlot = token.contract.storageLayout.storage.find(
      ({ label }) => label === 'totalSupply',
    )?.slot
    const slot = toHex(BigInt(supplySlot ?? -1), { size: 32 })
    expect(await read([{ slot, value: toHex(123n, { size: 32 }) }])).toBe(123n)
    expect(await read()).toBe(SUPPLY)
    // NUMBER, TIMESTAMP and BASEFEE, as three words.
    const code = '0x435f52426020524860405260605ff3'
    const { data } = await reader.call({
      to: stranger,
      stateOverride: [{ address: stranger, code }],
      blockOverrides: { number: 77n, time: 88n, baseFeePerGas: 99n },
      account: alice,
      gasPrice: 100n,
    })
    expect(data).toBe(toHex((77n << 512n) | (88n << 256n) | 99n, { size: 96 }))
    const poor = { account: stranger, to: receiver, value: parseEther('5') } as const
    await expect(reader.estimateGas(poor)).rejects.toThrow(/exceeds the balance|insufficient/)
    const balance = parseEther('6')
    const stateOverride = [{ address: stranger, balance }]
    expect(await reader.estimateGas({ ...poor, stateOverride })).toBe(21_000n)
    expect(await reader.getBalance({ address: stranger })).toBe(0n)
  })

  it('history: state as it was in an older block', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const call = { address, abi, functionName: 'balanceOf', args: [receiver] } as const
    const [blockNumber, had] = [await reader.getBlockNumber(), await reader.readContract(call)]
    const hash = await wallet.writeContract({
      address,
      abi,
      functionName: 'transfer',
      args: [receiver, 100n],
    })
    await reader.waitForTransactionReceipt({ hash })
    expect(await reader.readContract({ ...call, blockNumber })).toBe(had)
    expect(await reader.readContract(call)).toBe((had as bigint) + 100n)
    expect(await reader.getBlockTransactionCount({ blockNumber: 0n })).toBe(0)
  })

  it('traces, by request', async () => {
    const { reader, wallet } = clients
    const { address, abi } = token
    const hash = await wallet.writeContract({
      address,
      abi,
      functionName: 'transfer',
      args: [bob.address, 1n],
    })
    const { gasUsed } = await reader.waitForTransactionReceipt({ hash })
    const trace = (params: unknown[]) =>
      reader.request({ method: 'debug_traceTransaction', params } as never) as Promise<unknown>
    expect(
      await trace([hash, { tracer: 'callTracer', tracerConfig: { withLog: true } }]),
    ).toMatchObject({ type: 'CALL', to: address, gasUsed: toHex(gasUsed), logs: [{ address }] })
    const steps = (await trace([hash])) as { gas: number; structLogs: { op: string }[] }
    expect(BigInt(steps.gas)).toBe(gasUsed)
    expect(steps.structLogs.filter(({ op }) => op === 'SSTORE')).toHaveLength(2)
  })
})

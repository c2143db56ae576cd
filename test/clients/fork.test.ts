import { type Hex, createTestClient, http, parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnAnvil } from '../support/anvil.ts'
import { nodeInProcess, serveOnFreePort, spawnNode } from '../support/node.ts'
import { ensurePeers } from '../support/peers.ts'
import {
  type Clients,
  STRANGER,
  alice,
  bob,
  chain,
  clientsOver,
  deployToken,
} from './viem-clients.ts'

type Token = Awaited<ReturnType<typeof deployToken>>

interface Past {
  readonly token: Token
  /** A transfer of the token before the fork. */
  readonly transfer: Hex
}

let anvil: Awaited<ReturnType<typeof spawnAnvil>>
let past: Past
beforeAll(async () => {
  await ensurePeers()
  anvil = await spawnAnvil()
  past = await makePast(clientsOver(http(anvil.url)))
})
afterAll(() => anvil.stop())

async function makePast(clients: Clients): Promise<Past> {
  const { reader, wallet } = clients
  const token = await deployToken(clients)
  const { address, abi } = token
  const args = [bob.address, 1_000n]
  const transfer = await wallet.writeContract({ address, abi, functionName: 'transfer', args })
  await reader.waitForTransactionReceipt({ hash: transfer })
  const hash = await wallet.sendTransaction({ to: STRANGER, value: parseEther('3') })
  await reader.waitForTransactionReceipt({ hash })
  return { token, transfer }
}

/** What a user does on a fork, and what answers say of it that does not depend on the node. */
async function useFork(url: string): Promise<object> {
  const clients = clientsOver(http(url))
  const { reader, wallet } = clients
  const cheat = createTestClient({ mode: 'anvil', chain, transport: http(url) })
  const { address, abi } = past.token
  const balanceOf = (who: Hex, blockNumber?: bigint): Promise<unknown> =>
    reader.readContract({
      address,
      abi,
      functionName: 'balanceOf',
      args: [who],
      ...(blockNumber === undefined ? {} : { blockNumber }),
    })
  const forked = await reader.getBlock({ includeTransactions: true })
  const before = {
    block: [forked.number, forked.hash, forked.transactions.length],
    balances: [await balanceOf(alice.address), await balanceOf(bob.address)],
    earlier: await balanceOf(bob.address, 1n),
    ether: await reader.getBalance({ address: STRANGER }),
    earlierEther: await reader.getBalance({ address: STRANGER, blockNumber: 1n }),
    nonce: await reader.getTransactionCount({ address: alice.address }),
  }
  const args = [STRANGER, 5n]
  const hash = await wallet.writeContract({ address, abi, functionName: 'transfer', args })
  const receipt = await reader.waitForTransactionReceipt({ hash })
  await cheat.impersonateAccount({ address: STRANGER })
  const gas = 100_000n
  const spent = await wallet.writeContract({
    account: STRANGER,
    address,
    abi,
    functionName: 'transfer',
    args: [bob.address, 2n],
    gas,
  })
  await reader.waitForTransactionReceipt({ hash: spent })
  await cheat.mine({ blocks: 2 })
  const logs = await reader.getLogs({ address, fromBlock: 0n, toBlock: 'latest' })
  const old = await reader.getTransactionReceipt({ hash: past.transfer })
  const { input, from } = await reader.getTransaction({ hash: past.transfer })
  const traced = (await reader.request({
    method: 'debug_traceTransaction',
    params: [hash, { tracer: 'callTracer' }],
  } as never)) as { readonly to: Hex; readonly gasUsed: Hex; readonly output?: Hex }
  return {
    before,
    chainId: await reader.getChainId(),
    after: [await balanceOf(bob.address), await balanceOf(STRANGER)],
    receipt: [receipt.status, receipt.gasUsed, receipt.blockNumber, receipt.logs[0]?.data],
    head: await reader.getBlockNumber(),
    logs: logs.map(({ blockNumber, topics, data, logIndex }) => ({
      blockNumber,
      topics,
      data,
      logIndex,
    })),
    old: [old.status, old.gasUsed, old.effectiveGasPrice, old.blockHash, old.logs.length],
    oldTransaction: [input, from],
    traced: [traced.to, traced.gasUsed, traced.output],
    word: await reader.getStorageAt({ address, slot: `0x${'0'.repeat(64)}` }),
    code: (await reader.getCode({ address }))?.length,
    estimate: await reader.estimateContractGas({
      account: alice.address,
      address,
      abi,
      functionName: 'transfer',
      args,
    }),
  }
}

describe('a fork of Anvil', () => {
  it('answers as a fork of Anvil by Anvil does', async () => {
    await using other = await spawnAnvil(['--fork-url', anvil.url])
    await using node = await spawnNode({ flags: ['--fork-url', anvil.url] })
    const { estimate: theirEstimate, ...theirs } = (await useFork(other.url)) as {
      estimate: bigint
    }
    const { estimate, ...ours } = (await useFork(node.url)) as { estimate: bigint }
    expect(ours).toEqual(theirs)
    // Both are upper bounds, found in steps.
    expect(Number(estimate) / Number(theirEstimate)).toBeCloseTo(1, 1)
  })

  it('answers the same over a node of our own that is a fork itself', async () => {
    await using first = await spawnNode({ flags: ['--fork-url', anvil.url] })
    await using second = await spawnNode({ flags: ['-f', first.url] })
    await using direct = await spawnNode({ flags: ['--rpc-url', anvil.url, '--no-rate-limit'] })
    expect(await useFork(second.url)).toEqual(await useFork(direct.url))
  })

  it('runs blocks in lanes, which wait for what is fetched', async () => {
    const { token } = past
    const results = []
    for (const executor of ['serial', 'optimistic', 'block-stm'] as const) {
      const fork = { url: anvil.url }
      const forced = {
        executor,
        workers: 2,
        forceParallel: true,
        mining: { kind: 'manual' },
      } as const
      await using node = await nodeInProcess({ ...forced, fork })
      const { url } = await serveOnFreePort(node)
      const { reader, wallet } = clientsOver(http(url))
      const executors: string[] = []
      node.listen((event) => {
        if (event.kind === 'mined') executors.push(event.executor)
      })
      const hashes: Hex[] = []
      const nonce = await reader.getTransactionCount({ address: alice.address })
      for (let at = 0; at < 8; at++) {
        const to: Hex = `0x${(0xabc00 + at).toString(16).padStart(40, '0')}`
        const { address, abi } = token
        const common = { gas: 90_000n, nonce: nonce + at } as const
        const args = [to, BigInt(at + 1)]
        hashes.push(
          await wallet.writeContract({ address, abi, functionName: 'transfer', args, ...common }),
        )
      }
      const { timestamp } = await reader.getBlock()
      await node.request({ method: 'evm_mine', params: [Number(timestamp) + 100] })
      const receipts = await Promise.all(
        hashes.map((hash) => reader.getTransactionReceipt({ hash })),
      )
      const { stateRoot, receiptsRoot } = await reader.getBlock()
      expect(receipts.map(({ status }) => status)).toEqual(hashes.map(() => 'success'))
      results.push([receiptsRoot, stateRoot])
      while (executors.length === 0) await new Promise((done) => setTimeout(done, 5))
      expect(executors).toEqual([executor])
    }
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })
})

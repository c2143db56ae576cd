import { createWalletClient, custom, parseEther, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { describe, expect, it } from 'vitest'

import { parallelActions } from '../../../../src/client/viem.ts'
import type { PresetName } from '../../../../src/node/pipeline/presets.ts'
import { KEYS } from '../../../support/node.ts'
import { virtualNode } from './support.ts'

/** What a dapp has in hand. */
async function openDapp(preset: PresetName) {
  const run = await virtualNode({ preset })
  const account = privateKeyToAccount(KEYS[0])
  const transport = custom(run.node, { retryCount: 0 })
  const client = createWalletClient({ account, chain: foundry, transport, pollingInterval: 5 })
    .extend(publicActions)
    .extend(parallelActions())
  /** Time passes while the dapp waits. */
  const meanwhile = async <T>(waiting: Promise<T>): Promise<T> => {
    let isOver = false
    const over = waiting.finally(() => (isOver = true))
    over.catch(() => undefined)
    while (!isOver) {
      await client.advanceConsensus({ ms: 20 })
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return over
  }
  const reach = async (blockTag: 'safe' | 'finalized', number: bigint): Promise<void> => {
    await run.until(async () => (await client.getBlock({ blockTag })).number >= number)
  }
  return { run, client, account, meanwhile, reach }
}

describe.each(['monad', 'megaeth'] as const)('a dapp’s day under %s', (preset) => {
  it('sends, waits for the receipt, for safe and for finalized', async () => {
    const { run, client, account, meanwhile, reach } = await openDapp(preset)
    await using _run = run
    const to = run.node.accounts[1]!.address
    const before = await client.getBalance({ address: to })
    const hash = await client.sendTransaction({ to, value: parseEther('1') })
    const receipt = await meanwhile(client.waitForTransactionReceipt({ hash }))
    expect(receipt).toMatchObject({ status: 'success', from: account.address.toLowerCase() })
    expect(await client.getBalance({ address: to })).toBe(before + parseEther('1'))
    expect(await client.getBalance({ address: to, blockTag: 'finalized' })).toBe(before)
    await reach('safe', receipt.blockNumber)
    await reach('finalized', receipt.blockNumber)
    const final = { address: to, blockTag: 'finalized' } as const
    expect(await client.getBalance(final)).toBe(before + parseEther('1'))
    expect(await client.getTransactionCount({ address: account.address })).toBe(1)
  })

  it('survives a block that is lost, or a sequencer that is down', async () => {
    const { run, client, meanwhile, reach } = await openDapp(preset)
    await using _run = run
    const to = run.node.accounts[1]!.address
    await client.advanceConsensus({ ms: 1_000 })
    const { active } = await client.injectFault(
      preset === 'monad'
        ? { kind: 'partition', groups: [['leader']], forMs: 6_000 }
        : { kind: 'crash', validator: 0, forMs: 6_000 },
    )
    expect(active).toHaveLength(1)
    const hash = await client.sendTransaction({ to, value: 1n })
    const first = await meanwhile(client.waitForTransactionReceipt({ hash, timeout: 60_000 }))
    await meanwhile(run.until(({ nowMs }) => nowMs > 8_000))
    await run.until(async () => (await client.getBlock({ blockTag: 'latest' })).number > 5n)
    const receipt = await meanwhile(client.waitForTransactionReceipt({ hash, timeout: 60_000 }))
    await reach('finalized', receipt.blockNumber)
    const block = await client.getBlock({ blockNumber: receipt.blockNumber })
    expect(block.transactions).toContain(hash)
    const { blocks } = await client.getConsensusTimeline({ last: 1_024 })
    const lost = blocks.filter(
      ({ state, transactions }) => state === 'withdrawn' && transactions > 0,
    )
    expect(lost.map((it) => it.hash)).toEqual(preset === 'monad' ? [first.blockHash] : [])
    expect(await client.getConsensusStatus()).toMatchObject({ kind: 'pipeline', standsStill: null })
  })
})

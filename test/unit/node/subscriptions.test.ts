import { afterEach, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex, slotOf } from '../../../src/primitives/hex.ts'
import { asm } from '../../contract/engine-world.ts'

let node: HeddleNode
afterEach(() => node.close())

const COUNTER = `0x${'c0'.repeat(20)}`

async function start() {
  node = await createNode({ workers: 1, artefactDirs: [], mining: { kind: 'manual' } })
  const ask = <T>(method: string, ...params: unknown[]): Promise<T> =>
    node.request({ method, params }) as Promise<T>
  const heard = new Map<string, unknown[]>()
  node.on('message', (message) => {
    const { subscription, result } = (
      message as { data: { subscription: string; result: unknown } }
    ).data
    heard.set(subscription, [...(heard.get(subscription) ?? []), result])
  })
  const subscribe = async (...params: unknown[]) => {
    const id = await ask<string>('eth_subscribe', ...params)
    return () => heard.get(id) ?? []
  }
  await ask('anvil_setCode', COUNTER, bytesToHex(asm('0x00 SLOAD 0x01 ADD 0x00 SSTORE')))
  const count = (from: number): Promise<string> =>
    ask('eth_sendTransaction', { from: node.accounts[from]!.address, to: COUNTER, gas: '0x20000' })
  return { ask, subscribe, count }
}

it('transactionReceipts: those of a block together, of all or of some transactions', async () => {
  const { ask, subscribe, count } = await start()
  const hashes = [await count(0), await count(1)]
  const all = await subscribe('transactionReceipts')
  const one = await subscribe('transactionReceipts', { transactionHashes: [hashes[1]] })
  const none = await subscribe('transactionReceipts', {
    transactionHashes: [`0x${'00'.repeat(32)}`],
  })
  await ask('anvil_mine', 2)
  await expect.poll(all).toEqual([await ask('eth_getBlockReceipts', '0x1')])
  await expect.poll(one).toEqual([[await ask('eth_getTransactionReceipt', hashes[1])]])
  expect(none()).toEqual([])
  const many = Array.from({ length: 201 }, () => hashes[0])
  await expect(subscribe('transactionReceipts', { transactionHashes: many })).rejects.toThrow(
    '`options.transactionHashes`: expected at most 200 hashes, got a list of 201',
  )
})

it('stateChanges: accounts as a block leaves them, and the words that it wrote', async () => {
  const { ask, subscribe, count } = await start()
  const [from] = node.accounts
  const counter = await subscribe('stateChanges', [COUNTER])
  const sender = await subscribe('stateChanges', [from!.address])
  await count(0)
  await count(1)
  await ask('evm_mine')
  await ask('evm_mine')
  await expect
    .poll(counter)
    .toEqual([
      { address: COUNTER, nonce: 0, balance: '0x0', storage: { [slotOf(0n)]: slotOf(2n) } },
    ])
  const balance = await ask('eth_getBalance', from!.address)
  await expect.poll(sender).toEqual([{ address: from!.address, nonce: 1, balance, storage: {} }])
})

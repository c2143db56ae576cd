import { describe, expect, it } from 'vitest'

import { newChain, openChain } from '../../../src/chain/open-chain.ts'
import { decodeBlock, encodeBlock } from '../../../src/model/codec/block.ts'
import type { Block } from '../../../src/model/block.ts'
import { FORKS, type ForkName, isActive } from '../../../src/model/fork.ts'
import { signAuthorization } from '../../../src/model/signer.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import {
  CHAIN_ID,
  GWEI,
  USERS,
  devChain,
  executor,
  genesisAt,
  referenceExecutor,
  send,
  signed,
  transfer,
  transferFields,
} from '../../support/dev-chain.ts'

/** PUSH1 1 PUSH1 0 SSTORE, LOG1, and returns two bytes of code. */
const INIT_CODE = hexToBytes('0x600160005560aa60006000a16002600af3')

/** A chain with creations, logs, transfers and empty blocks, as far as `fork` has them. */
async function grow(fork: ForkName): Promise<readonly Block[]> {
  const dev = devChain({ fork })
  const rules = { fork, blob: undefined }
  const common = {
    valueWei: 1n,
    data: new Uint8Array(0),
    chainId: undefined,
    gasPriceWei: 9n * GWEI,
  }
  send(
    dev,
    signed(0, { ...common, type: 0, nonce: 0n, gasLimit: 21_000n, to: USERS[3]! }),
    signed(1, {
      ...common,
      type: 0,
      nonce: 0n,
      gasLimit: 200_000n,
      to: null,
      valueWei: 0n,
      data: INIT_CODE,
    }),
  )
  const blocks = [await dev.mine(), await dev.mine()]
  if (isActive(rules, 'london')) {
    send(dev, transfer(0, 1n), transfer(2, 0n))
    blocks.push(await dev.mine())
  }
  if (isActive(rules, 'prague')) {
    const key = hexToBytes(`0x${'7'.padStart(64, '0')}`)
    const authorizationList = [
      signAuthorization({ chainId: CHAIN_ID, address: USERS[1]!, nonce: 0n }, key),
    ]
    const fields = transferFields(2n, { gasLimit: 100_000n })
    send(dev, signed(0, { ...fields, type: 4, to: USERS[3]!, authorizationList }))
    blocks.push(await dev.mine())
  }
  return blocks
}

describe.each([
  ['its own engine', executor],
  ['the reference engine', referenceExecutor],
])('a chain’s blocks are taken back in on %s, hash by hash', (_name, importer) => {
  for (const fork of FORKS) {
    it(`under the rules of ${fork}`, async () => {
      const blocks = await grow(fork)
      const chain = newChain(genesisAt(fork), importer)
      for (const block of blocks) {
        const decoded = decodeBlock(encodeBlock(block))
        if (!decoded.ok) throw new Error(decoded.error)
        expect(decoded.value.hash).toBe(block.hash)
        const outcome = await chain.import(decoded.value)
        expect(outcome.kind === 'refused' ? outcome.detail : outcome.kind).toBe('imported')
      }
      expect(chain.head.block.hash).toBe(blocks.at(-1)!.hash)
    })
  }
})

describe('a chain refuses', () => {
  const altered = async (
    change: Partial<Block['header']>,
    fork: ForkName = 'osaka',
  ): Promise<string> => {
    const [first] = await grow(fork)
    const chain = newChain(genesisAt(fork), executor)
    const outcome = await chain.import({ ...first!, header: { ...first!.header, ...change } })
    expect(chain.head.block.header.number).toBe(0n)
    return outcome.kind === 'refused' ? outcome.detail : outcome.kind
  }

  it('a state root that execution does not yield', async () => {
    expect(await altered({ stateRoot: `0x${'ab'.repeat(32)}` as never })).toMatch(
      /^stateRoot: the header says/,
    )
  })

  it('gas used that was not', async () => {
    expect(await altered({ gasUsed: 1n })).toMatch(/^gasUsed: the header says 1, computed/)
  })

  it('requests that nobody made', async () => {
    expect(await altered({ requestsHash: `0x${'ab'.repeat(32)}` as never })).toMatch(
      /^requestsHash/,
    )
  })

  it('an access list that is not the block’s (EIP-7928)', async () => {
    const change = { blockAccessListHash: `0x${'ab'.repeat(32)}` as never }
    expect(await altered(change, 'amsterdam')).toMatch(/^blockAccessListHash: the header says/)
    expect(await altered({ blockAccessListHash: undefined }, 'amsterdam')).toMatch(/missing/)
  })

  it('a base fee that the parent does not give', async () => {
    expect(await altered({ baseFeePerGasWei: 1n })).toMatch(/baseFeePerGas/)
  })

  it('a time that is not after the parent’s', async () => {
    expect(await altered({ timestamp: 1n })).toMatch(/timestamp/)
  })

  it('a block whose parent it does not know, and one that it knows', async () => {
    const blocks = await grow('osaka')
    const chain = newChain(genesisAt('osaka'), executor)
    expect(await chain.import(blocks[1]!)).toMatchObject({ kind: 'refused' })
    await chain.import(blocks[0]!)
    expect(await chain.import(blocks[0]!)).toMatchObject({ kind: 'refused' })
  })
})

it('a longer side chain becomes the chain, and the old blocks are taken back', async () => {
  const short = devChain()
  send(short, transfer(0, 0n))
  const old = await short.mine()
  const long = devChain()
  send(long, transfer(1, 0n))
  const news = [await long.mine(), await long.mine()]

  const chain = newChain(genesisAt('osaka'), executor)
  await chain.import(old)
  expect(await chain.import(news[0]!)).toMatchObject({ kind: 'imported', removed: [] })
  expect(chain.head.block.hash).toBe(old.hash)
  const outcome = await chain.import(news[1]!)
  expect(outcome).toMatchObject({ kind: 'imported', removed: [{ block: { hash: old.hash } }] })
  expect(chain.head.block.hash).toBe(news[1]!.hash)
  expect(chain.history.byNumber(1n)?.block.hash).toBe(news[0]!.hash)
  expect(chain.history.place(old.transactions[0]!.hash)).toBeUndefined()
})

describe('a chain that is kept', () => {
  it('goes on where it was, with blocks, receipts and state', async () => {
    const kv = createMemoryKv()
    const first = openChain(genesisAt('osaka'), executor, kv, { identity: 'test' })
    const dev = devChain({ chain: first.chain })
    send(dev, transfer(0, 0n), transfer(1, 0n))
    await dev.mine()
    await dev.mine()
    const { history } = dev.chain
    await first.disk.flush()

    const again = openChain(genesisAt('osaka'), executor, kv, { identity: 'test' })
    expect(again.chain.head.block).toEqual(history.head.block)
    expect(again.chain.history.byNumber(1n)?.receipts).toEqual(history.byNumber(1n)?.receipts)
    const next = devChain({ chain: again.chain })
    expect(next.view.account(USERS[0]!)?.nonce).toBe(1n)
    send(next, transfer(0, 1n))
    send(dev, transfer(0, 1n))
    expect((await next.mine()).hash).toBe((await dev.mine()).hash)
  })

  it('is not taken for another', async () => {
    const kv = createMemoryKv()
    await openChain(genesisAt('osaka'), executor, kv, { identity: 'one' }).disk.flush()
    const other = { identity: 'two' }
    expect(() => openChain(genesisAt('osaka'), executor, kv, other)).toThrow(/another chain/)
  })
})

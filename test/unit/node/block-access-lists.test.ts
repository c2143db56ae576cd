import { mnemonicToAccount } from 'viem/accounts'
import { afterEach, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex, hexToBytes, slotOf } from '../../../src/primitives/hex.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'
import { asm } from '../../contract/engine-world.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

const JUNK = 'test test test test test test test test test test test junk'
/** Adds one to slot 0 and reads slot 1. */
const COUNTER = `0x${'c0'.repeat(20)}`
const COUNT = bytesToHex(asm('0x00 SLOAD 0x01 ADD 0x00 SSTORE 0x01 SLOAD POP'))
const word = (value: number): string => slotOf(BigInt(value))

interface Access {
  readonly address: string
  readonly storageChanges: { key: string; changes: { index: string; value: string }[] }[]
  readonly storageReads: string[]
  readonly balanceChanges: { index: string; value: string }[]
  readonly nonceChanges: { index: string; value: string }[]
  readonly codeChanges: { index: string; code: string }[]
}

/** A node whose block 1 has two calls of the counter, from two senders. */
async function start(config: Partial<NodeConfig> = {}) {
  const made = await createNode({
    workers: 1,
    artefactDirs: [],
    mining: { kind: 'manual' },
    ...config,
  })
  node = made
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    made.request({ method, params })
  await ask('anvil_setCode', COUNTER, COUNT)
  const senders = made.accounts.slice(0, 2).map(({ address }) => address)
  for (const from of senders) {
    await ask('eth_sendTransaction', { from, to: COUNTER, gas: '0x7a120' })
  }
  await ask('evm_mine')
  const list = async (block: unknown = '0x1') =>
    (await ask('eth_getBlockAccessList', block)) as readonly Access[]
  return { ask, list, senders }
}

describe('eth_getBlockAccessList', () => {
  it.each(['berlin', 'osaka', 'amsterdam'] as const)(
    'has what a block of %s did',
    async (hardfork) => {
      const { list, senders } = await start({ hardfork })
      const accounts = await list()
      expect(accounts.find(({ address }) => address === COUNTER)).toEqual({
        address: COUNTER,
        storageChanges: [
          {
            key: word(0),
            changes: [
              { index: '0x1', value: word(1) },
              { index: '0x2', value: word(2) },
            ],
          },
        ],
        storageReads: [word(1)],
        balanceChanges: [],
        nonceChanges: [],
        codeChanges: [],
      })
      const nonces = senders.map((sender) => accounts.find(({ address }) => address === sender))
      expect(nonces.map((account) => account?.nonceChanges)).toEqual([
        [{ index: '0x1', value: '0x1' }],
        [{ index: '0x2', value: '0x1' }],
      ])
      const addresses = accounts.map(({ address }) => address)
      expect(addresses).toEqual(addresses.toSorted())
    },
  )

  it("is what Amsterdam's header commits to", async () => {
    const { ask } = await start({ hardfork: 'amsterdam' })
    const raw = (await ask('debug_getRawBlockAccessList', '0x1')) as `0x${string}`
    expect(await ask('eth_getBlockByNumber', '0x1', false)).toMatchObject({
      blockAccessListHash: keccakHash(hexToBytes(raw)),
    })
  })

  it('is null for the pending block and one that is not there', async () => {
    const { list } = await start()
    expect(await list('pending')).toBeNull()
    expect(await list('0x9')).toBeNull()
    expect(await list(word(9))).toBeNull()
  })

  it('says why a block has none', async () => {
    const { ask, list } = await start({ keptStates: 1 })
    await expect(list('0x0')).rejects.toMatchObject({ code: -32001 })
    await ask('anvil_mine', '0x5')
    await expect(list('0x2')).rejects.toMatchObject({ code: 4444 })
    const raw = ask('debug_getRawBlockAccessList', '0x99')
    await expect(raw).rejects.toThrow('block #153 not found')
  })

  it('is not made up from what the reference engine does not record', async () => {
    const { list } = await start({ engine: 'ethereumjs' })
    await expect(list()).rejects.toMatchObject({ code: -32001 })
  })

  it('is refused when the block does not run as it did, unless its record is kept', async () => {
    const { ask, list } = await start()
    await ask('anvil_setCode', COUNTER, bytesToHex(asm('0x7a69 CHAINID EQ 0x00 SSTORE')))
    // Nothing says for which chain it was signed.
    const account = mnemonicToAccount(JUNK)
    const fields = { gas: 100_000n, gasPrice: 10n ** 10n, nonce: 1 } as const
    await ask(
      'eth_sendRawTransaction',
      await account.signTransaction({ type: 'legacy', to: `0x${'c0'.repeat(20)}`, ...fields }),
    )
    await ask('anvil_mine')
    const recorded = await list('latest')
    await ask('anvil_setChainId', 5)
    expect(await list('latest')).toEqual(recorded)
    await ask('parallel_setConfig', { record: 0 })
    await expect(list('latest')).rejects.toThrow(/block latest does not run as it did/)
  })

  it('changes nothing', async () => {
    const { ask, list } = await start()
    const before = [await ask('eth_blockNumber'), await ask('eth_getStorageAt', COUNTER, '0x0')]
    await list()
    expect([await ask('eth_blockNumber'), await ask('eth_getStorageAt', COUNTER, '0x0')]).toEqual(
      before,
    )
  })
})

describe('parallel_checkBlockAccessList', () => {
  const edited = (accounts: readonly Access[], edit: (counter: Access) => Partial<Access>) =>
    accounts.map((one) => (one.address === COUNTER ? { ...one, ...edit(one) } : one))

  it('finds nothing in the list itself', async () => {
    const { ask, list } = await start()
    const check = await ask('parallel_checkBlockAccessList', '0x1', await list())
    expect(check).toEqual({ equal: true, difference: null })
  })

  it('names the first entry that is wrong, missing, extra or misplaced', async () => {
    const { ask, list } = await start()
    const right = await list()
    const check = async (given: unknown) =>
      ((await ask('parallel_checkBlockAccessList', '0x1', given)) as { difference: unknown })
        .difference
    const [change] = right.find(({ address }) => address === COUNTER)!.storageChanges
    const [first, second] = change!.changes
    const storage = (changes: unknown[]) =>
      edited(right, () => ({ storageChanges: [{ key: word(0), changes }] as never }))
    const at = { address: COUNTER, field: 'storageChanges', slot: word(0) }

    expect(await check(storage([first, { index: '0x2', value: word(3) }]))).toEqual({
      kind: 'wrong',
      ...at,
      index: 2,
      expected: word(2),
      got: word(3),
    })
    expect(await check(storage([first]))).toMatchObject({
      kind: 'missing',
      ...at,
      index: 2,
      expected: word(2),
    })
    expect(await check(storage([first, second, { index: '0x3', value: word(3) }]))).toMatchObject({
      kind: 'extra',
      ...at,
      index: 3,
      got: word(3),
    })
    expect(await check(storage([second, first]))).toMatchObject({ kind: 'missing', index: 1 })
    const twice = edited(right, () => ({ storageReads: [word(1), word(1)] }))
    expect(await check(twice)).toMatchObject({ kind: 'misplaced', field: 'storageReads' })
    const without = right.filter(({ address }) => address !== COUNTER)
    expect(await check(without)).toMatchObject({ kind: 'missing', address: COUNTER })
    expect(await check([])).toMatchObject({ kind: 'missing', address: right[0]!.address })
  })

  it('names the part of the list that cannot be read', async () => {
    const { ask } = await start()
    const given = [{ address: COUNTER, balanceChanges: [{ index: '0x1' }] }]
    await expect(ask('parallel_checkBlockAccessList', '0x1', given)).rejects.toThrow(
      /blockAccessList\[0\]\.balanceChanges\[0\]`: expected index and value/,
    )
    await expect(ask('parallel_checkBlockAccessList', '0x9', [])).rejects.toThrow(/#9 not found/)
  })
})
